// All tables of the controller's store on PostgreSQL. Tables of PostgresStore (postgres_store.h).
#pragma once

#include <tuple>
#include <vector>

#include "base/type_list.h"
#include "ports/controller_store.h"
#include "store/migrations.h"
#include "store/postgres_instance_tables.h"
#include "store/postgres_options.h"
#include "store/postgres_table.h"

namespace kilonova {

// One table for each record of the list.
template <class Rows>
struct PostgresTablesOf;
template <class... Rows>
struct PostgresTablesOf<TypeList<Rows...>> {
  using Type = std::tuple<PostgresTable<Rows>...>;
  static Type make(const PostgresCatalog& catalog) {
    return Type(PostgresTable<Rows>(catalog, Rows::kRecord.table, Rows::kRecord.key_columns)...);
  }
};

class PostgresControllerTables {
 public:
  using Transaction = kilonova::Transaction;
  using State = ControllerState;
  static constexpr const char* kSchemaName = "kilonova_controller";
  static const Schema& schema() { return kControllerSchema; }

  PostgresControllerTables(const PostgresCatalog& catalog, const PostgresOptions& options);
  PostgresControllerTables(const PostgresControllerTables&) = delete;

  Expected<ControllerState> load(PostgresConnection& connection, const PostgresCatalog& catalog);
  std::vector<const PostgresStatement*> statements() const;

  Expected<> add(const Transaction& transaction);
  std::vector<PostgresCall> take_calls();
  void keep() { instances_.keep(); }
  void undo() { instances_.undo(); }

 private:
  template <class Row>
  PostgresTable<Row>& table() {
    return get<PostgresTable<Row>>(records_);
  }

  PostgresInstanceTables instances_;
  PostgresTablesOf<StoredRecords>::Type records_;
};

}  // namespace kilonova
