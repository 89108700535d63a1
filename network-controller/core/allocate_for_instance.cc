// Step 8, address_allocated: fixed address, MAC, VLAN and bridge, DHCP lease for each nic of a server.
// Nova: nova/network/neutron.py allocate_for_instance; Bexar: nova/network/manager.py allocate_fixed_ip.
#include <fmt/format.h>

#include <utility>

#include "base/sometimes.h"
#include "network-controller/core/network_core.h"

namespace kilonova::network {
namespace {

constexpr size_t kMaxNics = 64;
constexpr const char* kComputeOwner = "compute:nova";

Error stale(const PlacementId& placement) {
  return {ErrorCode::kConflict, fmt::format("stale: epoch {} of server {} was released or superseded", placement.epoch,
                                            to_string(placement.instance))};
}

}  // namespace

Task<void> NetworkCore::allocate_for_instance(Peer from, uint64_t call, AllocateAddresses request) {
  AllocateAddressesReply of_before{.placement = request.placement};
  of_before.fault = {ErrorCode::kConflict, "the cloud was reset: this placement is of before"};
  const OpenRequests::Entry open(open_requests_, {from, call, std::move(of_before)});
  co_await ready_.wait();
  if (!may_act_for(from, request.placement, request.ticket)) {
    log_.event(LogLevel::kWarning, "addresses were asked for without a ticket",
               {{"from", to_string(from.id)}, {"instance", to_string(request.placement.instance)}});
    AllocateAddressesReply refused{.placement = request.placement};
    refused.fault = {ErrorCode::kPermissionDenied, "the ticket is not one for the addresses of this placement"};
    co_return reply(from, call, std::move(refused));
  }
  StepRecord step{.step = LaunchStep::kAddressAllocated,
                  .epoch = request.placement.epoch,
                  .attempt = request.attempt,
                  .daemon = self_,
                  .host = request.host,
                  .start = loop_.wall_now()};
  Instant start = loop_.now();
  AllocateAddressesReply answer{.placement = request.placement};
  TraceContext trace = request.trace;
  Expected<std::vector<Address>> allocated = co_await allocate(std::move(request));
  step.duration = loop_.now() - start;
  if (allocated) {
    answer.addresses = std::move(*allocated);
  } else {
    answer.fault = allocated.error();
    step.fault = allocated.error().message;
  }
  log_.step(answer.placement.instance, trace, step);
  answer.steps.push_back(std::move(step));
  reply(from, call, std::move(answer));
}

// kConflict: stale. kResourceExhausted: no address or MAC is left. kNotFound, kInvalidArgument: the networks asked for.
// kUnavailable: the store refused, or lost what is to be shared. After any failure everything is as before.
//
// A higher epoch gets new addresses before the lower one's are freed: at no time do two placements share one.
Task<Expected<std::vector<Address>>> NetworkCore::allocate(AllocateAddresses request) {
  const PlacementId placement = request.placement;
  auto lock = co_await locks_.acquire(placement.instance);
  // A server without networks has nothing to share with where it was.
  const uint64_t shares_with = request.networks.empty() ? 0 : request.shares_with;
  AllocateVerdict verdict = holdings_.decide_allocate(placement, shares_with);
  if (verdict == AllocateVerdict::kStale) {
    KN_SOMETIMES("network: an allocation is stale");
    co_return std::unexpected(stale(placement));
  }
  if (verdict == AllocateVerdict::kLost) {
    KN_SOMETIMES("network: addresses that are to be shared were lost");
    scope_->spawn(ask_for_owners());
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("the addresses of instance {} were lost with an earlier state of the store, and are "
                               "being learnt again",
                               to_string(placement.instance)));
  }
  if (verdict == AllocateVerdict::kRepeat) {
    KN_SOMETIMES("network: an allocation is a repeat");
    co_return addresses_of(*holdings_.find(placement.instance));
  }
  if (verdict == AllocateVerdict::kShare) co_return co_await share(placement, shares_with);

  auto port_locks = co_await lock_ports(ports_of(request));
  Expected<std::vector<NicReservation>> reserved = reserve_nics(request);
  if (!reserved) co_return std::unexpected(reserved.error());
  Holding holding{.epoch = placement.epoch, .hostname = request.hostname, .nics = {}};
  for (const NicReservation& nic : *reserved) holding.nics.push_back(nic.nic);
  std::vector<Address> addresses = addresses_of(holding);

  NetworkTransaction transaction;
  PortChanges ports;
  bool supersedes = holdings_.find(placement.instance) != nullptr;
  if (supersedes) {
    KN_SOMETIMES("network: an allocation supersedes another placement's");
    transaction.push_back(network_mutation::EraseLeases{placement.instance});
    ports = unbound(placement.instance, *reserved, false);
  }
  for (const NicReservation& nic : *reserved)
    if (nic.port) ports.put.push_back(*nic.port);
  put_leases(placement.instance, holding, transaction);
  put_ports(ports, transaction);
  if (auto stored = co_await store_leases(std::move(transaction)); !stored) co_return std::unexpected(stored.error());

  // Nobody else changed this server's holding: its lock is held. The networks stay while addresses are reserved.
  if (supersedes) free_addresses(*holdings_.find(placement.instance));
  for (NicReservation& nic : *reserved) {
    nic.addresses.keep();
    if (nic.mac) nic.mac->keep();
    note_holder(nic.nic, placement.instance);
  }
  take_port_changes(std::move(ports));
  holdings_.put(placement.instance, std::move(holding));
  co_return addresses;
}

// The server moves: its addresses are those of both placements until one of them is released (Nova: the port stays, and
// gets a second binding; nova/network/neutron.py setup_networks_on_host).
Task<Expected<std::vector<Address>>> NetworkCore::share(PlacementId placement, uint64_t shares_with) {
  Holding holding = *holdings_.find(placement.instance);
  holding.epoch = placement.epoch;
  holding.shared_with = shares_with;
  NetworkTransaction transaction;
  put_leases(placement.instance, holding, transaction);
  if (auto stored = co_await store_leases(std::move(transaction)); !stored) co_return std::unexpected(stored.error());
  std::vector<Address> addresses = addresses_of(holding);
  holdings_.put(placement.instance, std::move(holding));
  co_return addresses;
}

void NetworkCore::put_leases(const Uuid& instance, const Holding& holding, NetworkTransaction& transaction) {
  for (Address& address : addresses_of(holding))
    transaction.push_back(network_mutation::PutLease{
        {instance, holding.epoch, holding.hostname, std::move(address), holding.shared_with}});
}

Task<Expected<>> NetworkCore::store_leases(NetworkTransaction transaction) {
  if (transaction.empty()) co_return Expected<>();
  Expected<> committed = co_await store_.commit(std::move(transaction));
  if (!committed) KN_SOMETIMES("network: the store refuses leases");
  if (!committed)
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("the addresses were not stored: {}", committed.error().message));
  co_return committed;
}

// One of each network or port in order, or none at all.
Expected<std::vector<NetworkCore::NicReservation>> NetworkCore::reserve_nics(const AllocateAddresses& request) {
  if (request.networks.size() > kMaxNics)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} networks were asked for; a server can have at most {}",
                                                         request.networks.size(), kMaxNics));
  std::vector<NicReservation> reserved;
  reserved.reserve(request.networks.size());
  for (const Uuid& id : request.networks) {
    Expected<NicReservation> nic = reserve_nic(request, id);
    if (!nic) return std::unexpected(nic.error());
    nic->nic.nic = static_cast<uint32_t>(reserved.size());
    nic->nic.lease_expires_at = loop_.wall_now() + options_.lease_time;
    reserved.push_back(*std::move(nic));
  }
  return reserved;
}

Expected<NetworkCore::NicReservation> NetworkCore::reserve_nic(const AllocateAddresses& request, const Uuid& id) {
  if (const Port* port = ports_.find(id)) return reserve_port(*port, request);
  NetworkEntry* entry = networks_.find(id);
  // Who asked for an external network was asked when the server was created, as Nova does it.
  bool usable = entry != nullptr && !entry->deleting && may_attach(entry->row, request.project_id, true);
  if (!usable) return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", to_string(id)));
  return entry->subnets.empty() || entry->has_ipv6() ? reserve_new_port(*entry, request) : reserve_own_nic(*entry);
}

// Its one IPv4 address is all that it has, and needs no port.
Expected<NetworkCore::NicReservation> NetworkCore::reserve_own_nic(NetworkEntry& entry) {
  std::optional<Mac> mac = macs_.allocate();
  if (!mac) return fail(ErrorCode::kResourceExhausted, "No more MAC addresses of fa:16:3e available");
  NicReservation reserved;
  reserved.mac.emplace(macs_, *mac);
  Expected<ReservedAddresses> addresses = draw_addresses(entry, *mac);
  if (!addresses) {
    uint64_t usable = 0;
    for (const auto& subnet : entry.subnets) usable += subnet->pool.usable();
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("No more IP addresses available on network {} ({}, {} usable)", entry.row.name,
                            to_string(entry.row.cidr), usable));
  }
  reserved.addresses = *std::move(addresses);
  reserved.nic.network_id = entry.row.id;
  reserved.nic.mac = *mac;
  reserved.nic.ip = to_ipv4(reserved.addresses.added.front().address());
  return reserved;
}

// Of a network whose servers have more addresses than one, or none.
Expected<NetworkCore::NicReservation> NetworkCore::reserve_new_port(NetworkEntry& entry,
                                                                    const AllocateAddresses& request,
                                                                    const std::string& fixed_ip) {
  std::optional<Mac> mac = macs_.allocate();
  if (!mac) return fail(ErrorCode::kResourceExhausted, "No more MAC addresses of fa:16:3e available");
  NicReservation reserved;
  reserved.mac.emplace(macs_, *mac);
  Expected<ReservedAddresses> addresses =
      fixed_ip.empty() ? draw_addresses(entry, *mac) : take_addresses(entry, {FixedIp{{}, fixed_ip}}, *mac, {});
  if (!addresses) return std::unexpected(addresses.error());
  reserved.addresses = *std::move(addresses);
  Port port;
  port.id = random_uuid(random_);
  port.network_id = entry.row.id;
  port.project_id = request.project_id;
  port.mac = *mac;
  port.fixed_ips = reserved.addresses.fixed_ips;
  port.device_id = to_string(request.placement.instance);
  port.device_owner = kComputeOwner;
  port.goes_with_device = true;
  port.revision = 1;
  port.created_at = loop_.wall_now();
  port.updated_at = port.created_at;
  reserved.nic = {entry.row.id, *mac, first_ipv4(port), 0, {}, port.id};
  reserved.port = std::move(port);
  return reserved;
}

// Bound to the server at this epoch: what an older one had of it is over.
Expected<NetworkCore::NicReservation> NetworkCore::reserve_port(const Port& port, const AllocateAddresses& request) {
  const Uuid& instance = request.placement.instance;
  bool is_own =
      port.project_id == request.project_id || networks_.find(port.network_id)->row.project_id == request.project_id;
  if (!is_own) return fail(ErrorCode::kNotFound, fmt::format("Port {} could not be found.", to_string(port.id)));
  if (!port.device_id.empty() && port.device_id != to_string(instance))
    return fail(ErrorCode::kConflict, fmt::format("Port {} is still in use.", to_string(port.id)));
  NicReservation reserved;
  reserved.nic = {port.network_id, port.mac, first_ipv4(port), 0, {}, port.id};
  reserved.port = bound_to(port, instance);
  return reserved;
}

Port NetworkCore::bound_to(Port port, const Uuid& instance) {
  Port bound = port;
  bound.device_id = to_string(instance);
  if (port.device_owner.empty()) bound.device_owner = kComputeOwner;
  if (bound != port) bound.revision += 1;
  return bound;
}

Address NetworkCore::address_of(const HeldNic& nic) {
  NetworkEntry& entry = *networks_.find(nic.network_id);
  const Network& network = entry.row;
  const SubnetEntry* subnet = entry.subnet_of(to_ip(nic.ip));
  Address address{.network_id = network.id,
                  .network_name = network.name,
                  .nic = nic.nic,
                  .ip = nic.ip,
                  .mac = nic.mac,
                  .vlan = network.vlan,
                  .bridge = fmt::format("br{}", network.vlan),
                  .lease_expires_at = renewed_expiry(nic.lease_expires_at, options_.lease_time, loop_.wall_now())};
  if (subnet == nullptr) return address;
  address.prefix = subnet->network.prefix;
  if (auto gateway = subnet->gateway()) address.gateway = to_ipv4(*gateway);
  return address;
}

std::vector<Address> NetworkCore::addresses_of(const Holding& holding) {
  std::vector<Address> addresses;
  addresses.reserve(holding.nics.size());
  for (const HeldNic& nic : holding.nics) addresses.push_back(address_of(nic));
  return addresses;
}

void NetworkCore::note_holder(const HeldNic& nic, const Uuid& instance) {
  if (SubnetEntry* subnet = networks_.find(nic.network_id)->subnet_of(to_ip(nic.ip)))
    subnet->holders.insert_or_assign(nic.ip.value, instance);
}

// A port keeps what is its own.
void NetworkCore::free_addresses(const Holding& holding) {
  for (const HeldNic& nic : holding.nics) {
    SubnetEntry* subnet = networks_.find(nic.network_id)->subnet_of(to_ip(nic.ip));
    if (subnet != nullptr) subnet->holders.erase(nic.ip.value);
    if (!nic.port_id.is_nil()) continue;
    subnet->pool.release(to_ip(nic.ip));
    macs_.release(nic.mac);
  }
}

}  // namespace kilonova::network
