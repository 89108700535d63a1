#include "sim/checkers/watch.h"

#include <fmt/format.h>

#include <algorithm>

namespace kilonova::sim {
namespace {

constexpr Duration kToldWithin = seconds(5);

}  // namespace

std::vector<WatchChecker::Change>::const_iterator WatchChecker::after(uint64_t revision) const {
  return std::ranges::upper_bound(changes_, revision, {}, &Change::revision);
}

std::vector<WatchChecker::Change>::const_iterator WatchChecker::wanted_after(uint64_t revision) const {
  return std::find_if(after(revision), changes_.cend(), [this](const Change& change) { return passes(change); });
}

bool WatchChecker::passes(const Change& change) const {
  return (!filter_.project || *filter_.project == change.project) &&
         (!filter_.server || *filter_.server == change.instance) && (!filter_.stable_only || change.is_stable);
}

void WatchChecker::on_commit(const Transaction& transaction) {
  for (const Mutation& m : transaction)
    if (const auto* append = get_if<mutation::AppendEvent>(&m)) changes_.push_back(of(append->event));
}

void WatchChecker::on_went_back(const WentBack& past) {
  if (past.of != Role::kController) return;
  auto first = after(past.revision);
  lost_.insert(lost_.end(), first, changes_.cend());
  changes_.erase(first, changes_.cend());
  if (position_ && *position_ > past.revision) is_astray_ = true;
}

void WatchChecker::began(uint64_t revision, const Filter& filter) {
  filter_ = filter;
  position_ = revision;
  is_astray_ = false;
}

void WatchChecker::told(const std::vector<WatchEvent>& events) {
  for (const WatchEvent& event : events) {
    if (!position_) return;
    const bool was_lost = std::ranges::find(lost_, of(event)) != lost_.end();
    auto next = wanted_after(*position_);
    if (is_astray_ && !was_lost) {
      add(fmt::format(" was told of revision {}, and not that the cloud went back before it", event.revision));
    } else if (!was_lost && (next == changes_.end() || *next != of(event))) {
      add(fmt::format(" was told of revision {} behind {}, and not of {}", event.revision, *position_,
                      next == changes_.end() ? 0 : next->revision));
    }
    is_astray_ |= was_lost;
    position_ = event.revision;
  }
}

void WatchChecker::look(Instant now) {
  const auto next = position_ && !is_astray_ ? wanted_after(*position_) : changes_.cend();
  if (next == changes_.cend()) return awaited_.reset();
  if (!awaited_ || awaited_->first != next->revision) awaited_ = {next->revision, now};
  if (now - awaited_->second >= kToldWithin)
    add(fmt::format(" was not told of revision {} within {} s", next->revision, kToldWithin.us / 1'000'000));
}

void WatchChecker::settled() {
  if (is_astray_) add(" was never told that the cloud went back");
  if (!position_) return add(" watches nothing at the end");
  if (auto next = wanted_after(*position_); next != changes_.end())
    add(fmt::format(" was never told of revision {}", next->revision));
}

}  // namespace kilonova::sim
