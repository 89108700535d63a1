#include "sim/node.h"

#include <utility>

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
  if (frozen_ && !std::exchange(parted_, true)) part_files();
  life_ = be_born(++lives_);
}

void Node::freeze() {
  KN_CHECK(life_ && !frozen_, "only a living process is frozen, and one at a time");
  replaced_.reset();
  parted_ = false;
  frozen_ = std::move(life_);
  frozen_->loop.pause();
  frozen_->transport.suspend();
}

void Node::thaw() {
  if (!frozen_) return;
  Life& life = *frozen_;
  (life_ || parted_ ? replaced_ : life_) = std::move(frozen_);
  life.loop.resume();
  life.transport.resume();
}

void Node::end() {
  life_.reset();
  frozen_.reset();
  replaced_.reset();
}

void Node::set_wall_skew(Duration skew) {
  world_.wall_skew = skew;
  if (life_) life_->loop.set_wall_skew(skew);
}

}  // namespace kilonova::sim
