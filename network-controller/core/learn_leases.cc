// What this store lost and the rows of servers still say: a server that runs has the addresses of its row. Rules:
// docs/protocol.md, "Addresses".
#include <algorithm>
#include <optional>
#include <utility>

#include "base/sometimes.h"
#include "network-controller/core/network_core.h"

namespace kilonova::network {
namespace {

constexpr size_t kTakeovers = 8;  // of one server, before it is left to the next audit

bool has_mac(const Holding& holding, Mac mac) {
  return std::ranges::any_of(holding.nics, [&](const HeldNic& nic) { return nic.mac == mac; });
}

bool has_one_twice(const std::vector<Lease>& rows) {
  for (auto row = rows.begin(); row != rows.end(); ++row) {
    auto is_alike = [&](const Lease& other) {
      return other.address.mac == row->address.mac || other.address.nic == row->address.nic ||
             (other.address.network_id == row->address.network_id && other.address.ip == row->address.ip &&
              other.address.ip != Ipv4{});
    };
    if (std::any_of(std::next(row), rows.end(), is_alike)) return true;
  }
  return false;
}

}  // namespace

// By server, then nic. A whole message of them says that there may be more.
Task<void> NetworkCore::learn_leases(uint64_t round, std::vector<Lease> rows, bool ask_again, uint64_t heard) {
  const bool is_full = rows.size() >= kLeasesLearntAtOnce;
  for (auto begin = rows.begin(); begin != rows.end();) {
    auto end = std::find_if(begin, rows.end(), [&](const Lease& row) { return row.instance != begin->instance; });
    co_await learn_lease(round, {std::make_move_iterator(begin), std::make_move_iterator(end)}, heard);
    begin = end;
  }
  round_.end_answer(round);
  if (is_full && ask_again) co_await ask_for_owners();
}

// Whoever else holds one of the addresses has no row that says so: it is being built, and gets another one.
Task<void> NetworkCore::learn_lease(uint64_t round, std::vector<Lease> rows, uint64_t heard) {
  co_await ready_.wait();
  const Uuid instance = rows.front().instance;
  if (has_one_twice(rows)) co_return;
  for (size_t i = 0; i < kTakeovers; ++i) {
    std::vector<PlacementId> others;
    {
      auto lock = co_await locks_.acquire(instance);
      if (!round_.is_current(round)) co_return;
      rows = round_.not_released(std::move(rows));
      if (rows.empty()) {
        KN_SOMETIMES("network: what is to be learnt was released meanwhile");
        co_return;
      }
      const Holding* holding = holdings_.find(instance);
      if (holding != nullptr && holding->epoch > rows.front().epoch) {
        KN_SOMETIMES("network: what is to be learnt is older than what is held");
        if (!holding->is_of(rows.front().epoch)) co_return;
        // Of a server that moves: what the placement that it leaves has is what both have.
        for (Lease& row : rows) {
          row.epoch = holding->epoch;
          row.shared_with = holding->shared_with;
        }
      }
      if (is_held(rows) || (holding != nullptr && holding->changed_at >= heard)) co_return;
      auto found = holders_of(rows);
      if (!found) co_return;
      others = *std::move(found);
      if (others.empty()) co_return co_await hold(std::move(rows));
    }
    for (const PlacementId& other : others) {
      KN_SOMETIMES("network: an address is taken back from another server");
      log_.event(LogLevel::kWarning, "an address is another server's, whose row has it: it is taken back",
                 {{"instance", to_string(other.instance)}, {"owner", to_string(instance)}});
      if (!co_await deallocate(other, 0, Release::kOfPlacement)) co_return;
    }
  }
}

bool NetworkCore::is_held(const std::vector<Lease>& rows) const {
  const Holding* holding = holdings_.find(rows.front().instance);
  if (holding == nullptr || !holding->is_of(rows.front().epoch) || holding->nics.size() != rows.size()) return false;
  return std::ranges::equal(holding->nics, rows, [](const HeldNic& nic, const Lease& row) {
    return nic.nic == row.address.nic && nic.network_id == row.address.network_id && nic.ip == row.address.ip &&
           nic.mac == row.address.mac;
  });
}

std::optional<std::vector<PlacementId>> NetworkCore::holders_of(const std::vector<Lease>& rows) {
  const Uuid instance = rows.front().instance;
  std::vector<PlacementId> others;
  auto add = [&](const Uuid& other) {
    if (other == instance || std::ranges::find(others, other, &PlacementId::instance) != others.end()) return;
    others.push_back({other, holdings_.find(other)->epoch});
  };
  for (const Lease& row : rows) {
    NetworkEntry* entry = networks_.find(row.address.network_id);
    if (entry == nullptr || entry->deleting) return std::nullopt;
    // A port has its address and its MAC whoever it is bound to: it is this server's, or free to become it.
    if (const Port* port = ports_.find(entry->row.id, row.address.mac)) {
      if (!port->device_id.empty() && port->device_id != to_string(instance)) return std::nullopt;
      continue;
    }
    SubnetEntry* subnet = entry->subnet_of(to_ip(row.address.ip));
    if (subnet == nullptr || subnet->deleting) return std::nullopt;
    const Uuid* holder = subnet->holders.find(row.address.ip.value);
    if (holder != nullptr) add(*holder);
    // Its commit is under way, or it is a port's.
    if (holder == nullptr && subnet->pool.in_use(to_ip(row.address.ip))) return std::nullopt;
    if (!macs_.in_use(row.address.mac)) continue;
    if (holder != nullptr && has_mac(*holdings_.find(*holder), row.address.mac)) continue;
    bool found = false;
    for (const Uuid& other : holdings_.holders()) {
      if (!has_mac(*holdings_.find(other), row.address.mac)) continue;
      add(other);
      found = true;
    }
    if (!found) return std::nullopt;
  }
  return others;
}

// The server's lock is held, and nobody else has the addresses. What it had before is freed.
Task<void> NetworkCore::hold(std::vector<Lease> rows) {
  const Uuid instance = rows.front().instance;
  std::vector<Uuid> ports = ports_.of_device(to_string(instance));
  for (const Lease& row : rows)
    if (const Port* port = ports_.find(row.address.network_id, row.address.mac)) ports.push_back(port->id);
  auto port_locks = co_await lock_ports(std::move(ports));
  auto others = holders_of(rows);  // a port may have gone to somebody else while its lock was waited for
  if (!others || !others->empty()) co_return;
  Holding holding{
      .epoch = rows.front().epoch, .shared_with = rows.front().shared_with, .hostname = rows.front().hostname};
  std::vector<AddressReservation> addresses;
  std::vector<MacReservation> macs;
  PortChanges bound;
  NetworkTransaction transaction;
  if (holdings_.find(instance) != nullptr) transaction.push_back(network_mutation::EraseLeases{instance});
  for (const Lease& row : rows) {
    const Address& address = row.address;
    HeldNic nic{address.network_id, address.mac, address.ip, address.nic, address.lease_expires_at, {}};
    if (const Port* port = ports_.find(address.network_id, address.mac)) {
      nic.port_id = port->id;
      if (port->device_id.empty()) bound.put.push_back(bound_to(*port, instance));
    } else if (!reserve_learnt(address, addresses, macs)) {
      co_return;
    }
    holding.nics.push_back(nic);
  }
  // Of what was added to the server, and is in no row.
  if (const Holding* before = holdings_.find(instance))
    for (const HeldNic& nic : before->nics)
      if (const Port* port = nic.port_id.is_nil() ? nullptr : ports_.find(nic.port_id);
          port != nullptr && std::ranges::find(holding.nics, nic.port_id, &HeldNic::port_id) == holding.nics.end())
        let_go(*port, bound);
  put_ports(bound, transaction);
  put_leases(instance, holding, transaction);
  if (auto stored = co_await store_leases(std::move(transaction)); !stored) co_return;
  KN_SOMETIMES("network: lost leases are learnt again");
  log_.event(LogLevel::kWarning, "addresses that this store had lost are its server's again",
             {{"instance", to_string(instance)}, {"epoch", std::to_string(holding.epoch)}});
  free_what_is_not_in(holding, instance);
  for (AddressReservation& address : addresses) address.keep();
  for (MacReservation& mac : macs) mac.keep();
  for (const HeldNic& nic : holding.nics) note_holder(nic, instance);
  take_port_changes(std::move(bound));
  holdings_.put(instance, std::move(holding));
}

// Neither where somebody else has either. What is in use already is the server's own.
bool NetworkCore::reserve_learnt(const Address& address, std::vector<AddressReservation>& addresses,
                                 std::vector<MacReservation>& macs) {
  AddressPool& pool = networks_.find(address.network_id)->subnet_of(to_ip(address.ip))->pool;
  if (!pool.in_use(to_ip(address.ip))) {
    if (!pool.take(to_ip(address.ip))) return false;
    addresses.emplace_back(pool, to_ip(address.ip));
  }
  if (!macs_.in_use(address.mac)) {
    if (!macs_.take(address.mac)) return false;
    macs.emplace_back(macs_, address.mac);
  }
  return true;
}

void NetworkCore::free_what_is_not_in(const Holding& holding, const Uuid& instance) {
  const Holding* before = holdings_.find(instance);
  for (const HeldNic& nic : before != nullptr ? before->nics : std::vector<HeldNic>()) {
    auto has_address = [&](const HeldNic& kept) { return kept.network_id == nic.network_id && kept.ip == nic.ip; };
    SubnetEntry* subnet = networks_.find(nic.network_id)->subnet_of(to_ip(nic.ip));
    if (subnet != nullptr && std::ranges::none_of(holding.nics, has_address)) {
      subnet->holders.erase(nic.ip.value);
      if (nic.port_id.is_nil()) subnet->pool.release(to_ip(nic.ip));
    }
    if (nic.port_id.is_nil() && !has_mac(holding, nic.mac)) macs_.release(nic.mac);
  }
}

}  // namespace kilonova::network
