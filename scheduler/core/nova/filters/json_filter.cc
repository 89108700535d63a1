// Nova: nova/scheduler/filters/json_filter.py.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/python_json.h"

namespace kilonova::scheduler::nova {

namespace {

using Arguments = PythonList;
using Command = PythonResult<PythonValue> (*)(const Arguments& arguments);

PythonResult<PythonValue> in(const Arguments& arguments) {
  if (arguments.size() < 2) return PythonValue(false);
  return PythonValue(std::any_of(arguments.begin() + 1, arguments.end(),
                                 [&](const PythonValue& other) { return python_equal(arguments.front(), other); }));
}

PythonResult<PythonValue> equals(const Arguments& arguments) {
  if (arguments.size() < 2) return PythonValue(false);
  return PythonValue(std::all_of(arguments.begin() + 1, arguments.end(),
                                 [&](const PythonValue& other) { return python_equal(arguments.front(), other); }));
}

// The first against each of the others, all of them: what cannot be compared raises, whatever the rest.
template <PythonOrder order>
PythonResult<PythonValue> compares(const Arguments& arguments) {
  if (arguments.size() < 2) return PythonValue(false);
  bool all = true;
  for (size_t i = 1; i < arguments.size(); ++i) {
    PythonResult<bool> holds = python_compare(arguments[0], order, arguments[i]);
    if (!holds) return std::unexpected(std::move(holds.error()));
    all = all && *holds;
  }
  return PythonValue(all);
}

// A list, which is true unless it is empty: `["and", ["not", x]]` passes always.
PythonResult<PythonValue> each_not(const Arguments& arguments) {
  PythonList flipped;
  for (const PythonValue& argument : arguments) flipped.emplace_back(!python_truth(argument));
  return PythonValue(std::move(flipped));
}

struct NamedCommand {
  std::string_view name;
  Command run;
};
constexpr auto kCommands = std::to_array<NamedCommand>({
    {"=", equals},
    {"<", compares<PythonOrder::kLess>},
    {">", compares<PythonOrder::kGreater>},
    {"in", in},
    {"<=", compares<PythonOrder::kLessOrEqual>},
    {">=", compares<PythonOrder::kGreaterOrEqual>},
    {"not", each_not},
    {"or",
     [](const Arguments& arguments) -> PythonResult<PythonValue> {
       return PythonValue(std::ranges::any_of(arguments, python_truth));
     }},
    {"and",
     [](const Arguments& arguments) -> PythonResult<PythonValue> {
       return PythonValue(std::ranges::all_of(arguments, python_truth));
     }},
});

// "$stats.ssd" is looked up in the host, other text is itself. None when there is nothing.
PythonResult<PythonValue> parse_string(const HostState& host, std::string_view text) {
  if (text.empty()) return PythonValue();
  if (!text.starts_with('$')) return PythonValue(text);
  text.remove_prefix(1);
  size_t dot = text.find('.');
  std::optional<PythonValue> attribute = attribute_of(host, text.substr(0, dot));
  PythonValue value = attribute ? *std::move(attribute) : PythonValue();
  while (dot != text.npos && !value.is_none()) {
    text.remove_prefix(dot + 1);
    dot = text.find('.');
    const auto* dict = value.as<PythonDict>();
    if (dict == nullptr)
      return raise("AttributeError", fmt::format("'{}' object has no attribute 'get'", python_type(value)));
    const PythonValue* found = dict->find(text.substr(0, dot));
    PythonValue inner = found == nullptr ? PythonValue() : *found;
    value = std::move(inner);
  }
  return value;
}

PythonResult<PythonValue> process_filter(const HostState& host, const PythonValue& query);

PythonResult<PythonValue> argument_of(const HostState& host, const PythonValue& said) {
  if (said.as<PythonList>() != nullptr) return process_filter(host, said);
  if (const auto* text = said.as<std::string>()) return parse_string(host, *text);
  return said;
}

// Text is a list of characters to Python.
PythonResult<PythonValue> process_text(const HostState& host, const std::string& query) {
  PythonList characters;
  for (size_t at = 0; at < query.size();) {
    size_t end = at + 1;
    while (end < query.size() && (static_cast<unsigned char>(query[end]) & 0xc0) == 0x80) ++end;
    characters.emplace_back(query.substr(at, end - at));
    at = end;
  }
  return process_filter(host, PythonValue(std::move(characters)));
}

PythonResult<PythonValue> process_filter(const HostState& host, const PythonValue& query) {
  if (!python_truth(query)) return PythonValue(true);
  if (const auto* text = query.as<std::string>()) return process_text(host, *text);
  if (query.as<PythonDict>() != nullptr) return raise("KeyError", "0");
  const auto* list = query.as<PythonList>();
  if (list == nullptr) return raise("TypeError", fmt::format("'{}' object is not subscriptable", python_type(query)));
  const PythonValue& name = list->front();
  if (name.as<PythonList>() != nullptr || name.as<PythonDict>() != nullptr)
    return raise("TypeError", fmt::format("unhashable type: '{}'", python_type(name)));
  const auto* command = name.as<std::string>();
  auto known = command == nullptr ? kCommands.end() : std::ranges::find(kCommands, *command, &NamedCommand::name);
  if (known == kCommands.end()) return raise("KeyError", python_repr(name));
  Arguments arguments;
  for (size_t i = 1; i < list->size(); ++i) {
    PythonResult<PythonValue> argument = argument_of(host, (*list)[i]);
    if (!argument) return argument;
    if (!argument->is_none()) arguments.push_back(*std::move(argument));
  }
  return known->run(arguments);
}

}  // namespace

// The hint `query`: a command and its arguments in JSON, which may be such lists themselves. Of a list that comes out
// at the top, one that is true is enough.
PythonResult<bool> json_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  const PythonValue query = get_scheduler_hint(spec, "query");
  if (!python_truth(query)) return true;
  const auto* text = query.as<std::string>();
  if (text == nullptr) return raise("TypeError", "<class 'list'> can't be decoded");
  PythonResult<PythonValue> loaded = python_json_loads(*text);
  if (!loaded) return std::unexpected(std::move(loaded.error()));
  PythonResult<PythonValue> result = process_filter(host, *loaded);
  if (!result) return std::unexpected(std::move(result.error()));
  if (const auto* list = result->as<PythonList>()) return std::ranges::any_of(*list, python_truth);
  return python_truth(*result);
}

}  // namespace kilonova::scheduler::nova
