#include "cli/schedule/read_cloud.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "scheduler/core/nova/ip_network.h"
#include "scheduler/core/python_json.h"
#include "scheduler/core/python_values.h"

namespace kilonova::cli::schedule {
namespace {

using namespace scheduler::nova;
using scheduler::AggregateAttributes;

const Names kHostFields = {"name",        "node",          "cell",           "disabled",
                           "forced_down", "age",           "created_age",    "vcpus",
                           "vcpus_used",  "memory_mb",     "memory_mb_used", "free_ram_mb",
                           "local_gb",    "local_gb_used", "free_disk_gb",   "disk_available_least",
                           "cpu_ratio",   "ram_ratio",     "disk_ratio",     "hv_type",
                           "hv_version",  "host_ip",       "cpu_info",       "hv_specs",
                           "stats",       "num_instances", "num_io_ops",     "failed_builds",
                           "metrics",     "pci",           "instances"};
const Names kPoolFields = {"vendor_id", "product_id", "dev_type", "count", "tags"};
const Names kAggregateFields = {"id", "name", "hosts", "meta"};

constexpr int64_t kMbPerGb = 1024;

// Nova's MonitorMetricType. Nova holds those that are percentages as whole hundredths of one.
const Names kMetrics = {"cpu.frequency",      "cpu.user.time",    "cpu.kernel.time",    "cpu.idle.time",
                        "cpu.iowait.time",    "cpu.user.percent", "cpu.kernel.percent", "cpu.idle.percent",
                        "cpu.iowait.percent", "cpu.percent",      "numa.membw.max",     "numa.membw.current"};

Metric read_metric(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const auto* pair = value.as<PythonList>();
  if (pair == nullptr || pair->size() != 2) {
    errors.wrong(path, value, "a name and a number");
    return {};
  }
  Metric metric{.name = text_of(errors, (*pair)[0], path + "[0]")};
  if (std::ranges::count(kMetrics, metric.name) == 0)
    errors.wrong(path + "[0]", (*pair)[0], "a metric of Nova, such as cpu.percent or cpu.user.time");
  const bool is_percent = metric.name.ends_with("percent");
  if (const int64_t* whole = (*pair)[1].as<int64_t>(); whole != nullptr && is_amount(*whole)) {
    metric.value = is_percent ? *whole * 100 : *whole;
  } else if (const double* real = (*pair)[1].as<double>();
             real != nullptr && std::abs(*real) <= static_cast<double>(kMostOfAnything)) {
    metric.value = static_cast<int64_t>(is_percent ? *real * 100 : *real);
  } else {
    errors.wrong(path + "[1]", (*pair)[1], fmt::format("a number, at most {} away from 0", kMostOfAnything));
  }
  return metric;
}

std::vector<MetadataItem> read_items(const Form& form, std::string_view name) {
  std::vector<MetadataItem> items;
  for (const PythonItem& item : form.dict(name).items)
    items.push_back({item.key, text_of(form.errors(), item.value, fmt::format("{}.{}", form.path_of(name), item.key))});
  return items;
}

PciPool read_pool(FormErrors& errors, const PythonValue& value, const std::string& path) {
  const Form form(errors, value, path, kPoolFields);
  for (std::string_view name : {"vendor_id", "product_id", "count"}) form.require(name);
  PciPool pool{.count = form.integer("count", 0, 0)};
  for (std::string_view name : {"vendor_id", "product_id", "dev_type"})
    if (form.has(name)) pool.keys.set(std::string(name), form.text(name, ""));
  for (const PythonItem& tag : form.dict("tags").items) pool.keys.set(tag.key, tag.value);
  return pool;
}

std::vector<std::string> read_triple(FormErrors& errors, const PythonValue& value, const std::string& path) {
  std::vector<std::string> triple = texts_of(errors, value, path);
  if (triple.size() != 3) errors.wrong(path, value, "an architecture, a hypervisor type and a vm mode");
  return triple;
}

void set_stat(std::vector<MetadataItem>& stats, std::string_view name, std::optional<int64_t> value) {
  if (!value) return;
  auto known = std::ranges::find(stats, name, &MetadataItem::key);
  if (known == stats.end()) known = stats.insert(stats.end(), {std::string(name), ""});
  known->value = fmt::format("{}", *value);
}

int64_t count_in_stats(const Form& form, const std::vector<MetadataItem>& stats, std::string_view name) {
  auto known = std::ranges::find(stats, name, &MetadataItem::key);
  if (known == stats.end()) return 0;
  const std::optional<int64_t> count = scheduler::python_int(known->value);
  if (count && is_amount(*count)) return *count;
  form.errors().wrong(fmt::format("{}.{}", form.path_of("stats"), name), PythonValue(known->value), "an integer");
  return 0;
}

void read_stats(const Form& form, HostState& host) {
  std::vector<MetadataItem> stats = read_items(form, "stats");
  set_stat(stats, "num_instances", form.optional_integer("num_instances"));
  set_stat(stats, "io_workload", form.optional_integer("num_io_ops"));
  set_stat(stats, "failed_builds", form.optional_integer("failed_builds"));
  host.num_instances = count_in_stats(form, stats, "num_instances");
  host.num_io_ops = count_in_stats(form, stats, "io_workload");
  host.failed_builds = count_in_stats(form, stats, "failed_builds");
  host.stats = std::move(stats);
}

void read_amounts(const Form& form, HostState& host) {
  host.total_usable_ram_mb = form.integer("memory_mb", 0);
  host.free_ram_mb = form.integer("free_ram_mb", 0);
  (void)form.integer("memory_mb_used", 0);
  host.total_usable_disk_gb = form.integer("local_gb", 0);
  host.disk_mb_used = form.integer("local_gb_used", 0) * kMbPerGb;
  const int64_t free_disk_gb = form.integer("free_disk_gb", 0);
  host.free_disk_mb =
      std::min(free_disk_gb, form.optional_integer("disk_available_least").value_or(free_disk_gb)) * kMbPerGb;
  host.vcpus_total = form.integer("vcpus", 0);
  host.vcpus_used = form.integer("vcpus_used", 0);
  host.cpu_allocation_ratio = form.number("cpu_ratio", 4.0);
  host.ram_allocation_ratio = form.number("ram_ratio", 1.0);
  host.disk_allocation_ratio = form.number("disk_ratio", 1.0);
}

void read_compute_node(const Form& form, HostState& host) {
  host.has_reported = true;
  read_amounts(form, host);
  host.hypervisor_type = form.text("hv_type", "QEMU");
  host.hypervisor_version = form.integer("hv_version", 6002000, 0);
  host.hypervisor_hostname = host.nodename;
  if (!form.is_null("host_ip")) host.host_ip = form.text("host_ip", "10.0.0.1");
  if (host.host_ip && !IpAddress::parse(*host.host_ip))
    form.errors().wrong(form.path_of("host_ip"), *form.find("host_ip"), "an IPv4 or IPv6 address");
  if (const PythonValue* cpu_info = form.find("cpu_info"); cpu_info != nullptr && !cpu_info->is_none()) {
    (void)form.dict("cpu_info");
    host.cpu_info = scheduler::json_dumps(*cpu_info);
  }
  host.supported_instances.emplace();
  form.for_each("hv_specs", [&](const PythonValue& value, const std::string& path) {
    host.supported_instances->push_back(read_triple(form.errors(), value, path));
  });
  read_stats(form, host);
  host.metrics.emplace();
  form.for_each("metrics", [&](const PythonValue& value, const std::string& path) {
    host.metrics->push_back(read_metric(form.errors(), value, path));
  });
  std::vector<PciPool> pools;
  form.for_each("pci", [&](const PythonValue& value, const std::string& path) {
    pools.push_back(read_pool(form.errors(), value, path));
  });
  host.pci_stats.emplace(std::move(pools));
}

HostState read_host(const Form& form) {
  HostState host;
  form.require("name");
  host.host = form.text("name", "");
  host.nodename = form.optional_text("node").value_or(host.host);
  host.cell_uuid = form.text("cell", "c1");  // the label; read_hosts() knows the uuid
  host.service.disabled = form.boolean("disabled", false);
  host.service.forced_down = form.boolean("forced_down", false);
  host.service.last_seen_up_age = form.has("age") ? form.optional_number("age") : 5.0;
  host.service.created_age = form.number("created_age", 86400);
  form.for_each("instances", [&](const PythonValue& value, const std::string& path) {
    const auto* row = value.as<PythonList>();
    if (row == nullptr || row->empty()) return form.errors().wrong(path, value, "[id, project, group or null, flavor]");
    host.instances.add(text_of(form.errors(), row->front(), path + "[0]"));
  });
  if (!form.is_null("free_disk_gb")) read_compute_node(form, host);
  return host;
}

// By the name of the host, in the order of their ids.
std::map<std::string, std::vector<AggregateAttributes>> read_aggregates(const Form& line) {
  std::map<std::string, std::vector<AggregateAttributes>> by_host;
  line.for_each("aggs", [&](const PythonValue& value, const std::string& path) {
    const Form form(line.errors(), value, path, kAggregateFields);
    form.require("id");
    AggregateAttributes aggregate{.id = form.integer("id", 0), .metadata = {}};
    for (const MetadataItem& item : read_items(form, "meta")) aggregate.metadata[item.key] = item.value;
    for (const std::string& host : form.texts("hosts")) {
      std::vector<AggregateAttributes>& of_host = by_host[host];
      auto place = std::ranges::lower_bound(of_host, aggregate.id, {}, &AggregateAttributes::id);
      if (place == of_host.end() || place->id != aggregate.id) of_host.insert(place, aggregate);
    }
  });
  return by_host;
}

}  // namespace

std::vector<HostState> read_hosts(const Form& line) {
  static const PythonValue no_base{PythonDict()};
  const PythonValue* stated = line.find("base");
  const Form base(line.errors(), stated == nullptr ? no_base : *stated, "base", kHostFields);
  const auto aggregates = read_aggregates(line);
  std::map<std::string, std::string> cells;
  std::vector<HostState> hosts;
  line.require("hosts");
  line.for_each("hosts", [&](const PythonValue& value, const std::string& path) {
    const Form form(line.errors(), value, path, kHostFields, &base);
    HostState& host = hosts.emplace_back(read_host(form));
    std::string& uuid = cells[host.cell_uuid];
    if (uuid.empty()) uuid = cell_uuid(host.cell_uuid);
    host.cell_uuid = uuid;
    if (auto known = aggregates.find(host.host); known != aggregates.end()) host.aggregates = known->second;
  });
  return hosts;
}

std::string cell_uuid(std::string_view label) {
  // The name space of RFC 4122 for DNS names.
  std::string bytes = "\x6b\xa7\xb8\x10\x9d\xad\x11\xd1\x80\xb4";
  bytes += std::string_view("\x00\xc0\x4f\xd4\x30\xc8", 6);
  bytes += label;
  std::array<unsigned char, 20> digest = {};
  unsigned size = digest.size();
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0f) | 0x50);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3f) | 0x80);
  std::string uuid;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) uuid += '-';
    uuid += fmt::format("{:02x}", digest[i]);
  }
  return uuid;
}

}  // namespace kilonova::cli::schedule
