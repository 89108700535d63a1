// The OpenStack services that one port speaks for, under DevStack's paths.
#pragma once

#include <cstdint>
#include <string_view>

namespace kilonova::api::openstack {

enum class Service : uint8_t { kIdentity, kCompute, kImage, kNetwork, kPlacement };

struct ServiceInfo {
  Service service;
  std::string_view name;  // in the catalog: "nova"
  std::string_view type;  // "compute"
  std::string_view path;  // of its endpoint: "/compute/v2.1"
};

}  // namespace kilonova::api::openstack
