// Sets of addresses as lists of prefixes, as netaddr keeps an IPSet: none in another, no two that are one, in order.
#pragma once

#include <vector>

#include "domain/ip_address.h"

namespace kilonova::api::openstack {

std::vector<IpNetwork> compact(std::vector<IpNetwork> prefixes);
// What is left of `all` without `removed`, both of one version.
std::vector<IpNetwork> difference(const std::vector<IpNetwork>& all, const std::vector<IpNetwork>& removed);
// Every address of it is in one of them; `all` is compact.
bool is_within(const std::vector<IpNetwork>& all, IpNetwork part);
bool is_disjoint(const std::vector<IpNetwork>& a, const std::vector<IpNetwork>& b);

}  // namespace kilonova::api::openstack
