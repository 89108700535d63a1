#include "api-server/front/openstack/compute/server_nics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/rbac.h"
#include "api-server/front/openstack/network/topologies.h"
#include "domain/ip_address.h"
#include "domain/nouns/server.h"
#include "domain/port_list.h"

namespace kilonova::api::openstack {
namespace {

bool is_said(const Json& network, std::string_view key) { return !text_at(network, key).empty(); }

// A port of the caller's that no device has.
Task<std::expected<Uuid, Refusal>> wanted_port(Call& call, std::string id) {
  auto port = co_await find_port(call, id);
  if (!port && port.error().status == 404) co_return refused(400, fmt::format("Port {} could not be found.", id));
  if (!port) co_return std::unexpected(std::move(port.error()));
  if (!port->port.row.device_id.empty()) co_return refused(409, fmt::format("Port {} is still in use.", id));
  if (port->port.row.fixed_ips.empty())
    co_return refused(400, fmt::format("Port {} requires a FixedIP in order to be used.", id));
  co_return port->port.row.id;
}

// What is said of addresses, the primary one first; those of which only the subnet is said have none yet.
std::expected<std::vector<FixedIp>, Refusal> wanted_addresses(const Json& wanted) {
  std::vector<std::string> texts(1, text_at(wanted, "fixed_ip"));
  if (const Json* more = member(wanted, "more_ips"); more != nullptr && more->is_array())
    for (const Json& one : *more) texts.push_back(one.is_string() ? one.get<std::string>() : std::string());
  const std::optional<Uuid> subnet = parse_uuid(text_at(wanted, "subnet"));
  std::vector<FixedIp> addresses;
  for (const std::string& text : texts) {
    std::optional<IpAddress> address = parse_ip(text);
    if (!address && !text.empty()) return refused(400, fmt::format("Invalid fixed IP address ({})", text));
    if (!address && !subnet) continue;
    FixedIp one{subnet.value_or(Uuid{}), address ? to_string(*address) : std::string()};
    if (address && std::ranges::find(addresses, one.ip, &FixedIp::ip) != addresses.end())
      return refused(400, fmt::format("Duplicate fixed IP address ({})", text));
    addresses.push_back(std::move(one));
  }
  return addresses;
}

// Those that are said, for people.
std::string in_words(const std::vector<FixedIp>& addresses) {
  std::string words;
  for (const FixedIp& one : addresses)
    if (!one.ip.empty()) words += (words.empty() ? "" : ", ") + one.ip;
  return words;
}

// A port of the network with the addresses that are wanted, or with any of the subnet, or with any at all, which goes
// with the server unless it "stays". `wanted`: one of prepare_nics' networks.
Task<Checked> make_nic_port(Call& call, Uuid id, const StoredNetwork& network, const Json& wanted,
                            const std::vector<std::string>& groups) {
  auto addresses = wanted_addresses(wanted);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  const std::string said = in_words(*addresses);
  StoredPort port;
  if (const Json* details = member(wanted, "details"); details != nullptr && details->is_object())
    port.details = *details;
  port.row.id = id;
  port.row.network_id = network.row.id;
  port.row.project_id = call.caller.project_id;
  const Json* stays = member(wanted, "stays");
  port.row.goes_with_device = stays == nullptr || *stays != true;
  port.row.is_asked_for = port.row.goes_with_device;
  if (port.row.goes_with_device) port.row.device_owner = "compute:nova";
  const Json* own = member(wanted, "security_groups");
  const Json wanted_groups = own == nullptr ? Json(groups) : *own;
  port.details["security_groups"] =
      wanted_groups.empty() ? Json::array({security_group_id(call.caller.project_id)}) : wanted_groups;
  const bool draws = addresses->empty();
  port.row.fixed_ips = std::move(*addresses);
  auto stored = co_await store(call, std::move(port), draws);
  if (!stored && stored.error().type == "IpAddressGenerationFailure")
    co_return refused(400, fmt::format("No fixed IP addresses available for network: {}", to_string(network.row.id)));
  if (!stored && stored.error().status == 409)
    co_return refused(400, fmt::format("Fixed IP address {} is already in use on instance network.", said));
  if (!stored && stored.error().status == 400)
    co_return refused(
        400, fmt::format("Fixed IP {} is not a valid ip address for network {}.", said, to_string(network.row.id)));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Checked();
}

// The id that a launch that is asked for again names anew, so that its port may be there already; none = a new one.
std::optional<Uuid> said_port_id(const Json& wanted, size_t server) {
  const Json* ids = member(wanted, "port_ids");
  if (ids == nullptr || server >= ids->size()) return std::nullopt;
  return parse_uuid((*ids)[server].get<std::string>());
}

// One for each server; those that were made stand in `nics` whatever comes after them.
Task<Checked> make_ports(Call& call, const StoredNetwork& network, const Json& wanted, uint32_t count,
                         const std::vector<std::string>& groups, WantedNics& nics) {
  if (count > kMaxServersPerCall) {  // the operation refuses so many, and says so
    nics.networks.push_back(to_string(network.row.id));
    co_return Checked();
  }
  std::vector<Uuid> ids;
  for (size_t server = 0; server < count; ++server) {
    const std::optional<Uuid> said = said_port_id(wanted, server);
    ids.push_back(said.value_or(call.core.new_uuid()));
    if (said) {
      auto there = co_await find_stored_port(call, *said);
      if (!there) co_return std::unexpected(std::move(there.error()));
      if (there->has_value()) continue;
    }
    if (auto made = co_await make_nic_port(call, ids.back(), network, wanted, groups); !made) co_return made;
    nics.ports.push_back({ids.back(), server, true, text_at(wanted, "tag")});
  }
  nics.networks.push_back(network_of_ports(ids));
  co_return Checked();
}

Task<std::expected<StoredNetwork, Refusal>> wanted_network(Call& call, std::string id) {
  auto network = co_await find_network(call, id);
  if (!network && network.error().status == 404)
    co_return refused(400, fmt::format("Network {} could not be found.", id));
  if (!network) co_return network;
  if (is_external(*network) && !network->row.shared && !call.is_admin())
    co_return refused(403, fmt::format("It is not allowed to create an interface on external network {}", id));
  if (network->subnets.empty())
    co_return refused(400, fmt::format("Network {} requires a subnet in order to boot instances on.", id));
  co_return network;
}

// What "auto" means: nothing where the project has a network that it may use, else the one that Neutron gives it.
Task<std::expected<std::vector<std::string>, Refusal>> automatic_networks(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  std::vector<std::string> given;
  for (const StoredNetwork& network : *networks)
    if (may_attach(network.row, call.caller.project_id, false)) co_return given;
  const std::string project = to_hex(call.caller.project_id);
  auto allocated = co_await auto_allocated_network(call, project);
  if (!allocated && allocated.error().status == 409)
    co_return refused(400, fmt::format("Unable to automatically allocate a network for project {}", project));
  if (!allocated) co_return std::unexpected(std::move(allocated.error()));
  given.push_back(std::move(*allocated));
  co_return given;
}

Task<Checked> add_port(Call& call, const Json& network, uint32_t count, WantedNics& nics) {
  if (count > 1)
    co_return refused(400,
                      "Unable to launch multiple instances with a single configured port ID. Please launch your "
                      "instance one by one with different ports.");
  auto port = co_await wanted_port(call, text_at(network, "port"));
  if (!port) co_return std::unexpected(std::move(port.error()));
  if (is_said(network, "tag")) nics.ports.push_back({*port, 0, false, text_at(network, "tag")});
  nics.networks.push_back(network_of_ports({&*port, 1}));
  co_return Checked();
}

Task<Checked> add_nic(Call& call, const Json& network, uint32_t count, const std::vector<std::string>& groups,
                      WantedNics& nics) {
  if (is_said(network, "port")) co_return co_await add_port(call, network, count, nics);
  if (!is_said(network, "uuid")) co_return refused(400, "Bad network format: missing 'uuid'");
  auto found = co_await wanted_network(call, text_at(network, "uuid"));
  if (!found) co_return std::unexpected(std::move(found.error()));
  const bool has_address = is_said(network, "fixed_ip");
  if (has_address && count > 1)
    co_return refused(400, "max_count cannot be greater than 1 if an fixed_ip is specified.");
  // What an RBAC policy alone opens, the hosts know nothing of: it is a port that they are given.
  const bool by_policy =
      !may_attach(found->row, call.caller.project_id, true) && is_shared_with_caller(call, found->details);
  if (by_policy || has_address || is_said(network, "tag") || is_said(network, "subnet"))
    co_return co_await make_ports(call, *found, network, count, groups, nics);
  nics.networks.push_back(to_string(found->row.id));
  co_return Checked();
}

}  // namespace

Task<std::expected<WantedNics, Refusal>> prepare_nics(Call& call, const Json& networks, uint32_t count,
                                                      const std::vector<std::string>& groups) {
  WantedNics nics;
  if (networks.is_null()) co_return nics;
  if (networks == "auto") {
    auto given = co_await automatic_networks(call);
    if (!given) co_return std::unexpected(std::move(given.error()));
    nics.networks = std::move(*given);
    co_return nics;
  }
  if (networks == "none") {
    nics.networks.emplace_back(kNoNetwork);
    co_return nics;
  }
  for (const Json& network : networks) {
    Checked added = co_await add_nic(call, network, count, groups, nics);
    if (added) continue;
    co_await drop_ports(call, std::move(nics.ports));
    co_return std::unexpected(std::move(added.error()));
  }
  co_return nics;
}

Json device_tag(const StoredPort& port) {
  const Json* said = member(port.details, "device_tag");
  if (said == nullptr || text_at(*said, "server") != port.row.device_id) return nullptr;
  return text_at(*said, "tag");
}

void set_device_tag(StoredPort& port, const Uuid& server, const std::string& tag) {
  port.details["device_tag"] = {{"server", to_string(server)}, {"tag", tag}};
}

std::vector<Uuid> uuids_of(const std::vector<Instance>& servers) {
  std::vector<Uuid> uuids;
  for (const Instance& server : servers) uuids.push_back(server.uuid);
  return uuids;
}

// The launch may bind the port at the same time: then once more.
Task<void> give_ports(Call& call, std::vector<NicPort> ports, std::vector<Uuid> servers) {
  constexpr int kAttempts = 3;
  std::vector<NicPort> left_over;
  for (const NicPort& wanted : ports) {
    if (wanted.server >= servers.size()) {
      left_over.push_back(wanted);
      continue;
    }
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto port = co_await find_stored_port(call, wanted.id);
      if (!port || !*port) break;
      const Uuid& server = servers[wanted.server];
      const bool is_bound = !(*port)->row.device_id.empty();
      if (is_bound && wanted.tag.empty()) break;
      if (!is_bound && wanted.is_made && (*port)->row.goes_with_device) (*port)->row.device_id = to_string(server);
      if (!wanted.tag.empty()) set_device_tag(**port, server, wanted.tag);
      auto stored = co_await store(call, std::move(**port));
      if (stored || stored.error().status != 412) break;
    }
  }
  co_await drop_ports(call, std::move(left_over));
}

Task<void> drop_ports(Call& call, std::vector<NicPort> ports) {
  for (const NicPort& port : ports)
    if (port.is_made) (void)co_await delete_part(call, "port", port.id);
}

}  // namespace kilonova::api::openstack
