// The controller's durable rows. The controller keeps its working set in memory (docs/adr) and uses the store as the
// committed truth: loaded whole at start, changed by transactions, read back only for launch records and old events.
// One contract suite holds every implementation (tests/contract/controller_store).
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/one_of.h"
#include "base/type_list.h"
#include "domain/instance.h"
#include "domain/stored_records.h"
#include "domain/watch_event.h"
#include "runtime/task.h"

namespace kilonova {

// One small value class a durable change. Erasing what is not there changes nothing and is no error. What names an
// instance that is not there (UpdateInstance, AppendLaunchRecord, PutAllocation), an instance whose uuid or id is
// taken, or a revision that does not ascend is kConflict.
namespace mutation {

struct InsertInstance {
  Instance row;
  bool operator==(const InsertInstance&) const = default;
};
// Goes with an UpdateInstance of the same row.
struct RenameInstance {
  Uuid uuid;
  std::string name;
  std::string hostname;
  bool operator==(const RenameInstance&) const = default;
};
// Likewise: a rebuild has another image, a resize another flavor.
struct RespecifyInstance {
  Uuid uuid;
  RequestSpec spec;
  bool operator==(const RespecifyInstance&) const = default;
};
// Every field but the immutable ones: id, uuid, names, reservation, launch index, spec, trace, created_at.
struct UpdateInstance {
  Instance row;
  bool operator==(const UpdateInstance&) const = default;
};
// The row, its allocations and its launch record.
struct EraseInstance {
  Uuid uuid;
  bool operator==(const EraseInstance&) const = default;
};
struct AppendLaunchRecord {
  Uuid instance;
  std::vector<StepRecord> steps;
  std::vector<Decision> decisions;
  bool operator==(const AppendLaunchRecord&) const = default;
};
struct PutAllocation {
  Allocation row;  // one for each placement: replaces
  bool operator==(const PutAllocation&) const = default;
};
struct EraseAllocation {
  PlacementId placement;
  bool operator==(const EraseAllocation&) const = default;
};
struct AppendEvent {
  WatchEvent event;  // revisions arrive ascending; the table keeps the newest kWatchEventsKept
  bool operator==(const AppendEvent&) const = default;
};
// A record is there as said, whatever was there of its key.
template <class Row>
struct Put {
  Row row;
  bool operator==(const Put&) const = default;
};
// What else goes with a record, the controller says: Erase erases one row.
template <class Row>
struct Erase {
  KeyOf<Row> key;
  bool operator==(const Erase&) const = default;
};

}  // namespace mutation

template <class Rows>
struct RecordMutations;
template <class... Rows>
struct RecordMutations<TypeList<Rows...>> {
  using Types = TypeList<mutation::Put<Rows>..., mutation::Erase<Rows>...>;
};

struct MutationSet {
  using Types = Concat<TypeList<mutation::InsertInstance, mutation::UpdateInstance, mutation::RenameInstance,
                                mutation::RespecifyInstance, mutation::EraseInstance, mutation::AppendLaunchRecord,
                                mutation::PutAllocation, mutation::EraseAllocation, mutation::AppendEvent>,
                       RecordMutations<StoredRecords>::Types>;
};
using Mutation = OneOf<MutationSet>;
using Transaction = std::vector<Mutation>;

inline constexpr uint64_t kWatchEventsKept = 100'000;

template <class Rows>
struct RecordRows;
template <class... Rows>
struct RecordRows<TypeList<Rows...>> {
  using Type = std::tuple<std::vector<Rows>...>;
};

// Everything but launch records and events, each table in key order (instances and hosts by id, allocations by
// placement).
struct ControllerState {
  std::vector<Instance> instances;
  std::vector<Allocation> allocations;
  RecordRows<StoredRecords>::Type records;
  uint64_t revision = 0;         // of the newest event, 0 = none
  int64_t last_instance_id = 0;  // highest ever given, also when that row is gone

  template <class Row>
  std::vector<Row>& of() {
    return std::get<std::vector<Row>>(records);
  }
  template <class Row>
  const std::vector<Row>& of() const {
    return std::get<std::vector<Row>>(records);
  }
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
  // success it survives kill -9 (sync normal) or power loss (sync full). On failure (kUnavailable: disk full,
  // read-only, I/O error; kConflict: a row that must be there is not) nothing of this transaction is stored and later
  // ones may succeed. One exception: where it was the sync that failed (a dying disk), a process that dies before its
  // next commit may find the refused transaction stored.
  virtual Task<Expected<>> commit(Transaction transaction) = 0;

  // Empty rows for an unknown instance. Sees at least every commit that was answered before the call.
  virtual Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) = 0;

  // Events with revision > since, ascending, at most `limit`. kOutOfRange when some of them were dropped already.
  virtual Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) = 0;
};

}  // namespace kilonova
