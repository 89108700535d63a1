// The text in which structured values are stored: fields, each ended by a tab, readable in the sqlite3 shell.
// Backslash, tab, newline and NUL inside a field are written \\ \t \n \0. A list is its length and then its elements; a
// struct is the number of its fields and then its fields; an optional is 0, or 1 and then its value. What a struct's
// fields are, is said once, by visit() (visit.h), for writing and reading alike. A field that is added at the end of a
// struct is its default in a text that was written before (docs/adr/0012-stored-text.md).
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/net.h"

namespace kilonova {

template <class T>
concept StoredInteger = std::integral<T> && !std::same_as<T, bool>;

template <class T>
concept StoredEnum = std::is_enum_v<T>;

// Counts the fields that visit() names.
struct FieldCounter {
  size_t count = 0;
  template <class... Fields>
  void operator()(const Fields&...) {
    count += sizeof...(Fields);
  }
};

// Appends fields to a text.
class TextWriter {
 public:
  template <class... Fields>
  void operator()(const Fields&... fields) {
    (field(fields), ...);
  }

  void field(std::string_view text);
  void field(const std::string& text) { field(std::string_view(text)); }
  void field(bool value) { integer(value ? 1 : 0); }
  template <StoredInteger T>
  void field(T value) {
    integer(value);
  }
  template <StoredEnum T>
  void field(T value) {
    integer(static_cast<std::underlying_type_t<T>>(value));
  }
  void field(double value);  // the shortest text that reads back as the same number
  void field(const Uuid& uuid);
  void field(WallTime time) { integer(time.us); }
  void field(Duration duration) { integer(duration.us); }
  void field(Ipv4 address) { integer(address.value); }
  void field(Mac mac) { integer(mac.value); }
  template <class T>
  void field(const std::vector<T>& list) {
    integer(list.size());
    for (const T& element : list) field(element);
  }
  template <class T>
  void field(const std::optional<T>& value) {
    integer(value ? 1 : 0);
    if (value) field(*value);
  }
  template <class T>
    requires std::is_class_v<T>
  void field(const T& row) {
    FieldCounter fields;
    visit(fields, row);
    integer(fields.count);
    visit(*this, row);
  }

  const std::string& text() const& { return text_; }
  std::string text() && { return std::move(text_); }

 private:
  template <class T>
  void integer(T value) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    *end++ = '\t';
    text_.append(digits, end);
  }

  std::string text_;
};

// Takes fields from a text. Total: whatever the bytes, it ends; the first thing wrong is kept as the error, and all
// fields from there on are left as they were.
class TextReader {
 public:
  // The text must outlive the reader.
  explicit TextReader(std::string_view text) : rest_(text), size_(text.size()) {}

  template <class... Fields>
  void operator()(Fields&... fields) {
    (field(fields), ...);
  }

  void field(std::string& text);
  void field(bool& value);
  template <StoredInteger T>
  void field(T& value) {
    std::string_view raw = next();
    T parsed{};
    auto [end, status] = std::from_chars(raw.data(), raw.data() + raw.size(), parsed);
    if (failed_) return;
    if (status != std::errc() || end != raw.data() + raw.size()) return wrong(raw, "a whole number in range");
    value = parsed;
  }
  template <StoredEnum T>
  void field(T& value) {
    std::underlying_type_t<T> number{};
    field(number);
    if (failed_) return;
    if (!is_stored_value(static_cast<T>(number))) return wrong(std::to_string(+number), "a known value of its kind");
    value = static_cast<T>(number);
  }
  void field(double& value);
  void field(Uuid& uuid);
  void field(WallTime& time) { field(time.us); }
  void field(Duration& duration) { field(duration.us); }
  void field(Ipv4& address) { field(address.value); }
  void field(Mac& mac) { field(mac.value); }
  template <class T>
  void field(std::vector<T>& list) {
    uint64_t length = 0;
    field(length);
    if (failed_) return;
    // Each element takes a byte at least, so a corrupt length can't make us allocate more than the text is worth.
    if (length > rest_.size()) return wrong(std::to_string(length), "a length that the text has room for");
    list.clear();
    list.resize(length);
    for (T& element : list) {
      field(element);
      if (failed_) return;
    }
  }
  template <class T>
  void field(std::optional<T>& value) {
    bool there = false;
    field(there);
    if (failed_) return;
    if (!there) return value.reset();
    field(value.emplace());
  }
  template <class T>
    requires std::is_class_v<T>
  void field(T& row) {
    FieldCounter known;
    visit(known, row);
    size_t written = 0;
    field(written);
    if (failed_) return;
    if (written > known.count) return too_many_fields(written, known.count);
    FirstFields fields{*this, written};
    visit(fields, row);
  }

  bool at_end() const { return rest_.empty() || failed_; }
  // Makes this text wrong: for readers that find a field valid in form only.
  void wrong(std::string_view found, std::string_view expected);
  // kDataLoss, naming the position and what would be right, when a field was wrong or text is left over.
  Expected<> finish() const;

 private:
  // Reads the first fields of a struct, and leaves those behind them as they are.
  struct FirstFields {
    TextReader& reader;
    size_t left;

    template <class... Fields>
    void operator()(Fields&... fields) {
      (one(fields), ...);
    }
    template <class T>
    void one(T& value) {
      if (left == 0) return;
      --left;
      reader.field(value);
    }
  };

  std::string_view next();
  void too_many_fields(size_t written, size_t known);

  std::string_view rest_;
  size_t size_;
  bool failed_ = false;
  std::string problem_;
};

// One value as a text of its own.
template <class T>
std::string encode_text(const T& value) {
  TextWriter writer;
  writer(value);
  return std::move(writer).text();
}

// kDataLoss for a text that encode_text<T> does not write.
template <class T>
Expected<T> decode_text(std::string_view text) {
  T value;
  TextReader reader(text);
  reader(value);
  if (auto finished = reader.finish(); !finished) return std::unexpected(finished.error());
  return value;
}

}  // namespace kilonova
