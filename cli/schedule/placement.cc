// --placement of `kilonova schedule`.
#include <fmt/format.h>

#include "cli/schedule/cases.h"
#include "cli/schedule/form.h"
#include "scheduler/core/python_json.h"

namespace kilonova::cli::schedule {
namespace {

using namespace scheduler::nova;

const Names kLineFields = {"id", "rps", "request", "about", "answer"};
const Names kProviderFields = {"name", "inv", "traits", "aggs"};
const Names kInventoryFields = {"total", "reserved", "min_unit", "max_unit", "step_size", "allocation_ratio", "used"};
const Names kRequestFields = {"resources", "required", "forbidden", "member_of", "forbidden_aggs"};

std::vector<int64_t> integers_of(FormErrors& errors, const PythonValue& value, const std::string& path) {
  std::vector<int64_t> integers;
  const auto* list = value.as<PythonList>();
  if (list == nullptr) errors.wrong(path, value, "a list of integers");
  for (size_t i = 0; list != nullptr && i < list->size(); ++i)
    integers.push_back(integer_of(errors, (*list)[i], fmt::format("{}[{}]", path, i)));
  return integers;
}

std::vector<int64_t> integers(const Form& form, std::string_view name) {
  const PythonValue* value = form.find(name);
  return value == nullptr ? std::vector<int64_t>() : integers_of(form.errors(), *value, form.path_of(name));
}

Inventory read_inventory(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kInventoryFields);
  form.require("total");
  form.require("max_unit");
  return {.total = form.integer("total", 0, 0),
          .reserved = form.integer("reserved", 0, 0),
          .min_unit = form.integer("min_unit", 1, 1),
          .max_unit = form.integer("max_unit", 1, 1),
          .step_size = form.integer("step_size", 1, 1),
          .allocation_ratio = form.number("allocation_ratio", 1.0),
          .used = form.integer("used", 0, 0)};
}

ResourceProvider read_provider(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kProviderFields);
  form.require("name");
  ResourceProvider provider{.name = form.text("name", ""), .inventories = {}, .traits = {}, .aggregates = {}};
  for (const PythonItem& item : form.dict("inv").items)
    provider.inventories[item.key] =
        read_inventory(errors, item.value, fmt::format("{}.{}", form.path_of("inv"), item.key));
  for (std::string& trait : form.texts("traits")) provider.traits.insert(std::move(trait));
  for (int64_t aggregate : integers(form, "aggs")) provider.aggregates.insert(aggregate);
  return provider;
}

ResourceRequest read_resource_request(FormErrors& errors, const PythonValue& value) {
  const Form form(errors, value, "request", kRequestFields);
  ResourceRequest request;
  form.require("resources");
  for (const PythonItem& item : form.dict("resources").items)
    request.resources[item.key] = integer_of(errors, item.value, "request.resources." + item.key, 1);
  form.for_each("required", [&](const PythonValue& one_of, const std::string& path) {
    request.required.push_back(texts_of(errors, one_of, path));
  });
  request.forbidden = form.texts("forbidden");
  form.for_each("member_of", [&](const PythonValue& one_of, const std::string& path) {
    request.member_of.push_back(integers_of(errors, one_of, path));
  });
  request.forbidden_aggregates = integers(form, "forbidden_aggs");
  return request;
}

}  // namespace

Expected<PlacementAnswer> answer_placement(std::string_view line) {
  const Expected<PythonValue> value = parse_line(line);
  if (!value) return std::unexpected(value.error());
  FormErrors errors;
  const Form form(errors, *value, "", kLineFields);
  form.require("rps");
  form.require("request");
  std::vector<ResourceProvider> providers;
  form.for_each("rps", [&](const PythonValue& provider, const std::string& path) {
    providers.push_back(read_provider(errors, provider, path));
  });
  ResourceRequest request;
  if (!errors.any()) request = read_resource_request(errors, *form.find("request"));
  if (errors.any()) return std::unexpected(errors.first());
  PlacementAnswer answer{.id = id_of(form), .providers = {}, .candidates = allocation_candidates(providers, request)};
  for (ResourceProvider& provider : providers) answer.providers.push_back(std::move(provider.name));
  return answer;
}

scheduler::PythonValue json_of(const PlacementAnswer& answer) {
  PythonList candidates;
  for (uint32_t place : answer.candidates) candidates.emplace_back(int64_t{place});
  PythonDict shown;
  shown.set("candidates", std::move(candidates));
  return shown;
}

}  // namespace kilonova::cli::schedule
