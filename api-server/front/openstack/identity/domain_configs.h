// Configurations of domains: kept and shown; no driver reads them here.
#pragma once

#include <string_view>

namespace kilonova::api::openstack {

// A domain's is a record of this kind, under the domain's id.
inline constexpr std::string_view kDomainConfigs = "domain-config";

}  // namespace kilonova::api::openstack
