#include "api-server/front/openstack/compute/server_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "api-server/front/openstack/compute/flavors.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/host.h"
#include "domain/states.h"

namespace kilonova::api::openstack {
namespace {

struct Shown {
  const Instance& server;
  const ServerProperties& properties;
  const ServerFacts& facts;
  bool is_list;
};
using S = Shown;
using Value = std::optional<Json>;

constexpr Minor kLast = kLastMinor;
constexpr Audience kAdmin = Audience::kAdmin;

std::string path_of(const Instance& server) { return "/servers/" + to_string(server.uuid); }

std::string status_of(const Instance& server) { return std::string(status_name(server.vm_state, server.task_state)); }

Value image_of(const S& s, const Call& call) {
  std::string id = to_string(s.server.spec.image.id);
  return Json{{"id", id}, {"links", bookmark_of(call, "/images/" + id)}};
}

Value groups_shown(const S& s, const Call&) {
  Json groups = security_groups_of(s.server, s.facts.networks);
  return groups.is_null() ? std::nullopt : Value(std::move(groups));
}

// nova/api/openstack/compute/views/servers.py: the trace of an internal error is for admins.
Value fault_of(const S& s, const Call& call) {
  const InstanceFault& fault = s.server.fault;
  if (fault.message.empty() || (status_of(s.server) != "ERROR" && status_of(s.server) != "DELETED"))
    return std::nullopt;
  Json json{{"code", fault.code}, {"created", time_to_seconds(fault.created_at)}, {"message", fault.message}};
  if (!fault.details.empty() && (call.is_admin() || fault.code != 500)) json["details"] = fault.details;
  return json;
}

Value progress_of(const S& s, const Call&) {
  std::string status = status_of(s.server);
  for (std::string_view with_progress : {"ACTIVE", "BUILD", "REBUILD", "RESIZE", "VERIFY_RESIZE", "MIGRATING"})
    if (status == with_progress) return Json(0);
  return std::nullopt;
}

Value host_status_of(const S& s, const Call&) {
  auto known = s.facts.by_host.find(s.server.current.host);
  return known == s.facts.by_host.end() ? Json(s.server.current.host.empty() ? "" : "UNKNOWN") : Json(known->second);
}

Value tags_of(const S& s, const Call&) { return Json(s.properties.tags); }

Value server_groups_of(const S& s, const Call&) {
  if (s.is_list) return std::nullopt;
  const Uuid& group = s.server.spec.hints.group;
  return group.is_nil() ? Json::array() : Json::array({to_string(group)});
}

Value host_id_of(const S& s, const Call&) { return host_id(s.server.spec.project_id, s.server.current.host); }
Value flavor_of(const S& s, const Call& call) { return flavor_reference(s.server.spec.flavor, call); }
Value launched_of(const S& s, const Call&) { return time_without_zone(s.server.launched_at); }
Value terminated_of(const S& s, const Call&) {
  const std::optional<WallTime> when = terminated_at(s.server);
  return when ? Json(time_without_zone(*when)) : Json(nullptr);
}
Value host_of(const S& s, const Call&) { return or_null(s.server.current.host); }
Value instance_name_of(const S& s, const Call&) { return fmt::format("instance-{:08x}", s.server.id); }
Value reservation_of(const S& s, const Call&) { return s.server.reservation_id; }
Value user_data_of(const S& s, const Call&) { return or_null(s.properties.user_data); }
Value launch_index_of(const S& s, const Call&) { return s.server.launch_index; }

// clang-format off
constexpr Field<S> kFields[] = {
    {"id", [](const S& s, const Call&) -> Value { return to_string(s.server.uuid); }},
    {"name", [](const S& s, const Call&) -> Value { return s.server.name; }},
    {"status", [](const S& s, const Call&) -> Value { return status_of(s.server); }},
    {"tenant_id", [](const S& s, const Call&) -> Value { return to_hex(s.server.spec.project_id); }},
    {"user_id", [](const S& s, const Call&) -> Value { return to_hex(s.server.spec.user_id); }},
    {"metadata", [](const S& s, const Call&) -> Value { return metadata_json(s.properties.metadata); }},
    {"hostId", &host_id_of},
    {"image", &image_of},
    {"flavor", &flavor_of, 1, 46},
    {"flavor", [](const S& s, const Call&) -> Value { return flavor_values(s.server.spec.flavor); }, 47},
    {"created", [](const S& s, const Call&) -> Value { return time_to_seconds(s.server.created_at); }},
    {"updated", [](const S& s, const Call&) -> Value { return time_to_seconds(last_change_of(s.server)); }},
    {"addresses", [](const S& s, const Call&) -> Value { return addresses_of(s.server, s.facts.networks, true); }},
    {"accessIPv4", [](const S& s, const Call&) -> Value { return s.properties.access_ip_v4; }},
    {"accessIPv6", [](const S& s, const Call&) -> Value { return s.properties.access_ip_v6; }},
    {"links", [](const S& s, const Call& call) -> Value { return links_of(call, path_of(s.server)); }},
    {"OS-DCF:diskConfig",
     [](const S& s, const Call&) -> Value { return s.properties.auto_disk_config ? "AUTO" : "MANUAL"; }},
    {"fault", &fault_of},
    {"progress", &progress_of},
    {"OS-EXT-AZ:availability_zone", [](const S& s, const Call&) -> Value { return s.server.spec.availability_zone; }},
    {"config_drive", [](const S& s, const Call&) -> Value { return s.properties.config_drive ? "True" : ""; }},
    {"key_name", [](const S& s, const Call&) -> Value { return or_null(s.server.spec.key_name); }},
    {"OS-SRV-USG:launched_at", &launched_of},
    {"OS-SRV-USG:terminated_at", &terminated_of},
    {"security_groups", &groups_shown},
    {"OS-EXT-SRV-ATTR:host", &host_of, 1, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:instance_name", &instance_name_of, 1, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:hypervisor_hostname", &host_of, 1, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:reservation_id", &reservation_of, 3, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:launch_index", &launch_index_of, 3, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:hostname", [](const S& s, const Call&) -> Value { return s.server.hostname; }, 3, 89, kAdmin},
    {"OS-EXT-SRV-ATTR:hostname", [](const S& s, const Call&) -> Value { return s.server.hostname; }, 90},
    {"OS-EXT-SRV-ATTR:kernel_id", [](const S&, const Call&) -> Value { return ""; }, 3, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:ramdisk_id", [](const S&, const Call&) -> Value { return ""; }, 3, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:root_device_name", [](const S&, const Call&) -> Value { return "/dev/vda"; }, 3, kLast, kAdmin},
    {"OS-EXT-SRV-ATTR:user_data", &user_data_of, 3, kLast, kAdmin},
    {"OS-EXT-STS:task_state", [](const S& s, const Call&) -> Value { return or_null(to_string(s.server.task_state)); }},
    {"OS-EXT-STS:vm_state", [](const S& s, const Call&) -> Value { return to_string(s.server.vm_state); }},
    {"OS-EXT-STS:power_state", [](const S& s, const Call&) -> Value { return static_cast<int>(s.server.power_state); }},
    {"os-extended-volumes:volumes_attached", [](const S&, const Call&) -> Value { return Json::array(); }},
    {"host_status", &host_status_of, 16, kLast, kAdmin},
    {"locked", [](const S& s, const Call&) -> Value { return s.properties.locked_by != LockedBy::kNobody; }, 9},
    {"locked_reason", [](const S& s, const Call&) -> Value { return or_null(s.properties.locked_reason); }, 73},
    {"description", [](const S& s, const Call&) -> Value { return or_null(s.properties.description); }, 19},
    {"tags", &tags_of, 26},
    {"trusted_image_certificates",
     [](const S& s, const Call&) -> Value {
       const auto& ids = s.properties.trusted_image_certificates;
       return ids.empty() ? Json(nullptr) : Json(ids);
     },
     63},
    {"server_groups", &server_groups_of, 71},
};
// clang-format on

}  // namespace

WallTime last_change_of(const Instance& server) {
  return server.updated_at.us != 0 ? server.updated_at : server.created_at;
}

std::optional<WallTime> terminated_at(const Instance& server) {
  return server.vm_state == VmState::kDeleted ? std::optional(server.updated_at) : std::nullopt;
}

std::string host_id(const Uuid& project, const std::string& host) {
  return host.empty() ? std::string() : sha224_hex(to_hex(project) + host);
}

Task<std::expected<ServerFacts, Refusal>> facts_of(Call& call, const std::vector<Instance>& servers) {
  ServerFacts facts;
  facts.networks = co_await networks_of(call, servers);
  if (!call.is_admin() || call.minor < 16) co_return facts;
  std::set<std::string> hosts;
  for (const Instance& server : servers)
    if (!server.current.host.empty()) hosts.insert(server.current.host);
  if (hosts.empty()) co_return facts;
  auto found = co_await ask(call, ListHosts{.hosts = {hosts.begin(), hosts.end()}});
  if (!found) co_return std::unexpected(std::move(found.error()));
  for (const HostView& view : found->hosts)
    facts.by_host[view.host.name] = !view.up ? "DOWN" : view.host.enabled ? "UP" : "MAINTENANCE";
  co_return facts;
}

Task<Answered> server_answer(Call& call, FoundServer server) {
  std::vector<Instance> one{std::move(server.row)};
  auto facts = co_await facts_of(call, one);
  if (!facts) co_return std::unexpected(std::move(facts.error()));
  co_return Answer{200, {{"server", server_detail(one.front(), server.properties, *facts, false, call)}}};
}

Task<Answered> changed_server_answer(Call& call, FoundServer server) {
  constexpr std::string_view kKept[] = {
      "id",         "name",        "status", "tenant_id",         "user_id",       "metadata",
      "hostId",     "image",       "flavor", "created",           "updated",       "addresses",
      "accessIPv4", "accessIPv6",  "links",  "OS-DCF:diskConfig", "fault",         "progress",
      "locked",     "description", "tags",   "locked_reason",     "server_groups", "trusted_image_certificates"};
  auto answer = co_await server_answer(call, std::move(server));
  if (!answer || call.minor >= 75) co_return answer;
  Json kept = Json::object();
  for (const auto& [key, value] : answer->body["server"].items())
    if (std::ranges::find(kKept, key) != std::end(kKept)) kept[key] = value;
  for (Json& of_network : kept["addresses"])
    for (Json& address : of_network) {
      address.erase("OS-EXT-IPS:type");
      address.erase("OS-EXT-IPS-MAC:mac_addr");
    }
  answer->body["server"] = std::move(kept);
  co_return answer;
}

Json server_brief(const Instance& server, const Call& call) {
  return {{"id", to_string(server.uuid)}, {"name", server.name}, {"links", links_of(call, path_of(server))}};
}

Json server_detail(const Instance& server, const ServerProperties& properties, const ServerFacts& facts, bool is_list,
                   const Call& call) {
  return view(kFields, S{server, properties, facts, is_list}, call);
}

}  // namespace kilonova::api::openstack
