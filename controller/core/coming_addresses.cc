#include "controller/core/coming_addresses.h"

#include <algorithm>
#include <utility>

namespace kilonova::controller {

ComingAddresses::ComingAddresses(ControllerWorld& world, int64_t row, std::vector<Address> addresses)
    : world_(world), row_(row), addresses_(std::move(addresses)) {
  for (const Address& address : addresses_) world_.coming_addresses.put(address, row_);
}

ComingAddresses::~ComingAddresses() {
  for (const Address& address : addresses_) world_.coming_addresses.erase(address, row_);
}

bool are_of_another(const ControllerWorld& world, const Instance& row, const std::vector<Address>& addresses) {
  auto is_coming = [&](const Address& address) {
    return world.coming_addresses.other_than(row.id, address).has_value();
  };
  return world.instances.other_with(row.uuid, addresses) != nullptr || std::ranges::any_of(addresses, is_coming);
}

}  // namespace kilonova::controller
