// Networks and the addresses held in them: the network-controller decides.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/form_rules.h"
#include "domain/net.h"
#include "domain/operation.h"

namespace kilonova {

struct NetworkList {
  std::vector<Network> networks;  // by id
  std::vector<uint64_t> used;     // addresses held, by network
  bool more = false;
  bool operator==(const NetworkList&) const = default;
};
struct LeaseList {
  std::vector<Lease> leases;  // by address
  bool more = false;
  bool operator==(const LeaseList&) const = default;
};

struct ListNetworks {
  static constexpr Operation kOperation{"ListNetworks", UserRole::kReader, Effect::kReads, DecidedBy::kNetwork};
  using Reply = NetworkList;
  std::string network;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // id of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListNetworks&) const = default;
};

struct CreateNetwork {
  static constexpr Operation kOperation{"CreateNetwork", UserRole::kMember, Effect::kChanges, DecidedBy::kNetwork};
  using Reply = NetworkList;
  std::string name;
  std::string cidr;
  std::string gateway;  // "" = the first usable address
  bool shared = false;
  bool external = false;

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const CreateNetwork&) const = default;
};

struct DeleteNetwork {
  static constexpr Operation kOperation{"DeleteNetwork", UserRole::kMember, Effect::kChanges, DecidedBy::kNetwork};
  using Reply = Empty;
  std::string network;

  Expected<> check() const;
  bool operator==(const DeleteNetwork&) const = default;
};

// The addresses and leases of one network: all to admins, of their project to others.
struct ListLeases {
  static constexpr Operation kOperation{"ListLeases", UserRole::kReader, Effect::kReads, DecidedBy::kNetwork};
  using Reply = LeaseList;
  std::string network;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // address of the last one of the page before

  Expected<> check() const;
  bool operator==(const ListLeases&) const = default;
};

using NetworkOperations = TypeList<ListNetworks, CreateNetwork, DeleteNetwork, ListLeases>;

}  // namespace kilonova
