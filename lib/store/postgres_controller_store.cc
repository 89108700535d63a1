#include "store/postgres_controller_store.h"

#include <utility>

namespace kilonova {

PostgresControllerStore::PostgresControllerStore(RealLoop& loop, PostgresOptions options)
    : loop_(loop), store_(loop, std::move(options)) {}

Expected<ControllerState> PostgresControllerStore::load() {
  auto state = store_.load();
  if (state) reads_.emplace(loop_, store_.reader());
  return state;
}

Task<Expected<>> PostgresControllerStore::commit(Transaction transaction) {
  return store_.commit(std::move(transaction));
}

Task<Expected<LaunchRecordRows>> PostgresControllerStore::read_launch_record(Uuid instance) {
  KN_CHECK(reads_.has_value(), "a store is loaded before anything is read");
  return reads_->records.read([instance](PostgresReader& reader) {
    return reader.read(
        [&](PostgresConnection& connection) { return kilonova::read_launch_record(connection, instance); });
  });
}

Task<Expected<std::vector<WatchEvent>>> PostgresControllerStore::read_events(uint64_t since, uint32_t limit) {
  KN_CHECK(reads_.has_value(), "a store is loaded before anything is read");
  return reads_->events.read([since, limit](PostgresReader& reader) {
    return reader.read([&](PostgresConnection& connection) { return kilonova::read_events(connection, since, limit); });
  });
}

}  // namespace kilonova
