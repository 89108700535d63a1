// Networks, subnets and ports as Neutron's API changes them. One change at a time (changing_networks_); a port's row is
// changed under its lock too, because launches bind ports meanwhile.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "network-controller/core/network_core.h"
#include "network-controller/core/port_addresses.h"
#include "network-controller/core/subnet_checks.h"

namespace kilonova::network {
namespace {

std::unexpected<Error> not_found(std::string_view noun, const Uuid& id) {
  return refuse_as(ErrorCode::kNotFound, fmt::format("{}NotFound", noun),
                   fmt::format("{} {} could not be found.", noun, to_string(id)));
}

// What a writer knew of the row that it replaces.
Expected<> check_revision(std::string_view noun, const Uuid& id, uint64_t known, std::optional<uint64_t> current) {
  if (known == 0 && current)
    return fail(ErrorCode::kAlreadyExists, fmt::format("there is a {} {} already", noun, to_string(id)));
  if (known == 0 || known == current) return {};
  if (!current) return not_found(noun, id);
  return refuse_as(
      ErrorCode::kConflict, "RevisionNumberConstraintFailed",
      fmt::format("{} {} was changed meanwhile: its revision is {}, not {}", noun, to_string(id), *current, known));
}

// One page of what is ordered by id. `take`: false for what was not asked for.
template <class Rows, class Take>
bool page_of(const Rows& rows, const ListNetworkParts& request, Take take) {
  std::optional<Uuid> after = parse_uuid(request.marker);
  uint32_t taken = 0;
  for (auto at = after ? rows.upper_bound(*after) : rows.begin(); at != rows.end(); ++at) {
    if (!request.id.is_nil() && at->first != request.id) continue;
    if (taken == request.limit) return true;
    if (take(at->second)) ++taken;
  }
  return false;
}

NetworkParts one_port(Port port) {
  NetworkParts parts;
  parts.ports.push_back(std::move(port));
  return parts;
}

}  // namespace

Expected<NetworkParts> NetworkCore::handle(const ListNetworkParts& request, const RequestContext&) {
  NetworkParts parts;
  if (request.kind == "network") {
    parts.more = page_of(networks_.all(), request, [&](const NetworkEntry& entry) {
      parts.networks.push_back(entry.row);
      parts.used.push_back(entry.used());
      if (!entry.details.id.is_nil()) parts.details.push_back(entry.details);
      return true;
    });
  } else if (request.kind == "subnet") {
    std::map<Uuid, const SubnetEntry*> subnets;
    for (const auto& [id, entry] : networks_.all())
      for (const auto& subnet : entry.subnets)
        if (request.network_id.is_nil() || request.network_id == id) subnets.emplace(subnet->row.id, subnet.get());
    parts.more = page_of(subnets, request, [&](const SubnetEntry* subnet) {
      parts.subnets.push_back(subnet->row);
      parts.used.push_back(subnet->pool.used());
      return true;
    });
  } else {
    parts.more = page_of(ports_.all(), request, [&](const Port& port) {
      if (!request.network_id.is_nil() && port.network_id != request.network_id) return false;
      if (!request.device_id.empty() && port.device_id != request.device_id) return false;
      parts.ports.push_back(port);
      return true;
    });
  }
  return parts;
}

Task<Expected<NetworkParts>> NetworkCore::handle(StoreNetwork request, RequestContext) {
  auto permit = co_await changing_networks_.acquire();
  NetworkEntry* entry = networks_.find(request.network.id);
  std::optional<uint64_t> current;
  if (entry != nullptr)
    current = std::max<uint64_t>(entry->details.revision, 1);  // one without details is at its first
  if (auto known = check_revision("Network", request.network.id, request.revision, current); !known)
    co_return std::unexpected(known.error());
  Network row = std::move(request.network);
  if (entry != nullptr) {
    row.cidr = entry->row.cidr;
    row.gateway = entry->row.gateway;
    row.vlan = entry->row.vlan;
    row.created_at = entry->row.created_at;
  } else {
    std::optional<uint16_t> vlan = networks_.free_vlan(options_.vlan_start);
    if (!vlan)
      co_return refuse_as(ErrorCode::kUnavailable, "NoNetworkAvailable",
                          "Unable to create the network. No tenant network is available for allocation.");
    row.vlan = *vlan;
    row.cidr = {};
    row.gateway = {};
    row.created_at = loop_.wall_now();
  }
  NetworkDetails details{row.id, std::move(request.details), current.value_or(0) + 1, loop_.wall_now()};
  NetworkTransaction transaction{network_mutation::PutNetwork{row}, network_mutation::PutDetails{details}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  if (entry == nullptr) entry = &networks_.insert(row);
  entry->row = row;
  entry->details = details;
  NetworkParts parts;
  parts.networks.push_back(std::move(row));
  parts.details.push_back(std::move(details));
  parts.used.push_back(entry->used());
  co_return parts;
}

// A new automatic subnet gives the ports of its network an address at once, but not those of routers.
Task<Expected<NetworkParts>> NetworkCore::handle(StoreSubnet request, RequestContext) {
  auto permit = co_await changing_networks_.acquire();
  Subnet row = std::move(request.subnet);
  NetworkEntry* entry = networks_.find(row.network_id);
  if (entry == nullptr) co_return not_found("Network", row.network_id);
  NetworkEntry* owner = networks_.network_of(row.id);
  SubnetEntry* subnet = owner == nullptr ? nullptr : owner->find(row.id);
  std::optional<uint64_t> current;
  if (subnet != nullptr) current = subnet->row.revision;
  if (auto known = check_revision("Subnet", row.id, row.revision, current); !known)
    co_return std::unexpected(known.error());
  if (subnet != nullptr && (owner != entry || subnet->row.cidr != row.cidr))
    co_return fail(ErrorCode::kInvalidArgument, "a subnet keeps its network and its cidr");
  if (auto valid = check_subnet(row, *entry); !valid) co_return std::unexpected(valid.error());
  row.revision += 1;
  row.updated_at = loop_.wall_now();
  row.created_at = subnet == nullptr ? row.updated_at : subnet->row.created_at;

  Network network = entry->row_of_subnets(&row);
  NetworkTransaction transaction{network_mutation::PutSubnet{row}, network_mutation::PutNetwork{network}};
  std::vector<KeyedLock<Uuid>::Guard> locks;
  std::vector<Port> changed;
  if (subnet == nullptr && row.automatic) {
    locks = co_await lock_ports(ports_on(entry->row.id));
    changed = with_automatic_addresses(row);
    for (const Port& port : changed) transaction.push_back(network_mutation::PutPort{port});
  }
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  entry->row.cidr = network.cidr;
  entry->row.gateway = network.gateway;
  if (subnet == nullptr) {
    subnet = &entry->insert(row);
  } else {
    subnet->replace(row);
  }
  for (Port& port : changed) {
    subnet->pool.take(*parse_ip(port.fixed_ips.back().ip));
    ports_.put(std::move(port));
  }
  NetworkParts parts;
  parts.subnets.push_back(std::move(row));
  parts.used.push_back(subnet->pool.used());
  co_return parts;
}

std::vector<Port> NetworkCore::with_automatic_addresses(const Subnet& subnet) const {
  std::vector<Port> changed;
  for (const auto& [id, port] : ports_.all()) {
    if (port.network_id != subnet.network_id || is_router_port(port)) continue;
    changed.push_back(port);
    changed.back().fixed_ips.push_back({subnet.id, to_string(eui64(*parse_ip_network(subnet.cidr), port.mac))});
    changed.back().revision += 1;
  }
  return changed;
}

std::vector<Uuid> NetworkCore::ports_on(const Uuid& network) const {
  std::vector<Uuid> found;
  for (const auto& [id, port] : ports_.all())
    if (port.network_id == network) found.push_back(id);
  return found;
}

// In the order of their ids, so that no two flows wait for each other.
Task<std::vector<KeyedLock<Uuid>::Guard>> NetworkCore::lock_ports(std::vector<Uuid> ports) {
  std::ranges::sort(ports);
  auto last = std::ranges::unique(ports);
  ports.erase(last.begin(), last.end());
  std::vector<KeyedLock<Uuid>::Guard> locks;
  for (const Uuid& id : ports) locks.push_back(co_await port_locks_.acquire(id));
  co_return locks;
}

// A server has it, at some epoch.
bool NetworkCore::is_bound(const Port& port) const {
  std::optional<Uuid> instance = parse_uuid(port.device_id);
  const Holding* holding = instance ? holdings_.find(*instance) : nullptr;
  return holding != nullptr &&
         std::ranges::any_of(holding->nics, [&](const HeldNic& nic) { return nic.port_id == port.id; });
}

// The port's MAC, reserved where it is a new one.
Expected<std::optional<MacReservation>> NetworkCore::reserve_mac(Port& row, const Port* before) {
  if (before != nullptr && (row.mac == Mac{} || row.mac == before->mac)) {
    row.mac = before->mac;
    return std::optional<MacReservation>();
  }
  if (row.mac == Mac{}) {
    std::optional<Mac> drawn = macs_.allocate();
    if (!drawn)
      return refuse_as(ErrorCode::kUnavailable, "MacAddressGenerationFailure",
                       fmt::format("Unable to generate unique mac on network {}.", to_string(row.network_id)));
    row.mac = *drawn;
    return MacReservation(macs_, *drawn);
  }
  bool is_ours = MacPool::is_ours(row.mac);
  if (ports_.find(row.network_id, row.mac) != nullptr || (is_ours && !macs_.take(row.mac)))
    return refuse_as(ErrorCode::kConflict, "MacAddressInUse",
                     fmt::format("Unable to complete operation for network {}. The mac address {} is in use.",
                                 to_string(row.network_id), to_string(row.mac)));
  if (!is_ours) return std::optional<MacReservation>();
  return MacReservation(macs_, row.mac);
}

// The nic of a server that has no port yet and that this one would be of, by its MAC.
HeldNic* NetworkCore::bare_nic_of(const Port& port, Holding& holding) {
  auto at = std::ranges::find_if(holding.nics, [&](const HeldNic& nic) {
    return nic.port_id.is_nil() && nic.network_id == port.network_id && nic.mac == port.mac;
  });
  return at == holding.nics.end() ? nullptr : &*at;
}

// A server's nic gets its port when that is first changed: the port takes over MAC and address, and goes with the server.
Task<Expected<NetworkParts>> NetworkCore::adopt_nic(Port row, Uuid instance) {
  Holding holding = *holdings_.find(instance);
  HeldNic* nic = bare_nic_of(row, holding);
  NetworkEntry& entry = *networks_.find(row.network_id);
  SubnetEntry* subnet = entry.subnet_of(to_ip(nic->ip));
  FixedIp own{subnet == nullptr ? Uuid{} : subnet->row.id, to_string(nic->ip)};
  auto reserved = take_addresses(entry, row.fixed_ips, row.mac, {own});
  if (!reserved) co_return std::unexpected(reserved.error());
  row.fixed_ips = reserved->fixed_ips;
  if (first_ipv4(row) != nic->ip)
    co_return refuse_as(
        ErrorCode::kConflict, "PortInUse",
        fmt::format("Port {} keeps its first IPv4 address while server {} has it.", to_string(row.id), row.device_id));
  row.goes_with_device = true;
  row.revision = 1;
  row.created_at = row.updated_at = loop_.wall_now();
  nic->port_id = row.id;
  NetworkTransaction transaction{network_mutation::PutPort{row}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  reserved->keep();
  ports_.put(row);
  holdings_.put(instance, std::move(holding));
  co_return one_port(std::move(row));
}

Task<Expected<NetworkParts>> NetworkCore::handle(StorePort request, RequestContext) {
  auto permit = co_await changing_networks_.acquire();
  std::optional<Uuid> instance = parse_uuid(request.port.device_id);
  KeyedLock<Uuid>::Guard server;
  if (instance && request.port.revision == 0) server = co_await locks_.acquire(*instance);
  auto lock = co_await port_locks_.acquire(request.port.id);
  Port row = std::move(request.port);
  if (server.held() && ports_.find(row.id) == nullptr && holdings_.find(*instance) != nullptr) {
    Holding holding = *holdings_.find(*instance);
    if (bare_nic_of(row, holding) != nullptr) co_return co_await adopt_nic(std::move(row), *instance);
  }
  NetworkEntry* entry = networks_.find(row.network_id);
  if (entry == nullptr) co_return not_found("Network", row.network_id);
  const Port* found = ports_.find(row.id);
  std::optional<Port> before;
  if (found != nullptr) before = *found;
  std::optional<uint64_t> current;
  if (before) current = before->revision;
  if (auto known = check_revision("Port", row.id, row.revision, current); !known)
    co_return std::unexpected(known.error());
  if (before && before->network_id != row.network_id)
    co_return fail(ErrorCode::kInvalidArgument, "a port keeps its network");
  if (before && is_bound(*before)) {
    bool keeps_all = before->device_id == row.device_id && (row.mac == Mac{} || row.mac == before->mac);
    if (!keeps_all || request.draws_addresses)
      co_return refuse_as(ErrorCode::kConflict, "PortInUse",
                          fmt::format("Unable to complete operation on port {} for network {}. Port already has an "
                                      "attached device {}.",
                                      to_string(row.id), to_string(row.network_id), before->device_id));
  }
  auto mac = reserve_mac(row, before ? &*before : nullptr);
  if (!mac) co_return std::unexpected(mac.error());
  std::vector<FixedIp> held = before ? before->fixed_ips : std::vector<FixedIp>();
  auto reserved =
      request.draws_addresses ? draw_addresses(*entry, row.mac) : take_addresses(*entry, row.fixed_ips, row.mac, held);
  if (!reserved) co_return std::unexpected(reserved.error());
  row.fixed_ips = reserved->fixed_ips;
  if (before && is_bound(*before) && first_ipv4(*before) != first_ipv4(row))
    co_return refuse_as(ErrorCode::kConflict, "PortInUse",
                        fmt::format("Port {} keeps its first IPv4 address while server {} has it.", to_string(row.id),
                                    before->device_id));
  row.revision += 1;
  row.updated_at = loop_.wall_now();
  row.created_at = before ? before->created_at : row.updated_at;
  NetworkTransaction transaction{network_mutation::PutPort{row}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  reserved->keep();
  if (*mac) (*mac)->keep();
  free_fixed_ips(*entry, held, row.fixed_ips);
  if (before && before->mac != row.mac) macs_.release(before->mac);
  ports_.put(row);
  co_return one_port(std::move(row));
}

Task<Expected<Empty>> NetworkCore::handle(DeleteNetworkPart request, RequestContext) {
  auto permit = co_await changing_networks_.acquire();
  if (request.kind == "port") co_return co_await delete_port(request.id);
  if (request.kind == "subnet") co_return co_await delete_subnet(request.id);
  NetworkEntry* entry = networks_.find(request.id);
  if (entry == nullptr) co_return not_found("Network", request.id);
  co_return co_await delete_network(entry);
}

// With its subnets. The permit is held.
Task<Expected<Empty>> NetworkCore::delete_network(NetworkEntry* entry) {
  Uuid id = entry->row.id;
  if (entry->used() > 0 || ports_.has_any_on(id))
    co_return refuse_as(ErrorCode::kConflict, "NetworkInUse",
                        fmt::format("Unable to complete operation on network {}. There are one or more ports still in "
                                    "use on the network.",
                                    to_string(id)));
  entry->deleting = true;
  NetworkTransaction transaction{network_mutation::EraseNetwork{id}, network_mutation::EraseDetails{id}};
  for (const auto& subnet : entry->subnets) transaction.push_back(network_mutation::EraseSubnet{subnet->row.id});
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) {
    entry->deleting = false;
    co_return std::unexpected(committed.error());
  }
  networks_.erase(id);
  co_return Empty{};
}

// Automatic addresses do not keep it: its ports lose them.
Task<Expected<Empty>> NetworkCore::delete_subnet(Uuid id) {
  NetworkEntry* entry = networks_.network_of(id);
  if (entry == nullptr) co_return not_found("Subnet", id);
  SubnetEntry* subnet = entry->find(id);
  std::vector<KeyedLock<Uuid>::Guard> locks;
  std::vector<Port> changed;
  if (subnet->row.automatic) {
    locks = co_await lock_ports(ports_on(entry->row.id));
    for (const auto& [port_id, port] : ports_.all()) {
      if (port.network_id != entry->row.id || is_router_port(port)) continue;
      Port without = port;
      if (std::erase_if(without.fixed_ips, [&](const FixedIp& one) { return one.subnet_id == id; }) == 0) continue;
      without.revision += 1;
      changed.push_back(std::move(without));
    }
  }
  if (subnet->pool.used() > changed.size())
    co_return refuse_as(ErrorCode::kConflict, "SubnetInUse",
                        fmt::format("Unable to complete operation on subnet {}: One or more ports have an IP "
                                    "allocation from this subnet.",
                                    to_string(id)));
  subnet->deleting = true;
  Network network = entry->row_of_subnets(nullptr, &id);
  NetworkTransaction transaction{network_mutation::EraseSubnet{id}, network_mutation::PutNetwork{network}};
  for (const Port& port : changed) transaction.push_back(network_mutation::PutPort{port});
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) {
    subnet->deleting = false;
    co_return std::unexpected(committed.error());
  }
  entry->row.cidr = network.cidr;
  entry->row.gateway = network.gateway;
  for (Port& port : changed) ports_.put(std::move(port));
  entry->erase(id);
  co_return Empty{};
}

Task<Expected<Empty>> NetworkCore::delete_port(Uuid id) {
  auto lock = co_await port_locks_.acquire(id);
  const Port* found = ports_.find(id);
  if (found == nullptr) co_return not_found("Port", id);
  Port port = *found;
  if (is_bound(port))
    co_return refuse_as(ErrorCode::kConflict, "PortInUse",
                        fmt::format("Unable to complete operation on port {} for network {}. Port already has an "
                                    "attached device {}.",
                                    to_string(id), to_string(port.network_id), port.device_id));
  NetworkTransaction transaction{network_mutation::ErasePort{id}};
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  forget_port(port);
  co_return Empty{};
}

// It is erased from the store.
void NetworkCore::forget_port(const Port& port) {
  free_fixed_ips(*networks_.find(port.network_id), port.fixed_ips, {});
  macs_.release(port.mac);
  ports_.erase(port.id);
}

}  // namespace kilonova::network
