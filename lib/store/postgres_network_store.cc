#include "store/postgres_network_store.h"

#include <utility>

namespace kilonova {

PostgresNetworkStore::PostgresNetworkStore(RealLoop& loop, PostgresOptions options)
    : store_(loop, std::move(options)) {}

Expected<NetworkState> PostgresNetworkStore::load() { return store_.load(); }

Task<Expected<>> PostgresNetworkStore::commit(NetworkTransaction transaction) {
  return store_.commit(std::move(transaction));
}

}  // namespace kilonova
