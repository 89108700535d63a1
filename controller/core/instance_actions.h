// The record of what was asked of servers, kept in the transactions of what it is about. Loop thread only; the caller
// holds the server's lock.
#pragma once

#include <string>
#include <vector>

#include "controller/core/controller_world.h"
#include "domain/instance_action.h"
#include "domain/operation.h"

namespace kilonova::controller {

// How many are kept of one server, besides its create: older ones go when another begins.
inline constexpr size_t kActionsKept = 100;

// Changes of the record that belong to one transaction: put() into it, and apply() once it is committed.
class ActionChanges {
 public:
  explicit ActionChanges(RecordTables& records) : records_(records) {}

  // The action begins; `at_once`: and is finished.
  void begin(const Instance& server, std::string action, const RequestContext& context, WallTime now, bool at_once);
  // The newest one that is under way, if any, ends.
  void finish(const Instance& server, WallTime now, std::string fault);
  void erase_all(const Uuid& instance);

  void put(Transaction& transaction) const;
  void apply();

 private:
  RecordTables& records_;
  std::vector<InstanceAction> put_;
  std::vector<std::pair<Uuid, uint64_t>> erased_;
};

// Newest first, the create last.
std::vector<InstanceAction> actions_of(const RecordTables& records, const Instance& server);

}  // namespace kilonova::controller
