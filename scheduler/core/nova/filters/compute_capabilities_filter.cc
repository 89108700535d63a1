// Nova: nova/scheduler/filters/compute_capabilities_filter.py.
#include <algorithm>
#include <array>

#include "scheduler/core/nova/extra_specs_ops.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/python_json.h"

namespace kilonova::scheduler::nova {

namespace {

using Scope = std::vector<std::string_view>;

// "capabilities:cpu_info:model" and "cpu_info" as the places to look in, one inside the other.
Scope split_at_colons(std::string_view key) {
  Scope scope;
  for (size_t colon = key.find(':'); colon != key.npos; colon = key.find(':')) {
    scope.push_back(key.substr(0, colon));
    key.remove_prefix(colon + 1);
  }
  scope.push_back(key);
  return scope;
}

// getattr() of a Python number. Its methods, and those of other values, are of no use in a requirement.
PythonValue number_attribute(const PythonValue& value, std::string_view name) {
  const bool is_float = value.as<double>() != nullptr;
  if (!is_float && value.as<int64_t>() == nullptr && value.as<bool>() == nullptr) return {};
  const PythonValue itself = value.as<bool>() != nullptr ? PythonValue(int64_t{*value.as<bool>()}) : value;
  if (name == "real" || (name == "numerator" && !is_float)) return itself;
  if (name == "imag") return is_float ? PythonValue(0.0) : PythonValue(0);
  if (name == "denominator" && !is_float) return PythonValue(1);
  return {};
}

const MetadataItem* find_stat(const HostState& host, std::string_view name) {
  if (!host.stats) return nullptr;
  auto found = std::ranges::find(*host.stats, name, &MetadataItem::key);
  return found == host.stats->end() ? nullptr : &*found;
}

// An attribute of the host, or else one of its stats. None when it has neither.
PythonValue capability_of_host(const HostState& host, std::string_view name) {
  const std::optional<PythonValue> attribute = attribute_of(host, name);
  if (attribute && !attribute->is_none()) return *attribute;
  const MetadataItem* stat = find_stat(host, name);
  return stat == nullptr ? PythonValue() : PythonValue(stat->value);
}

// Text is read as JSON before anything is looked up in it. None where there is nothing.
PythonValue get_capabilities(const HostState& host, const Scope& scope) {
  PythonValue capability = capability_of_host(host, scope.front());
  auto inside = scope.begin() + 1;
  if (scope.front() == "service" && inside != scope.end()) {
    // A UserDict, which is no dict: what is looked for is an attribute of it, and only its `data` is of use.
    if (*inside++ != "data") return {};
  }
  for (std::string_view name : Scope(inside, scope.end())) {
    if (const auto* text = capability.as<std::string>()) {
      PythonResult<PythonValue> loaded = python_json_loads(*text);
      if (!loaded) return {};
      capability = *std::move(loaded);
    }
    if (const auto* dict = capability.as<PythonDict>()) {
      const PythonValue* found = dict->find(name);
      PythonValue inner = found == nullptr ? PythonValue() : *found;
      capability = std::move(inner);
    } else {
      capability = number_attribute(capability, name);
    }
    if (capability.is_none()) return {};
  }
  return capability;
}

}  // namespace

// Extra specs of scope `capabilities`, and those without a scope that name an attribute or a stat of the host.
PythonResult<bool> compute_capabilities_filter(const HostState& host, const RequestSpec& spec, const Options&) {
  for (const MetadataItem& requirement : spec.flavor.extra_specs) {
    Scope scope = split_at_colons(requirement.key);
    if (scope.size() == 1) {
      if (!attribute_of(host, scope[0]) && find_stat(host, scope[0]) == nullptr) continue;
    } else {
      if (scope[0] != "capabilities") continue;
      scope.erase(scope.begin());
    }
    const PythonValue capability = get_capabilities(host, scope);
    if (capability.is_none()) return false;
    PythonResult<bool> met = extra_specs_match(python_str(capability), requirement.value);
    if (!met || !*met) return met;
  }
  return true;
}

}  // namespace kilonova::scheduler::nova
