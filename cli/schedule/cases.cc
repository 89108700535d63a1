#include "cli/schedule/cases.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "cli/schedule/form.h"
#include "cli/schedule/read_cloud.h"
#include "cli/schedule/read_request.h"

namespace kilonova::cli::schedule {
namespace {

using namespace scheduler::nova;
using scheduler::PythonNumber;

const Names kCaseFields = {"id", "options", "base", "hosts", "request", "aggs", "about", "answer"};
const Names kSequenceFields = {"id", "options", "base", "hosts", "steps", "aggs", "about", "end"};
const Names kStepFields = {"request", "uuids", "answer"};

PythonValue list_of(const Places& places) {
  PythonList list;
  for (uint32_t place : places) list.emplace_back(int64_t{place});
  return list;
}

PythonValue json_of(const Failure& failure) {
  PythonDict error;
  error.set("in", failure.in);
  error.set("type", failure.error.type);
  error.set("msg", failure.error.message);
  return error;
}

PythonValue json_of(const FilteredHosts& filtered) {
  PythonList runs;
  size_t before = filtered.start.size();
  for (const FilterRun& run : filtered.runs) {
    PythonDict shown;
    shown.set("f", run.filter);
    if (run.left.size() != before) shown.set("left", list_of(run.left));
    before = run.left.size();
    runs.emplace_back(std::move(shown));
  }
  return runs;
}

// One value for all when they are alike.
PythonValue column(const PythonList& values) {
  const bool alike = values.size() > 1 && std::ranges::all_of(values, [&](const PythonValue& value) {
                       return scheduler::python_equal(value, values.front());
                     });
  return alike ? values.front() : PythonValue(values);
}

PythonValue number_of(const PythonNumber& number) {
  return std::visit([](auto value) { return PythonValue(value); }, number);
}

PythonValue json_of(const WeigherRun& run) {
  PythonList raw;
  for (const PythonNumber& number : run.raw) raw.push_back(number_of(number));
  PythonDict shown;
  shown.set("w", run.weigher);
  shown.set("raw", column(raw));
  shown.set("norm", run.all_alike ? PythonValue(0) : column(PythonList(run.normalised.begin(), run.normalised.end())));
  shown.set("mult", column(PythonList(run.multipliers.begin(), run.multipliers.end())));
  return shown;
}

// All hosts, in their order.
bool is_everything(const Places& places, size_t hosts) {
  return places.size() == hosts && std::ranges::is_sorted(places);
}

PythonValue json_of(const FoundHosts& found) {
  PythonDict answer;
  PythonList chosen;
  for (const ChosenHost& host : found.chosen)
    chosen.emplace_back(PythonList{int64_t{host.host}, static_cast<int64_t>(host.hosts_left), host.weight});
  answer.set("chosen", std::move(chosen));
  if (found.failure) {
    answer.set("error", json_of(*found.failure));
  } else if (found.no_valid_host) {
    answer.set("error", "NoValidHost");
  } else {
    PythonList alternates;
    for (const Places& places : found.alternates) alternates.push_back(list_of(places));
    answer.set("alternates", std::move(alternates));
  }
  return answer;
}

PythonValue json_of(const HostState& host) {
  PythonDict state;
  state.set("free_ram_mb", host.free_ram_mb);
  state.set("free_disk_mb", host.free_disk_mb);
  state.set("vcpus_used", host.vcpus_used);
  state.set("num_instances", host.num_instances);
  state.set("num_io_ops", host.num_io_ops);
  std::vector<std::string> ids = host.instances.ids();
  std::ranges::sort(ids);
  state.set("instances", PythonList(ids.begin(), ids.end()));
  return state;
}

struct Step {
  RequestSpec request;
  std::vector<std::string> instance_uuids;
};

Step read_step(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kStepFields);
  Step step;
  form.require("request");
  form.require("uuids");
  if (errors.any()) return step;
  const std::string request_path = form.path_of("request");
  step.request = read_request(errors, *form.find("request"), request_path);
  step.instance_uuids = form.texts("uuids");
  if (errors.any()) return step;
  const PythonValue* stated = form.dict("request").find("num_instances");
  const int64_t instances = stated == nullptr ? 1 : *stated->as<int64_t>();
  if (instances != static_cast<int64_t>(step.instance_uuids.size()))
    errors.say(fmt::format("{} has {} ids; {}.num_instances asks for {}", form.path_of("uuids"),
                           step.instance_uuids.size(), request_path, instances));
  return step;
}

}  // namespace

std::string host_label(const HostState& host) {
  return host.host == host.nodename ? host.host : host.host + "/" + host.nodename;
}

Expected<CaseAnswer> answer_case(std::string_view line) {
  const Expected<PythonValue> value = parse_line(line);
  if (!value) return std::unexpected(value.error());
  FormErrors errors;
  const Form form(errors, *value, "", kCaseFields);
  form.require("request");
  const std::vector<HostState> hosts = read_hosts(form);
  const Options options = read_options(form);
  RequestSpec request;
  if (!errors.any()) request = read_request(errors, *form.find("request"), "request");
  if (errors.any()) return std::unexpected(errors.first());

  CaseAnswer answer{.id = id_of(form), .hosts = {}, .filtered = {}, .weighed = {}};
  for (const HostState& host : hosts) answer.hosts.push_back(host_label(host));
  Places all(hosts.size());
  std::iota(all.begin(), all.end(), uint32_t{0});
  answer.filtered = get_filtered_hosts(hosts, all, request, options);
  if (!answer.filtered.failure) answer.weighed = get_weighed_hosts(hosts, answer.filtered.left, request, options);
  return answer;
}

scheduler::PythonValue json_of(const CaseAnswer& answer) {
  const FilteredHosts& filtered = answer.filtered;
  PythonDict shown;
  const bool no_filter_ran = filtered.runs.empty() && !filtered.failure;
  if (no_filter_ran || !is_everything(filtered.start, answer.hosts.size())) shown.set("start", list_of(filtered.start));
  shown.set("filters", json_of(filtered));
  if (filtered.failure) {
    shown.set("error", json_of(*filtered.failure));
    return shown;
  }
  shown.set("left", list_of(filtered.left));
  if (filtered.left.empty()) return shown;
  if (answer.weighed.failure) {
    shown.set("error", json_of(*answer.weighed.failure));
    return shown;
  }
  PythonList weighers;
  for (const WeigherRun& run : answer.weighed.runs) weighers.push_back(json_of(run));
  shown.set("weighers", std::move(weighers));
  shown.set("order", list_of(answer.weighed.order));
  shown.set("weight", PythonList(answer.weighed.weights.begin(), answer.weighed.weights.end()));
  return shown;
}

Expected<SequenceAnswer> answer_sequence(std::string_view line) {
  const Expected<PythonValue> value = parse_line(line);
  if (!value) return std::unexpected(value.error());
  FormErrors errors;
  const Form form(errors, *value, "", kSequenceFields);
  SequenceAnswer answer{.id = id_of(form), .hosts = read_hosts(form), .steps = {}};
  const Options options = read_options(form);
  form.require("steps");
  std::vector<Step> steps;
  form.for_each("steps", [&](const PythonValue& step, const std::string& path) {
    steps.push_back(read_step(errors, step, path));
  });
  if (errors.any()) return std::unexpected(errors.first());
  for (Step& step : steps) answer.steps.push_back(find_hosts(answer.hosts, step.request, step.instance_uuids, options));
  return answer;
}

scheduler::PythonValue json_of(const SequenceAnswer& answer) {
  PythonList steps, end;
  for (const FoundHosts& found : answer.steps) {
    PythonDict step;
    step.set("answer", json_of(found));
    steps.emplace_back(std::move(step));
  }
  for (const HostState& host : answer.hosts) end.push_back(json_of(host));
  PythonDict shown;
  shown.set("steps", std::move(steps));
  shown.set("end", std::move(end));
  return shown;
}

}  // namespace kilonova::cli::schedule
