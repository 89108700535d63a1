// HostState: what Nova's scheduler knows of one compute node, derived as Nova derives it. Nova:
// nova/scheduler/host_manager.py.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/metadata.h"
#include "scheduler/core/attributes.h"
#include "scheduler/core/nova/pci.h"
#include "scheduler/core/nova/request_spec.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

struct Service {
  bool disabled = false;
  bool forced_down = false;
  std::optional<double> last_seen_up_age;  // seconds; nothing = never seen
  double created_age = 0;
};

struct Metric {
  std::string name;
  int64_t value = 0;  // of "*.percent" hundredths
};

// The ids of a host's instances, in the order in which they came.
class InstanceIds {
 public:
  // False when it is there already.
  bool add(const std::string& id) {
    if (!known_.insert(id).second) return false;
    ids_.push_back(id);
    return true;
  }
  bool contains(const std::string& id) const { return known_.contains(id); }
  const std::vector<std::string>& ids() const { return ids_; }

 private:
  std::vector<std::string> ids_;
  std::set<std::string> known_;
};

// What a compute node reported. Of one that never did, all of this is as it is here.
struct ComputeNode {
  bool has_reported = false;
  int64_t total_usable_ram_mb = 0;
  int64_t total_usable_disk_gb = 0;
  int64_t disk_mb_used = 0;
  int64_t free_ram_mb = 0;   // may be negative
  int64_t free_disk_mb = 0;  // may be negative
  int64_t vcpus_total = 0;
  int64_t vcpus_used = 0;
  int64_t num_instances = 0;
  int64_t num_io_ops = 0;
  int64_t failed_builds = 0;
  std::optional<PciStats> pci_stats;
  std::optional<std::string> host_ip;
  std::optional<std::string> hypervisor_type;
  std::optional<int64_t> hypervisor_version;
  std::optional<std::string> hypervisor_hostname;
  std::optional<std::string> cpu_info;  // JSON
  std::optional<std::vector<std::vector<std::string>>> supported_instances;
  std::optional<std::vector<MetadataItem>> stats;
  std::optional<std::vector<Metric>> metrics;
  std::optional<double> ram_allocation_ratio;
  std::optional<double> cpu_allocation_ratio;
  std::optional<double> disk_allocation_ratio;
};

struct HostState : ComputeNode {
  std::string host;
  std::string nodename;
  std::string cell_uuid;
  Service service;
  std::vector<AggregateAttributes> aggregates;  // by id
  InstanceIds instances;
  bool consumed = false;  // something was taken since it was read, which Nova notes as a time
};

// getattr(host_state, name): what filters find under a name that a user wrote. Nothing where Nova's class has no such
// attribute. Objects whose text no filter can know beforehand (a uuid, a bound method) are instances with a made-up
// one.
std::optional<PythonValue> attribute_of(const HostState& host, std::string_view name);

// Takes what a server of the request will use. Nova counts no swap, and leaves `stats` as they were.
void consume_from_request(HostState& host, const RequestSpec& spec);

}  // namespace kilonova::scheduler::nova
