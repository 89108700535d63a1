// What is asked of Nova's scheduler, as its filters and weighers read it. Nova: nova/objects/request_spec.py.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/resources.h"
#include "scheduler/core/nova/image_properties.h"
#include "scheduler/core/nova/pci.h"

namespace kilonova::scheduler::nova {

struct Image {
  std::optional<std::string> id;
  ImageProperties properties;
};

struct InstanceGroup {
  std::string uuid;
  std::string policy;  // "affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"
  std::vector<std::string> members;
  std::vector<std::string> hosts;
  std::optional<int64_t> max_server_per_host;  // of its rules
};

struct Destination {
  bool has_host = false;  // the field is there, even if it says none
  std::optional<std::string> host;
  std::optional<std::string> node;
  std::optional<std::string> cell_uuid;
  bool allow_cross_cell_move = false;
};

using SchedulerHints = std::map<std::string, std::vector<std::string>, std::less<>>;

struct RequestSpec {
  std::string instance_uuid;
  std::string project_id;
  Flavor flavor;  // its extra specs in the order in which filters look at them
  std::optional<Image> image;
  std::optional<std::string> availability_zone;
  SchedulerHints scheduler_hints;
  std::optional<InstanceGroup> instance_group;
  std::vector<std::string> ignore_hosts;
  std::vector<std::string> force_hosts;
  std::vector<std::string> force_nodes;
  std::optional<Destination> requested_destination;
  std::vector<PciRequest> pci_requests;
  int64_t numa_cells = 0;  // 0 = no topology is asked for
};

// Nothing when there is no such hint.
const std::vector<std::string>* scheduler_hint(const RequestSpec& spec, std::string_view name);
// RequestSpec.get_scheduler_hint: a list of one reads as that one, a hint that is absent as `otherwise`.
PythonValue get_scheduler_hint(const RequestSpec& spec, std::string_view name, PythonValue otherwise = {});
// A rebuild on the host where the instance is: most filters then let every host pass.
bool request_is_rebuild(const RequestSpec& spec);

}  // namespace kilonova::scheduler::nova
