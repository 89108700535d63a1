#include "store/postgres_controller_tables.h"

#include "store/overloaded.h"

namespace kilonova {

PostgresControllerTables::PostgresControllerTables(const PostgresCatalog& catalog, const PostgresOptions& options)
    : instances_(catalog, options.events_kept), records_(PostgresTablesOf<StoredRecords>::make(catalog)) {}

Expected<ControllerState> PostgresControllerTables::load(PostgresConnection& connection,
                                                         const PostgresCatalog& catalog) {
  ControllerState state;
  Expected<> loaded = instances_.load(connection, catalog, state);
  for_each_type(StoredRecords{}, [&]<class Row>() {
    if (loaded) loaded = table<Row>().load(connection, catalog, state.of<Row>());
  });
  if (!loaded) return std::unexpected(loaded.error());
  return state;
}

std::vector<const PostgresStatement*> PostgresControllerTables::statements() const {
  std::vector<const PostgresStatement*> list;
  instances_.list_statements(list);
  std::apply([&](const auto&... tables) { (tables.list_statements(list), ...); }, records_);
  return list;
}

Expected<> PostgresControllerTables::add(const Transaction& transaction) {
  if (auto checked = instances_.check(transaction); !checked) return checked;
  Overloaded add_one{
      [this](const auto& change) { instances_.add(change); },
      [this]<class Row>(const mutation::Put<Row>& change) { table<Row>().put(change.row.key(), change.row); },
      [this]<class Row>(const mutation::Erase<Row>& change) { table<Row>().erase(change.key); },
  };
  for (const Mutation& mutation : transaction) visit(add_one, mutation);
  return {};
}

std::vector<PostgresCall> PostgresControllerTables::take_calls() {
  std::vector<PostgresCall> calls;
  instances_.take_calls(calls);
  std::apply([&](auto&... tables) { (tables.take_calls(calls), ...); }, records_);
  return calls;
}

}  // namespace kilonova
