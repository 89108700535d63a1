// Step 8, address_allocated: fixed address, MAC, VLAN and bridge, DHCP lease for each nic of a server.
// Nova: nova/network/neutron.py allocate_for_instance; Bexar: nova/network/manager.py allocate_fixed_ip.
#include <fmt/format.h>

#include <utility>

#include "network-controller/core/network_core.h"

namespace kilonova::network {
namespace {

constexpr size_t kMaxNics = 64;

Error stale(const PlacementId& placement) {
  return {ErrorCode::kConflict, fmt::format("stale: epoch {} of server {} was released or superseded", placement.epoch,
                                            to_string(placement.instance))};
}

}  // namespace

Task<void> NetworkCore::allocate_for_instance(Peer from, uint64_t call, AllocateAddresses request) {
  co_await ready_.wait();
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
// kUnavailable: the store refused. After any failure everything is as before.
//
// A higher epoch gets new addresses before the lower one's are freed: at no time do two placements share one.
Task<Expected<std::vector<Address>>> NetworkCore::allocate(AllocateAddresses request) {
  const PlacementId placement = request.placement;
  auto lock = co_await locks_.acquire(placement.instance);
  AllocateVerdict verdict = holdings_.decide_allocate(placement, request.shares_with);
  if (verdict == AllocateVerdict::kStale) co_return std::unexpected(stale(placement));
  if (verdict == AllocateVerdict::kRepeat) co_return addresses_of(*holdings_.find(placement.instance));

  if (verdict == AllocateVerdict::kShare) co_return co_await share(placement, request.shares_with);

  Expected<std::vector<NicReservation>> reserved = reserve_nics(request);
  if (!reserved) co_return std::unexpected(reserved.error());
  Holding holding{.epoch = placement.epoch, .hostname = request.hostname, .nics = {}};
  for (const NicReservation& nic : *reserved)
    holding.nics.push_back({nic.entry->row.id, nic.mac.mac(), nic.ip.address(),
                            static_cast<uint32_t>(holding.nics.size()), loop_.wall_now() + options_.lease_time});
  std::vector<Address> addresses = addresses_of(holding);

  NetworkTransaction transaction;
  bool supersedes = holdings_.find(placement.instance) != nullptr;
  if (supersedes) transaction.push_back(network_mutation::EraseLeases{placement.instance});
  put_leases(placement.instance, holding, transaction);
  if (auto stored = co_await store_leases(std::move(transaction)); !stored) co_return std::unexpected(stored.error());

  // Nobody else changed this server's holding: its lock is held. The networks stay while addresses are reserved.
  if (supersedes) free_addresses(*holdings_.find(placement.instance));
  for (NicReservation& nic : *reserved) {
    nic.entry->holders.insert(nic.ip.address().value, placement.instance);
    nic.ip.keep();
    nic.mac.keep();
  }
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
  if (!committed)
    co_return fail(ErrorCode::kUnavailable,
                   fmt::format("the addresses were not stored: {}", committed.error().message));
  co_return committed;
}

// One of each network in order, or none at all.
Expected<std::vector<NetworkCore::NicReservation>> NetworkCore::reserve_nics(const AllocateAddresses& request) {
  if (request.networks.size() > kMaxNics)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} networks were asked for; a server can have at most {}",
                                                         request.networks.size(), kMaxNics));
  std::vector<NicReservation> reserved;
  reserved.reserve(request.networks.size());
  for (const Uuid& id : request.networks) {
    NetworkEntry* entry = networks_.find(id);
    // Who asked for an external network was asked when the server was created, as Nova does it.
    bool usable = entry != nullptr && !entry->deleting && may_attach(entry->row, request.project_id, true);
    if (!usable) return fail(ErrorCode::kNotFound, fmt::format("Network {} could not be found.", to_string(id)));
    std::optional<Ipv4> ip = entry->pool.allocate();
    if (!ip)
      return fail(ErrorCode::kResourceExhausted,
                  fmt::format("No more IP addresses available on network {} ({}, {} usable)", entry->row.name,
                              to_string(entry->row.cidr), entry->pool.usable()));
    AddressReservation ip_reservation(entry->pool, *ip);
    std::optional<Mac> mac = macs_.allocate();
    if (!mac) return fail(ErrorCode::kResourceExhausted, "No more MAC addresses of fa:16:3e available");
    reserved.push_back({entry, std::move(ip_reservation), MacReservation(macs_, *mac)});
  }
  return reserved;
}

Address NetworkCore::address_of(const HeldNic& nic) {
  const Network& network = networks_.find(nic.network_id)->row;
  return {.network_id = network.id,
          .network_name = network.name,
          .nic = nic.nic,
          .ip = nic.ip,
          .prefix = network.cidr.prefix,
          .gateway = network.gateway,
          .mac = nic.mac,
          .vlan = network.vlan,
          .bridge = fmt::format("br{}", network.vlan),
          .lease_expires_at = renewed_expiry(nic.lease_expires_at, options_.lease_time, loop_.wall_now())};
}

std::vector<Address> NetworkCore::addresses_of(const Holding& holding) {
  std::vector<Address> addresses;
  addresses.reserve(holding.nics.size());
  for (const HeldNic& nic : holding.nics) addresses.push_back(address_of(nic));
  return addresses;
}

void NetworkCore::free_addresses(const Holding& holding) {
  for (const HeldNic& nic : holding.nics) {
    NetworkEntry* entry = networks_.find(nic.network_id);
    entry->pool.release(nic.ip);
    entry->holders.erase(nic.ip.value);
    macs_.release(nic.mac);
  }
}

}  // namespace kilonova::network
