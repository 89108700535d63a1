// The controller's large tables in SQLite: instances with their allocations and launch records, and watch events.
#pragma once

#include <cstdint>

#include "ports/controller_store.h"
#include "store/sqlite.h"

namespace kilonova {

// Inside a transaction that the caller begins and ends. After a rollback the caller must restore().
class SqliteInstanceTables {
 public:
  SqliteInstanceTables(Database& database, uint64_t events_kept);

  // Also takes the counters over; before anything else.
  Expected<> load(ControllerState& state);

  Expected<> apply(const mutation::InsertInstance& change);
  Expected<> apply(const mutation::UpdateInstance& change);
  Expected<> apply(const mutation::RenameInstance& change);
  Expected<> apply(const mutation::RespecifyInstance& change);
  Expected<> apply(const mutation::EraseInstance& change);
  Expected<> apply(const mutation::AppendLaunchRecord& change);
  Expected<> apply(const mutation::PutAllocation& change);
  Expected<> apply(const mutation::EraseAllocation& change);
  Expected<> apply(const mutation::AppendEvent& change);

  // Last in a transaction: drops old events, writes the counters where they changed.
  Expected<> before_commit();

  // What the tables know without asking the file. Copied before a transaction, put back after its rollback.
  struct Counters {
    int64_t last_instance_id = 0;
    uint64_t revision = 0;
    uint64_t dropped_through = 0;
    uint64_t events = 0;
    bool changed = false;  // the row in the file is older
  };
  const Counters& counters() const { return counters_; }
  void restore(const Counters& counters) { counters_ = counters; }

 private:
  Expected<> load_counters();
  Expected<> load_allocations(ControllerState& state);
  Expected<> trim_events();

  Database& database_;
  uint64_t events_kept_;
  Counters counters_;
  Statement insert_;
  Statement update_;
  Statement rename_;
  Statement respecify_;
  Statement erase_;
  Statement erase_record_;
  Statement erase_allocations_;
  Statement erase_allocation_;
  Statement append_record_;
  Statement put_allocation_;
  Statement append_event_;
  Statement find_event_;
  Statement drop_events_;
  Statement write_counters_;
};

// On any connection, in any thread.
Expected<LaunchRecordRows> read_launch_record(Database& database, const Uuid& instance);
Expected<std::vector<WatchEvent>> read_events(Database& database, uint64_t since, uint32_t limit);

}  // namespace kilonova
