// Ledger: what is durable in the whole cloud, followed change by change from the three kinds of disk: the controller's rows,
// the hypervisors' guests, the network-controller's leases. Each tells what its daemon believes; checkers compare them.
// World thread only. Costs O(change).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/hash_map.h"
#include "base/keyed_map.h"
#include "controller/core/reset_rows.h"
#include "domain/instance.h"
#include "domain/nouns/quota.h"
#include "ports/controller_store.h"
#include "ports/guest_journal.h"
#include "ports/network_store.h"
#include "sim/sim_log.h"

namespace kilonova::sim {

// What a committed row says, without what never changes.
struct RowState {
  Uuid project;
  VmState vm_state = VmState::kBuilding;
  TaskState task_state = TaskState::kNone;
  PowerState power = PowerState::kNoState;
  LaunchStep step = LaunchStep::kNone;
  uint64_t epoch = 0;
  uint64_t operation = 0;
  uint32_t attempt = 0;
  bool launched = false;
  bool faulted = false;
  std::string host;
  std::vector<Address> addresses;  // network_id, ip and mac count
  Resources resources;
  std::optional<Placement> other;
  std::optional<Move> move;
  uint64_t last_epoch = 0;
  Uuid group;  // server group; nil = none
};

// "active/powering-off epoch 2 on host-00003"
std::string describe(const RowState& row);

class Violations {
 public:
  void add(std::string_view checker, std::string what);
  bool empty() const { return found_.empty(); }
  const std::vector<std::string>& found() const { return found_; }

 private:
  std::vector<std::string> found_;  // the first few
};

// One of the stores is as it was some commits ago.
struct WentBack {
  Role of = Role::kController;
  bool doubled = false;  // or it is not, and another process than that of the store may have answered for it
  // Of the controller's store:
  uint64_t revision = 0;      // its newest one now
  std::vector<Uuid> lost;     // servers that were there
  std::vector<Uuid> revived;  // servers that were deleted, or being deleted, and are not now
};

// What is stored besides servers, and that clients make and delete.
enum class RecordKind { kNetwork, kImage, kKeyPair, kProject };
inline constexpr std::array kRecordKinds{RecordKind::kNetwork, RecordKind::kImage, RecordKind::kKeyPair,
                                         RecordKind::kProject};
std::string_view to_string(RecordKind kind);  // "key pair"

// Told of each change after the ledger has it; `before` or `after` is nullptr where there is none.
class Checker {
 public:
  virtual ~Checker() = default;
  virtual void on_row(const Uuid&, const RowState* /*before*/, const RowState* /*after*/) {}
  virtual void on_guest(const GuestRecord* /*before*/, const GuestRecord* /*after*/) {}
  virtual void on_lease(const Lease* /*before*/, const Lease* /*after*/) {}
  virtual void on_quota(const Quota&) {}
  // By id; of key pairs, by name.
  virtual void on_record(RecordKind, const std::string& /*id*/, bool /*there*/) {}
  // Before the rows of a transaction that resets the cloud: every server goes with it.
  virtual void on_reset(const controller::CloudReset&) {}
  // Before the networks and leases go: the network-controller's part of a reset, which comes later.
  virtual void on_networks_reset() {}
  // After all of a transaction of the network-controller.
  virtual void on_network_commit() {}
  // After all of a transaction of the controller.
  virtual void on_commit(const Transaction&) {}
  // Once, after the ledger is as the store is; no change is told of it.
  virtual void on_went_back(const WentBack&) {}
};

class Ledger {
 public:
  using GuestKey = std::pair<Uuid, std::string>;  // (server, host)
  using LeaseKey = std::pair<Uuid, uint32_t>;     // (server, nic)
  using Rows = KeyedMap<Uuid, RowState>;
  using Guests = KeyedMap<GuestKey, GuestRecord, PairHash>;
  using Leases = KeyedMap<LeaseKey, Lease, PairHash>;
  using Allocations = std::map<PlacementId, Allocation>;

  explicit Ledger(History& history) : history_(history) {}
  void add(Checker& checker) { checkers_.push_back(&checker); }

  // From now on, the servers that are created with this name are remembered.
  void follow_name(std::string name) { followed_ = std::move(name); }
  const std::vector<Uuid>& of_followed_name() const { return of_followed_name_; }

  void on_controller(const Transaction& transaction);
  void on_network(const NetworkTransaction& transaction);
  // The store has these commits and no others.
  void controller_went_back(std::span<const Transaction> committed);
  void network_went_back(std::span<const NetworkTransaction> committed);
  // Before guests of the past are put back, and newer ones erased.
  void journal_went_back();
  // Another process than that of the store, or of the guests' journals, may have answered for it, with files of its own.
  void was_doubled(Role role);
  void put_guest(const GuestRecord& record);
  void erase_guest(const std::string& host, const Uuid& instance);

  const RowState* row(const Uuid& uuid) const;
  // The transaction at hand resets the cloud.
  bool is_reset() const { return is_reset_; }
  const Rows& rows() const { return rows_; }
  const Guests& guests() const { return guests_; }
  const Leases& leases() const { return leases_; }
  const Allocations& allocations() const { return allocations_; }
  // By project; of one that is not here the default.
  const std::map<Uuid, Quota>& quotas() const { return quotas_; }
  // By id; of key pairs, by name.
  const std::set<std::string>& records(RecordKind kind) const { return records_[static_cast<size_t>(kind)]; }
  // Rows with work under way.
  size_t unstable() const { return unstable_; }
  // That the checkers saw.
  struct Changes {
    uint64_t rows = 0;
    uint64_t guests = 0;
    uint64_t leases = 0;
  };
  const Changes& changes() const { return changes_; }

 private:
  void change_row(const Uuid& uuid, std::optional<RowState> changed);
  void change_record(RecordKind kind, const std::string& id, bool there);
  void change_records(const Transaction& transaction);
  // Into the digest of the history.
  void fold_row(const Uuid& uuid, const RowState* row);
  void fold_lease(const Lease& lease, bool there);
  void fold_guest(const GuestRecord& guest, bool there);
  void fold_allocation(const PlacementId& placement, const Allocation* allocation);
  void put_lease(const Lease& lease);
  void erase_leases(const Uuid& instance);
  void erase_everything();  // of the network-controller

  History& history_;
  std::vector<Checker*> checkers_;
  Rows rows_;
  Guests guests_;
  Leases leases_;
  HashMap<Uuid, std::vector<uint32_t>> nics_;  // of servers that have leases
  Allocations allocations_;
  std::map<Uuid, Quota> quotas_;
  std::array<std::set<std::string>, kRecordKinds.size()> records_;
  bool is_reset_ = false;
  size_t unstable_ = 0;
  Changes changes_;
  std::string followed_;
  std::vector<Uuid> of_followed_name_;
};

}  // namespace kilonova::sim
