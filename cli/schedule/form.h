// Reading the objects of a line of JSON, field by field. The first thing that is wrong is kept, with where it stands,
// what it is and what would be right; what is read after it counts for nothing, so that readers need not ask each time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "scheduler/core/python_object.h"

namespace kilonova::cli::schedule {

using scheduler::PythonDict;
using scheduler::PythonItem;
using scheduler::PythonList;
using scheduler::PythonValue;

// More of anything is a mistake, and sums of such amounts cannot overflow.
inline constexpr int64_t kMostOfAnything = int64_t{1} << 40;
inline bool is_amount(int64_t number) { return number >= -kMostOfAnything && number <= kMostOfAnything; }

class FormErrors {
 public:
  // "hosts[2].vcpus is \"x\"; it must be an integer".
  void wrong(const std::string& path, const PythonValue& value, std::string_view right);
  void say(std::string message);
  bool any() const { return first_.has_value(); }
  // kInvalidArgument. Only when there is one.
  Error first() const { return {ErrorCode::kInvalidArgument, *first_}; }

 private:
  std::optional<std::string> first_;
};

// Field names of an object; any other name in it is a mistake.
using Names = std::vector<std::string_view>;

// "hosts[1].vcpu is unknown; did you mean vcpus?", or which there are when none is near.
std::string unknown_name(std::string_view shown, const std::string& name, const Names& known);

// One object. All that it was made of must outlive it. A field is absent when it is not there; whether null is allowed
// each function says.
class Form {
 public:
  // `base` has the fields that the object itself does not state.
  Form(FormErrors& errors, const PythonValue& value, std::string path, const Names& known, const Form* base = nullptr);

  FormErrors& errors() const { return *errors_; }
  const std::string& path() const { return path_; }
  std::string path_of(std::string_view name) const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  bool is_null(std::string_view name) const;  // it is there, and null
  // Nothing when it is absent.
  const PythonValue* find(std::string_view name) const;
  // What is to be there: says so when it is absent.
  void require(std::string_view name) const;

  int64_t integer(std::string_view name, int64_t otherwise, int64_t least = -kMostOfAnything) const;
  double number(std::string_view name, double otherwise) const;
  bool boolean(std::string_view name, bool otherwise) const;
  std::string text(std::string_view name, std::string_view otherwise) const;
  std::vector<std::string> texts(std::string_view name) const;  // a list; absent = none
  // Absent and null are nothing.
  std::optional<int64_t> optional_integer(std::string_view name, int64_t least = -kMostOfAnything) const;
  std::optional<double> optional_number(std::string_view name) const;
  std::optional<std::string> optional_text(std::string_view name) const;
  // Absent is the empty one.
  const PythonList& list(std::string_view name) const;
  const PythonDict& dict(std::string_view name) const;
  // Each item of the list, with its path.
  void for_each(std::string_view name, const std::function<void(const PythonValue&, const std::string&)>& read) const;

 private:
  template <class T>
  const T* typed(std::string_view name, std::string_view right) const;
  template <class T>
  std::optional<T> unless_null(std::string_view name, const std::function<T()>& read) const;

  FormErrors* errors_;
  const PythonDict* fields_;
  std::string path_;
  const Form* base_;
};

// "text" when it is one.
std::string text_of(FormErrors& errors, const PythonValue& value, const std::string& path);
int64_t integer_of(FormErrors& errors, const PythonValue& value, const std::string& path,
                   int64_t least = -kMostOfAnything);
std::vector<std::string> texts_of(FormErrors& errors, const PythonValue& value, const std::string& path);

// A line of a file. kInvalidArgument says at which byte it is no JSON.
Expected<PythonValue> parse_line(std::string_view line);
// The field `id`, whatever it is; "" when it is absent.
std::string id_of(const Form& line);

}  // namespace kilonova::cli::schedule
