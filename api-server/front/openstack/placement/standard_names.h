// The names that every Placement of Zed knows: os-resource-classes 1.1.0 and os-traits 2.9.0.
#pragma once

#include <span>
#include <string_view>

namespace kilonova::api::openstack {

std::span<const std::string_view> standard_classes();  // in their order
std::span<const std::string_view> standard_traits();   // ascending
bool is_standard_class(std::string_view name);
bool is_standard_trait(std::string_view name);

// What a compute service with Nova's fake driver says of its host.
std::span<const std::string_view> compute_traits();

}  // namespace kilonova::api::openstack
