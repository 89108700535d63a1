// NetworkTable: all networks with their pools, by id, by name and by who may see them. Owned by the NetworkCore, loop
// thread only. Pure: it holds what is committed; who changes it commits first.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/hash_map.h"
#include "base/ids.h"
#include "domain/api.h"
#include "domain/net.h"
#include "domain/operation.h"
#include "network-controller/core/address_pool.h"

namespace kilonova::network {

struct NetworkEntry {
  NetworkEntry(Network network, AddressPool addresses) : row(std::move(network)), pool(std::move(addresses)) {}
  Network row;
  AddressPool pool;
  HashMap<uint32_t, Uuid> holders;  // instance by address, for listings
  bool deleting = false;            // its deletion is being committed: no address is given out any more
};

class NetworkTable {
 public:
  // The row must be valid (network_rules.h) and its id new.
  NetworkEntry& insert(Network row);
  void erase(const Uuid& id) { networks_.erase(id); }

  // Null when there is none. Entries stay where they are until erased.
  NetworkEntry* find(const Uuid& id);
  bool empty() const { return networks_.empty(); }
  std::vector<Network> rows() const;

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

// Own, shared, external, or the caller is admin.
bool may_see(const RequestContext& context, const Network& network);
// Own, or the caller is admin.
bool may_change(const RequestContext& context, const Network& network);

inline constexpr uint16_t kLastVlan = 4094;  // IEEE 802.1Q

}  // namespace kilonova::network
