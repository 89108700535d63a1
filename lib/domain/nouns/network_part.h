// Networks, subnets and ports as Neutron's API changes them: the network-controller owns them, and decides who has which
// address. What no launch acts upon (names, descriptions, DNS servers, security groups) is the `details`, JSON of the
// front that wrote it, as in an ApiRecord. See docs/adr/0023-ports-and-subnets.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/net.h"
#include "domain/operation.h"

namespace kilonova {

// Addresses are texts in their canonical form (domain/ip_address.h): they come as such and are shown as such.
struct AddressRange {
  std::string first;
  std::string last;  // at the end, itself of the range
  bool operator==(const AddressRange&) const = default;
};

struct Subnet {
  Uuid id;
  Uuid network_id;
  Uuid project_id;
  std::string cidr;                 // of either version; none of its network overlaps it
  std::string gateway;              // "" = none
  std::vector<AddressRange> pools;  // which addresses are given out unasked; neither overlaps another
  bool automatic = false;           // each port's address follows from its MAC (SLAAC)
  std::string details;
  uint64_t revision = 0;  // 1 for a new one, and one more with each change
  WallTime created_at;
  WallTime updated_at;
  bool operator==(const Subnet&) const = default;
};

struct FixedIp {
  Uuid subnet_id;  // nil in a request: the subnet that has the address
  std::string ip;  // "" in a request: one of the subnet's pools
  bool operator==(const FixedIp&) const = default;
};

struct Port {
  Uuid id;
  Uuid network_id;
  Uuid project_id;  // nil: nobody's, as those of routers' gateways are
  Mac mac;          // 0 in a request: one is drawn
  std::vector<FixedIp> fixed_ips;
  std::string device_id;  // of a server, router or floating IP; "" = none
  std::string device_owner;
  bool goes_with_device = false;  // it was made for its server, and is deleted with it
  bool is_asked_for = false;      // of such a one: its launch names it, so that the end of one try leaves it there
  std::string details;
  uint64_t revision = 0;
  WallTime created_at;
  WallTime updated_at;
  bool operator==(const Port&) const = default;
};

// What a network's row (net.h) does not say. A network without one has never been changed.
struct NetworkDetails {
  Uuid id;
  std::string details;
  uint64_t revision = 0;
  WallTime updated_at;
  bool operator==(const NetworkDetails&) const = default;
};

// Where a server is asked for with networks, "port:" and its id ask for a port.
inline constexpr std::string_view kPortPrefix = "port:";
// As the only one: no network at all. A network of this name is asked for by its id.
inline constexpr std::string_view kNoNetwork = "none";

inline constexpr size_t kMaxPartDetailsBytes = 128 * 1024;
inline constexpr size_t kMaxFixedIps = 64;
inline constexpr size_t kMaxPools = 256;

// Of one kind: those that were asked for, by id.
struct NetworkParts {
  std::vector<Network> networks;
  std::vector<NetworkDetails> details;  // of these networks, where they have any
  std::vector<uint64_t> used;           // addresses held of each subnet, or of each network
  std::vector<Subnet> subnets;
  std::vector<Port> ports;
  bool more = false;
  bool operator==(const NetworkParts&) const = default;
};

// All are the api-server's own: what a client may see and do is said by the policy of the route.

struct ListNetworkParts {
  static constexpr Operation kOperation{"ListNetworkParts", UserRole::kAdmin, Effect::kReads, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = NetworkParts;
  std::string kind;       // "network", "subnet" or "port"
  Uuid id;                // nil = all
  Uuid network_id;        // of subnets and ports; nil = any
  std::string device_id;  // of ports; "" = any
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListNetworkParts&) const = default;
};

// Makes or replaces one: which, the revision says that its writer knew (0 = it is new). A network gets its VLAN here; cidr
// and gateway are its subnets' affair.
struct StoreNetwork {
  static constexpr Operation kOperation{"StoreNetwork", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = NetworkParts;
  Network network;
  std::string details;
  uint64_t revision = 0;

  Expected<> check() const;
  bool operator==(const StoreNetwork&) const = default;
};

struct StoreSubnet {
  static constexpr Operation kOperation{"StoreSubnet", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = NetworkParts;
  Subnet subnet;

  Expected<> check() const;
  bool operator==(const StoreSubnet&) const = default;
};

struct StorePort {
  static constexpr Operation kOperation{"StorePort", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = NetworkParts;
  Port port;
  bool draws_addresses = false;  // of each version one, as the network's subnets have them; port.fixed_ips is empty

  Expected<> check() const;
  bool operator==(const StorePort&) const = default;
};

// kConflict while something else needs it.
struct DeleteNetworkPart {
  static constexpr Operation kOperation{"DeleteNetworkPart", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = Empty;
  std::string kind;
  Uuid id;

  Expected<> check() const;
  bool operator==(const DeleteNetworkPart&) const = default;
};

using NetworkPartOperations = TypeList<ListNetworkParts, StoreNetwork, StoreSubnet, StorePort, DeleteNetworkPart>;

}  // namespace kilonova
