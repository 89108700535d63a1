#include "tests/tools/proxy/proxied_pair.h"

#include <memory>
#include <utility>

namespace kilonova::proxy {
namespace {

constexpr Duration kLongestHold = milliseconds(200);
constexpr size_t kQueueLimit = 1'000'000;

}  // namespace

Direction::Direction(Loop& loop, const FaultRules& rules, uint64_t seed, PeerId from, PeerId to, Link& out,
                     Counts& counts, std::function<void()> moved)
    : loop_(loop),
      rules_(rules),
      random_(seed, to_string(from), to_string(to)),
      from_(from),
      to_(to),
      out_(out),
      counts_(counts),
      moved_(std::move(moved)) {}

Direction::~Direction() {
  loop_.cancel(held_timer_);
  for (TimerId timer : delays_) loop_.cancel(timer);
}

void Direction::pass(Message message) {
  Faults faults = rules_.of_message(from_, to_, message_name(message));
  // Each is drawn for every message, so that a rule that changes shifts no other draw.
  bool drop = random_.chance(faults.drop);
  bool repeat = random_.chance(faults.repeat);
  bool delay = random_.chance(faults.delay);
  bool reorder = random_.chance(faults.reorder);
  double share = random_.uniform();
  if (drop) {
    ++counts_.dropped;
    return;
  }
  ++counts_.passed;
  if (repeat) {
    ++counts_.repeated;
    deliver(message);
  }
  if (delay) {
    ++counts_.delayed;
    auto timer = std::make_shared<TimerId>();
    Duration wait{static_cast<int64_t>(share * static_cast<double>(faults.longest_delay.us))};
    *timer = loop_.call_after(wait, [this, timer, message = std::move(message)]() mutable {
      delays_.erase(*timer);
      deliver(std::move(message));
      moved_();
    });
    delays_.insert(*timer);
  } else if (reorder && !held_) {
    ++counts_.reordered;
    held_ = std::move(message);
    held_timer_ = loop_.call_after(kLongestHold, [this] { release_held(); });
  } else {
    deliver(std::move(message));
    if (held_) release_held();
  }
}

void Direction::release_held() {
  loop_.cancel(std::exchange(held_timer_, 0));
  if (!held_) return;
  deliver(*std::exchange(held_, std::nullopt));
  moved_();
}

void Direction::deliver(Message message) {
  if (!out_.sender().push(std::move(message))) ++counts_.dropped;
}

Direction::FrameFate Direction::fate_of_frame() {
  Faults faults = rules_.of_frame(from_, to_);
  FrameFate fate{random_.chance(faults.drop_frame), random_.chance(faults.repeat_frame),
                 random_.chance(faults.break_connection)};
  ++counts_.frames;
  counts_.frames_dropped += fate.drop ? 1 : 0;
  counts_.frames_repeated += fate.repeat ? 1 : 0;
  counts_.breaks += fate.break_connection ? 1 : 0;
  return fate;
}

ProxiedPair::ProxiedPair(Loop& loop, const FaultRules& rules, uint64_t seed, PeerId a, Incarnation a_incarnation,
                         PeerId b, Incarnation b_incarnation, Counts& a_counts, Counts& b_counts,
                         std::function<void()> moved)
    : to_a_(kQueueLimit),
      to_b_(kQueueLimit),
      from_a_(loop, rules, seed ^ a_incarnation, a, b, to_b_, a_counts, moved),
      from_b_(loop, rules, seed ^ b_incarnation, b, a, to_a_, b_counts, moved) {
  to_a_.reset(a_incarnation);
  to_b_.reset(b_incarnation);
}

}  // namespace kilonova::proxy
