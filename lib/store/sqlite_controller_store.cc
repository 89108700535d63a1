#include "store/sqlite_controller_store.h"

#include <utility>

namespace kilonova {

SqliteControllerStore::SqliteControllerStore(RealLoop& loop, std::string path, SqliteOptions options)
    : loop_(loop), store_(loop, std::move(path), options) {}

Expected<ControllerState> SqliteControllerStore::load() {
  auto state = store_.load();
  if (state) reads_.emplace(loop_, store_.reader());
  return state;
}

Task<Expected<>> SqliteControllerStore::commit(Transaction transaction) {
  return store_.commit(std::move(transaction));
}

Task<Expected<LaunchRecordRows>> SqliteControllerStore::read_launch_record(Uuid instance) {
  KN_CHECK(reads_.has_value(), "a store is loaded before anything is read");
  return reads_->records.read(
      [instance](Database& database) { return kilonova::read_launch_record(database, instance); });
}

Task<Expected<std::vector<WatchEvent>>> SqliteControllerStore::read_events(uint64_t since, uint32_t limit) {
  KN_CHECK(reads_.has_value(), "a store is loaded before anything is read");
  return reads_->events.read(
      [since, limit](Database& database) { return kilonova::read_events(database, since, limit); });
}

}  // namespace kilonova
