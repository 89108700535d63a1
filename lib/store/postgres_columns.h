// Rows to and from PostgreSQL, in its binary form: the fields of a struct as visit() (visit.h) names them. Numbers,
// times and enums are bigint, doubles double precision, uuids uuid, and strings, lists and nested structs bytea, for
// what clients send may hold NULs and broken UTF-8 (column_fields.h).
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "store/column_fields.h"

namespace kilonova {

enum class PostgresType : uint32_t { kBytea = 17, kBigint = 20, kDouble = 701, kUuid = 2950 };  // pg_type's oids

std::string_view to_sql(PostgresType type);  // "bigint"

// The types of a struct's columns.
class PostgresTypes : public FieldsToColumns<PostgresTypes> {
 public:
  void integer(int64_t) { types.push_back(PostgresType::kBigint); }
  void real(double) { types.push_back(PostgresType::kDouble); }
  void uuid(const Uuid&) { types.push_back(PostgresType::kUuid); }
  void text(const std::string&) { types.push_back(PostgresType::kBytea); }
  void made_text(const std::string&) { types.push_back(PostgresType::kBytea); }

  std::vector<PostgresType> types;
};

// "$1::bigint[], $2::bytea[]": what unnest() makes rows of, from the parameter `first` on.
std::string array_parameters(const std::vector<PostgresType>& types, size_t first = 1);

// Many rows as one array a column.
class PostgresArrays : public FieldsToColumns<PostgresArrays> {
 public:
  // Begins a row: arrays.row()(a, b, c). All rows have the same columns.
  PostgresArrays& row() {
    column_ = 0;
    ++rows_;
    return *this;
  }
  bool empty() const { return rows_ == 0; }
  // The parameters of a statement. The rows are gone.
  std::vector<std::string> take();

  void integer(int64_t value);
  void real(double value);
  void uuid(const Uuid& value);
  void text(const std::string& value);
  void made_text(const std::string& value) { text(value); }

 private:
  std::string& element(PostgresType type, size_t size);

  std::vector<std::string> columns_;
  size_t column_ = 0;
  uint32_t rows_ = 0;
};

// Single parameters.
std::string postgres_parameter(int64_t value);
std::string postgres_parameter(const Uuid& value);

// Takes the columns of a row, in order. Total, as SQLite's ColumnReader.
class PostgresRow : public FieldsFromColumns<PostgresRow> {
 public:
  PostgresRow(const PGresult* result, int row) : result_(result), row_(row) {}

  bool take_integer(int64_t& value);
  bool take_real(double& value);
  bool take_uuid(Uuid& value);
  bool take_text(std::string_view& value);
  void wrong(std::string_view expected);

  // kDataLoss naming the column.
  Expected<> finish() const;

 private:
  // The bytes of the next column; false, with what was expected, when it is of another type or size.
  bool next(PostgresType type, size_t size, std::string_view& bytes);

  const PGresult* result_;
  int row_;
  int column_ = -1;
  bool failed_ = false;
  std::string problem_;
};

}  // namespace kilonova
