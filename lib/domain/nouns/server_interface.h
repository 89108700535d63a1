// The interfaces of a server that is there: what clients ask, and what the controller asks of the network-controller for
// it. A server is named by id, or by name within the caller's project; administrators act on those of every project.
// Source of the rules: nova/compute/api.py attach_interface, detach_interface, remove_fixed_ip.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/instance.h"
#include "domain/net.h"
#include "domain/nouns/network.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"

namespace kilonova {

// Of all kinds: those of the launch, and those that were added.
inline constexpr size_t kMaxInterfacesPerServer = 64;

// Answered with the server as it is committed then: the new interface has the highest number.
struct AttachInterface {
  static constexpr Operation kOperation{"AttachInterface", UserRole::kMember, Effect::kChanges};
  using Reply = ServerList;
  std::string server;
  std::string network;   // id or name; "" = the one that the project can use
  std::string port;      // id of a port that no device has; then no network is named
  std::string fixed_ip;  // of the network that is named, in canonical form; "" = any

  Expected<> check() const;
  bool operator==(const AttachInterface&) const = default;
};

// What was made for the server goes, a port of a user's is free again.
struct DetachInterface {
  static constexpr Operation kOperation{"DetachInterface", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string interface;  // its MAC, or its first fixed address

  Expected<> check() const;
  bool operator==(const DetachInterface&) const = default;
};

// Of an interface that has others of the version too, one of which takes its place where it was the first.
struct RemoveFixedIp {
  static constexpr Operation kOperation{"RemoveFixedIp", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string server;
  std::string address;

  Expected<> check() const;
  bool operator==(const RemoveFixedIp&) const = default;
};

// The controller's, of the network-controller: makes a server's interfaces those that its row has, and one more where a
// network or a port is named. An interface that is held and not named goes. One that is named with another address of its port
// has that as its first. Answered with all leases of the server. Errors: kUnavailable where one that is named is not held
// (the store went back: it is learnt again first), or the store refused; others as of a launch's allocation. After any
// failure everything is as before.
struct ChangeServerNics {
  static constexpr Operation kOperation{"ChangeServerNics", UserRole::kAdmin, Effect::kChanges, DecidedBy::kNetwork,
                                        AskedBy::kApiServer};
  using Reply = LeaseList;
  Uuid change;  // the repetition of one is the same
  PlacementId placement;
  Uuid project_id;
  std::string hostname;
  std::vector<Address> kept;
  Uuid network;          // of one that is added; nil = none
  Uuid port;             // likewise
  std::string fixed_ip;  // of the network; "" = any

  Expected<> check() const;
  bool operator==(const ChangeServerNics&) const = default;
};

using ServerInterfaceOperations = TypeList<AttachInterface, DetachInterface, RemoveFixedIp, ChangeServerNics>;

}  // namespace kilonova
