// The fields of a struct as the columns of a database's row, whichever database: numbers, times and enums are 64-bit
// integers, doubles reals, uuids 16 bytes, strings text; lists and nested structs text in the form of codec.h, an
// optional one "" where there is none. A database says the four kinds of columns only; visit() (visit.h) names the
// fields.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/net.h"
#include "store/codec.h"

namespace kilonova {

// Writes fields as columns, in order. Columns derives from it and has integer(int64_t), real(double), uuid(const
// Uuid&), text(const std::string&) for a field of the struct, and made_text(std::string) for what was encoded just now.
template <class Columns>
class FieldsToColumns {
 public:
  template <class... Fields>
  void operator()(const Fields&... fields) {
    (field(fields), ...);
  }

  void field(const std::string& text) { columns().text(text); }
  void field(const Uuid& uuid) { columns().uuid(uuid); }
  void field(bool value) { columns().integer(value ? 1 : 0); }
  // Above 2^63 - 1 it is stored as the negative number of the same bits.
  template <StoredInteger T>
  void field(T value) {
    columns().integer(static_cast<int64_t>(value));
  }
  template <StoredEnum T>
  void field(T value) {
    columns().integer(static_cast<int64_t>(value));
  }
  void field(double value) { columns().real(value); }
  void field(WallTime time) { columns().integer(time.us); }
  void field(Duration duration) { columns().integer(duration.us); }
  void field(Ipv4 address) { columns().integer(address.value); }
  void field(Mac mac) { columns().integer(static_cast<int64_t>(mac.value)); }
  template <class T>
  void field(const std::vector<T>& list) {
    columns().made_text(list.empty() ? std::string() : encode_text(list));
  }
  template <class T>
  void field(const std::optional<T>& value) {
    columns().made_text(value ? encode_text(*value) : std::string());
  }
  template <class T>
    requires std::is_class_v<T>
  void field(const T& row) {
    columns().made_text(encode_text(row));
  }

 private:
  Columns& columns() { return static_cast<Columns&>(*this); }
};

// Takes the columns of a row, in order. Columns derives from it and has take_integer(int64_t&), take_real(double&),
// take_uuid(Uuid&), take_text(std::string_view&), each false when the column is not that or one before was wrong; and
// wrong(expected), which remembers the first column that is not what it should be. Fields from there on are left as
// they were.
template <class Columns>
class FieldsFromColumns {
 public:
  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }

  void field(std::string& text) {
    std::string_view stored;
    if (columns().take_text(stored)) text.assign(stored);
  }
  void field(Uuid& uuid) { columns().take_uuid(uuid); }
  void field(bool& value) {
    int64_t stored = 0;
    if (!columns().take_integer(stored)) return;
    if (stored != 0 && stored != 1) return columns().wrong("0 or 1");
    value = stored == 1;
  }
  template <StoredInteger T>
  void field(T& value) {
    take(value);
  }
  template <StoredEnum T>
  void field(T& value) {
    std::underlying_type_t<T> number{};
    if (!take(number)) return;
    if (!is_stored_value(static_cast<T>(number))) return columns().wrong("a known value of its kind");
    value = static_cast<T>(number);
  }
  void field(double& value) { columns().take_real(value); }
  void field(WallTime& time) { field(time.us); }
  void field(Duration& duration) { field(duration.us); }
  void field(Ipv4& address) { field(address.value); }
  void field(Mac& mac) { field(mac.value); }
  template <class T>
  void field(std::vector<T>& list) {
    std::string_view text;
    if (!columns().take_text(text)) return;
    list.clear();
    if (!text.empty()) read_nested(text, list);
  }
  template <class T>
  void field(std::optional<T>& value) {
    std::string_view text;
    if (!columns().take_text(text)) return;
    value.reset();
    if (!text.empty()) read_nested(text, value.emplace());
  }
  template <class T>
    requires std::is_class_v<T>
  void field(T& row) {
    std::string_view text;
    if (columns().take_text(text)) read_nested(text, row);
  }

 private:
  Columns& columns() { return static_cast<Columns&>(*this); }

  template <StoredInteger T>
  bool take(T& value) {
    int64_t stored = 0;
    if (!columns().take_integer(stored)) return false;
    if constexpr (std::is_same_v<T, uint64_t>) {
      value = static_cast<uint64_t>(stored);
    } else {
      if (!std::in_range<T>(stored)) return columns().wrong("a number in range"), false;
      value = static_cast<T>(stored);
    }
    return true;
  }

  template <class T>
  void read_nested(std::string_view text, T& value) {
    TextReader reader(text);
    reader(value);
    if (auto finished = reader.finish(); !finished) columns().wrong(finished.error().message);
  }
};

}  // namespace kilonova
