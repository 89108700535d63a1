#include "store/open_store.h"

#include "store/postgres_controller_store.h"
#include "store/postgres_network_store.h"
#include "store/sqlite_controller_store.h"
#include "store/sqlite_network_store.h"

namespace kilonova {
namespace {

template <class Port, class Postgres, class Sqlite>
std::unique_ptr<CountedStore<Port>> make_store(RealLoop& loop, const StorePlace& place) {
  if (place.postgres) return std::make_unique<Postgres>(loop, *place.postgres);
  return std::make_unique<Sqlite>(loop, place.file, SqliteOptions{.sync = place.sync});
}

}  // namespace

std::unique_ptr<CountedStore<ControllerStore>> make_controller_store(RealLoop& loop, const StorePlace& place) {
  return make_store<ControllerStore, PostgresControllerStore, SqliteControllerStore>(loop, place);
}

std::unique_ptr<CountedStore<NetworkStore>> make_network_store(RealLoop& loop, const StorePlace& place) {
  return make_store<NetworkStore, PostgresNetworkStore, SqliteNetworkStore>(loop, place);
}

}  // namespace kilonova
