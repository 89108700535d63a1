#include "api-server/front/openstack/compute/server_nics.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/rbac.h"
#include "domain/ip_address.h"
#include "domain/nouns/network_part.h"

namespace kilonova::api::openstack {
namespace {

bool is_said(const Json& network, std::string_view key) { return !text_at(network, key).empty(); }

// A port of the caller's that no device has.
Task<std::expected<std::string, Refusal>> wanted_port(Call& call, std::string id) {
  auto port = co_await find_port(call, id);
  if (!port && port.error().status == 404) co_return refused(400, fmt::format("Port {} could not be found.", id));
  if (!port) co_return std::unexpected(std::move(port.error()));
  if (!port->port.row.device_id.empty()) co_return refused(409, fmt::format("Port {} is still in use.", id));
  if (port->port.row.fixed_ips.empty())
    co_return refused(400, fmt::format("Port {} requires a FixedIP in order to be used.", id));
  co_return std::string(kPortPrefix) + to_string(port->port.row.id);
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
// with the server unless it "stays". `wanted`: as WantedNics has it.
Task<std::expected<Uuid, Refusal>> port_with_address(Call& call, const StoredNetwork& network, const Json& wanted,
                                                     const std::vector<std::string>& groups) {
  auto addresses = wanted_addresses(wanted);
  if (!addresses) co_return std::unexpected(std::move(addresses.error()));
  const std::string said = in_words(*addresses);
  StoredPort port;
  if (const Json* details = member(wanted, "details"); details != nullptr && details->is_object())
    port.details = *details;
  port.row.id = parse_uuid(text_at(wanted, "port_id")).value_or(call.core.new_uuid());
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
  co_return stored->row.id;
}

// Whether the port of this id, which a launch is given that is asked for again, was made already.
Task<std::expected<bool, Refusal>> was_made(Call& call, std::string id) {
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return false;
  auto found = co_await find_stored_port(call, *uuid);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return found->has_value();
}

Task<std::expected<StoredNetwork, Refusal>> wanted_network(Call& call, std::string id) {
  auto network = co_await find_network(call, id);
  if (!network && network.error().status == 404)
    co_return refused(400, fmt::format("Network {} could not be found.", id));
  if (!network) co_return network;
  if (network->subnets.empty())
    co_return refused(400, fmt::format("Network {} requires a subnet in order to boot instances on.", id));
  co_return network;
}

// A project without a network of its own is given one by Neutron, where it can be asked to.
Task<Checked> check_automatic(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  for (const StoredNetwork& network : *networks)
    if (may_attach(network.row, call.caller.project_id, false)) co_return Checked();
  co_return refused(
      400, fmt::format("Unable to automatically allocate a network for project {}", to_hex(call.caller.project_id)));
}

Task<Checked> add_nic(Call& call, const Json& network, bool is_one_server, const std::vector<std::string>& groups,
                      WantedNics& nics) {
  if (is_said(network, "port")) {
    if (!is_one_server)
      co_return refused(400,
                        "Unable to launch multiple instances with a single configured port ID. Please launch your "
                        "instance one by one with different ports.");
    auto port = co_await wanted_port(call, text_at(network, "port"));
    if (!port) co_return std::unexpected(std::move(port.error()));
    if (is_said(network, "tag"))
      nics.tags.emplace_back(parse_uuid(text_at(network, "port")).value_or(Uuid{}), text_at(network, "tag"));
    nics.networks.push_back(std::move(*port));
    co_return Checked();
  }
  if (!is_said(network, "uuid")) co_return refused(400, "Bad network format: missing 'uuid'");
  auto found = co_await wanted_network(call, text_at(network, "uuid"));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!is_said(network, "fixed_ip") && is_said(network, "tag") && !is_one_server)
    co_return refused(501, "This cloud does not know tags of the interfaces of several servers at once.");
  // What an RBAC policy alone opens, the hosts know nothing of: it is a port that they are given.
  const bool by_policy =
      !may_attach(found->row, call.caller.project_id, true) && is_shared_with_caller(call, found->details);
  if (!by_policy && !is_said(network, "fixed_ip") && !is_said(network, "tag") && !is_said(network, "subnet")) {
    nics.networks.push_back(to_string(found->row.id));
    co_return Checked();
  }
  if (!is_one_server && by_policy)
    co_return refused(501, "This cloud launches several servers at once on no network that a policy shares.");
  if (!is_one_server) co_return refused(400, "max_count cannot be greater than 1 if an fixed_ip is specified.");
  auto is_there = co_await was_made(call, text_at(network, "port_id"));
  if (!is_there) co_return std::unexpected(std::move(is_there.error()));
  if (*is_there) {
    nics.networks.push_back(std::string(kPortPrefix) + text_at(network, "port_id"));
    co_return Checked();
  }
  auto port = co_await port_with_address(call, *found, network, groups);
  if (!port) co_return std::unexpected(std::move(port.error()));
  nics.made_ports.push_back(*port);
  if (is_said(network, "tag")) nics.tags.emplace_back(*port, text_at(network, "tag"));
  nics.networks.push_back(std::string(kPortPrefix) + to_string(*port));
  co_return Checked();
}

}  // namespace

Task<std::expected<WantedNics, Refusal>> prepare_nics(Call& call, const Json& networks, bool is_one_server,
                                                      const std::vector<std::string>& groups) {
  WantedNics nics;
  if (networks.is_null()) co_return nics;
  if (networks == "auto") {
    if (auto given = co_await check_automatic(call); !given) co_return std::unexpected(std::move(given.error()));
    co_return nics;
  }
  if (networks == "none") {
    nics.networks.emplace_back(kNoNetwork);
    co_return nics;
  }
  for (const Json& network : networks) {
    Checked added = co_await add_nic(call, network, is_one_server, groups, nics);
    if (added) continue;
    co_await drop_ports(call, std::move(nics.made_ports));
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

Task<void> give_ports(Call& call, std::vector<Uuid> ports, Uuid server) {
  for (const Uuid& id : ports) {
    auto port = co_await find_stored_port(call, id);
    if (!port || !*port || !(*port)->row.device_id.empty() || !(*port)->row.goes_with_device) continue;
    (*port)->row.device_id = to_string(server);
    (void)co_await store(call, std::move(**port));
  }
}

// The launch may bind the port at the same time: then once more.
Task<void> give_tags(Call& call, std::vector<std::pair<Uuid, std::string>> tags, Uuid server) {
  constexpr int kAttempts = 3;
  for (const auto& [id, tag] : tags)
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      auto port = co_await find_stored_port(call, id);
      if (!port || !*port) break;
      set_device_tag(**port, server, tag);
      auto stored = co_await store(call, std::move(**port));
      if (stored || stored.error().status != 412) break;
    }
}

Task<void> drop_ports(Call& call, std::vector<Uuid> ports) {
  for (const Uuid& port : ports) (void)co_await delete_part(call, "port", port);
}

}  // namespace kilonova::api::openstack
