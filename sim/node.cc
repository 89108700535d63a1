#include "sim/node.h"

#include "base/check.h"

namespace kilonova::sim {

Node::Life::Life(World& world, PeerId id, Incarnation incarnation)
    : loop(world.loop),
      log(world.history, loop, to_string(id)),
      transport(world.network, loop, id, incarnation),
      seed(world.seed ^ (incarnation << 20)) {
  loop.set_wall_skew(world.wall_skew);
}

Random Node::Life::random(std::string_view purpose) const { return Random(seed, to_string(transport.self()), purpose); }

void Node::start() {
  KN_CHECK(!life_, "a node was started twice");
  life_ = be_born(++lives_);
}

void Node::set_wall_skew(Duration skew) {
  world_.wall_skew = skew;
  if (life_) life_->loop.set_wall_skew(skew);
}

}  // namespace kilonova::sim
