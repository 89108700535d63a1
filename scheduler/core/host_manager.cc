#include "scheduler/core/host_manager.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace kilonova::scheduler {

void HostManager::reset_statuses() {
  for (HostIndex index = 0; index < hosts_.size(); ++index) {
    note_change(index);
    hosts_[index].status_heard = false;
  }
  registered_.clear();
  awaiting_usage_ = 0;
}

void HostManager::update_status(const HostStatus& status) {
  HostIndex index = find_or_add(status.name);
  HostState& host = hosts_[index];
  note_change(index);
  awaiting_usage_ -= host.awaits_usage() ? 1 : 0;
  bool moves = !host.status_heard || host.id != status.id;
  if (moves && host.status_heard) erase_registered(index);
  host.status_heard = true;
  host.id = status.id;
  if (Attributes attributes = attributes_of(status); attributes.content() != host.attributes->content())
    host.attributes = attributes_.intern(std::move(attributes));
  host.process = status.process;
  host.enabled = status.enabled;
  host.up = status.up;
  awaiting_usage_ += host.awaits_usage() ? 1 : 0;
  if (moves) insert_registered(index);
}

void HostManager::forget_status(const std::string& name) {
  const std::optional<HostIndex> index = find(name);
  if (!index || !hosts_[*index].status_heard) return;
  HostState& host = hosts_[*index];
  note_change(*index);
  awaiting_usage_ -= host.awaits_usage() ? 1 : 0;
  erase_registered(*index);
  host.status_heard = false;
}

void HostManager::reset_usage(PeerId process) {
  for (HostIndex index = 0; index < hosts_.size(); ++index) {
    HostState& host = hosts_[index];
    if (!host.usage_heard || host.usage_process != process) continue;
    note_change(index);
    awaiting_usage_ -= host.awaits_usage() ? 1 : 0;
    host.usage_heard = false;
    awaiting_usage_ += host.awaits_usage() ? 1 : 0;
    while (host.first_debit != kNoIndex) end_slot(host.first_debit);
  }
}

void HostManager::update_usage(const Peer& from, const HostUsage& usage) {
  HostIndex index = find_or_add(usage.host);
  HostState& host = hosts_[index];
  if (host.status_heard && host.process != from.id) return;
  bool same_source = host.usage_heard && host.usage_process == from.id && host.usage_incarnation == from.incarnation;
  if (!same_source || usage.version >= host.usage_version) {
    note_change(index);
    awaiting_usage_ -= host.awaits_usage() ? 1 : 0;
    host.usage_heard = true;
    host.usage_process = from.id;
    awaiting_usage_ += host.awaits_usage() ? 1 : 0;
    host.usage_incarnation = from.incarnation;
    host.usage_version = usage.version;
    host.total = clamp_amounts(usage.total);
    host.reported = clamp_amounts(usage.used);
    host.reported_instances = usage.instances;
  }
  for (const PlacementId& placement : usage.settled) settle(index, placement);
}

void HostManager::settle(HostIndex host, const PlacementId& placement) {
  DebitTable::Slot slot = debits_.find(placement.instance);
  if (slot == kNoIndex) return;
  const Debit& debit = debits_.at(slot);
  bool superseded = debit.placement.epoch < placement.epoch;
  bool accounted = debit.placement.epoch == placement.epoch && debit.host == host;
  if (superseded || accounted) end_slot(slot);
}

void HostManager::consume_from_request(HostIndex index, const PlacementId& placement, const Resources& amount,
                                       Instant expires) {
  if (DebitTable::Slot slot = debits_.find(placement.instance); slot != kNoIndex) end_slot(slot);
  HostState& host = hosts_[index];
  note_change(index);
  host.debited += amount;
  ++host.debited_instances;
  debits_.insert({placement, index, amount, expires, {}}, host.first_debit);
}

void HostManager::set_alternates(const PlacementId& placement, std::vector<std::string> alternates) {
  DebitTable::Slot slot = debits_.find(placement.instance);
  if (slot != kNoIndex && debits_.at(slot).placement == placement) debits_.set_alternates(slot, std::move(alternates));
}

const Debit* HostManager::find_debit(const Uuid& instance) const {
  DebitTable::Slot slot = debits_.find(instance);
  return slot == kNoIndex ? nullptr : &debits_.at(slot);
}

bool HostManager::end_debit(const PlacementId& placement) {
  DebitTable::Slot slot = debits_.find(placement.instance);
  if (slot == kNoIndex || debits_.at(slot).placement != placement) return false;
  end_slot(slot);
  return true;
}

size_t HostManager::expire_debits(Instant now) {
  size_t expired = 0;
  while (debits_.oldest() != kNoIndex && debits_.at(debits_.oldest()).expires <= now) {
    end_slot(debits_.oldest());
    ++expired;
  }
  return expired;
}

void HostManager::end_slot(DebitTable::Slot slot) {
  HostIndex index = debits_.at(slot).host;
  HostState& host = hosts_[index];
  Debit debit = debits_.erase(slot, host.first_debit);
  note_change(index);
  host.debited -= debit.amount;
  --host.debited_instances;
}

std::optional<HostManager> HostManager::as_of(uint64_t change) const {
  if (!history_.reaches(change)) return std::nullopt;
  std::optional<HostManager> past(std::in_place);
  past->hosts_ = hosts_;
  past->by_name_ = by_name_;
  history_.for_each_after(
      change, [&](HostIndex host, const HostFacts& before) { static_cast<HostFacts&>(past->hosts_[host]) = before; });
  for (HostIndex index = 0; index < hosts_.size(); ++index)
    if (past->hosts_[index].status_heard) past->registered_.push_back(index);
  std::ranges::sort(past->registered_, [&](HostIndex a, HostIndex b) { return past->registered_before(a, b); });
  return past;
}

void HostManager::note_change(HostIndex index) {
  recency_[index].change = ++changes_;
  history_.note(changes_, index, hosts_[index]);
  if (latest_ == index) return;
  auto [change, newer, older] = recency_[index];
  if (newer != kNoIndex) recency_[newer].older = older;
  if (older != kNoIndex) recency_[older].newer = newer;
  recency_[index].newer = kNoIndex;
  recency_[index].older = latest_;
  if (latest_ != kNoIndex) recency_[latest_].newer = index;
  latest_ = index;
}

std::optional<HostIndex> HostManager::find(const std::string& name) const {
  const HostIndex* index = by_name_.find(name);
  if (index == nullptr) return std::nullopt;
  return *index;
}

HostIndex HostManager::find_or_add(const std::string& name) {
  if (auto index = find(name)) return *index;
  auto index = static_cast<HostIndex>(hosts_.size());
  hosts_.emplace_back().name = name;
  recency_.emplace_back();
  by_name_.insert(name, index);
  return index;
}

bool HostManager::registered_before(HostIndex a, HostIndex b) const {
  const HostState &left = hosts_[a], &right = hosts_[b];
  return std::tie(left.id, left.name) < std::tie(right.id, right.name);
}

void HostManager::insert_registered(HostIndex index) {
  auto before = [this](HostIndex a, HostIndex b) { return registered_before(a, b); };
  // Statuses come in registration order, so this is nearly always an append.
  auto at = registered_.empty() || before(registered_.back(), index)
                ? registered_.end()
                : std::upper_bound(registered_.begin(), registered_.end(), index, before);
  registered_.insert(at, index);
}

void HostManager::erase_registered(HostIndex index) {
  auto before = [this](HostIndex a, HostIndex b) { return registered_before(a, b); };
  registered_.erase(std::lower_bound(registered_.begin(), registered_.end(), index, before));
}

}  // namespace kilonova::scheduler
