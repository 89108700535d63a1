#include "store/sqlite_network_store.h"

#include <utility>

namespace kilonova {

SqliteNetworkStore::SqliteNetworkStore(RealLoop& loop, std::string path, SqliteOptions options)
    : store_(loop, std::move(path), options) {}

Expected<NetworkState> SqliteNetworkStore::load() { return store_.load(); }

Task<Expected<>> SqliteNetworkStore::commit(NetworkTransaction transaction) {
  return store_.commit(std::move(transaction));
}

}  // namespace kilonova
