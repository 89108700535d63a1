// SqliteTable: a table whose rows are put, erased by key, and loaded whole. One for each of the small structs.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/sqlite.h"
#include "store/visit.h"

namespace kilonova {

// "?,?,?": one for each field of the struct.
template <class Row>
std::string placeholders() {
  FieldCounter counter;
  const Row row{};
  visit(counter, row);
  std::string list = "?";
  for (size_t i = 1; i < counter.count; ++i) list += ",?";
  return list;
}

// Every row of a query whose columns are the fields of the struct. kDataLoss names `what` and the row.
template <class Row>
Expected<std::vector<Row>> read_rows(Database& database, Statement& query, std::string_view what) {
  std::vector<Row> rows;
  for (;;) {
    auto found = query.next();
    if (!found) return std::unexpected(found.error());
    if (!*found) return rows;
    ColumnReader columns = query.columns();
    visit(columns, rows.emplace_back());
    if (auto finished = columns.finish(); !finished) {
      query.reset();
      return unreadable(database, fmt::format("{}, row {}", what, rows.size()), finished.error());
    }
  }
}

template <class Row>
class SqliteTable {
 public:
  explicit SqliteTable(Database& database) : SqliteTable(database, Row::kRecord.table, Row::kRecord.key_columns) {}
  // `key`: the columns of the primary key, the first ones of the table, as in "user_id, name".
  SqliteTable(Database& database, std::string_view name, std::string_view key)
      : database_(database),
        name_(name),
        put_(database, fmt::format("INSERT OR REPLACE INTO {} VALUES ({})", name, placeholders<Row>())),
        erase_(database, fmt::format("DELETE FROM {} WHERE ({}) = ({})", name, key,
                                     key.find(',') == std::string_view::npos ? "?" : "?,?")),
        clear_(database, fmt::format("DELETE FROM {}", name)),
        load_(database, fmt::format("SELECT * FROM {} ORDER BY {}", name, key)) {}

  Expected<> put(const Row& row) {
    Binder bind = put_.bind();
    visit(bind, row);
    return outcome(put_.run());
  }
  template <class... Key>
  Expected<> erase(const Key&... key) {
    erase_.bind()(key...);
    return outcome(erase_.run());
  }
  template <class First, class Second>
  Expected<> erase(const std::pair<First, Second>& key) {
    return erase(key.first, key.second);
  }
  // Erases every row.
  Expected<> clear() {
    clear_.bind();
    return outcome(clear_.run());
  }
  Expected<> load(std::vector<Row>& rows) {
    load_.bind();
    auto read = read_rows<Row>(database_, load_, name_);
    if (!read) return std::unexpected(read.error());
    rows = std::move(*read);
    return {};
  }

 private:
  static Expected<> outcome(Expected<int> changed) {
    if (!changed) return std::unexpected(std::move(changed.error()));
    return {};
  }

  Database& database_;
  std::string name_;
  Statement put_;
  Statement erase_;
  Statement clear_;
  Statement load_;
};

}  // namespace kilonova
