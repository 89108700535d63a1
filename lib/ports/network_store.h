// The network-controller's durable rows: networks with their subnets and ports, the addresses that servers hold, and the
// fences of what was released.
// Loaded whole at start, changed by transactions; one contract suite holds every implementation.
#pragma once

#include <variant>
#include <vector>

#include "base/error.h"
#include "domain/api.h"
#include "domain/messages.h"
#include "domain/net.h"
#include "domain/nouns/network_part.h"
#include "runtime/task.h"

namespace kilonova {

// This server's addresses up to this epoch were released: a later message of such an epoch gets nothing.
struct ReleaseFence {
  PlacementId placement;
  WallTime released_at;
  bool operator==(const ReleaseFence&) const = default;
};

// Erasing what is not there changes nothing and is no error.
namespace network_mutation {

// All rows of all tables: what is put behind it is all there is.
struct EraseEverything {};

struct PutNetwork {
  Network row;
};
struct EraseNetwork {
  Uuid id;
};
struct PutDetails {
  NetworkDetails row;
};
struct EraseDetails {
  Uuid id;
};
struct PutSubnet {
  Subnet row;
};
struct EraseSubnet {
  Uuid id;
};
struct PutPort {
  Port row;
};
struct ErasePort {
  Uuid id;
};
struct PutLease {
  Lease row;  // key (instance, nic): a higher epoch replaces
};
struct EraseLeases {
  Uuid instance;
};
struct PutFence {
  ReleaseFence row;  // key instance
};
struct EraseFence {
  Uuid instance;
};

}  // namespace network_mutation

using NetworkMutation =
    std::variant<network_mutation::PutNetwork, network_mutation::EraseNetwork, network_mutation::PutLease,
                 network_mutation::EraseLeases, network_mutation::PutFence, network_mutation::EraseFence,
                 network_mutation::PutDetails, network_mutation::EraseDetails, network_mutation::PutSubnet,
                 network_mutation::EraseSubnet, network_mutation::PutPort, network_mutation::ErasePort,
                 network_mutation::EraseEverything>;
using NetworkTransaction = std::vector<NetworkMutation>;

struct NetworkState {
  std::vector<Network> networks;        // by id
  std::vector<Lease> leases;            // by (instance, nic)
  std::vector<ReleaseFence> fences;     // by instance
  std::vector<NetworkDetails> details;  // by id, as the rest
  std::vector<Subnet> subnets;
  std::vector<Port> ports;
  bool operator==(const NetworkState&) const = default;
};

// Same promises as ControllerStore.
class NetworkStore {
 public:
  virtual ~NetworkStore() = default;
  virtual Expected<NetworkState> load() = 0;
  virtual Task<Expected<>> commit(NetworkTransaction transaction) = 0;
};

}  // namespace kilonova
