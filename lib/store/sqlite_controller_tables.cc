#include "store/sqlite_controller_tables.h"

#include "store/overloaded.h"

namespace kilonova {

SqliteControllerTables::SqliteControllerTables(Database& database, const SqliteOptions& options)
    : instances_(database, options.events_kept), records_(SqliteTablesOf<StoredRecords>::open(database)) {}

Expected<ControllerState> SqliteControllerTables::load() {
  ControllerState state;
  Expected<> loaded = instances_.load(state);
  for_each_type(StoredRecords{}, [&]<class Row>() {
    if (loaded) loaded = table<Row>().load(state.of<Row>());
  });
  if (!loaded) return std::unexpected(loaded.error());
  return state;
}

Expected<> SqliteControllerTables::apply(const Transaction& transaction) {
  Overloaded apply_one{
      [this](const auto& change) { return instances_.apply(change); },
      [this]<class Row>(const mutation::Put<Row>& change) { return table<Row>().put(change.row); },
      [this]<class Row>(const mutation::Erase<Row>& change) { return table<Row>().erase(change.key); },
  };
  for (const Mutation& mutation : transaction) {
    if (auto applied = visit(apply_one, mutation); !applied) return applied;
  }
  return {};
}

}  // namespace kilonova
