// SqliteControllerStore: the controller's rows in one SQLite file.
#pragma once

#include <optional>
#include <string>

#include "ports/controller_store.h"
#include "runtime/real_loop.h"
#include "store/counted_store.h"
#include "store/sqlite_controller_tables.h"
#include "store/sqlite_store.h"

namespace kilonova {

// Loop thread only. The loop outlives it; flows that await it die before it. The directory of the file must be there;
// beside the file are `-wal`, `-shm` and `.lock`. kUnavailable and kDataLoss of commits and reads name the file.
class SqliteControllerStore final : public CountedStore<ControllerStore> {
 public:
  SqliteControllerStore(RealLoop& loop, std::string path, SqliteOptions options = {});

  Expected<ControllerState> load() override;
  Task<Expected<>> commit(Transaction transaction) override;
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override;
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override;

  StoreCounts counts() override { return store_.counts(); }

 private:
  struct AllReads {
    AllReads(RealLoop& loop, ReadThread<Database>& thread) : records(loop, thread), events(loop, thread) {}
    Reads<Database, LaunchRecordRows> records;
    Reads<Database, std::vector<WatchEvent>> events;
  };

  RealLoop& loop_;
  std::optional<AllReads> reads_;  // outlives the reader thread, which answers through it
  SqliteStore<SqliteControllerTables> store_;
};

}  // namespace kilonova
