#include "store/sqlite_columns.h"

#include <fmt/format.h>

#include <cstring>

namespace kilonova {

bool ColumnReader::next_is(int kind, std::string_view expected) {
  ++column_;
  if (!failed_ && sqlite3_column_type(statement_, column_) != kind) wrong(expected);
  return !failed_;
}

bool ColumnReader::take_integer(int64_t& value) {
  if (!next_is(SQLITE_INTEGER, "an INTEGER")) return false;
  value = sqlite3_column_int64(statement_, column_);
  return true;
}

bool ColumnReader::take_real(double& value) {
  if (!next_is(SQLITE_FLOAT, "a REAL")) return false;
  value = sqlite3_column_double(statement_, column_);
  return true;
}

bool ColumnReader::take_uuid(Uuid& value) {
  constexpr std::string_view kExpected = "a BLOB of 16 bytes";
  if (!next_is(SQLITE_BLOB, kExpected)) return false;
  if (static_cast<size_t>(sqlite3_column_bytes(statement_, column_)) != value.bytes.size()) {
    return wrong(kExpected), false;
  }
  std::memcpy(value.bytes.data(), sqlite3_column_blob(statement_, column_), value.bytes.size());
  return true;
}

bool ColumnReader::take_text(std::string_view& value) {
  if (!next_is(SQLITE_TEXT, "a TEXT")) return false;
  const unsigned char* text = sqlite3_column_text(statement_, column_);
  value = {reinterpret_cast<const char*>(text), static_cast<size_t>(sqlite3_column_bytes(statement_, column_))};
  return true;
}

void ColumnReader::wrong(std::string_view expected) {
  if (failed_) return;
  failed_ = true;
  const char* name = sqlite3_column_name(statement_, column_);
  problem_ = fmt::format("column {}: expected {}", name == nullptr ? "beyond the last" : name, expected);
}

Expected<> ColumnReader::finish() const {
  if (failed_) return fail(ErrorCode::kDataLoss, problem_);
  return {};
}

}  // namespace kilonova
