#include "sim/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/setting.h"
#include "store/overloaded.h"

namespace kilonova::sim {
namespace {

constexpr size_t kViolationsKept = 20;

RowState state_of(const Instance& row) {
  return RowState{row.spec.project_id,
                  row.vm_state,
                  row.task_state,
                  row.power_state,
                  row.current.step,
                  row.current.epoch,
                  row.operation,
                  row.attempt,
                  row.launched_at != WallTime{},
                  !row.fault.message.empty(),
                  row.current.host,
                  row.current.addresses,
                  resources_of(row.spec.flavor),
                  row.other,
                  row.move,
                  row.last_epoch,
                  row.spec.hints.group};
}

// The reset that begins with this transaction.
std::optional<controller::CloudReset> reset_in(const Transaction& transaction) {
  for (const Mutation& m : transaction) {
    const auto* put = get_if<mutation::Put<Setting>>(&m);
    if (put == nullptr || put->row.name != controller::kResetSetting) continue;
    if (controller::LastReset last = controller::last_reset_of(put->row.value); last.under_way) return last.reset;
  }
  return std::nullopt;
}

}  // namespace

std::string describe(const RowState& row) {
  return fmt::format("{}/{} epoch {} attempt {} operation {} step {} on '{}'", to_string(row.vm_state),
                     row.task_state == TaskState::kNone ? "-" : to_string(row.task_state), row.epoch, row.attempt,
                     row.operation, to_string(row.step), row.host);
}

void Violations::add(std::string_view checker, std::string what) {
  if (found_.size() < kViolationsKept) found_.push_back(fmt::format("{}: {}", checker, what));
}

const RowState* Ledger::row(const Uuid& uuid) const {
  auto it = rows_.find(uuid);
  return it == rows_.end() ? nullptr : &it->second;
}

void Ledger::on_controller(const Transaction& transaction) {
  const auto reset = reset_in(transaction);
  is_reset_ = reset.has_value();
  for (Checker* checker : checkers_)
    if (reset) checker->on_reset(*reset);
  for (const Mutation& m : transaction) {
    if (const auto* insert = get_if<mutation::InsertInstance>(&m)) {
      if (!followed_.empty() && insert->row.name == followed_ &&
          std::ranges::find(of_followed_name_, insert->row.uuid) == of_followed_name_.end())
        of_followed_name_.push_back(insert->row.uuid);
      RowState after = state_of(insert->row);
      change_row(insert->row.uuid, std::move(after));
    } else if (const auto* update = get_if<mutation::UpdateInstance>(&m)) {
      RowState after = state_of(update->row);
      // Its flavor is stored only where the transaction says so.
      if (const RowState* before = row(update->row.uuid)) after.resources = before->resources;
      for (const Mutation& other : transaction)
        if (const auto* spec = get_if<mutation::RespecifyInstance>(&other); spec && spec->uuid == update->row.uuid)
          after.resources = resources_of(spec->spec.flavor);
      change_row(update->row.uuid, std::move(after));
    } else if (const auto* erase = get_if<mutation::EraseInstance>(&m)) {
      change_row(erase->uuid, std::nullopt);
      allocations_.erase(allocations_.lower_bound({erase->uuid, 0}),
                         allocations_.upper_bound({erase->uuid, UINT64_MAX}));
    } else if (const auto* put = get_if<mutation::PutAllocation>(&m)) {
      fold_allocation(put->row.key(), &put->row);
      allocations_.insert_or_assign(put->row.key(), put->row);
    } else if (const auto* gone = get_if<mutation::EraseAllocation>(&m)) {
      fold_allocation(gone->placement, nullptr);
      allocations_.erase(gone->placement);
    } else if (const auto* quota = get_if<mutation::Put<Quota>>(&m)) {
      quotas_[quota->row.project_id] = quota->row;
      for (Checker* checker : checkers_) checker->on_quota(quota->row);
    } else if (const auto* no_quota = get_if<mutation::Erase<Quota>>(&m)) {
      Quota by_default;
      by_default.project_id = no_quota->key;
      quotas_.erase(no_quota->key);
      for (Checker* checker : checkers_) checker->on_quota(by_default);
    }
  }
  change_records(transaction);
  for (Checker* checker : checkers_) checker->on_commit(transaction);
  is_reset_ = false;
}

std::string_view to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::kNetwork: return "network";
    case RecordKind::kImage: return "image";
    case RecordKind::kKeyPair: return "key pair";
    case RecordKind::kProject: break;
  }
  return "project";
}

void Ledger::change_record(RecordKind kind, const std::string& id, bool there) {
  std::set<std::string>& all = records_[static_cast<size_t>(kind)];
  if (there) all.insert(id);
  if (!there) all.erase(id);
  for (Checker* checker : checkers_) checker->on_record(kind, id, there);
}

void Ledger::change_records(const Transaction& transaction) {
  for (const Mutation& m : transaction)
    visit(Overloaded{
              [&](const mutation::Put<Image>& put) { change_record(RecordKind::kImage, to_string(put.row.id), true); },
              [&](const mutation::Erase<Image>& erase) {
                change_record(RecordKind::kImage, to_string(erase.key), false);
              },
              [&](const mutation::Put<KeyPair>& put) { change_record(RecordKind::kKeyPair, put.row.name, true); },
              [&](const mutation::Erase<KeyPair>& erase) {
                change_record(RecordKind::kKeyPair, erase.key.second, false);
              },
              [&](const mutation::Put<Project>& put) {
                change_record(RecordKind::kProject, to_string(put.row.id), true);
              },
              [&](const mutation::Erase<Project>& erase) {
                change_record(RecordKind::kProject, to_string(erase.key), false);
              },
              [](const auto&) {}},
          m);
}

void Ledger::controller_went_back(std::span<const Transaction> committed) {
  WentBack past;
  auto is_live = [](const RowState& row) { return row.task_state != TaskState::kDeleting; };
  std::vector<Uuid> there, live;
  for (const auto& [uuid, row] : rows_) (is_live(row) ? live : there).push_back(uuid);
  rows_.clear();
  allocations_.clear();
  quotas_.clear();
  for (RecordKind kind : kRecordKinds)
    if (kind != RecordKind::kNetwork) records_[static_cast<size_t>(kind)].clear();
  unstable_ = 0;
  std::vector<Checker*> checkers = std::exchange(checkers_, {});
  const Changes changes = changes_;
  for (const Transaction& transaction : committed) {
    on_controller(transaction);
    for (const Mutation& m : transaction)
      if (const auto* append = get_if<mutation::AppendEvent>(&m)) past.revision = append->event.revision;
  }
  changes_ = changes;
  checkers_ = std::move(checkers);
  std::ranges::sort(live);
  for (const auto& [uuid, row] : rows_)
    if (is_live(row) && !std::ranges::binary_search(live, uuid)) past.revived.push_back(uuid);
  there.insert(there.end(), live.begin(), live.end());
  for (const Uuid& uuid : there)
    if (row(uuid) == nullptr) past.lost.push_back(uuid);
  for (Checker* checker : checkers_) checker->on_went_back(past);
}

void Ledger::network_went_back(std::span<const NetworkTransaction> committed) {
  leases_.clear();
  nics_.clear();
  records_[static_cast<size_t>(RecordKind::kNetwork)].clear();
  std::vector<Checker*> checkers = std::exchange(checkers_, {});
  const Changes changes = changes_;
  for (const NetworkTransaction& transaction : committed) on_network(transaction);
  changes_ = changes;
  checkers_ = std::move(checkers);
  for (Checker* checker : checkers_) checker->on_went_back({.of = Role::kNetwork, .lost = {}, .revived = {}});
}

void Ledger::fold_row(const Uuid& uuid, const RowState* row) {
  Digest& digest = history_.digest;
  history_.fold_time();
  digest.fold(uuid);
  if (row == nullptr) return digest.fold(uint64_t{0});
  digest.fold(row->epoch << 16 | static_cast<uint64_t>(row->vm_state) << 8 | static_cast<uint64_t>(row->task_state));
  digest.fold(row->operation << 16 | static_cast<uint64_t>(row->attempt) << 8 | static_cast<uint64_t>(row->step));
  digest.fold(row->host);
  if (row->other) digest.fold(row->other->epoch << 8 | static_cast<uint64_t>(row->other->step));
  if (row->move) digest.fold(uint64_t{1} + static_cast<uint64_t>(row->move->stage));
  for (const Address& address : row->addresses) {
    digest.fold(uint64_t{address.ip.value});
    digest.fold(address.mac.value);
  }
}

void Ledger::fold_lease(const Lease& lease, bool there) {
  history_.fold_time();
  history_.digest.fold(lease.instance);
  history_.digest.fold(lease.epoch << 1 | (there ? 1 : 0));
  history_.digest.fold(uint64_t{lease.address.ip.value});
  history_.digest.fold(lease.address.mac.value);
}

void Ledger::fold_guest(const GuestRecord& guest, bool there) {
  history_.fold_time();
  history_.digest.fold(guest.host);
  history_.digest.fold(guest.placement.instance);
  history_.digest.fold(guest.placement.epoch << 16 | static_cast<uint64_t>(guest.power_state) << 8 |
                       static_cast<uint64_t>(guest.built) << 1 | (there ? 1 : 0));
}

void Ledger::fold_allocation(const PlacementId& placement, const Allocation* allocation) {
  history_.digest.fold(placement.instance);
  history_.digest.fold(placement.epoch << 1 | (allocation != nullptr ? 1 : 0));
  if (allocation != nullptr) history_.digest.fold(allocation->host);
}

void Ledger::change_row(const Uuid& uuid, std::optional<RowState> changed) {
  changes_.rows += 1;
  const RowState* after = changed ? &*changed : nullptr;
  auto it = rows_.find(uuid);
  if (it == rows_.end() && after == nullptr) return;
  const RowState* before = it == rows_.end() ? nullptr : &it->second;
  fold_row(uuid, after);
  if (before != nullptr && before->task_state != TaskState::kNone) unstable_ -= 1;
  if (after != nullptr && after->task_state != TaskState::kNone) unstable_ += 1;
  for (Checker* checker : checkers_) checker->on_row(uuid, before, after);
  if (!changed) {
    rows_.erase(it);
  } else if (it != rows_.end()) {
    it->second = *std::move(changed);
  } else {
    rows_.try_emplace(uuid, *std::move(changed));
  }
}

void Ledger::on_network(const NetworkTransaction& transaction) {
  for (const NetworkMutation& m : transaction) {
    visit(Overloaded{[&](const network_mutation::PutLease& put) { put_lease(put.row); },
                     [&](const network_mutation::EraseLeases& erase) { erase_leases(erase.instance); },
                     [&](const network_mutation::PutNetwork& put) {
                       change_record(RecordKind::kNetwork, to_string(put.row.id), true);
                     },
                     [&](const network_mutation::EraseNetwork& erase) {
                       change_record(RecordKind::kNetwork, to_string(erase.id), false);
                     },
                     [&](const network_mutation::EraseEverything&) { erase_everything(); }, [](const auto&) {}},
          m);
  }
  for (Checker* checker : checkers_) checker->on_network_commit();
}

void Ledger::put_lease(const Lease& lease) {
  changes_.leases += 1;
  fold_lease(lease, true);
  LeaseKey key{lease.instance, lease.address.nic};
  auto it = leases_.find(key);
  for (Checker* checker : checkers_) checker->on_lease(it == leases_.end() ? nullptr : &it->second, &lease);
  if (it != leases_.end()) {
    it->second = lease;
    return;
  }
  leases_.try_emplace(key, lease);
  nics_[lease.instance].push_back(lease.address.nic);
}

void Ledger::erase_leases(const Uuid& instance) {
  std::vector<uint32_t>* nics = nics_.find(instance);
  if (nics == nullptr) return;
  for (uint32_t nic : *nics) {
    auto it = leases_.find({instance, nic});
    changes_.leases += 1;
    fold_lease(it->second, false);
    for (Checker* checker : checkers_) checker->on_lease(&it->second, nullptr);
    leases_.erase(it);
  }
  nics_.erase(instance);
}

void Ledger::erase_everything() {
  for (Checker* checker : checkers_) checker->on_networks_reset();
  for (const std::string& id : std::set<std::string>(records(RecordKind::kNetwork)))
    change_record(RecordKind::kNetwork, id, false);
  std::vector<Uuid> holders;
  for (const auto& [key, lease] : leases_)
    if (holders.empty() || holders.back() != key.first) holders.push_back(key.first);
  for (const Uuid& instance : holders) erase_leases(instance);
}

void Ledger::journal_went_back() {
  for (Checker* checker : checkers_) checker->on_went_back({.of = Role::kCompute, .lost = {}, .revived = {}});
}

void Ledger::was_doubled(Role role) {
  for (Checker* checker : checkers_) checker->on_went_back({.of = role, .doubled = true, .lost = {}, .revived = {}});
}

void Ledger::put_guest(const GuestRecord& record) {
  changes_.guests += 1;
  fold_guest(record, true);
  GuestKey key{record.placement.instance, record.host};
  auto it = guests_.find(key);
  for (Checker* checker : checkers_) checker->on_guest(it == guests_.end() ? nullptr : &it->second, &record);
  if (it != guests_.end()) {
    it->second = record;
  } else {
    guests_.try_emplace(key, record);
  }
}

void Ledger::erase_guest(const std::string& host, const Uuid& instance) {
  auto it = guests_.find({instance, host});
  if (it == guests_.end()) return;
  changes_.guests += 1;
  fold_guest(it->second, false);
  for (Checker* checker : checkers_) checker->on_guest(&it->second, nullptr);
  guests_.erase(it);
}

}  // namespace kilonova::sim
