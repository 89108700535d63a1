#include "scheduler/core/nova/host_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace kilonova::scheduler::nova {
namespace {

template <class T>
PythonValue value_or_none(const std::optional<T>& value) {
  return value ? PythonValue(*value) : PythonValue();
}

PythonValue object(std::string type, std::string text, bool truth = true) {
  return PythonInstance{.type = std::move(type), .text = std::move(text), .truth = truth};
}

PythonValue supported_instances(const HostState& host) {
  if (!host.supported_instances) return {};
  PythonList triples;
  for (const std::vector<std::string>& triple : *host.supported_instances)
    triples.emplace_back(PythonList(triple.begin(), triple.end()));
  return triples;
}

std::optional<PythonValue> stats(const HostState& host) {
  if (!host.stats) return std::nullopt;
  PythonDict dict;
  for (const MetadataItem& item : *host.stats) dict.items.push_back({item.key, PythonValue(item.value)});
  return PythonValue(std::move(dict));
}

PythonValue instances(const HostState& host) {
  PythonDict dict;
  for (const std::string& id : host.instances.ids()) dict.items.push_back({id, object("Instance", id)});
  return dict;
}

PythonValue aggregates(const HostState& host) {
  PythonList list;
  for (const AggregateAttributes& aggregate : host.aggregates)
    list.push_back(object("Aggregate", fmt::format("Aggregate(id={})", aggregate.id)));
  return list;
}

// Nova hands out a read-only mapping.
PythonValue service(const HostState& host) {
  PythonDict dict;
  dict.set("disabled", host.service.disabled);
  dict.set("forced_down", host.service.forced_down);
  return dict;
}

PythonValue host_ip(const HostState& host) {
  if (!host.host_ip) return {};
  return PythonInstance{.type = "IPAddress", .text = *host.host_ip, .truth = true, .ordered = true};
}

struct Attribute {
  std::string_view name;
  std::optional<PythonValue> (*value)(const HostState& host);
};

constexpr auto kAttributes = std::to_array<Attribute>({
    {"host", [](const HostState& host) { return std::optional(PythonValue(host.host)); }},
    {"nodename", [](const HostState& host) { return std::optional(PythonValue(host.nodename)); }},
    {"cell_uuid", [](const HostState& host) { return std::optional(PythonValue(host.cell_uuid)); }},
    {"total_usable_ram_mb", [](const HostState& host) { return std::optional(PythonValue(host.total_usable_ram_mb)); }},
    {"total_usable_disk_gb",
     [](const HostState& host) { return std::optional(PythonValue(host.total_usable_disk_gb)); }},
    {"disk_mb_used", [](const HostState& host) { return std::optional(PythonValue(host.disk_mb_used)); }},
    {"free_ram_mb", [](const HostState& host) { return std::optional(PythonValue(host.free_ram_mb)); }},
    {"free_disk_mb", [](const HostState& host) { return std::optional(PythonValue(host.free_disk_mb)); }},
    {"vcpus_total", [](const HostState& host) { return std::optional(PythonValue(host.vcpus_total)); }},
    {"vcpus_used", [](const HostState& host) { return std::optional(PythonValue(host.vcpus_used)); }},
    {"num_instances", [](const HostState& host) { return std::optional(PythonValue(host.num_instances)); }},
    {"num_io_ops", [](const HostState& host) { return std::optional(PythonValue(host.num_io_ops)); }},
    {"failed_builds", [](const HostState& host) { return std::optional(PythonValue(host.failed_builds)); }},
    {"host_ip", [](const HostState& host) { return std::optional(host_ip(host)); }},
    {"hypervisor_type", [](const HostState& host) { return std::optional(value_or_none(host.hypervisor_type)); }},
    {"hypervisor_version", [](const HostState& host) { return std::optional(value_or_none(host.hypervisor_version)); }},
    {"hypervisor_hostname",
     [](const HostState& host) { return std::optional(value_or_none(host.hypervisor_hostname)); }},
    {"cpu_info", [](const HostState& host) { return std::optional(value_or_none(host.cpu_info)); }},
    {"ram_allocation_ratio",
     [](const HostState& host) { return std::optional(value_or_none(host.ram_allocation_ratio)); }},
    {"cpu_allocation_ratio",
     [](const HostState& host) { return std::optional(value_or_none(host.cpu_allocation_ratio)); }},
    {"disk_allocation_ratio",
     [](const HostState& host) { return std::optional(value_or_none(host.disk_allocation_ratio)); }},
    {"supported_instances", [](const HostState& host) { return std::optional(supported_instances(host)); }},
    {"stats", stats},
    {"instances", [](const HostState& host) { return std::optional(instances(host)); }},
    {"aggregates", [](const HostState& host) { return std::optional(aggregates(host)); }},
    {"service", [](const HostState& host) { return std::optional(service(host)); }},
    {"limits", [](const HostState&) { return std::optional(PythonValue(PythonDict())); }},
    {"numa_topology", [](const HostState&) { return std::optional(PythonValue()); }},
    {"updated",
     [](const HostState& host) {
       return std::optional(host.consumed ? object("datetime", "1970-01-01 00:00:00+00:00") : PythonValue());
     }},
    {"metrics",
     [](const HostState& host) {
       if (!host.metrics) return std::optional(PythonValue());
       return std::optional(object("MonitorMetricList", "MonitorMetricList(...)", !host.metrics->empty()));
     }},
    {"pci_stats",
     [](const HostState& host) {
       if (!host.pci_stats) return std::optional(PythonValue());
       return std::optional(object("PciDeviceStats", "<nova.pci.stats.PciDeviceStats object>"));
     }},
    {"uuid",
     [](const HostState& host) {
       if (!host.has_reported) return std::optional(PythonValue());
       return std::optional(object("str", "uuid of " + host.nodename));
     }},
    {"_lock_name",
     [](const HostState& host) {
       return std::optional(object("tuple", fmt::format("({}, {})", python_repr(PythonValue(host.host)),
                                                        python_repr(PythonValue(host.nodename)))));
     }},
});
constexpr auto kMethods = std::to_array<std::string_view>(
    {"update", "consume_from_request", "_locked_consume_from_request", "_update_from_compute_node"});

}  // namespace

std::optional<PythonValue> attribute_of(const HostState& host, std::string_view name) {
  if (auto known = std::ranges::find(kAttributes, name, &Attribute::name); known != kAttributes.end())
    return known->value(host);
  if (std::ranges::find(kMethods, name) != kMethods.end())
    return object("method", fmt::format("<bound method HostState.{}>", name));
  return std::nullopt;
}

void consume_from_request(HostState& host, const RequestSpec& spec) {
  host.free_ram_mb -= spec.flavor.memory_mb;
  host.free_disk_mb -= (spec.flavor.root_gb + spec.flavor.ephemeral_gb) * 1024;
  host.vcpus_used += spec.flavor.vcpus;
  host.num_instances += 1;
  // Nova goes on when the devices are not there, and then does not count the I/O either.
  if (host.pci_stats && !spec.pci_requests.empty() && !host.pci_stats->apply_requests(spec.pci_requests)) return;
  host.num_io_ops += 1;
  host.consumed = true;
}

}  // namespace kilonova::scheduler::nova
