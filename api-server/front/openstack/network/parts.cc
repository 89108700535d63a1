#include "api-server/front/openstack/network/parts.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// "NetworkInUse: Unable to ...": the exception's name goes before the message. Its status is Neutron's.
Refusal neutron_refusal(const Error& error) {
  Refusal refusal = refusal_of(error);
  size_t colon = error.message.find(": ");
  std::string_view head = std::string_view(error.message).substr(0, colon == std::string::npos ? 0 : colon);
  bool is_name = !head.empty() && std::ranges::all_of(head, [](unsigned char c) { return std::isalpha(c) != 0; }) &&
                 std::isupper(static_cast<unsigned char>(head.front())) != 0;
  if (!is_name) return refusal;
  refusal.type = head;
  refusal.message = error.message.substr(colon + 2);
  if (error.code == ErrorCode::kResourceExhausted) {
    refusal.status = 409;
    refusal.headers.clear();
  }
  if (refusal.type == "RevisionNumberConstraintFailed") refusal.status = 412;
  return refusal;
}

Json details_of(const std::string& text) {
  std::optional<Json> details = parse_json(text);
  return details && details->is_object() ? std::move(*details) : Json::object();
}

StoredSubnet subnet_from(Subnet row, uint64_t used) {
  Json details = details_of(row.details);
  return {std::move(row), std::move(details), used};
}

StoredPort port_from(Port row) {
  Json details = details_of(row.details);
  return {std::move(row), std::move(details)};
}

std::vector<StoredNetwork> networks_from(NetworkParts parts) {
  std::map<Uuid, NetworkDetails> details;
  for (NetworkDetails& one : parts.details) details[one.id] = std::move(one);
  std::vector<StoredNetwork> networks;
  for (size_t i = 0; i < parts.networks.size(); ++i) {
    StoredNetwork network;
    network.row = std::move(parts.networks[i]);
    network.revision = 1;
    network.updated_at = network.row.created_at;
    if (i < parts.used.size()) network.used = parts.used[i];
    if (auto at = details.find(network.row.id); at != details.end()) {
      network.details = details_of(at->second.details);
      network.revision = at->second.revision;
      network.updated_at = at->second.updated_at;
    }
    networks.push_back(std::move(network));
  }
  return networks;
}

std::vector<StoredSubnet> subnets_from(NetworkParts parts) {
  std::vector<StoredSubnet> subnets;
  for (size_t i = 0; i < parts.subnets.size(); ++i)
    subnets.push_back(subnet_from(std::move(parts.subnets[i]), i < parts.used.size() ? parts.used[i] : 0));
  return subnets;
}

// Every page.
template <class Row>
Task<std::expected<NetworkParts, Refusal>> list_parts(Call& call, ListNetworkParts request,
                                                      std::vector<Row> NetworkParts::* rows) {
  NetworkParts all;
  for (;;) {
    Expected<NetworkParts> page = co_await call.core.ask_own(call.meta, request);
    if (!page) co_return std::unexpected(neutron_refusal(page.error()));
    std::vector<Row>& got = (*page).*rows;
    bool is_last = !page->more || got.empty();
    if (!is_last) request.marker = to_string(got.back().id);
    for (Row& row : got) (all.*rows).push_back(std::move(row));
    all.used.insert(all.used.end(), page->used.begin(), page->used.end());
    for (NetworkDetails& details : page->details) all.details.push_back(std::move(details));
    if (is_last) co_return all;
  }
}

template <class Operation>
Task<std::expected<NetworkParts, Refusal>> ask_parts(Call& call, Operation operation) {
  Expected<NetworkParts> parts = co_await call.core.ask_own(call.meta, std::move(operation));
  if (!parts) co_return std::unexpected(neutron_refusal(parts.error()));
  co_return std::move(*parts);
}

std::unexpected<Refusal> not_told() { return refused(500, "what was stored was not told"); }

}  // namespace

Task<std::expected<std::vector<StoredNetwork>, Refusal>> all_stored_networks(Call& call) {
  auto parts = co_await list_parts(call, ListNetworkParts{.kind = "network"}, &NetworkParts::networks);
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  std::vector<StoredNetwork> networks = networks_from(std::move(*parts));
  std::map<Uuid, StoredNetwork*> by_id;
  for (StoredNetwork& network : networks) by_id[network.row.id] = &network;
  for (StoredSubnet& subnet : *subnets)
    if (auto at = by_id.find(subnet.row.network_id); at != by_id.end())
      at->second->subnets.push_back(std::move(subnet.row));
  co_return networks;
}

Task<std::expected<std::vector<StoredSubnet>, Refusal>> all_stored_subnets(Call& call, Uuid network) {
  auto parts =
      co_await list_parts(call, ListNetworkParts{.kind = "subnet", .network_id = network}, &NetworkParts::subnets);
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  co_return subnets_from(std::move(*parts));
}

Task<std::expected<std::vector<StoredPort>, Refusal>> all_stored_ports(Call& call, Uuid network, std::string device) {
  ListNetworkParts request{.kind = "port", .network_id = network, .device_id = std::move(device)};
  auto parts = co_await list_parts(call, std::move(request), &NetworkParts::ports);
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  std::vector<StoredPort> ports;
  for (Port& row : parts->ports) ports.push_back(port_from(std::move(row)));
  co_return ports;
}

Task<std::expected<std::optional<StoredNetwork>, Refusal>> find_stored_network(Call& call, Uuid id) {
  if (id.is_nil()) co_return std::nullopt;
  auto parts = co_await ask_parts(call, ListNetworkParts{.kind = "network", .id = id});
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  std::vector<StoredNetwork> found = networks_from(std::move(*parts));
  if (found.empty()) co_return std::nullopt;
  auto subnets = co_await all_stored_subnets(call, id);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  for (StoredSubnet& subnet : *subnets) found.front().subnets.push_back(std::move(subnet.row));
  co_return std::move(found.front());
}

Task<std::expected<std::optional<StoredSubnet>, Refusal>> find_stored_subnet(Call& call, Uuid id) {
  if (id.is_nil()) co_return std::nullopt;
  auto parts = co_await ask_parts(call, ListNetworkParts{.kind = "subnet", .id = id});
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  std::vector<StoredSubnet> found = subnets_from(std::move(*parts));
  if (found.empty()) co_return std::nullopt;
  co_return std::move(found.front());
}

Task<std::expected<std::optional<StoredPort>, Refusal>> find_stored_port(Call& call, Uuid id) {
  if (id.is_nil()) co_return std::nullopt;
  auto parts = co_await ask_parts(call, ListNetworkParts{.kind = "port", .id = id});
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  if (parts->ports.empty()) co_return std::nullopt;
  co_return port_from(std::move(parts->ports.front()));
}

Task<std::expected<StoredNetwork, Refusal>> store(Call& call, StoredNetwork network) {
  std::vector<Subnet> subnets = std::move(network.subnets);
  StoreNetwork request{std::move(network.row), to_text(network.details), network.revision};
  auto parts = co_await ask_parts(call, std::move(request));
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  std::vector<StoredNetwork> stored = networks_from(std::move(*parts));
  if (stored.empty()) co_return not_told();
  stored.front().subnets = std::move(subnets);
  co_return std::move(stored.front());
}

Task<std::expected<StoredSubnet, Refusal>> store(Call& call, StoredSubnet subnet) {
  subnet.row.details = to_text(subnet.details);
  auto parts = co_await ask_parts(call, StoreSubnet{std::move(subnet.row)});
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  std::vector<StoredSubnet> stored = subnets_from(std::move(*parts));
  if (stored.empty()) co_return not_told();
  co_return std::move(stored.front());
}

Task<std::expected<StoredPort, Refusal>> store(Call& call, StoredPort port, bool draws_addresses) {
  port.row.details = to_text(port.details);
  if (draws_addresses) port.row.fixed_ips.clear();
  auto parts = co_await ask_parts(call, StorePort{std::move(port.row), draws_addresses});
  if (!parts) co_return std::unexpected(std::move(parts.error()));
  if (parts->ports.empty()) co_return not_told();
  co_return port_from(std::move(parts->ports.front()));
}

Task<Checked> delete_part(Call& call, std::string_view kind, Uuid id) {
  DeleteNetworkPart request{std::string(kind), id};
  Expected<Empty> done = co_await call.core.ask_own(call.meta, std::move(request));
  if (!done) co_return std::unexpected(neutron_refusal(done.error()));
  co_return Checked();
}

}  // namespace kilonova::api::openstack
