#include "store/sqlite_columns.h"

#include <fmt/format.h>

#include <cstring>

namespace kilonova {

bool ColumnReader::take_integer(int64_t& value) {
  ++column_;
  if (failed_) return false;
  if (sqlite3_column_type(statement_, column_) != SQLITE_INTEGER) {
    wrong("an INTEGER");
    return false;
  }
  value = sqlite3_column_int64(statement_, column_);
  return true;
}

std::string_view ColumnReader::take_text() {
  ++column_;
  if (failed_) return {};
  if (sqlite3_column_type(statement_, column_) != SQLITE_TEXT) {
    wrong("a TEXT");
    return {};
  }
  const unsigned char* text = sqlite3_column_text(statement_, column_);
  auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column_));
  return {reinterpret_cast<const char*>(text), size};
}

void ColumnReader::field(std::string& text) {
  std::string_view stored = take_text();
  if (!failed_) text.assign(stored);
}

void ColumnReader::field(Uuid& uuid) {
  ++column_;
  if (failed_) return;
  auto size = static_cast<size_t>(sqlite3_column_bytes(statement_, column_));
  if (sqlite3_column_type(statement_, column_) != SQLITE_BLOB || size != uuid.bytes.size()) {
    return wrong("a BLOB of 16 bytes");
  }
  std::memcpy(uuid.bytes.data(), sqlite3_column_blob(statement_, column_), size);
}

void ColumnReader::field(bool& value) {
  int64_t stored = 0;
  if (!take_integer(stored)) return;
  if (stored != 0 && stored != 1) return wrong("0 or 1");
  value = stored == 1;
}

void ColumnReader::field(double& value) {
  ++column_;
  if (failed_) return;
  if (sqlite3_column_type(statement_, column_) != SQLITE_FLOAT) return wrong("a REAL");
  value = sqlite3_column_double(statement_, column_);
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
