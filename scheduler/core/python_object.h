// Values as Python's code sees them: None, bool, int, float, str, list, dict, and what is an object of Nova's own.
// Nova's filters compare and print such values, so that what is equal, less, true, or an error here decides where
// servers go. Pure. Integers are of 64 bits: of Python's larger ones there are none.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace kilonova::scheduler {

// An exception that Python code raises: "ValueError". Nova then fails the whole request.
struct PythonError {
  std::string type;
  std::string message;

  bool operator==(const PythonError&) const = default;
};

template <class T>
using PythonResult = std::expected<T, PythonError>;

inline std::unexpected<PythonError> raise(std::string type, std::string message) {
  return std::unexpected(PythonError{std::move(type), std::move(message)});
}

class PythonValue;
struct PythonItem;

using PythonList = std::vector<PythonValue>;

// In the order in which the keys came.
struct PythonDict {
  // Where items are known.
  PythonDict();
  PythonDict(const PythonDict& other);
  PythonDict(PythonDict&& other) noexcept;
  PythonDict& operator=(const PythonDict& other);
  PythonDict& operator=(PythonDict&& other) noexcept;
  ~PythonDict();

  std::vector<PythonItem> items;

  const PythonValue* find(std::string_view key) const;
  // Replaces the value of a known key in its place.
  void set(std::string key, PythonValue value);
};

// An object of some class: all that Nova's filters can tell of one is whether it is true, its text, and, of few
// classes, its order. Two are equal when class and text are.
struct PythonInstance {
  std::string type;  // "IPAddress"
  std::string text;  // as str() says it
  bool truth = true;
  bool ordered = false;
};

class PythonValue {
 public:
  using Variant =
      std::variant<std::monostate, bool, int64_t, double, std::string, PythonList, PythonDict, PythonInstance>;

  PythonValue() = default;  // None
  PythonValue(bool value) : value_(value) {}
  PythonValue(int64_t value) : value_(value) {}
  PythonValue(int value) : value_(int64_t{value}) {}
  PythonValue(double value) : value_(value) {}
  PythonValue(std::string value) : value_(std::move(value)) {}
  PythonValue(std::string_view value) : value_(std::string(value)) {}
  PythonValue(const char* value) : value_(std::string(value)) {}
  PythonValue(PythonList value) : value_(std::move(value)) {}
  PythonValue(PythonDict value) : value_(std::move(value)) {}
  PythonValue(PythonInstance value) : value_(std::move(value)) {}

  const Variant& variant() const { return value_; }
  bool is_none() const { return std::holds_alternative<std::monostate>(value_); }
  // Nothing when it is of another type.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value_);
  }

 private:
  Variant value_;
};

struct PythonItem {
  std::string key;
  PythonValue value;
};

// An int or a float. Comparisons are exact, also between the two.
using PythonNumber = std::variant<int64_t, double>;
double to_double(const PythonNumber& number);
std::partial_ordering compare_numbers(const PythonNumber& a, const PythonNumber& b);

// type(value).__name__.
std::string_view python_type(const PythonValue& value);
// bool(value).
bool python_truth(const PythonValue& value);
// str(value), repr(value); of a float the shortest text that reads back as the same.
std::string python_str(const PythonValue& value);
std::string python_repr(const PythonValue& value);
std::string python_repr(double value);

// a == b: True equals 1, 1 equals 1.0, "1" equals neither.
bool python_equal(const PythonValue& a, const PythonValue& b);

enum class PythonOrder { kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
// a < b and so on. TypeError where Python has no order between the two.
PythonResult<bool> python_compare(const PythonValue& a, PythonOrder order, const PythonValue& b);

}  // namespace kilonova::scheduler
