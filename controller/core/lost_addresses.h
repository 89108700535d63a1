// Addresses, where the rows and the network-controller's leases are not of one moment: one of the two stores has gone
// back. The row of a server with a guest is the truth for whose address it is, and of two such rows that of the server
// created first (docs/protocol.md, "Addresses"). Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/messages.h"

namespace kilonova::controller {

class LostAddresses {
 public:
  explicit LostAddresses(ControllerWorld& world) : world_(world) {}

  // Rows of an older store may have one address twice.
  void start();
  // What the rows of this range have and the network-controller does not goes into the answer, as much as one may hold.
  void compare(const OwnershipQuery& query, OwnershipAnswer& answer);
  // The network-controller holds addresses for a server that has none, and nothing is under way.
  bool has_too_much(const Instance& row, const OwnershipQuery& query, const PlacementId& held) const;

 private:
  // Why the server cannot keep its addresses; "" when it can.
  std::string why_not(const Instance& row) const;
  // To ERROR, with a fault that says why: its guest and its host stay, its addresses go. Not while something is under
  // way: the next audit finds it again.
  Task<> give_up(Uuid instance);

  ControllerWorld& world_;
};

}  // namespace kilonova::controller
