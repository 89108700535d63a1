// Nova: what hangs on a server besides its row: its nics, and, of which there are none in this cloud, volumes. Nics
// come and go: os-interface, and up to 2.43 single addresses by the actions addFixedIp and removeFixedIp.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/compute/address_rule.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_nics.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server_interface.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {
namespace {

struct Nic {
  const ShownPort& port;
};
using Value = std::optional<Json>;

constexpr Field<Nic> kFields[] = {
    {"net_id", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.network_id); }},
    {"port_id", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.id); }},
    {"mac_addr", [](const Nic& n, const Call&) -> Value { return to_string(n.port.port.row.mac); }},
    {"port_state", [](const Nic& n, const Call&) -> Value { return n.port.is_plugged ? "ACTIVE" : "DOWN"; }},
    {"fixed_ips", [](const Nic& n, const Call&) -> Value { return fixed_ips_view(n.port.port.row); }},
    {"tag", [](const Nic& n, const Call&) -> Value { return device_tag(n.port.port); }, 70},
};

std::unexpected<Refusal> no_port(std::string_view id) {
  return refused(404, fmt::format("Port id {} could not be found.", id));
}

Task<Answered> list(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  Json nics = Json::array();
  for (const ShownPort& port : *ports) nics.push_back(view(kFields, Nic{port}, call));
  co_return Answer{200, {{"interfaceAttachments", std::move(nics)}}};
}

// The server's port that the path names.
Task<std::expected<ShownPort, Refusal>> find_nic(Call& call, const Instance& server) {
  auto ports = co_await ports_of_server(call, server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  const std::string& wanted = call.in_path("port");
  for (ShownPort& port : *ports)
    if (to_string(port.port.row.id) == wanted) co_return std::move(port);
  co_return no_port(wanted);
}

Task<Answered> show(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto port = co_await find_nic(call, *server);
  if (!port) co_return std::unexpected(std::move(port.error()));
  co_return Answer{200, {{"interfaceAttachment", view(kFields, Nic{*port}, call)}}};
}

// ---- another nic

// nova/api/validation/parameter_types.py tag.
Rule tag_text() {
  return [form = text(1, kMaxTagLength)](const Json& value, const std::string& field,
                                         Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (value.get_ref<const std::string&>().find_first_of("/,") == std::string::npos) return std::nullopt;
    return Failure{field, value.get<std::string>(), python_repr(value) + " does not match '^[^,/]*$'"};
  };
}

const Rule& attach_rule() {
  static const Rule rule = object(
      {{"interfaceAttachment", object({{"net_id", uuid()},
                                       {"port_id", uuid()},
                                       {"fixed_ips", list_of(object({{"ip_address", address_rule(), true}}), 1, 1)},
                                       {"tag", tag_text(), false, 49}})}});
  return rule;
}

// As nova/network/neutron.py _validate_requested_port_ids has it.
Task<Checked> check_port(Call& call, std::string id) {
  auto port = co_await find_port(call, id);
  if (!port && port.error().status == 404) co_return no_port(id);
  if (!port) co_return std::unexpected(std::move(port.error()));
  if (!port->port.row.device_id.empty()) co_return refused(409, fmt::format("Port {} is still in use.", id));
  if (port->port.row.fixed_ips.empty())
    co_return refused(400, fmt::format("Port {} requires a FixedIP in order to be used.", id));
  co_return Checked();
}

// In the words of Nova's exceptions, which other statuses than Neutron's go with.
Refusal in_words_of_nova(Refusal refusal, const AttachInterface& wanted, const Uuid& server) {
  const std::string& message = refusal.message;
  refusal.headers.clear();
  if (message.starts_with("IpAddressAlreadyAllocated"))
    return {409,
            fmt::format("Fixed IP address {} is already in use on instance {}.", wanted.fixed_ip, to_string(server))};
  if (message.starts_with("InvalidIpFor"))
    return {400, fmt::format("Fixed IP {} is not a valid ip address for network {}.", wanted.fixed_ip, wanted.network)};
  if (message.starts_with("IpAddressGenerationFailure"))
    return {400, fmt::format("No fixed IP addresses available for network: {}", wanted.network)};
  if (message.starts_with("Multiple possible networks")) refusal.status = 400;
  return refusal;
}

Task<Answered> attach(Call& call) {
  if (!call.body.is_null())
    if (auto wrong = check_schema(attach_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  static const Json kNothing = Json::object();
  const Json* said = call.body.is_object() ? member(call.body, "interfaceAttachment") : nullptr;
  const Json& wanted = said == nullptr ? kNothing : *said;
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  AttachInterface operation{.server = to_string(server->uuid)};
  if (auto id = parse_uuid(text_at(wanted, "net_id"))) operation.network = to_string(*id);
  if (auto id = parse_uuid(text_at(wanted, "port_id"))) operation.port = to_string(*id);
  if (const Json* fixed = member(wanted, "fixed_ips")) operation.fixed_ip = address_at(fixed->front(), "ip_address");
  if (!operation.network.empty() && !operation.port.empty())
    co_return refused(400, "Must not input both network_id and port_id");
  if (!operation.fixed_ip.empty() && operation.network.empty())
    co_return refused(400, "Must input network_id when request IP address");
  if (!operation.port.empty())
    if (auto good = co_await check_port(call, operation.port); !good)
      co_return std::unexpected(std::move(good.error()));
  auto changed = co_await ask(call, operation);
  if (!changed) co_return std::unexpected(in_words_of_nova(std::move(changed.error()), operation, server->uuid));
  if (changed->servers.empty() || changed->servers.front().current.addresses.empty())
    co_return refused(500, "the interface was not told");
  const Address made = changed->servers.front().current.addresses.back();
  auto ports = co_await ports_of_server(call, changed->servers.front());
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto port = std::ranges::find_if(*ports, [&](const ShownPort& one) {
    return one.port.row.network_id == made.network_id && one.port.row.mac == made.mac;
  });
  if (port == ports->end()) co_return refused(500, "the interface was not told");
  if (std::string tag = text_at(wanted, "tag"); !tag.empty()) {
    set_device_tag(port->port, server->uuid, tag);
    auto stored = co_await store(call, port->port);
    if (!stored) co_return std::unexpected(std::move(stored.error()));
    port->port = std::move(*stored);
  }
  co_return Answer{200, {{"interfaceAttachment", view(kFields, Nic{*port}, call)}}};
}

Task<Answered> detach(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto port = co_await find_nic(call, *server);
  if (!port) co_return std::unexpected(std::move(port.error()));
  auto gone = co_await ask(call, DetachInterface{to_string(server->uuid), to_string(port->port.row.mac)});
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{202, nullptr};
}

// ---- single addresses

// A nic without a record gets one: its port has what it has.
Task<std::expected<StoredPort, Refusal>> with_record(Call& call, ShownPort& shown) {
  if (!shown.is_bare_nic) co_return std::move(shown.port);
  shown.port.row.revision = 0;
  co_return co_await store(call, std::move(shown.port));
}

Task<Answered> list_volumes(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"volumeAttachments", Json::array()}}};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/servers/{server}/os-interface", kReader, "os_compute_api:os-attach-interfaces:list", &list},
    {kNova, "GET", "/v2.1/servers/{server}/os-interface/{port}", kReader, "os_compute_api:os-attach-interfaces:show",
     &show},
    {kNova, "POST", "/v2.1/servers/{server}/os-interface", UserRole::kMember,
     "os_compute_api:os-attach-interfaces:create", &attach},
    {kNova, "DELETE", "/v2.1/servers/{server}/os-interface/{port}", UserRole::kMember,
     "os_compute_api:os-attach-interfaces:delete", &detach},
    {kNova, "GET", "/v2.1/servers/{server}/os-volume_attachments", kReader,
     "os_compute_api:os-volumes-attachments:index", &list_volumes},
};

}  // namespace

// One address more, of the first subnet of the network that has one, for the first nic on it.
Task<Answered> add_fixed_ip(Call& call) {
  static const Rule id = [form = text(1, 36)](const Json& value, const std::string& field,
                                              Minor minor) -> std::optional<Failure> {
    return value.is_number() ? std::nullopt : form(value, field, minor);
  };
  static const Rule rule = body_of("addFixedIp", object({{"networkId", id, true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto found = co_await find_whole_server(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Instance* server = &found->row;
  if (found->properties.locked_by != LockedBy::kNobody && !call.is_admin())
    co_return refused(409, fmt::format("Instance {} is locked", to_string(server->uuid)));
  auto wanted = parse_uuid(text_at(call.body["addFixedIp"], "networkId"));
  auto network = co_await find_stored_network(call, wanted.value_or(Uuid{}));
  if (!network) co_return std::unexpected(std::move(network.error()));
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto nic = std::ranges::find_if(*ports, [&](const ShownPort& port) { return port.port.row.network_id == wanted; });
  if (!*network || nic == ports->end())
    co_return refused(404, fmt::format("Network could not be found for instance {}.", to_string(server->uuid)));
  auto port = co_await with_record(call, *nic);
  if (!port) co_return std::unexpected(std::move(port.error()));
  for (const Subnet& subnet : (*network)->subnets) {
    StoredPort more = *port;
    more.row.fixed_ips.push_back({subnet.id, ""});
    auto stored = co_await store(call, std::move(more));
    if (stored) co_return Answer{202, nullptr};
    if (stored.error().type != "IpAddressGenerationFailure") co_return std::unexpected(std::move(stored.error()));
  }
  co_return refused(400, fmt::format("No fixed IP addresses available for network: {}", to_string(*wanted)));
}

Task<Answered> remove_fixed_ip(Call& call) {
  static const Rule rule = body_of("removeFixedIp", object({{"address", address_rule(), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const std::string address = address_at(call.body["removeFixedIp"], "address");
  auto ports = co_await ports_of_server(call, *server);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto nic = std::ranges::find_if(*ports, [&](const ShownPort& port) {
    return std::ranges::find(port.port.row.fixed_ips, address, &FixedIp::ip) != port.port.row.fixed_ips.end();
  });
  if (nic == ports->end())
    co_return refused(400, fmt::format("Instance {} does not have fixed IP '{}'.", to_string(server->uuid), address));
  auto gone = co_await ask(call, RemoveFixedIp{to_string(server->uuid), address});
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{202, nullptr};
}

std::span<const Route> interface_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
