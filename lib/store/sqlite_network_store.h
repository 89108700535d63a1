// SqliteNetworkStore: the network-controller's rows in one SQLite file.
#pragma once

#include <string>

#include "ports/network_store.h"
#include "runtime/real_loop.h"
#include "store/counted_store.h"
#include "store/sqlite_network_tables.h"
#include "store/sqlite_store.h"

namespace kilonova {

// As SqliteControllerStore.
class SqliteNetworkStore final : public CountedStore<NetworkStore> {
 public:
  SqliteNetworkStore(RealLoop& loop, std::string path, SqliteOptions options = {});

  Expected<NetworkState> load() override;
  Task<Expected<>> commit(NetworkTransaction transaction) override;

  StoreCounts counts() override { return store_.counts(); }

 private:
  SqliteStore<SqliteNetworkTables> store_;
};

}  // namespace kilonova
