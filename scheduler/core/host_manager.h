// HostManager: every host this scheduler has heard of, and the debits on them (Nova: nova/scheduler/host_manager.py).
// Owned by the SchedulerCore, called on its loop thread. Nothing a peer says can make it fail: unknown hosts are noted,
// amounts are clamped, what contradicts is ignored.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash_map.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "scheduler/core/attributes.h"
#include "scheduler/core/debit_table.h"
#include "scheduler/core/host_history.h"
#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

class HostManager {
 public:
  // ---- what the controller says

  // A new controller incarnation: no host is a candidate until its status is heard again.
  void reset_statuses();
  void update_status(const HostStatus& status);
  // The host was deleted: no candidate until its status is heard again.
  void forget_status(const std::string& name);

  // ---- what compute processes say

  // A new incarnation of the process: what was cast to the old one is gone, what it carries will be reported anew.
  void reset_usage(PeerId process);
  // Ends the debits that the usage settles: those of this host and epoch, and those of a lower epoch on any host.
  // The amounts are ignored when an older version than the known one, or when the controller names another process.
  void update_usage(const Peer& from, const HostUsage& usage);

  // ---- debits

  // Nova's HostState.consume_from_request. Ends a debit of an earlier epoch of the instance.
  void consume_from_request(HostIndex host, const PlacementId& placement, const Resources& amount, Instant expires);
  // What a repeated cast of this debited placement is to carry.
  void set_alternates(const PlacementId& placement, std::vector<std::string> alternates);
  // Nothing when the instance has no debit. Valid until the next change.
  const Debit* find_debit(const Uuid& instance) const;
  // False when there is no debit of exactly this placement.
  bool end_debit(const PlacementId& placement);
  // How many ended.
  size_t expire_debits(Instant now);
  size_t debit_count() const { return debits_.size(); }
  const DebitTable& debits() const { return debits_; }

  // ---- reading

  const HostState& host(HostIndex index) const { return hosts_[index]; }
  std::optional<HostIndex> find(const std::string& name) const;
  // Hosts whose status was heard, in registration order (by id, then by name): the order that breaks ties.
  std::span<const HostIndex> registered() const { return registered_; }
  size_t size() const { return hosts_.size(); }
  // Hosts that are up and whose usage was not heard: they may be the very ones that fit.
  size_t awaiting_usage() const { return awaiting_usage_; }

  // The hosts as they were after that change, without debits of their own; nothing when it is too long ago. O(hosts).
  std::optional<HostManager> as_of(uint64_t change) const;

  // ---- what changed, for those who keep something beside it

  // Changes of hosts are numbered from 1.
  uint64_t last_change() const { return changes_; }
  // The hosts that have changed after that change, the latest first, each once. O(as many).
  template <class Visit>
  void for_each_changed_after(uint64_t change, Visit visit) const {
    for (HostIndex index = latest_; index != kNoIndex && recency_[index].change > change; index = recency_[index].older)
      visit(index);
  }

 private:
  HostIndex find_or_add(const std::string& name);
  void insert_registered(HostIndex index);
  void erase_registered(HostIndex index);
  bool registered_before(HostIndex a, HostIndex b) const;
  void end_slot(DebitTable::Slot slot);
  void settle(HostIndex host, const PlacementId& placement);
  // Before the change.
  void note_change(HostIndex index);

  // A host's place in the list of hosts by their last change.
  struct Recency {
    uint64_t change = 0;
    HostIndex newer = kNoIndex;
    HostIndex older = kNoIndex;
  };

  AttributeTable attributes_;
  std::vector<HostState> hosts_;
  HashMap<std::string, HostIndex> by_name_;
  std::vector<HostIndex> registered_;
  size_t awaiting_usage_ = 0;
  DebitTable debits_;
  std::vector<Recency> recency_;  // as hosts_
  HostIndex latest_ = kNoIndex;
  uint64_t changes_ = 0;
  HostHistory history_;
};

}  // namespace kilonova::scheduler
