// PostgresNetworkStore: the network-controller's rows in the schema kilonova_network of a PostgreSQL database.
#pragma once

#include "ports/network_store.h"
#include "runtime/real_loop.h"
#include "store/counted_store.h"
#include "store/postgres_network_tables.h"
#include "store/postgres_store.h"

namespace kilonova {

// As PostgresControllerStore (postgres_controller_store.h), with a lease of its own.
class PostgresNetworkStore final : public CountedStore<NetworkStore> {
 public:
  PostgresNetworkStore(RealLoop& loop, PostgresOptions options);

  Expected<NetworkState> load() override;
  Task<Expected<>> commit(NetworkTransaction transaction) override;

  StoreCounts counts() override { return store_.counts(); }

 private:
  PostgresStore<PostgresNetworkTables> store_;
};

}  // namespace kilonova
