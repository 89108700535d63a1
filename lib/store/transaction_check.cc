#include "store/transaction_check.h"

#include <map>
#include <optional>
#include <set>

#include "store/store_errors.h"

namespace kilonova {
namespace {

// What a transaction has done so far to what may refuse it.
class TransactionCheck {
 public:
  TransactionCheck(const HashMap<Uuid, int64_t>& ids, uint64_t revision) : ids_(ids), revision_(revision) {}

  template <class Change>
  Expected<> operator()(const Change&) {
    return {};
  }
  // `id_taken`: in the image before the transaction.
  Expected<> insert(const Instance& row, bool id_taken) {
    if (inserted_ids_.contains(row.id)) id_taken = true;
    if (auto owner = erased_ids_.find(row.id); owner != erased_ids_.end()) id_taken = false;
    if (id_of(row.uuid) || id_taken) return instance_exists(row.uuid, row.id);
    changed_[row.uuid] = row.id;
    inserted_ids_.insert(row.id);
    erased_ids_.erase(row.id);
    return {};
  }
  Expected<> operator()(const mutation::UpdateInstance& change) {
    if (id_of(change.row.uuid) != change.row.id) return instance_missing(change.row.uuid);
    return {};
  }
  Expected<> operator()(const mutation::RenameInstance& change) { return must_exist(change.uuid); }
  Expected<> operator()(const mutation::RespecifyInstance& change) { return must_exist(change.uuid); }
  Expected<> operator()(const mutation::EraseInstance& change) {
    std::optional<int64_t> id = id_of(change.uuid);
    if (!id) return {};
    changed_[change.uuid] = std::nullopt;
    inserted_ids_.erase(*id);
    erased_ids_.insert(*id);
    return {};
  }
  Expected<> operator()(const mutation::AppendLaunchRecord& change) { return must_exist(change.instance); }
  Expected<> operator()(const mutation::PutAllocation& change) { return must_exist(change.row.instance); }
  Expected<> operator()(const mutation::AppendEvent& change) {
    if (change.event.revision <= revision_) return revision_not_ascending(change.event.revision, revision_);
    revision_ = change.event.revision;
    return {};
  }

 private:
  std::optional<int64_t> id_of(const Uuid& uuid) const {
    if (auto changed = changed_.find(uuid); changed != changed_.end()) return changed->second;
    const int64_t* id = ids_.find(uuid);
    return id == nullptr ? std::nullopt : std::optional(*id);
  }
  Expected<> must_exist(const Uuid& uuid) const {
    if (!id_of(uuid)) return instance_missing(uuid);
    return {};
  }

  const HashMap<Uuid, int64_t>& ids_;
  uint64_t revision_;
  std::map<Uuid, std::optional<int64_t>> changed_;
  std::set<int64_t> inserted_ids_;
  std::set<int64_t> erased_ids_;
};

}  // namespace

Expected<> check_transaction(const Transaction& transaction, const HashMap<Uuid, int64_t>& ids, uint64_t revision,
                             const std::function<bool(int64_t)>& id_taken) {
  TransactionCheck check(ids, revision);
  for (const Mutation& mutation : transaction) {
    const auto* insert = get_if<mutation::InsertInstance>(&mutation);
    Expected<> checked =
        insert == nullptr ? visit(check, mutation) : check.insert(insert->row, id_taken(insert->row.id));
    if (!checked) return checked;
  }
  return {};
}

}  // namespace kilonova
