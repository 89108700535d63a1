// Rows to and from SQLite: Binder and ColumnReader take the fields of a struct as visit() (visit.h) names them. Numbers,
// times and enums are INTEGER, doubles REAL, uuids 16-byte BLOBs, strings TEXT; lists and nested structs TEXT in the form of codec.h,
// an optional one "" where there is none.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/net.h"
#include "store/codec.h"

namespace kilonova {

// Binds the parameters of a statement in order. Strings and uuids are not copied: they must outlive the statement's use.
class Binder {
 public:
  // A null statement takes everything and does nothing: its use reports why it could not be prepared.
  explicit Binder(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Fields>
  void operator()(const Fields&... fields) {
    (field(fields), ...);
  }

  void field(const std::string& text) { bind_text(text, SQLITE_STATIC); }
  void field(const Uuid& uuid) {
    sqlite3_bind_blob(statement_, ++index_, uuid.bytes.data(), static_cast<int>(uuid.bytes.size()), SQLITE_STATIC);
  }
  void field(bool value) { bind_integer(value ? 1 : 0); }
  // Above 2^63 - 1 it is stored as the negative number of the same bits.
  template <StoredInteger T>
  void field(T value) {
    bind_integer(static_cast<int64_t>(value));
  }
  template <StoredEnum T>
  void field(T value) {
    bind_integer(static_cast<int64_t>(value));
  }
  void field(double value) { sqlite3_bind_double(statement_, ++index_, value); }
  void field(WallTime time) { bind_integer(time.us); }
  void field(Duration duration) { bind_integer(duration.us); }
  void field(Ipv4 address) { bind_integer(address.value); }
  void field(Mac mac) { bind_integer(static_cast<int64_t>(mac.value)); }
  template <class T>
  void field(const std::vector<T>& list) {
    bind_text(list.empty() ? std::string() : encode_text(list), SQLITE_TRANSIENT);
  }
  template <class T>
  void field(const std::optional<T>& value) {
    bind_text(value ? encode_text(*value) : std::string(), SQLITE_TRANSIENT);
  }
  template <class T>
    requires std::is_class_v<T>
  void field(const T& row) {
    bind_text(encode_text(row), SQLITE_TRANSIENT);
  }

 private:
  void bind_integer(int64_t value) { sqlite3_bind_int64(statement_, ++index_, value); }
  void bind_text(const std::string& text, sqlite3_destructor_type lifetime) {
    sqlite3_bind_text64(statement_, ++index_, text.data(), text.size(), lifetime, SQLITE_UTF8);
  }

  sqlite3_stmt* statement_;
  int index_ = 0;
};

// Takes the columns of the row a statement stands on, in order. Total: the first column that is not what it should be
// is kept as the error, and fields from there on are left as they were.
class ColumnReader {
 public:
  explicit ColumnReader(sqlite3_stmt* statement) : statement_(statement) {}

  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }

  void field(std::string& text);
  void field(Uuid& uuid);
  void field(bool& value);
  template <StoredInteger T>
  void field(T& value) {
    int64_t stored = 0;
    if (!take_integer(stored)) return;
    if constexpr (std::is_same_v<T, uint64_t>) {
      value = static_cast<uint64_t>(stored);
    } else {
      if (!std::in_range<T>(stored)) return wrong("a number in range");
      value = static_cast<T>(stored);
    }
  }
  template <StoredEnum T>
  void field(T& value) {
    std::underlying_type_t<T> number{};
    field(number);
    if (failed_) return;
    if (!is_stored_value(static_cast<T>(number))) return wrong("a known value of its kind");
    value = static_cast<T>(number);
  }
  void field(double& value);
  void field(WallTime& time) { field(time.us); }
  void field(Duration& duration) { field(duration.us); }
  void field(Ipv4& address) { field(address.value); }
  void field(Mac& mac) { field(mac.value); }
  template <class T>
  void field(std::vector<T>& list) {
    std::string_view text = take_text();
    if (failed_) return;
    list.clear();
    if (!text.empty()) read_nested(text, list);
  }
  template <class T>
  void field(std::optional<T>& value) {
    std::string_view text = take_text();
    if (failed_) return;
    value.reset();
    if (!text.empty()) read_nested(text, value.emplace());
  }
  template <class T>
    requires std::is_class_v<T>
  void field(T& row) {
    std::string_view text = take_text();
    if (!failed_) read_nested(text, row);
  }

  // kDataLoss naming the column.
  Expected<> finish() const;

 private:
  bool take_integer(int64_t& value);
  std::string_view take_text();
  void wrong(std::string_view expected);

  template <class T>
  void read_nested(std::string_view text, T& value) {
    TextReader reader(text);
    reader(value);
    if (auto finished = reader.finish(); !finished) wrong(finished.error().message);
  }

  sqlite3_stmt* statement_;
  int column_ = -1;
  bool failed_ = false;
  std::string problem_;
};

}  // namespace kilonova
