// The controller's durable rows. The controller keeps its working set in memory (docs/adr) and uses the store as the
// committed truth: loaded whole at start, changed by transactions, read back only for launch records and old events.
// One contract suite holds every implementation (tests/contract/controller_store).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/instance.h"
#include "domain/records.h"
#include "runtime/task.h"

namespace kilonova {

// One small value class a durable change. Erasing what is not there changes nothing and is no error. What names an
// instance that is not there (UpdateInstance, AppendLaunchRecord, PutAllocation), an instance whose uuid or id is taken,
// or a revision that does not ascend is kConflict.
namespace mutation {

struct InsertInstance {
  Instance row;
};
// Every field but the immutable ones: id, uuid, names, reservation, launch index, spec, trace, created_at.
struct UpdateInstance {
  Instance row;
};
// The row, its allocation and its launch record.
struct EraseInstance {
  Uuid uuid;
};
struct AppendLaunchRecord {
  Uuid instance;
  std::vector<StepRecord> steps;
  std::vector<Decision> decisions;
};
struct PutAllocation {
  Allocation row;  // one per instance: replaces
};
struct EraseAllocation {
  Uuid instance;
};
struct AppendEvent {
  WatchEvent event;  // revisions arrive ascending; the table keeps the newest kWatchEventsKept
};
struct PutFlavor {
  Flavor row;
};
struct EraseFlavor {
  std::string id;
};
struct PutImage {
  Image row;
};
struct EraseImage {
  Uuid id;
};
struct PutKeyPair {
  KeyPair row;
};
struct EraseKeyPair {
  Uuid user_id;
  std::string name;
};
struct PutProject {
  Project row;
};
// With its quota, role assignments and client tokens.
struct EraseProject {
  Uuid id;
};
struct PutUser {
  User row;
};
// With its role assignments and key pairs.
struct EraseUser {
  Uuid id;
};
struct PutRoleAssignment {
  RoleAssignment row;  // role kNone erases
};
struct PutQuota {
  Quota row;
};
struct PutHost {
  Host row;
};
struct PutFaultRule {
  FaultRule row;
};
struct EraseFaultRule {
  uint64_t id = 0;
};
struct PutClientToken {
  ClientToken row;
};
struct EraseClientToken {
  Uuid project_id;
  std::string token;
};
struct PutSetting {
  std::string key;    // "token_signing_key", "cloud_id"
  std::string value;  // bytes
};

}  // namespace mutation

using Mutation =
    std::variant<mutation::InsertInstance, mutation::UpdateInstance, mutation::EraseInstance,
                 mutation::AppendLaunchRecord, mutation::PutAllocation, mutation::EraseAllocation,
                 mutation::AppendEvent, mutation::PutFlavor, mutation::EraseFlavor, mutation::PutImage,
                 mutation::EraseImage, mutation::PutKeyPair, mutation::EraseKeyPair, mutation::PutProject,
                 mutation::EraseProject, mutation::PutUser, mutation::EraseUser, mutation::PutRoleAssignment,
                 mutation::PutQuota, mutation::PutHost, mutation::PutFaultRule, mutation::EraseFaultRule,
                 mutation::PutClientToken, mutation::EraseClientToken, mutation::PutSetting>;
using Transaction = std::vector<Mutation>;

inline constexpr uint64_t kWatchEventsKept = 100'000;

struct Setting {
  std::string key;
  std::string value;
  bool operator==(const Setting&) const = default;
};

// Everything but launch records and events, each table in key order (instances and hosts by id).
struct ControllerState {
  std::vector<Instance> instances;
  std::vector<Allocation> allocations;
  std::vector<Flavor> flavors;
  std::vector<Image> images;
  std::vector<KeyPair> key_pairs;
  std::vector<Project> projects;
  std::vector<User> users;
  std::vector<RoleAssignment> role_assignments;
  std::vector<Quota> quotas;
  std::vector<Host> hosts;
  std::vector<FaultRule> fault_rules;
  std::vector<ClientToken> client_tokens;
  std::vector<Setting> settings;
  uint64_t revision = 0;        // of the newest event, 0 = none
  int64_t last_instance_id = 0;  // highest ever given, also when that row is gone
  bool operator==(const ControllerState&) const = default;
};

struct LaunchRecordRows {
  std::vector<StepRecord> steps;  // in the order appended
  std::vector<Decision> decisions;
  bool operator==(const LaunchRecordRows&) const = default;
};

class ControllerStore {
 public:
  virtual ~ControllerStore() = default;

  // Once, before anything else; may block. kDataLoss for a corrupt file, kConflict for a newer schema or a second user.
  virtual Expected<ControllerState> load() = 0;

  // All of it or nothing; transactions take effect in the order in which commit was awaited, many to one write. On
  // success it survives kill -9 (sync normal) or power loss (sync full). On failure (kUnavailable: disk full, read-only,
  // I/O error; kConflict: a row that must be there is not) nothing of this transaction is stored and later ones may succeed.
  // One exception: where it was the sync that failed (a dying disk), a process that dies before its next commit may find
  // the refused transaction stored.
  virtual Task<Expected<>> commit(Transaction transaction) = 0;

  // Empty rows for an unknown instance. Sees at least every commit that was answered before the call.
  virtual Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) = 0;

  // Events with revision > since, ascending, at most `limit`. kOutOfRange when some of them were dropped already.
  virtual Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) = 0;
};

}  // namespace kilonova
