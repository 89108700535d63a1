// PostgresTable: a table whose rows are put, erased by key, and loaded whole. One for each of the small structs. What a
// group of transactions does to it is kept, the last of each key, until the group becomes calls of two statements.
#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/record.h"
#include "store/postgres.h"
#include "store/postgres_columns.h"
#include "store/postgres_schema.h"
#include "store/visit.h"

namespace kilonova {

template <class Row>
std::vector<PostgresType> types_of() {
  PostgresTypes types;
  const Row row{};
  visit(types, row);
  return std::move(types).types;
}

// "\"a\" = EXCLUDED.\"a\", ...": every column from the `first` on, taken from `source`.
std::string set_columns(const std::vector<std::string>& columns, size_t first, std::string_view source);

// "INSERT ... ON CONFLICT ... DO UPDATE": many rows, each in the place of the one of its key. `key`: the first columns
// of the table, as in "user_id, name".
std::string upsert_sql(std::string_view table, const std::vector<std::string>& columns,
                       const std::vector<PostgresType>& types, std::string_view key);
// Many rows by their key, whose columns have these types.
std::string erase_sql(std::string_view table, std::string_view key, const std::vector<PostgresType>& types);

// kDataLoss, naming the table, where it has not as many columns as the struct has fields.
Expected<> check_columns(const PostgresConnection& connection, const PostgresCatalog& catalog, std::string_view table,
                         size_t fields);

// kDataLoss that names the database, `what` and the row.
std::unexpected<Error> unreadable_row(const PostgresConnection& connection, std::string_view what, size_t row,
                                      const Error& why);

// Every row of a query whose columns are the fields of the struct.
template <class Row>
Expected<std::vector<Row>> read_postgres_rows(PostgresConnection& connection, const std::string& sql,
                                              std::span<const std::string> parameters, std::string_view what) {
  std::vector<Row> rows;
  auto read = connection.query(sql, parameters, [&](PostgresRow& columns) -> Expected<> {
    visit(columns, rows.emplace_back());
    if (auto finished = columns.finish(); !finished)
      return unreadable_row(connection, what, rows.size(), finished.error());
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return rows;
}

template <class Row, class Key = KeyOf<Row>>
class PostgresTable {
 public:
  PostgresTable(const PostgresCatalog& catalog, std::string_view name, std::string_view key)
      : name_(name),
        key_(key),
        put_{"put " + name_, upsert_sql(name, columns(catalog, name), types_of<Row>(), key)},
        erase_{"erase " + name_, erase_sql(name, key, key_types())} {}

  // Of the group; the row must live until its calls were made.
  void put(const Key& key, const Row& row) { changes_[key] = &row; }
  void erase(const Key& key) { changes_[key] = nullptr; }

  // As if the group had said nothing of the keys from `first` to `last`.
  void forget(const Key& first, const Key& last) {
    changes_.erase(changes_.lower_bound(first), changes_.upper_bound(last));
  }
  void forget() { changes_.clear(); }

  // What the group does, as calls. It is forgotten.
  void take_calls(std::vector<PostgresCall>& calls) {
    PostgresArrays erased, put;
    for (const auto& [key, row] : changes_) {
      if (row == nullptr) write_key(erased.row(), key);
      if (row != nullptr) visit(put.row(), *row);
    }
    changes_.clear();
    if (!erased.empty()) calls.push_back({&erase_, erased.take()});
    if (!put.empty()) calls.push_back({&put_, put.take()});
  }

  Expected<> load(PostgresConnection& connection, const PostgresCatalog& catalog, std::vector<Row>& rows) {
    if (auto right = check_columns(connection, catalog, name_, types_of<Row>().size()); !right) return right;
    auto read =
        read_postgres_rows<Row>(connection, fmt::format("SELECT * FROM {} ORDER BY {}", name_, key_), {}, name_);
    if (!read) return std::unexpected(read.error());
    rows = *std::move(read);
    return {};
  }

  void list_statements(std::vector<const PostgresStatement*>& list) const {
    list.push_back(&put_);
    list.push_back(&erase_);
  }

 private:
  static std::vector<std::string> columns(const PostgresCatalog& catalog, std::string_view name) {
    auto found = catalog.find(name);
    return found == catalog.end() ? std::vector<std::string>() : found->second;
  }
  template <class Io>
  static void write_key(Io& io, const Key& key) {
    if constexpr (requires { key.first; }) {
      io(key.first, key.second);
    } else {
      io(key);
    }
  }
  static std::vector<PostgresType> key_types() {
    PostgresTypes types;
    write_key(types, Key{});
    return std::move(types).types;
  }

  std::string name_;
  std::string key_;
  PostgresStatement put_;
  PostgresStatement erase_;
  std::map<Key, const Row*> changes_;  // null: erased
};

}  // namespace kilonova
