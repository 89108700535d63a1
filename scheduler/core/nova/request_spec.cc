#include "scheduler/core/nova/request_spec.h"

namespace kilonova::scheduler::nova {

const std::vector<std::string>* scheduler_hint(const RequestSpec& spec, std::string_view name) {
  auto found = spec.scheduler_hints.find(name);
  return found == spec.scheduler_hints.end() ? nullptr : &found->second;
}

PythonValue get_scheduler_hint(const RequestSpec& spec, std::string_view name, PythonValue otherwise) {
  const std::vector<std::string>* hint = scheduler_hint(spec, name);
  if (hint == nullptr) return otherwise;
  if (hint->size() == 1) return PythonValue(hint->front());
  return PythonValue(PythonList(hint->begin(), hint->end()));
}

bool request_is_rebuild(const RequestSpec& spec) {
  const std::vector<std::string>* check_type = scheduler_hint(spec, "_nova_check_type");
  return check_type != nullptr && *check_type == std::vector<std::string>{"rebuild"};
}

}  // namespace kilonova::scheduler::nova
