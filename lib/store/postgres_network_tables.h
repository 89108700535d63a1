// All tables of the network-controller's store on PostgreSQL. Tables of PostgresStore (postgres_store.h).
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "ports/network_store.h"
#include "store/migrations.h"
#include "store/postgres_options.h"
#include "store/postgres_table.h"

namespace kilonova {

class PostgresNetworkTables {
 public:
  using Transaction = NetworkTransaction;
  using State = NetworkState;
  static constexpr const char* kSchemaName = "kilonova_network";
  static const Schema& schema() { return kNetworkSchema; }

  PostgresNetworkTables(const PostgresCatalog& catalog, const PostgresOptions& options);
  PostgresNetworkTables(const PostgresNetworkTables&) = delete;

  Expected<NetworkState> load(PostgresConnection& connection, const PostgresCatalog& catalog);
  std::vector<const PostgresStatement*> statements() const;

  // Never refused.
  Expected<> add(const NetworkTransaction& transaction);
  std::vector<PostgresCall> take_calls();
  // Nothing is known without asking the database.
  void keep() {}
  void undo() {}

 private:
  void add_one(const NetworkMutation& mutation);
  void erase_leases(const Uuid& instance);
  void erase_everything();

  PostgresTable<Network, Uuid> networks_;
  PostgresTable<Lease, std::pair<Uuid, uint32_t>> leases_;
  PostgresTable<ReleaseFence, Uuid> fences_;
  PostgresTable<NetworkDetails, Uuid> details_;
  PostgresTable<Subnet, Uuid> subnets_;
  PostgresTable<Port, Uuid> ports_;
  PostgresStatement erase_leases_;
  std::vector<PostgresStatement> clear_;

  // Of the group: what goes before its rows are put.
  bool everything_erased_ = false;
  std::set<Uuid> without_leases_;
};

}  // namespace kilonova
