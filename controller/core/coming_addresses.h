// Addresses of a row whose commit is under way: they count as had, so that of two rows that are to get one address, for
// the network-controller's store went back between, one gets it. Rules: docs/protocol.md, "Addresses". Loop thread only.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "controller/core/controller_world.h"
#include "domain/net.h"

namespace kilonova::controller {

class ComingAddresses {
 public:
  // `row`: its row id.
  ComingAddresses(ControllerWorld& world, int64_t row, std::vector<Address> addresses);
  ComingAddresses(const ComingAddresses&) = delete;
  ComingAddresses& operator=(const ComingAddresses&) = delete;
  ~ComingAddresses();

 private:
  ControllerWorld& world_;
  int64_t row_;
  std::vector<Address> addresses_;
};

// One of these is had by another server's row, or by what it is about to be.
bool are_of_another(const ControllerWorld& world, const Instance& row, const std::vector<Address>& addresses);

}  // namespace kilonova::controller
