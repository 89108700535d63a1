#include "api-server/front/ec2/instances.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "api-server/front/ec2/block_devices.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/stored_tags.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

void add_interfaces(Xml parent, const ShownInstance& shown) {
  const std::string vpc = vpc_id(shown.server.spec.project_id);
  Xml set = add(parent, "networkInterfaceSet");
  for (const ShownInterface& one : shown.interfaces) add_interface(add(set, "item"), one, vpc);
}

void add_instance(Xml item, const ShownInstance& shown) {
  const Instance& server = shown.server;
  const ShownInterface first = shown.interfaces.empty() ? ShownInterface() : shown.interfaces.front();
  const StateReason reason = reason_of(server);
  add(item, "instanceId", instance_id(server));
  add(item, "imageId", image_id(server.spec.image.id));
  add_state(item, "instanceState", state_of(server));
  add(item, "privateDnsName", server.hostname);
  add(item, "dnsName", "");
  add(item, "reason", reason.message);
  if (!server.spec.key_name.empty()) add(item, "keyName", server.spec.key_name);
  add(item, "amiLaunchIndex", server.launch_index);
  add(item, "productCodes");
  add(item, "instanceType", server.spec.flavor.name);
  add(item, "launchTime", server.created_at);
  Xml placement = add(item, "placement");
  add(placement, "availabilityZone", server.spec.availability_zone);
  add(placement, "groupName", "");
  add(placement, "tenancy", "default");
  add(add(item, "monitoring"), "state", "disabled");
  const std::string address = first.primary().empty() ? shown.asked_address : first.primary();
  if (!address.empty()) add(item, "privateIpAddress", address);
  if (const std::string outer = first.public_address(); !outer.empty()) add(item, "ipAddress", outer);
  const std::string subnet =
      first.subnet().empty() ? shown.asked_subnet : long_id(kSubnetId.prefix, std::string_view(first.subnet()));
  if (!subnet.empty()) add(item, "subnetId", subnet);
  if (!shown.interfaces.empty() || !server.spec.networks.empty()) add(item, "vpcId", vpc_id(server.spec.project_id));
  add(item, "sourceDestCheck", true);
  add_groups(item, shown.groups);
  if (*reason.code != '\0') {
    Xml said = add(item, "stateReason");
    add(said, "code", reason.code);
    add(said, "message", reason.message);
  }
  add(item, "architecture", "x86_64");
  add(item, "rootDeviceType", "instance-store");
  add(item, "rootDeviceName", kRootDeviceName);
  add(item, "blockDeviceMapping");
  add(item, "virtualizationType", "hvm");
  add_tag_set(item, shown.properties.metadata);
  add(item, "clientToken", shown.properties.client_token);
  add(item, "hypervisor", "kvm");
  add_interfaces(item, shown);
  add(item, "ebsOptimized", false);
  add(add(item, "hibernationOptions"), "configured", false);
  add(add(item, "enclaveOptions"), "enabled", false);
}

constexpr const char* kNoSuchInstance = "InvalidInstanceID.NotFound";

// All that are missing, as AWS names them.
std::unexpected<Refusal> no_such_instances(const std::vector<std::string>& ids) {
  if (ids.size() == 1) return refused(kNoSuchInstance, fmt::format("The instance ID '{}' does not exist", ids.front()));
  return refused(kNoSuchInstance, fmt::format("The instance IDs '{}' do not exist", fmt::join(ids, ", ")));
}

// `list` goes on behind it; without `more` it was the last one. The caller has the list for as long.
Task<Result<ServerList>> next_page(Ec2Call& call, ListServers& list) {
  auto page = co_await ask(call, list);
  if (!page) co_return std::unexpected(refusal_of(page.error()));
  page->more = page->more && !page->servers.empty();
  if (page->more) list.marker = to_string(page->servers.back().uuid);
  co_return std::move(*page);
}

}  // namespace

Task<Result<std::vector<ShownInstance>>> terminated_instances(Ec2Call& call) {
  std::vector<ShownInstance> instances;
  std::map<Uuid, ServerProperties> properties;
  ListServers list{.which = WhichServers::kDeleted,
                   .deleted_since = {call.base.loop.wall_now().us - kTerminatedShown.us}};
  for (bool more = true; more;) {
    auto page = co_await next_page(call, list);
    if (!page) co_return std::unexpected(std::move(page.error()));
    more = page->more;
    for (ServerProperties& said : page->properties) properties[said.instance] = std::move(said);
    for (Instance& server : page->servers) {
      ServerProperties said = std::move(properties[server.uuid]);
      said.instance = server.uuid;
      instances.push_back({std::move(server), std::move(said)});
    }
  }
  co_return instances;
}

Task<Result<ShownInstance>> find_instance(Ec2Call& call, std::string id) {
  if (!is_well_formed_id("i-", id))
    co_return refused("InvalidInstanceID.Malformed",
                      fmt::format("Invalid id: {} (expecting i-0000002a)", in_quotes(id)));
  if (!is_instance_id(id)) co_return no_such_instances({id});
  auto found = co_await ask(call, GetServer{.server = id});
  // A server that has this id as its name is another one.
  if (found && !found->servers.empty() && instance_id(found->servers.front()) == id) {
    auto shown = co_await with_interfaces(call, std::move(found->servers), std::move(found->properties));
    co_return std::move(shown.front());
  }
  if (!found && found.error().code != ErrorCode::kNotFound && found.error().code != ErrorCode::kConflict)
    co_return std::unexpected(refusal_of(found.error()));
  auto terminated = co_await terminated_instances(call);
  if (!terminated) co_return std::unexpected(std::move(terminated.error()));
  for (ShownInstance& gone : *terminated)
    if (instance_id(gone.server) == id) co_return std::move(gone);
  co_return no_such_instances({id});
}

Task<Result<std::vector<ShownInstance>>> find_instances(Ec2Call& call, std::vector<std::string> ids) {
  std::vector<ShownInstance> instances;
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  std::vector<std::string> missing;
  for (std::string& id : ids) {
    auto found = co_await find_instance(call, id);
    if (!found && found.error().code == kNoSuchInstance) {
      missing.push_back(std::move(id));
    } else if (!found) {
      co_return std::unexpected(std::move(found.error()));
    } else {
      instances.push_back(std::move(*found));
    }
  }
  if (!missing.empty()) co_return no_such_instances(missing);
  co_return instances;
}

Task<Result<void>> visit_instances(Ec2Call& call, ListServers list, std::function<bool(ShownInstance)> take) {
  for (bool more = true; more;) {
    auto page = co_await next_page(call, list);
    if (!page) co_return std::unexpected(std::move(page.error()));
    more = page->more;
    auto shown = co_await with_interfaces(call, std::move(page->servers), std::move(page->properties));
    for (ShownInstance& one : shown)
      if (!take(std::move(one))) co_return Result<void>();
  }
  co_return Result<void>();
}

void add_state(Xml parent, const char* name, InstanceState state) {
  Xml node = add(parent, name);
  add(node, "code", state.code);
  add(node, "name", state.name);
}

void add_reservation(Xml item, std::vector<ShownInstance> instances) {
  if (instances.empty()) return;
  const Instance& first = instances.front().server;
  add(item, "reservationId", first.reservation_id);
  add(item, "ownerId", to_hex(first.spec.project_id));
  add_groups(item, instances.front().groups);
  Xml set = add(item, "instancesSet");
  for (const ShownInstance& instance : instances) add_instance(add(set, "item"), instance);
}

void add_reservations(Xml set, const std::vector<ShownInstance>& instances) {
  for (size_t begin = 0; begin < instances.size();) {
    size_t end = begin + 1;
    while (end < instances.size() && instances[end].server.reservation_id == instances[begin].server.reservation_id)
      ++end;
    add_reservation(add(set, "item"), {instances.begin() + static_cast<std::ptrdiff_t>(begin),
                                       instances.begin() + static_cast<std::ptrdiff_t>(end)});
    begin = end;
  }
}

}  // namespace kilonova::api::ec2
