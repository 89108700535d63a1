#include "controller/core/instance_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "controller/core/move_transitions.h"
#include "domain/epochs.h"
#include "domain/nouns/quota.h"

namespace kilonova::controller {

bool matches(const Instance& row, const InstanceFilter& filter) {
  if (!filter.name.empty() && row.name.find(filter.name) == std::string::npos) return false;
  if (!filter.host.empty() && row.current.host != filter.host) return false;
  return filter.status.empty() || status_name(row.vm_state, row.task_state) == filter.status;
}

namespace {

// Walks `ids` downwards from filter.before_id; `row_of` maps an element to its row.
template <class Range, class RowOf>
InstancePage collect(const Range& ids, const InstanceFilter& filter, RowOf row_of) {
  InstancePage page;
  auto it = ids.lower_bound(filter.before_id);
  while (it != ids.begin()) {
    --it;
    const Instance& row = row_of(*it);
    if (!matches(row, filter)) continue;
    if (page.rows.size() == filter.limit) {
      page.more = true;
      break;
    }
    page.rows.push_back(&row);
  }
  return page;
}

// Of which other servers must have none. One that is shelved away keeps its addresses.
bool has_addresses(const Instance& row) {
  const bool keeps = has_guest(row.vm_state, row.current.host) || row.vm_state == VmState::kShelvedOffloaded;
  return keeps && row.task_state != TaskState::kDeleting && !row.current.addresses.empty();
}

uint64_t newest_epoch(const Instance& row) { return row.new_epoch() - 1; }

}  // namespace

const Instance* InstanceTable::find(const Uuid& uuid) const {
  Instance* const* row = by_uuid_.find(uuid);
  return row ? *row : nullptr;
}

std::vector<const Instance*> InstanceTable::find_by_name(const Uuid& project, std::string_view name) const {
  std::vector<const Instance*> found;
  auto index = projects_.find(project);
  if (index == projects_.end()) return found;
  const std::vector<int64_t>* ids = index->second.names.find(std::string(name));
  if (ids == nullptr) return found;
  for (int64_t id : *ids) found.push_back(&by_id_.at(id));
  return found;
}

std::optional<int64_t> InstanceTable::position_of(const Uuid& uuid, const ProjectScope& scope) const {
  if (const Instance* row = find(uuid); row && scope.contains(row->spec.project_id)) return row->id;
  const Erased* erased = erased_.find(uuid);
  return erased && scope.contains(erased->project) ? std::optional(erased->id) : std::nullopt;
}

InstancePage InstanceTable::page(const ProjectScope& scope, const InstanceFilter& filter) const {
  if (scope.all_projects)
    return collect(by_id_, filter, [](const auto& entry) -> const Instance& { return entry.second; });
  auto index = projects_.find(scope.project);
  if (index == projects_.end()) return {};
  return collect(index->second.ids, filter, [this](int64_t id) -> const Instance& { return by_id_.at(id); });
}

void InstanceTable::insert(Instance row) {
  auto& index = projects_[row.spec.project_id];
  index.ids.insert(row.id);
  std::vector<int64_t>& alike = index.names[row.name];
  alike.insert(std::ranges::upper_bound(alike, row.id), row.id);
  index.counts[row.vm_state] += 1;
  int64_t id = row.id;
  auto [it, inserted] = by_id_.emplace(id, std::move(row));
  KN_CHECK(inserted, "a row id was given twice");
  by_uuid_[it->second.uuid] = &it->second;
  count_in(it->second);
}

void InstanceTable::update(Instance row) {
  Instance** found = by_uuid_.find(row.uuid);
  KN_CHECK(found != nullptr, "updated an instance that is not there");
  count_out(**found);
  if ((*found)->name != row.name) rename(**found, row.name);
  if ((*found)->vm_state != row.vm_state) {
    std::map<VmState, size_t>& counts = projects_[row.spec.project_id].counts;
    counts[(*found)->vm_state] -= 1;
    counts[row.vm_state] += 1;
  }
  **found = std::move(row);
  count_in(**found);
  if (heard_epochs_.empty()) return;
  const uint64_t* heard = heard_epochs_.find((*found)->uuid);
  if (heard != nullptr && *heard <= newest_epoch(**found)) heard_epochs_.erase((*found)->uuid);
}

void InstanceTable::hear_epoch(const PlacementId& placement) {
  const Instance* row = find(placement.instance);
  if (row == nullptr || placement.epoch <= newest_epoch(*row)) return;
  if (placement.epoch - newest_epoch(*row) > kEpochsAhead) return;
  uint64_t& heard = heard_epochs_[placement.instance];
  heard = std::max(heard, placement.epoch);
}

uint64_t InstanceTable::heard_epoch(const Uuid& uuid) const {
  const uint64_t* heard = heard_epochs_.find(uuid);
  return heard == nullptr ? 0 : *heard;
}

const Instance* InstanceTable::other_with(const Uuid& uuid, const std::vector<Address>& addresses) const {
  const Instance* row = find(uuid);
  const int64_t id = row == nullptr ? 0 : row->id;
  for (const Address& address : addresses) {
    auto other = addresses_.other_than(id, address);
    if (!other) continue;
    const Instance& holder = by_id_.at(*other);
    auto is_same = [&](const Address& its) {
      return its.mac == address.mac ||
             (its.network_id == address.network_id && its.ip == address.ip && its.ip != Ipv4{});
    };
    if (std::ranges::any_of(holder.current.addresses, is_same)) return &holder;
  }
  return nullptr;
}

std::vector<const Instance*> InstanceTable::with_addresses(const Uuid& after, const Uuid& through) const {
  std::vector<const Instance*> rows;
  auto at = after.is_nil() ? addressed_.begin() : addressed_.upper_bound(after);
  auto end = through.is_nil() ? addressed_.end() : addressed_.upper_bound(through);
  for (; at != end; ++at) rows.push_back(find(*at));
  return rows;
}

void InstanceTable::rename(const Instance& row, const std::string& name) {
  ProjectIndex& index = projects_[row.spec.project_id];
  std::vector<int64_t>& before = index.names[row.name];
  std::erase(before, row.id);
  if (before.empty()) index.names.erase(row.name);
  std::vector<int64_t>& alike = index.names[name];
  alike.insert(std::ranges::upper_bound(alike, row.id), row.id);
}

void InstanceTable::erase(const Uuid& uuid) {
  Instance** found = by_uuid_.find(uuid);
  KN_CHECK(found != nullptr, "erased an instance that is not there");
  Instance& row = **found;
  count_out(row);
  remember_erased(row);
  auto index = projects_.find(row.spec.project_id);
  index->second.ids.erase(row.id);
  std::vector<int64_t>& alike = index->second.names[row.name];
  std::erase(alike, row.id);
  if (alike.empty()) index->second.names.erase(row.name);
  index->second.counts[row.vm_state] -= 1;
  if (index->second.ids.empty()) projects_.erase(index);
  int64_t id = row.id;
  heard_epochs_.erase(uuid);
  by_uuid_.erase(uuid);
  by_id_.erase(id);
}

QuotaUsage InstanceTable::usage(const Uuid& project) const {
  auto index = projects_.find(project);
  return index == projects_.end() ? QuotaUsage{} : index->second.usage;
}

QuotaUsage InstanceTable::usage(const Uuid& project, const Uuid& user) const {
  auto index = projects_.find(project);
  if (index == projects_.end()) return {};
  auto of_user = index->second.usage_of_users.find(user);
  return of_user == index->second.usage_of_users.end() ? QuotaUsage{} : of_user->second;
}

std::map<Uuid, QuotaUsage> InstanceTable::usages() const {
  std::map<Uuid, QuotaUsage> usages;
  for (const auto& [project, index] : projects_) usages.emplace(project, index.usage);
  return usages;
}

std::vector<const Instance*> InstanceTable::on_host(const std::string& host) const {
  std::vector<const Instance*> rows;
  const std::set<int64_t>* ids = hosts_.find(host);
  if (ids == nullptr) return rows;
  for (int64_t id : *ids) rows.push_back(&by_id_.at(id));
  return rows;
}

std::vector<const Instance*> InstanceTable::in_group(const Uuid& group) const {
  std::vector<const Instance*> rows;
  const std::set<int64_t>* ids = group.is_nil() ? nullptr : groups_.find(group);
  if (ids == nullptr) return rows;
  for (int64_t id : *ids) rows.push_back(&by_id_.at(id));
  return rows;
}

void InstanceTable::remember_erased(const Instance& row) {
  erased_.insert_or_assign(row.uuid, {row.id, row.spec.project_id});
  erased_order_.push_back(row.uuid);
  if (erased_order_.size() <= kErasedRemembered) return;
  erased_.erase(erased_order_.front());
  erased_order_.pop_front();
}

size_t InstanceTable::size(const Uuid& project) const {
  auto index = projects_.find(project);
  return index == projects_.end() ? 0 : index->second.ids.size();
}

size_t InstanceTable::count(VmState state, const Uuid& project) const {
  auto index = projects_.find(project);
  if (index == projects_.end()) return 0;
  auto count = index->second.counts.find(state);
  return count == index->second.counts.end() ? 0 : count->second;
}

void InstanceTable::charge(const Instance& row, int64_t sign) {
  ProjectIndex& project = projects_[row.spec.project_id];
  const QuotaUsage own = quota_of(row);
  for (QuotaUsage* usage : {&project.usage, &project.usage_of_users[row.spec.user_id]}) {
    usage->instances += sign * own.instances;
    usage->cores += sign * own.cores;
    usage->ram_mb += sign * own.ram_mb;
  }
}

void InstanceTable::count_in(const Instance& row) {
  charge(row, 1);
  counts_[row.vm_state] += 1;
  if (row.is_unstable()) unstable_ += 1;
  if (!row.current.host.empty()) hosts_[row.current.host].insert(row.id);
  if (!row.spec.hints.group.is_nil()) groups_[row.spec.hints.group].insert(row.id);
  if (!has_addresses(row)) return;
  addressed_.insert(row.uuid);
  for (const Address& address : row.current.addresses) addresses_.put(address, row.id);
}

void InstanceTable::count_out(const Instance& row) {
  charge(row, -1);
  counts_[row.vm_state] -= 1;
  if (row.is_unstable()) unstable_ -= 1;
  if (has_addresses(row)) {
    addressed_.erase(row.uuid);
    for (const Address& address : row.current.addresses) addresses_.erase(address, row.id);
  }
  if (std::set<int64_t>* members = row.spec.hints.group.is_nil() ? nullptr : groups_.find(row.spec.hints.group)) {
    members->erase(row.id);
    if (members->empty()) groups_.erase(row.spec.hints.group);
  }
  std::set<int64_t>* ids = row.current.host.empty() ? nullptr : hosts_.find(row.current.host);
  if (ids == nullptr) return;
  ids->erase(row.id);
  if (ids->empty()) hosts_.erase(row.current.host);
}

}  // namespace kilonova::controller
