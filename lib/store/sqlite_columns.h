// Rows to and from SQLite: Binder and ColumnReader take the fields of a struct as visit() (visit.h) names them.
// Numbers, times and enums are INTEGER, doubles REAL, uuids 16-byte BLOBs, strings, lists and nested structs TEXT
// (column_fields.h).
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "store/column_fields.h"

namespace kilonova {

// Binds the parameters of a statement in order. Strings and uuids are not copied: they must outlive the statement's
// use.
class Binder : public FieldsToColumns<Binder> {
 public:
  // A null statement takes everything and does nothing: its use reports why it could not be prepared.
  explicit Binder(sqlite3_stmt* statement) : statement_(statement) {}

  void integer(int64_t value) { sqlite3_bind_int64(statement_, ++index_, value); }
  void real(double value) { sqlite3_bind_double(statement_, ++index_, value); }
  void uuid(const Uuid& value) {
    sqlite3_bind_blob(statement_, ++index_, value.bytes.data(), static_cast<int>(value.bytes.size()), SQLITE_STATIC);
  }
  void text(const std::string& value) { bind_text(value, SQLITE_STATIC); }
  void made_text(const std::string& value) { bind_text(value, SQLITE_TRANSIENT); }

 private:
  void bind_text(const std::string& text, sqlite3_destructor_type lifetime) {
    sqlite3_bind_text64(statement_, ++index_, text.data(), text.size(), lifetime, SQLITE_UTF8);
  }

  sqlite3_stmt* statement_;
  int index_ = 0;
};

// Takes the columns of the row a statement stands on, in order. Total: the first column that is not what it should be
// is kept as the error, and fields from there on are left as they were.
class ColumnReader : public FieldsFromColumns<ColumnReader> {
 public:
  explicit ColumnReader(sqlite3_stmt* statement) : statement_(statement) {}

  bool take_integer(int64_t& value);
  bool take_real(double& value);
  bool take_uuid(Uuid& value);
  bool take_text(std::string_view& value);
  void wrong(std::string_view expected);

  // kDataLoss naming the column.
  Expected<> finish() const;

 private:
  // Of the next column; false, with what was expected, when it is of another kind.
  bool next_is(int kind, std::string_view expected);

  sqlite3_stmt* statement_;
  int column_ = -1;
  bool failed_ = false;
  std::string problem_;
};

}  // namespace kilonova
