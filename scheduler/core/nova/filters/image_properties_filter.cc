// Nova: nova/scheduler/filters/image_props_filter.py.
#include <algorithm>
#include <array>

#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/version_predicate.h"

namespace kilonova::scheduler::nova {

namespace {

// Nothing is asked of the host: no property, or a version that the host cannot be held to.
PythonResult<bool> has_version(const HostState& host, const PythonValue& required) {
  const auto* conditions = required.as<std::string>();
  if (host.hypervisor_version.value_or(0) == 0 || conditions == nullptr || conditions->empty()) return true;
  const auto predicate = VersionPredicate::parse(*conditions);
  if (!predicate) return raise("ValueError", "bad package restriction syntax: " + python_repr(required));
  return predicate->satisfied_by(version_text(*host.hypervisor_version));
}

}  // namespace

// Each property that the image asks for may be any of the three words of one triple that the host supports.
PythonResult<bool> image_properties_filter(const HostState& host, const RequestSpec& spec, const Options& options) {
  auto property = [&](std::string_view name) { return spec.image ? spec.image->properties.get(name) : PythonValue(); };
  std::array<PythonValue, 3> wanted{property("hw_architecture"), property("img_hv_type"), property("hw_vm_mode")};
  if (wanted[0].is_none() && options.image_properties_default_architecture) {
    Expected<std::string> architecture = canonical_architecture(*options.image_properties_default_architecture);
    if (!architecture) return raise("InvalidArchitectureName", architecture.error().message);
    wanted[0] = PythonValue(*std::move(architecture));
  }
  if (std::ranges::none_of(wanted, python_truth)) return true;
  if (!host.supported_instances) return false;
  for (const std::vector<std::string>& triple : *host.supported_instances) {
    const bool fits = std::ranges::all_of(wanted, [&](const PythonValue& one) {
      return !python_truth(one) || std::ranges::count(triple, python_str(one)) > 0;
    });
    if (!fits) continue;
    PythonResult<bool> version = has_version(host, property("img_hv_requested_version"));
    if (!version || *version) return version;
  }
  return false;
}

}  // namespace kilonova::scheduler::nova
