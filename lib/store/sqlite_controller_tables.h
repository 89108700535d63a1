// All tables of the controller's store: applies its transactions and loads its state. Tables of SqliteStore (sqlite_store.h).
#pragma once

#include <tuple>

#include "ports/controller_store.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/sqlite_instance_tables.h"
#include "store/sqlite_options.h"
#include "store/sqlite_table.h"

namespace kilonova {

// One table for each record of the list.
template <class Rows>
struct SqliteTablesOf;
template <class... Rows>
struct SqliteTablesOf<TypeList<Rows...>> {
  using Type = std::tuple<SqliteTable<Rows>...>;
  static Type open(Database& database) { return Type(SqliteTable<Rows>(database)...); }
};

class SqliteControllerTables {
 public:
  using Transaction = kilonova::Transaction;
  using State = ControllerState;
  using Saved = SqliteInstanceTables::Counters;
  static const Schema& schema() { return kControllerSchema; }

  SqliteControllerTables(Database& database, const SqliteOptions& options);

  Expected<ControllerState> load();
  Expected<> apply(const Transaction& transaction);
  Expected<> before_commit() { return instances_.before_commit(); }
  Saved saved() const { return instances_.counters(); }
  void restore(const Saved& saved) { instances_.restore(saved); }

 private:
  template <class Row>
  SqliteTable<Row>& table() {
    return get<SqliteTable<Row>>(records_);
  }

  SqliteInstanceTables instances_;
  SqliteTablesOf<StoredRecords>::Type records_;
};

}  // namespace kilonova
