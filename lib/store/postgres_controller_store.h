// PostgresControllerStore: the controller's rows in the schema kilonova_controller of a PostgreSQL database.
#pragma once

#include <optional>

#include "ports/controller_store.h"
#include "runtime/real_loop.h"
#include "store/counted_store.h"
#include "store/postgres_controller_tables.h"
#include "store/postgres_store.h"

namespace kilonova {

// Loop thread only. The loop outlives it; flows that await it die before it. Errors name the database, never its
// password. load() takes the lease of the cell from whoever had it. A store that loses it, or its database, answers
// nobody any more and says so by PostgresOptions::on_lost.
class PostgresControllerStore final : public CountedStore<ControllerStore> {
 public:
  PostgresControllerStore(RealLoop& loop, PostgresOptions options);

  Expected<ControllerState> load() override;
  Task<Expected<>> commit(Transaction transaction) override;
  Task<Expected<LaunchRecordRows>> read_launch_record(Uuid instance) override;
  Task<Expected<std::vector<WatchEvent>>> read_events(uint64_t since, uint32_t limit) override;

  StoreCounts counts() override { return store_.counts(); }

 private:
  struct AllReads {
    AllReads(RealLoop& loop, ReadThread<PostgresReader>& thread) : records(loop, thread), events(loop, thread) {}
    Reads<PostgresReader, LaunchRecordRows> records;
    Reads<PostgresReader, std::vector<WatchEvent>> events;
  };

  RealLoop& loop_;
  std::optional<AllReads> reads_;  // outlives the reader thread, which answers through it
  PostgresStore<PostgresControllerTables> store_;
};

}  // namespace kilonova
