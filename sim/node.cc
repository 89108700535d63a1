#include "sim/node.h"

#include <utility>

#include "base/check.h"

namespace kilonova::sim {
namespace {

constexpr Duration kRestartDelay = seconds(1);

}  // namespace

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
  // After the callback: it is called by what it destroys.
  life_->transport.set_on_replaced(
      [this, incarnation = lives_] { world_.loop.call_after({}, [this, incarnation] { end_replaced(incarnation); }); });
}

void Node::end_replaced(Incarnation incarnation) {
  if (replaced_ && replaced_->transport.incarnation() == incarnation) {
    replaced_.reset();
  } else if (life_ && life_->transport.incarnation() == incarnation) {
    if (observer_) observer_(id_);
    kill();
    world_.loop.call_after(kRestartDelay, [this] {
      if (!life_) start();
    });
  }
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
  if (life_.get() == &life) wake_up(life);
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
