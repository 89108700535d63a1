// The controller's large tables on PostgreSQL: instances with their allocations and launch records, and watch events.
// What a group does to a server is kept by its id: at the end there is one row to write in each table, whatever the
// order was.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/hash_map.h"
#include "ports/controller_store.h"
#include "store/postgres.h"
#include "store/postgres_columns.h"
#include "store/postgres_schema.h"

namespace kilonova {

class PostgresInstanceTables {
 public:
  PostgresInstanceTables(const PostgresCatalog& catalog, uint64_t events_kept);

  // Also takes over what it knows without asking: uuids, ids, counters. Before anything else.
  Expected<> load(PostgresConnection& connection, const PostgresCatalog& catalog, ControllerState& state);

  // kConflict as ControllerStore::commit says.
  Expected<> check(const Transaction& transaction) const;
  // Of a transaction that was checked; it lives until keep() or undo().
  void add(const mutation::InsertInstance& change);
  void add(const mutation::UpdateInstance& change);
  void add(const mutation::RenameInstance& change);
  void add(const mutation::RespecifyInstance& change);
  void add(const mutation::EraseInstance& change);
  void add(const mutation::AppendLaunchRecord& change);
  void add(const mutation::PutAllocation& change);
  void add(const mutation::EraseAllocation& change);
  void add(const mutation::AppendEvent& change);

  // What the group does.
  void take_calls(std::vector<PostgresCall>& calls);
  void keep();
  void undo();

  void list_statements(std::vector<const PostgresStatement*>& list) const;

 private:
  // What a group does to one id. Null: nothing.
  struct Change {
    bool erased = false;                 // the row that was there before the group
    const Instance* inserted = nullptr;  // after that
    const Instance* updated = nullptr;   // its newest state
    const mutation::RenameInstance* renamed = nullptr;
    const mutation::RespecifyInstance* respecified = nullptr;
    std::map<uint64_t, const Allocation*> allocations;  // by epoch; null: erased
    std::vector<std::string> records;
  };
  struct Counters {
    int64_t last_instance_id = 0;
    int64_t last_record_id = 0;
    uint64_t revision = 0;
    uint64_t events = 0;
    bool changed = false;  // the row in the database is older
  };
  struct IdChange {
    Uuid uuid;
    int64_t id;
    bool inserted;
  };

  Expected<> load_counters(PostgresConnection& connection);
  Change& change_of(const Uuid& uuid);
  void take_instance_calls(std::vector<PostgresCall>& calls);
  void take_allocation_calls(std::vector<PostgresCall>& calls);
  void take_record_calls(std::vector<PostgresCall>& calls);
  void take_event_calls(std::vector<PostgresCall>& calls);
  static void call(std::vector<PostgresCall>& calls, const PostgresStatement& statement, PostgresArrays& rows);

  uint64_t events_kept_;
  HashMap<Uuid, int64_t> ids_;
  HashMap<int64_t, std::monostate> taken_ids_;
  Counters counters_;

  // Of the group.
  std::map<int64_t, Change> changes_;
  std::vector<const WatchEvent*> events_;
  std::vector<IdChange> id_changes_;  // to be undone, newest first
  Counters before_;

  PostgresStatement erase_, erase_records_, erase_all_allocations_;
  PostgresStatement insert_, update_, rename_, respecify_;
  PostgresStatement erase_allocations_, put_allocations_;
  PostgresStatement append_records_, append_events_, drop_events_, write_last_id_;
};

// On any connection, in any thread.
Expected<LaunchRecordRows> read_launch_record(PostgresConnection& connection, const Uuid& instance);
Expected<std::vector<WatchEvent>> read_events(PostgresConnection& connection, uint64_t since, uint32_t limit);

}  // namespace kilonova
