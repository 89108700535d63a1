// All tables of the network-controller's store: applies its transactions and loads its state. Tables of SqliteStore.
#pragma once

#include "ports/network_store.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/sqlite_options.h"
#include "store/sqlite_table.h"

namespace kilonova {

class SqliteNetworkTables {
 public:
  using Transaction = NetworkTransaction;
  using State = NetworkState;
  struct Saved {};  // nothing is known without asking the file
  static const Schema& schema() { return kNetworkSchema; }

  SqliteNetworkTables(Database& database, const SqliteOptions& options);

  Expected<NetworkState> load();
  Expected<> apply(const NetworkTransaction& transaction);
  Expected<> before_commit() { return {}; }
  Saved saved() const { return {}; }
  void restore(const Saved&) {}

 private:
  Expected<> apply_one(const NetworkMutation& mutation);
  Expected<> clear();

  SqliteTable<Network> networks_;
  SqliteTable<Lease> leases_;
  SqliteTable<ReleaseFence> fences_;
  SqliteTable<NetworkDetails> details_;
  SqliteTable<Subnet> subnets_;
  SqliteTable<Port> ports_;
  Statement erase_leases_;
};

}  // namespace kilonova
