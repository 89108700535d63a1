// What makes a struct a stored record: its table, its key, and the one list of its fields. stored_records.h lists them all;
// the stores, the export, and the tables of the controller walk that list.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

namespace kilonova {

// A record has a kRecord of this type, key(), and beside it visit(io, row), which calls io with its fields in order: the
// order of the columns of its table (lib/store/migrations.cc). A field that is added, moved or taken away needs a migration.
struct Record {
  std::string_view table;        // "flavors"
  std::string_view key_columns;  // of the primary key, the first of the table: "user_id, name"
  std::string_view kind;         // of its lines in an export: "flavor"
};

// T itself, const when it is written: visit() is one function for reading and writing.
template <class Row, class T>
concept RowOf = std::same_as<std::remove_const_t<Row>, T>;

template <class Row>
using KeyOf = std::decay_t<decltype(std::declval<const Row&>().key())>;

}  // namespace kilonova
