// NetworkTable: all networks with their subnets, by id, by name and by who may see them, and PortTable: all ports. Owned by
// the NetworkCore, loop thread only. Pure: they hold what is committed; who changes them commits first.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash_map.h"
#include "base/ids.h"
#include "domain/api.h"
#include "domain/ip_address.h"
#include "domain/net.h"
#include "domain/nouns/network_part.h"
#include "domain/operation.h"
#include "network-controller/core/address_pool.h"

namespace kilonova::network {

struct SubnetEntry {
  // The row must be valid (subnet_checks.h).
  explicit SubnetEntry(Subnet row);

  Subnet row;
  IpNetwork network;
  AddressPool pool;
  HashMap<uint32_t, Uuid> holders;  // the server by IPv4 address, for listings
  bool deleting = false;            // its deletion is being committed: no address is given out any more

  std::optional<IpAddress> gateway() const { return parse_ip(row.gateway); }
  // The row is valid, and of the same cidr.
  void replace(Subnet changed);
};

struct NetworkEntry {
  explicit NetworkEntry(Network network) : row(std::move(network)) {}

  Network row;
  NetworkDetails details;
  std::vector<std::unique_ptr<SubnetEntry>> subnets;  // by creation, then id; an entry stays where it is until erased
  bool deleting = false;

  // Null when there is none.
  SubnetEntry* find(const Uuid& subnet);
  SubnetEntry* subnet_of(IpAddress address);
  SubnetEntry& insert(Subnet subnet);
  void erase(const Uuid& subnet);
  uint64_t used() const;
  bool has_ipv6() const;
  // The row with the cidr and gateway of its first IPv4 subnet: what older clients are shown.
  Network row_of_subnets(const Subnet* added = nullptr, const Uuid* left_out = nullptr) const;
};

class NetworkTable {
 public:
  // Its id must be new.
  NetworkEntry& insert(Network row);
  void erase(const Uuid& id) { networks_.erase(id); }

  // Null when there is none. Entries stay where they are until erased.
  NetworkEntry* find(const Uuid& id);
  const NetworkEntry* find(const Uuid& id) const;
  bool empty() const { return networks_.empty(); }
  std::vector<Network> rows() const;
  const std::map<Uuid, NetworkEntry>& all() const { return networks_; }
  // The network that has this subnet.
  NetworkEntry* network_of(const Uuid& subnet);

  // In order of creation, then id: what the caller may see, and of these the one with this id or name ("" = all).
  std::vector<NetworkEntry*> visible(const RequestContext& context, std::string_view id_or_name);
  // kNotFound when the caller can see none, kConflict when several bear the name.
  Expected<NetworkEntry*> resolve(const RequestContext& context, std::string_view id_or_name);
  bool has_name(const Uuid& project_id, std::string_view name) const;
  size_t count_of(const Uuid& project_id) const;
  // The least VLAN not below `first` that no network has.
  std::optional<uint16_t> free_vlan(uint16_t first) const;

 private:
  std::map<Uuid, NetworkEntry> networks_;
};

class PortTable {
 public:
  void put(Port row);
  void erase(const Uuid& id);
  const Port* find(const Uuid& id) const;
  const Port* find(const Uuid& network, Mac mac) const;
  bool has_any_on(const Uuid& network) const;
  std::vector<Uuid> of_device(const std::string& device) const;
  const std::map<Uuid, Port>& all() const { return ports_; }

 private:
  std::map<Uuid, Port> ports_;
  std::map<std::pair<Uuid, Mac>, Uuid> by_mac_;  // of a network
  std::set<std::pair<std::string, Uuid>> by_device_;
};

// Own, shared, external, or the caller is admin.
bool may_see(const RequestContext& context, const Network& network);
// Own, or the caller is admin.
bool may_change(const RequestContext& context, const Network& network);

inline constexpr uint16_t kLastVlan = 4094;  // IEEE 802.1Q

}  // namespace kilonova::network
