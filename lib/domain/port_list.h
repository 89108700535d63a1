// The form in which a launch names ports among its networks: kPortPrefix and the ids of as many ports as it is to make
// servers at most, with commas between; the server with index i has the i-th.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace kilonova {

std::string network_of_ports(std::span<const Uuid> ports);
// None where `network` is no such list: it has another beginning, no port, or something that is no id.
std::optional<std::vector<Uuid>> ports_of(std::string_view network);

}  // namespace kilonova
