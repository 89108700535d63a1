#include "store/postgres_columns.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <utility>

namespace kilonova {
namespace {

constexpr size_t kAnySize = SIZE_MAX;

template <class T>
void append_big_endian(std::string& bytes, T value) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
  }
}

uint64_t from_big_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

}  // namespace

std::string_view to_sql(PostgresType type) {
  switch (type) {
    case PostgresType::kBytea: return "bytea";
    case PostgresType::kBigint: return "bigint";
    case PostgresType::kDouble: return "double precision";
    case PostgresType::kUuid: return "uuid";
  }
  return "";
}

std::string array_parameters(const std::vector<PostgresType>& types, size_t first) {
  std::string list;
  for (PostgresType type : types) {
    list += fmt::format("{}${}::{}[]", list.empty() ? "" : ", ", first++, to_sql(type));
  }
  return list;
}

// An array of one dimension: its head, then a length and the bytes for each element. The head's count is put in by
// take().
std::string& PostgresArrays::element(PostgresType type, size_t size) {
  if (column_ == columns_.size()) {
    std::string& head = columns_.emplace_back();
    append_big_endian<uint32_t>(head, 1);  // dimensions
    append_big_endian<uint32_t>(head, 0);  // no nulls
    append_big_endian(head, static_cast<uint32_t>(type));
    append_big_endian<uint32_t>(head, 0);
    append_big_endian<uint32_t>(head, 1);  // the first element's number
  }
  std::string& column = columns_[column_++];
  append_big_endian(column, static_cast<uint32_t>(size));
  return column;
}

std::vector<std::string> PostgresArrays::take() {
  std::string count;
  append_big_endian(count, rows_);
  for (std::string& column : columns_) column.replace(12, 4, count);
  rows_ = 0;
  return std::exchange(columns_, {});
}

void PostgresArrays::integer(int64_t value) {
  append_big_endian(element(PostgresType::kBigint, 8), static_cast<uint64_t>(value));
}
void PostgresArrays::real(double value) {
  append_big_endian(element(PostgresType::kDouble, 8), std::bit_cast<uint64_t>(value));
}
void PostgresArrays::uuid(const Uuid& value) {
  element(PostgresType::kUuid, value.bytes.size())
      .append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}
void PostgresArrays::text(const std::string& value) { element(PostgresType::kBytea, value.size()).append(value); }

std::string postgres_parameter(int64_t value) {
  std::string bytes;
  append_big_endian(bytes, static_cast<uint64_t>(value));
  return bytes;
}
std::string postgres_parameter(const Uuid& value) {
  return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}

bool PostgresRow::next(PostgresType type, size_t size, std::string_view& bytes) {
  ++column_;
  if (failed_) return false;
  if (column_ >= PQnfields(result_)) return wrong("a column"), false;
  const bool is_right = PQftype(result_, column_) == static_cast<Oid>(type) && !PQgetisnull(result_, row_, column_);
  auto length = static_cast<size_t>(PQgetlength(result_, row_, column_));
  if (!is_right || (size != kAnySize && length != size)) return wrong(fmt::format("a {}", to_sql(type))), false;
  bytes = {PQgetvalue(result_, row_, column_), length};
  return true;
}

bool PostgresRow::take_integer(int64_t& value) {
  std::string_view bytes;
  if (!next(PostgresType::kBigint, 8, bytes)) return false;
  value = static_cast<int64_t>(from_big_endian(bytes));
  return true;
}

bool PostgresRow::take_real(double& value) {
  std::string_view bytes;
  if (!next(PostgresType::kDouble, 8, bytes)) return false;
  value = std::bit_cast<double>(from_big_endian(bytes));
  return true;
}

bool PostgresRow::take_uuid(Uuid& value) {
  std::string_view bytes;
  if (!next(PostgresType::kUuid, value.bytes.size(), bytes)) return false;
  std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
  return true;
}

bool PostgresRow::take_text(std::string_view& value) { return next(PostgresType::kBytea, kAnySize, value); }

void PostgresRow::wrong(std::string_view expected) {
  if (failed_) return;
  failed_ = true;
  const char* name = PQfname(result_, column_);
  problem_ = fmt::format("column {}: expected {}", name == nullptr ? "beyond the last" : name, expected);
}

Expected<> PostgresRow::finish() const {
  if (failed_) return fail(ErrorCode::kDataLoss, problem_);
  return {};
}

}  // namespace kilonova
