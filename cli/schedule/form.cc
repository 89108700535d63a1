#include "cli/schedule/form.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "base/did_you_mean.h"
#include "scheduler/core/python_json.h"

namespace kilonova::cli::schedule {
namespace {

constexpr std::string_view kText = "a text";
constexpr std::string_view kList = "a list";
constexpr std::string_view kObject = "an object";

// A value as a message shows it: JSON, cut when it is long.
std::string shown(const PythonValue& value) {
  constexpr size_t kMost = 60;
  std::string text = scheduler::json_dumps(value);
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

std::string integer_range(int64_t least) {
  if (least == -kMostOfAnything) return fmt::format("an integer, at most {} away from 0", kMostOfAnything);
  return fmt::format("an integer from {} to {}", least, kMostOfAnything);
}

const PythonDict& no_fields() {
  static const PythonDict none;
  return none;
}

}  // namespace

void FormErrors::wrong(const std::string& path, const PythonValue& value, std::string_view right) {
  if (!first_) first_ = fmt::format("{} is {}; it must be {}", path, shown(value), right);
}

void FormErrors::say(std::string message) {
  if (!first_) first_ = std::move(message);
}

std::string unknown_name(std::string_view shown, const std::string& name, const Names& known) {
  const auto near = did_you_mean(name, std::vector<std::string>(known.begin(), known.end()));
  return fmt::format(
      "{} is unknown; {}", shown,
      near ? fmt::format("did you mean {}?", *near) : fmt::format("there are: {}", fmt::join(known, ", ")));
}

Form::Form(FormErrors& errors, const PythonValue& value, std::string path, const Names& known, const Form* base)
    : errors_(&errors), fields_(value.as<PythonDict>()), path_(std::move(path)), base_(base) {
  if (fields_ == nullptr) {
    errors.wrong(path_.empty() ? "the line" : path_, value, kObject);
    fields_ = &no_fields();
  }
  for (const PythonItem& item : fields_->items) {
    if (errors.any() || std::ranges::count(known, item.key) > 0) continue;
    errors.say(unknown_name(path_of(item.key), item.key, known));
  }
}

std::string Form::path_of(std::string_view name) const {
  if (base_ != nullptr && fields_->find(name) == nullptr && base_->has(name)) return base_->path_of(name);
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

const PythonValue* Form::find(std::string_view name) const {
  const PythonValue* own = fields_->find(name);
  return own == nullptr && base_ != nullptr ? base_->find(name) : own;
}

bool Form::is_null(std::string_view name) const {
  const PythonValue* value = find(name);
  return value != nullptr && value->is_none();
}

void Form::require(std::string_view name) const {
  if (!has(name)) errors_->say(fmt::format("{} is missing", path_of(name)));
}

template <class T>
const T* Form::typed(std::string_view name, std::string_view right) const {
  const PythonValue* value = find(name);
  if (value == nullptr) return nullptr;
  const T* typed = value->as<T>();
  if (typed == nullptr) errors_->wrong(path_of(name), *value, right);
  return typed;
}

int64_t Form::integer(std::string_view name, int64_t otherwise, int64_t least) const {
  const PythonValue* value = find(name);
  return value == nullptr ? otherwise : integer_of(*errors_, *value, path_of(name), least);
}

double Form::number(std::string_view name, double otherwise) const {
  const PythonValue* value = find(name);
  if (value == nullptr) return otherwise;
  if (const double* real = value->as<double>(); real != nullptr && std::isfinite(*real)) return *real;
  if (const int64_t* integer = value->as<int64_t>()) return static_cast<double>(*integer);
  errors_->wrong(path_of(name), *value, "a number");
  return otherwise;
}

bool Form::boolean(std::string_view name, bool otherwise) const {
  const bool* value = typed<bool>(name, "true or false");
  return value == nullptr ? otherwise : *value;
}

std::string Form::text(std::string_view name, std::string_view otherwise) const {
  const std::string* value = typed<std::string>(name, kText);
  return value == nullptr ? std::string(otherwise) : *value;
}

std::vector<std::string> Form::texts(std::string_view name) const {
  const PythonValue* value = find(name);
  return value == nullptr ? std::vector<std::string>() : texts_of(*errors_, *value, path_of(name));
}

template <class T>
std::optional<T> Form::unless_null(std::string_view name, const std::function<T()>& read) const {
  const PythonValue* value = find(name);
  if (value == nullptr || value->is_none()) return std::nullopt;
  return read();
}

std::optional<int64_t> Form::optional_integer(std::string_view name, int64_t least) const {
  return unless_null<int64_t>(name, [&] { return integer(name, 0, least); });
}

std::optional<double> Form::optional_number(std::string_view name) const {
  return unless_null<double>(name, [&] { return number(name, 0); });
}

std::optional<std::string> Form::optional_text(std::string_view name) const {
  return unless_null<std::string>(name, [&] { return text(name, ""); });
}

const PythonList& Form::list(std::string_view name) const {
  static const PythonList none;
  const PythonList* value = typed<PythonList>(name, kList);
  return value == nullptr ? none : *value;
}

const PythonDict& Form::dict(std::string_view name) const {
  const PythonDict* value = typed<PythonDict>(name, kObject);
  return value == nullptr ? no_fields() : *value;
}

void Form::for_each(std::string_view name,
                    const std::function<void(const PythonValue&, const std::string&)>& read) const {
  const PythonList& items = list(name);
  for (size_t i = 0; i < items.size() && !errors_->any(); ++i) read(items[i], fmt::format("{}[{}]", path_of(name), i));
}

std::string text_of(FormErrors& errors, const PythonValue& value, const std::string& path) {
  if (const auto* text = value.as<std::string>()) return *text;
  errors.wrong(path, value, kText);
  return {};
}

int64_t integer_of(FormErrors& errors, const PythonValue& value, const std::string& path, int64_t least) {
  const int64_t* integer = value.as<int64_t>();
  if (integer != nullptr && *integer >= least && *integer <= kMostOfAnything) return *integer;
  errors.wrong(path, value, integer_range(least));
  return 0;
}

std::vector<std::string> texts_of(FormErrors& errors, const PythonValue& value, const std::string& path) {
  std::vector<std::string> texts;
  const auto* list = value.as<PythonList>();
  if (list == nullptr) errors.wrong(path, value, "a list of texts");
  for (size_t i = 0; list != nullptr && i < list->size(); ++i)
    texts.push_back(text_of(errors, (*list)[i], fmt::format("{}[{}]", path, i)));
  return texts;
}

Expected<PythonValue> parse_line(std::string_view line) {
  auto value = scheduler::json_loads(line, scheduler::JsonDialect::kStrict);
  if (!value)
    return fail(ErrorCode::kInvalidArgument, fmt::format("no JSON at byte {}: {}; a line must be one JSON object",
                                                         value.error().offset + 1, value.error().message));
  return *std::move(value);
}

std::string id_of(const Form& line) {
  const PythonValue* id = line.find("id");
  return id == nullptr ? "" : scheduler::python_str(*id);
}

}  // namespace kilonova::cli::schedule
