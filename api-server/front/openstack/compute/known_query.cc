#include "api-server/front/openstack/compute/known_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {
namespace {

using Names = std::span<const std::string_view>;

struct KnownQuery {
  std::string_view method;
  std::string_view pattern;
  Names names;
  Minor since = 75;
};

// Those that begin with an underscore and those of joined tables are known, and refused as filters.
constexpr std::string_view kOfServers[] = {"user_id",
                                           "project_id",
                                           "tenant_id",
                                           "launch_index",
                                           "image_ref",
                                           "image",
                                           "kernel_id",
                                           "ramdisk_id",
                                           "hostname",
                                           "key_name",
                                           "power_state",
                                           "vm_state",
                                           "task_state",
                                           "host",
                                           "node",
                                           "flavor",
                                           "reservation_id",
                                           "launched_at",
                                           "terminated_at",
                                           "availability_zone",
                                           "name",
                                           "display_name",
                                           "description",
                                           "display_description",
                                           "locked_by",
                                           "uuid",
                                           "root_device_name",
                                           "config_drive",
                                           "access_ip_v4",
                                           "access_ip_v6",
                                           "auto_disk_config",
                                           "progress",
                                           "sort_key",
                                           "sort_dir",
                                           "all_tenants",
                                           "soft_deleted",
                                           "deleted",
                                           "status",
                                           "changes-since",
                                           "changes-before",
                                           "ip",
                                           "ip6",
                                           "created_at",
                                           "limit",
                                           "marker",
                                           "tags",
                                           "tags-any",
                                           "not-tags",
                                           "not-tags-any",
                                           "locked",
                                           "block_device_mapping",
                                           "services",
                                           "metadata",
                                           "system_metadata",
                                           "info_cache",
                                           "pci_devices",
                                           "security_groups"};
constexpr std::string_view kOfFlavors[] = {"limit", "marker", "is_public", "minRam", "minDisk", "sort_key", "sort_dir"};
constexpr std::string_view kOfKeyPairs[] = {"user_id", "limit", "marker"};
constexpr std::string_view kOfUser[] = {"user_id"};
constexpr std::string_view kOfLimits[] = {"tenant_id"};
constexpr std::string_view kOfServices[] = {"host", "binary"};
constexpr std::string_view kOfUsages[] = {"start", "end", "detailed", "limit", "marker"};
constexpr std::string_view kOfUsage[] = {"start", "end", "limit", "marker"};
constexpr std::string_view kOfHypervisors[] = {"limit", "marker", "hypervisor_hostname_pattern", "with_servers"};
constexpr std::string_view kOfHypervisor[] = {"with_servers"};

constexpr KnownQuery kQueries[] = {
    {"GET", "/v2.1/servers", kOfServers},
    {"GET", "/v2.1/servers/detail", kOfServers},
    {"GET", "/v2.1/flavors", kOfFlavors},
    {"GET", "/v2.1/flavors/detail", kOfFlavors},
    {"GET", "/v2.1/os-keypairs", kOfKeyPairs},
    {"GET", "/v2.1/os-keypairs/{name}", kOfUser},
    {"DELETE", "/v2.1/os-keypairs/{name}", kOfUser},
    {"GET", "/v2.1/limits", kOfLimits},
    {"GET", "/v2.1/os-quota-sets/{project}", kOfUser},
    {"GET", "/v2.1/os-quota-sets/{project}/detail", kOfUser},
    {"PUT", "/v2.1/os-quota-sets/{project}", kOfUser},
    {"DELETE", "/v2.1/os-quota-sets/{project}", kOfUser},
    {"GET", "/v2.1/os-services", kOfServices},
    {"GET", "/v2.1/os-simple-tenant-usage", kOfUsages},
    {"GET", "/v2.1/os-simple-tenant-usage/{project}", kOfUsage},
    {"GET", "/v2.1/os-hypervisors", kOfHypervisors, 53},
    {"GET", "/v2.1/os-hypervisors/detail", kOfHypervisors, 53},
    {"GET", "/v2.1/os-hypervisors/{hypervisor}", kOfHypervisor, 53},
};

}  // namespace

std::optional<Refusal> check_known_query(const Call& call) {
  const auto known = std::ranges::find_if(kQueries, [&](const KnownQuery& one) {
    return one.method == call.route->method && one.pattern == call.route->pattern;
  });
  if (known == std::end(kQueries) || call.minor < known->since) return std::nullopt;
  for (const auto& [key, value] : call.target.query)
    if (!key.starts_with('_') && std::ranges::find(known->names, key) == known->names.end())
      return Refusal{400,
                     fmt::format("Additional properties are not allowed ({} was unexpected)", python_repr(Json(key)))};
  return std::nullopt;
}

}  // namespace kilonova::api::openstack
