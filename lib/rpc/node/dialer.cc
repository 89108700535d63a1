#include "rpc/node/dialer.h"

#include <algorithm>

#include "rpc/node/limits.h"

namespace kilonova {

void Dialer::learn(PeerId target_id, const std::string& address, Incarnation incarnation) {
  auto [found, is_new] = targets_.try_emplace(target_id);
  Target& target = found->second;
  if (!is_new && target.address == address && target.incarnation == incarnation) return;
  target.address = address;
  target.incarnation = incarnation;
  target.backoff = kFirstBackoff;
  target.faulty = false;
  if (target.active) {
    target.news = true;
  } else {
    attempt(target_id, target);
  }
}

void Dialer::connected(PeerId target_id) {
  auto found = targets_.find(target_id);
  if (found != targets_.end() && !found->second.faulty) found->second.backoff = kFirstBackoff;
}

void Dialer::ended(PeerId target_id, bool faulty) {
  auto found = targets_.find(target_id);
  if (found == targets_.end() || !found->second.active) return;
  Target& target = found->second;
  target.active = false;
  target.faulty = faulty;
  if (target.news) {
    target.backoff = kFirstBackoff;
    attempt(target_id, target);
    return;
  }
  // Half of it certain, half by chance, so that those who lost the same peer do not come back in step.
  Duration wait{target.backoff.us / 2 + static_cast<int64_t>(random_.below(target.backoff.us / 2 + 1))};
  target.backoff = std::min(target.backoff * 2, kLongestBackoff);
  target.timer = loop_.call_after(wait, [this, target_id] { attempt(target_id, targets_.at(target_id)); });
}

void Dialer::attempt(PeerId id, Target& target) {
  loop_.cancel(target.timer);
  target.timer = 0;
  target.news = false;
  target.active = true;
  dial_(id, target.address);
}

void Dialer::stop() {
  for (auto& [id, target] : targets_) loop_.cancel(target.timer);
  targets_.clear();
}

}  // namespace kilonova
