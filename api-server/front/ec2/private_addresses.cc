#include "api-server/front/ec2/private_addresses.h"

#include <fmt/format.h>

#include <utility>

#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/rows.h"
#include "domain/nouns/network_part.h"

namespace kilonova::api::ec2 {

Result<Texts> read_private_addresses(const Parameter& parameters) {
  constexpr auto kMostOthers = static_cast<int64_t>(kMaxFixedIps) - 1;
  Texts addresses(1, parameters.text("PrivateIpAddress"));
  const std::vector<const Parameter*> listed = parameters.items("PrivateIpAddresses");
  for (const Parameter* one : listed) {
    auto is_primary = boolean_of(*one, "Primary");
    if (!is_primary) return std::unexpected(std::move(is_primary.error()));
    auto address = required(*one, "PrivateIpAddress");
    if (!address) return std::unexpected(std::move(address.error()));
    // One alone of which nothing is said is the primary one.
    if (!*is_primary && (listed.size() > 1 || one->has("Primary") || !addresses.front().empty())) {
      addresses.push_back(std::move(*address));
      continue;
    }
    if (!addresses.front().empty())
      return refused("InvalidParameterCombination", "Only one primary private IP address can be specified.");
    addresses.front() = std::move(*address);
  }
  auto count = integer_of(parameters, "SecondaryPrivateIpAddressCount", 0, kMostOthers);
  if (!count) return std::unexpected(std::move(count.error()));
  if (*count && addresses.size() > 1)
    return refused("InvalidParameterCombination",
                   "SecondaryPrivateIpAddressCount cannot be said beside secondary PrivateIpAddresses.");
  addresses.resize(addresses.size() + static_cast<size_t>(count->value_or(0)));
  if (addresses.size() > kMaxFixedIps)
    return refused("PrivateIpAddressLimitExceeded",
                   fmt::format("A network interface has at most {} private addresses.", kMaxFixedIps));
  return addresses;
}

Refusal of_addresses(const openstack::Refusal& refusal) {
  if (refusal.message.contains("already in use on instance network") || refusal.type == "IpAddressAlreadyAllocated")
    return {"InvalidIPAddress.InUse", refusal.message};
  if (refusal.message.starts_with("No fixed IP addresses available") || refusal.type == "IpAddressGenerationFailure")
    return {"InsufficientFreeAddressesInSubnet", refusal.message};
  if (refusal.type == "OverQuota") return {"NetworkInterfaceLimitExceeded", refusal.message};
  return refusal_of(refusal, kInterfaceId.not_found, "InvalidNetworkInterface.InUse");
}

}  // namespace kilonova::api::ec2
