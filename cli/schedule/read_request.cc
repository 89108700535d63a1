#include "cli/schedule/read_request.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/schedule/read_cloud.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/weighers/weigher.h"
#include "scheduler/core/python_values.h"

namespace kilonova::cli::schedule {
namespace {

using namespace scheduler::nova;

const Names kRequestFields = {"uuid",        "flavor", "image",         "project",      "az",
                              "hints",       "group",  "num_instances", "ignore_hosts", "force_hosts",
                              "force_nodes", "dest",   "pci",           "numa_nodes"};
const Names kFlavorFields = {"name", "vcpus", "ram", "root", "eph", "swap", "extra"};
const Names kImageFields = {"id", "props"};
const Names kGroupFields = {"uuid", "policy", "members", "hosts", "rules"};
const Names kRuleFields = {"max_server_per_host"};
const Names kDestinationFields = {"host", "node", "cell", "allow_cross_cell_move"};
const Names kPciFields = {"count", "spec"};
const Names kPolicies = {"affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"};

// A field that may be absent or null, and is an object otherwise.
const PythonValue* find_object(const Form& form, std::string_view name) {
  return form.is_null(name) ? nullptr : form.find(name);
}

Flavor read_flavor(const Form& request) {
  Flavor flavor;
  request.require("flavor");
  const PythonValue* value = request.find("flavor");
  if (value == nullptr) return flavor;
  const Form form(request.errors(), *value, request.path_of("flavor"), kFlavorFields);
  for (std::string_view name : {"name", "vcpus", "ram", "root"}) form.require(name);
  flavor.name = form.text("name", "");
  flavor.vcpus = form.integer("vcpus", 0, 0);
  flavor.memory_mb = form.integer("ram", 0, 0);
  flavor.root_gb = form.integer("root", 0, 0);
  flavor.ephemeral_gb = form.integer("eph", 0, 0);
  flavor.swap_mb = form.integer("swap", 0, 0);
  for (const PythonItem& item : form.dict("extra").items)
    flavor.extra_specs.push_back(
        {item.key, text_of(form.errors(), item.value, fmt::format("{}.{}", form.path_of("extra"), item.key))});
  return flavor;
}

std::optional<Image> read_image(const Form& request) {
  const PythonValue* value = find_object(request, "image");
  if (value == nullptr) return std::nullopt;
  const Form form(request.errors(), *value, request.path_of("image"), kImageFields);
  Image image{.id = form.optional_text("id"), .properties = {}};
  Expected<ImageProperties> properties = ImageProperties::from_dict(form.dict("props"));
  if (properties) {
    image.properties = *std::move(properties);
  } else {
    form.errors().say(fmt::format("{}: {}", form.path_of("props"), properties.error().message));
  }
  return image;
}

std::optional<InstanceGroup> read_group(const Form& request) {
  const PythonValue* value = find_object(request, "group");
  if (value == nullptr) return std::nullopt;
  const Form form(request.errors(), *value, request.path_of("group"), kGroupFields);
  form.require("policy");
  InstanceGroup group{.uuid = form.text("uuid", ""),
                      .policy = form.text("policy", ""),
                      .members = form.texts("members"),
                      .hosts = form.texts("hosts"),
                      .max_server_per_host = {}};
  if (std::ranges::count(kPolicies, group.policy) == 0)
    form.errors().wrong(form.path_of("policy"), PythonValue(group.policy),
                        "affinity, anti-affinity, soft-affinity or soft-anti-affinity");
  const PythonValue* rules_value = find_object(form, "rules");
  if (rules_value == nullptr) return group;
  const Form rules(request.errors(), *rules_value, form.path_of("rules"), kRuleFields);
  if (const std::optional<std::string> most = rules.optional_text("max_server_per_host")) {
    group.max_server_per_host = scheduler::python_int(*most);
    if (!group.max_server_per_host)
      form.errors().wrong(rules.path_of("max_server_per_host"), PythonValue(*most), "an integer, as a text: \"2\"");
  }
  return group;
}

std::optional<Destination> read_destination(const Form& request) {
  const PythonValue* value = find_object(request, "dest");
  if (value == nullptr) return std::nullopt;
  const Form form(request.errors(), *value, request.path_of("dest"), kDestinationFields);
  Destination destination{.has_host = form.has("host"),
                          .host = form.optional_text("host"),
                          .node = form.optional_text("node"),
                          .cell_uuid = form.optional_text("cell"),
                          .allow_cross_cell_move = form.boolean("allow_cross_cell_move", false)};
  if (destination.cell_uuid) destination.cell_uuid = cell_uuid(*destination.cell_uuid);
  return destination;
}

PciRequest read_pci_request(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kPciFields);
  for (std::string_view name : kPciFields) form.require(name);
  PciRequest request{.count = form.integer("count", 0, 0), .specs = {}};
  form.for_each("spec", [&](const PythonValue& spec, const std::string& spec_path) {
    if (const auto* keys = spec.as<PythonDict>()) return request.specs.push_back(*keys);
    errors.wrong(spec_path, spec, "an object of keys and values");
  });
  return request;
}

SchedulerHints read_hints(const Form& request) {
  SchedulerHints hints;
  for (const PythonItem& item : request.dict("hints").items)
    hints[item.key] = texts_of(request.errors(), item.value, fmt::format("{}.{}", request.path_of("hints"), item.key));
  return hints;
}

// One option: its name in the form, and how its value comes into the options.
struct Option {
  std::string_view name;
  void (*read)(const Form& form, std::string_view name, Options& options);
};

template <double Options::* member>
void read_number(const Form& form, std::string_view name, Options& options) {
  options.*member = form.number(name, options.*member);
}

// Those that Nova does not let be negative.
template <double Options::* member>
void read_positive(const Form& form, std::string_view name, Options& options) {
  options.*member = form.number(name, options.*member);
  if (!(options.*member >= 0)) form.errors().wrong(form.path_of(name), *form.find(name), "a number from 0 on");
}

template <int64_t Options::* member, int64_t least>
void read_integer(const Form& form, std::string_view name, Options& options) {
  options.*member = form.integer(name, options.*member, least);
}

template <bool Options::* member>
void read_boolean(const Form& form, std::string_view name, Options& options) {
  options.*member = form.boolean(name, options.*member);
}

template <std::vector<std::string> Options::* member>
void read_texts(const Form& form, std::string_view name, Options& options) {
  options.*member = form.texts(name);
}

template <std::optional<std::string> Options::* member>
void read_optional_text(const Form& form, std::string_view name, Options& options) {
  options.*member = form.optional_text(name);
}

template <std::string Options::* member>
void read_text(const Form& form, std::string_view name, Options& options) {
  options.*member = form.text(name, options.*member);
}

void read_weight_setting(const Form& form, std::string_view name, Options& options) {
  options.metrics_weight_setting = parse_weight_setting(form.texts(name));
}

const std::vector<Option> kOptions = {
    {"filters", read_texts<&Options::enabled_filters>},
    {"weighers", read_texts<&Options::weighers>},
    {"ram_weight_multiplier", read_number<&Options::ram_weight_multiplier>},
    {"cpu_weight_multiplier", read_number<&Options::cpu_weight_multiplier>},
    {"disk_weight_multiplier", read_number<&Options::disk_weight_multiplier>},
    {"pci_weight_multiplier", read_positive<&Options::pci_weight_multiplier>},
    {"soft_affinity_weight_multiplier", read_positive<&Options::soft_affinity_weight_multiplier>},
    {"soft_anti_affinity_weight_multiplier", read_positive<&Options::soft_anti_affinity_weight_multiplier>},
    {"io_ops_weight_multiplier", read_number<&Options::io_ops_weight_multiplier>},
    {"build_failure_weight_multiplier", read_number<&Options::build_failure_weight_multiplier>},
    {"cross_cell_move_weight_multiplier", read_number<&Options::cross_cell_move_weight_multiplier>},
    {"max_io_ops_per_host", read_integer<&Options::max_io_ops_per_host, 0>},
    {"max_instances_per_host", read_integer<&Options::max_instances_per_host, 1>},
    {"image_properties_default_architecture", read_optional_text<&Options::image_properties_default_architecture>},
    {"isolated_images", read_texts<&Options::isolated_images>},
    {"isolated_hosts", read_texts<&Options::isolated_hosts>},
    {"restrict_isolated_hosts_to_isolated_images", read_boolean<&Options::restrict_isolated_hosts_to_isolated_images>},
    {"aggregate_image_properties_isolation_namespace",
     read_optional_text<&Options::aggregate_image_properties_isolation_namespace>},
    {"aggregate_image_properties_isolation_separator",
     read_text<&Options::aggregate_image_properties_isolation_separator>},
    {"metrics.weight_multiplier", read_number<&Options::metrics_weight_multiplier>},
    {"metrics.weight_setting", read_weight_setting},
    {"metrics.required", read_boolean<&Options::metrics_required>},
    {"metrics.weight_of_unavailable", read_number<&Options::metrics_weight_of_unavailable>},
    {"default_availability_zone", read_text<&Options::default_availability_zone>},
    {"service_down_time", read_integer<&Options::service_down_time, 0>},
};

void check_names(const Form& form, std::string_view option, const std::vector<std::string>& names, const Names& known) {
  for (size_t i = 0; i < names.size() && !form.errors().any(); ++i) {
    if (std::ranges::count(known, names[i]) > 0) continue;
    form.errors().say(unknown_name(fmt::format("{}[{}] '{}'", form.path_of(option), i, names[i]), names[i], known));
  }
}

template <class Row>
Names names_of(const Row& rows) {
  Names names;
  for (const auto& row : rows) names.push_back(row.name);
  return names;
}

}  // namespace

RequestSpec read_request(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kRequestFields);
  RequestSpec spec;
  for (std::string_view name : {"uuid", "project"}) form.require(name);
  spec.instance_uuid = form.text("uuid", "");
  spec.project_id = form.text("project", "");
  spec.flavor = read_flavor(form);
  spec.image = read_image(form);
  spec.availability_zone = form.optional_text("az");
  spec.scheduler_hints = read_hints(form);
  spec.instance_group = read_group(form);
  (void)form.integer("num_instances", 1, 1);
  spec.ignore_hosts = form.texts("ignore_hosts");
  spec.force_hosts = form.texts("force_hosts");
  spec.force_nodes = form.texts("force_nodes");
  spec.requested_destination = read_destination(form);
  form.for_each("pci", [&](const PythonValue& request, const std::string& request_path) {
    spec.pci_requests.push_back(read_pci_request(errors, request, request_path));
  });
  spec.numa_cells = form.integer("numa_nodes", 0, 0);
  return spec;
}

Options read_options(const Form& line) {
  Options options;
  const PythonValue* value = line.find("options");
  if (value == nullptr) return options;
  const Form form(line.errors(), *value, "options", names_of(kOptions));
  for (const Option& option : kOptions)
    if (form.has(option.name)) option.read(form, option.name, options);
  check_names(form, "filters", options.enabled_filters, names_of(filters()));
  check_names(form, "weighers", options.weighers, names_of(weighers()));
  return options;
}

}  // namespace kilonova::cli::schedule
