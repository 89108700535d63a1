// Neutron: networks.
#include "api-server/front/openstack/network/networks.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/address_scopes.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/segments.h"
#include "api-server/front/openstack/network/subnetpools.h"
#include "domain/nouns/network.h"

namespace kilonova::api::openstack {
namespace {

constexpr Attribute kAttributes[] = {
    {"name", Form::kText},
    {"description", Form::kText},
    {"admin_state_up", Form::kBoolean},
    {"mtu", Form::kInteger},
    {"port_security_enabled", Form::kBoolean},
    {"availability_zone_hints", Form::kList, When::kCreate},
    {"shared", Form::kBoolean, When::kAlways, false, true},
    {"router:external", Form::kBoolean, When::kAlways, false, true},
    {"is_default", Form::kBoolean, When::kAlways, false, true},
    {"provider:network_type", Form::kText, When::kAlways, false, true},
    {"provider:physical_network", Form::kTextOrNull, When::kAlways, false, true},
    {"provider:segmentation_id", Form::kInteger, When::kAlways, false, true},
    {"id", Form::kText, When::kNever},
    {"status", Form::kText, When::kNever},
    {"subnets", Form::kList, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"network", "networks", kAttributes};

// The cloud's own way out is flat, as DevStack's is; what is made is a VLAN.
std::string network_type_of(const StoredNetwork& network) {
  const std::string said = text_at(network.details, "provider:network_type");
  if (!said.empty()) return said;
  return is_external(network) ? "flat" : "vlan";
}

Json network_view(const StoredNetwork& stored, const Call& call) {
  const Network& network = stored.row;
  const Json& details = stored.details;
  const bool external = is_external(stored);
  std::string project = to_hex(network.project_id);
  Json subnets = Json::array();
  for (const Subnet& subnet : stored.subnets) subnets.push_back(to_string(subnet.id));
  Json view{{"id", to_string(network.id)},
            {"name", network.name},
            {"tenant_id", project},
            {"admin_state_up", value_or(details, "admin_state_up", true)},
            {"mtu", value_or(details, "mtu", external ? 1500 : 1450)},
            {"status", "ACTIVE"},
            {"subnets", std::move(subnets)},
            {"shared", network.shared || is_shared_with_caller(call, details)},
            {"availability_zone_hints", value_or(details, "availability_zone_hints", Json::array())},
            {"availability_zones", Json::array()},
            {"ipv4_address_scope", nullptr},
            {"ipv6_address_scope", nullptr},
            {"router:external", external},
            {"description", value_or(details, "description", "")},
            {"port_security_enabled", value_or(details, "port_security_enabled", true)}};
  if (external) view["is_default"] = value_or(details, "is_default", false);
  uint64_t revision = stored.revision;
  for (const Subnet& subnet : stored.subnets) revision += subnet.revision;
  add_standard_tail(view, tags_of(details), network.created_at, stored.updated_at, revision, project);
  if (!call.is_admin()) return view;
  view.update(provider_of(stored));
  return view;
}

bool may_see(const Call& call, const StoredNetwork& stored) {
  const Network& network = stored.row;
  return call.is_admin() || network.shared || network.project_id == call.caller.project_id ||
         is_external_to_caller(call, stored) || is_shared_with_caller(call, stored.details);
}

// A network's address scope is that of the pools its subnets come from.
Task<Checked> add_scopes(Call& call, std::vector<Json>& views) {
  auto pools = co_await all_objects(call, kSubnetPools);
  if (!pools) co_return std::unexpected(std::move(pools.error()));
  const std::map<std::string, std::string> scopes = scopes_of(*pools);
  if (scopes.empty()) co_return Checked();
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::map<std::pair<std::string, bool>, std::string> of_networks;  // by id, and whether it is of IPv6
  for (const StoredSubnet& subnet : *subnets)
    if (auto scope = scopes.find(text_at(subnet.details, "subnetpool_id")); scope != scopes.end())
      of_networks[{to_string(subnet.row.network_id), subnet.row.cidr.contains(':')}] = scope->second;
  for (Json& view : views)
    for (bool is_6 : {false, true})
      if (auto scope = of_networks.find({text_at(view, "id"), is_6}); scope != of_networks.end())
        view[is_6 ? "ipv6_address_scope" : "ipv4_address_scope"] = scope->second;
  co_return Checked();
}

Task<Answered> list(Call& call) {
  auto networks = co_await visible_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  std::vector<Json> items;
  for (const StoredNetwork& network : *networks) items.push_back(network_view(network, call));
  if (auto added = co_await add_scopes(call, items); !added) co_return std::unexpected(std::move(added.error()));
  co_return neutron_list(call, "networks", std::move(items),
                         {"id",
                          "name",
                          "tenant_id",
                          "project_id",
                          "admin_state_up",
                          "mtu",
                          "status",
                          "shared",
                          "router:external",
                          "description",
                          "is_default",
                          "provider:network_type",
                          "provider:physical_network",
                          "provider:segmentation_id",
                          "created_at",
                          "updated_at",
                          "revision_number",
                          "port_security_enabled",
                          "ipv4_address_scope",
                          "ipv6_address_scope"});
}

Task<Answered> show(Call& call) {
  auto network = co_await find_network(call, call.in_path("network"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  std::vector<Json> items{network_view(*network, call)};
  if (auto added = co_await add_scopes(call, items); !added) co_return std::unexpected(std::move(added.error()));
  co_return neutron_item(call, "network", std::move(items.front()));
}

// The row's own members go there, the rest to the details.
std::optional<Refusal> merge(const Json& wanted, StoredNetwork& network) {
  for (const auto& [key, value] : wanted.items()) {
    if (key == "name") {
      network.row.name = value.get<std::string>();
    } else if (key == "shared") {
      network.row.shared = value.get<bool>();
    } else if (key == "router:external" && value == false) {
      set_internal(network);
    } else if (key == "router:external") {
      network.row.external = true;
    } else if (key == "mtu" && (value < 68 || value > 65'535)) {
      return Refusal{400, fmt::format("Invalid input for mtu. Reason: '{}' is not in valid range.", to_text(value)),
                     "HTTPBadRequest"};
    } else if (key != "project_id") {
      network.details[key] = value;
    }
  }
  return std::nullopt;
}

Task<Checked> unmake(Call& call, const std::string& id) {
  co_return co_await delete_part(call, "network", parse_uuid(id).value_or(Uuid{}));
}

Task<Answered> create(Call& call) { return create_all(call, kForm, &make_network, &unmake); }

Task<std::expected<StoredNetwork, Refusal>> find_own(Call& call, std::string_view rule) {
  auto network = co_await find_network(call, call.in_path("network"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!call.is_admin() && network->row.project_id != call.caller.project_id) co_return not_allowed(rule);
  co_return network;
}

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto network = co_await find_own(call, "update_network");
  if (!network) co_return std::unexpected(std::move(network.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  const bool was_external = is_external(*network);
  network->details["provider:network_type"] = network_type_of(*network);
  if (auto wrong = check_if_match(call, network_view(*network, call)["revision_number"].get<uint64_t>()))
    co_return std::unexpected(std::move(*wrong));
  if (auto wrong = merge(*read, *network)) co_return std::unexpected(std::move(*wrong));
  if (was_external && !is_external(*network)) {
    auto ports = co_await all_stored_ports(call, network->row.id);
    if (!ports) co_return std::unexpected(std::move(ports.error()));
    if (std::ranges::any_of(*ports,
                            [](const StoredPort& port) { return port.row.device_owner.starts_with("network:"); }))
      co_return refused(409,
                        fmt::format("External network {} cannot be updated to be made non-external, since it has "
                                    "existing gateway ports",
                                    to_string(network->row.id)),
                        "ExternalNetworkInUse");
  }
  auto stored = co_await store(call, std::move(*network));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  if (was_external && !is_external(*stored))
    if (auto gone = co_await forget_external_policies(call, to_string(stored->row.id)); !gone)
      co_return std::unexpected(std::move(gone.error()));
  co_return Answer{200, {{"network", network_view(*stored, call)}}};
}

Task<Answered> remove(Call& call) {
  auto network = co_await find_own(call, "delete_network");
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (auto wrong = check_if_match(call, network_view(*network, call)["revision_number"].get<uint64_t>()))
    co_return std::unexpected(std::move(*wrong));
  if (is_external(*network))
    if (auto freed = co_await delete_free_floating_ips(call, network->row.id); !freed)
      co_return std::unexpected(std::move(freed.error()));
  if (auto gone = co_await delete_part(call, "network", network->row.id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  const std::string id = to_string(network->row.id);
  if (auto gone = co_await forget_rbac_policies(call, id); !gone) co_return std::unexpected(std::move(gone.error()));
  if (auto gone = co_await forget_segments(call, id); !gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/networks", UserRole::kReader, "get_network", &list},
    {kNeutron, "POST", "/v2.0/networks", UserRole::kMember, "create_network", &create},
    {kNeutron, "GET", "/v2.0/networks/{network}", UserRole::kReader, "get_network", &show},
    {kNeutron, "PUT", "/v2.0/networks/{network}", UserRole::kMember, "update_network", &update},
    {kNeutron, "DELETE", "/v2.0/networks/{network}", UserRole::kMember, "delete_network", &remove},
};

}  // namespace

Task<std::expected<StoredNetwork, Refusal>> find_network(Call& call, std::string id) {
  auto found = co_await find_stored_network(call, parse_uuid(id).value_or(Uuid{}));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || !may_see(call, **found)) co_return neutron_not_found("Network", id);
  co_return std::move(**found);
}

Task<std::expected<std::vector<StoredNetwork>, Refusal>> visible_networks(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (networks) std::erase_if(*networks, [&](const StoredNetwork& network) { return !may_see(call, network); });
  co_return networks;
}

Json provider_of(const StoredNetwork& network) {
  const std::string kind = network_type_of(network);
  const bool is_flat = kind == "flat", has_number = !is_flat && kind != "local";
  auto said = [&](std::string_view key, Json otherwise) {
    return value_or(network.details, key, std::move(otherwise));
  };
  return {{"provider:network_type", kind},
          {"provider:physical_network", said("provider:physical_network", is_flat ? "public" : "physnet1")},
          {"provider:segmentation_id",
           said("provider:segmentation_id", has_number ? Json(network.row.vlan) : Json(nullptr))}};
}

std::string port_id(const Uuid& server, uint32_t nic) {
  return stable_uuid(fmt::format("port {} {}", to_string(server), nic));
}
std::string security_group_id(const Uuid& project) { return stable_uuid("security group " + to_string(project)); }

Task<std::expected<Json, Refusal>> make_network(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  StoredNetwork network;
  network.row.id = call.core.new_uuid();
  network.row.project_id = parse_uuid(text_at(*read, "project_id")).value_or(Uuid{});
  network.details["provider:network_type"] = "vlan";
  if (auto wrong = merge(*read, network)) co_return std::unexpected(std::move(*wrong));
  auto all = co_await all_stored_networks(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto own = std::ranges::count_if(
      *all, [&](const StoredNetwork& one) { return one.row.project_id == network.row.project_id; });
  if (auto room = co_await check_quota(call, network.row.project_id, "network", own); !room)
    co_return std::unexpected(std::move(room.error()));
  auto stored = co_await store(call, std::move(network));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return network_view(*stored, call);
}

std::span<const Route> network_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
