#include "api-server/front/openstack/place.h"

#include <array>
#include <cstddef>

#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// In the order of Service.
constexpr auto kServices = std::to_array<ServiceInfo>({
    {Service::kIdentity, "keystone", "identity", "/identity/v3"},
    {Service::kCompute, "nova", "compute", "/compute/v2.1"},
    {Service::kImage, "glance", "image", "/image"},
    {Service::kNetwork, "neutron", "network", "/networking"},
    {Service::kPlacement, "placement", "placement", "/placement"},
});

struct Root {
  std::string_view segment;
  Service service;
};
// "network": where DevStack had Neutron for a while.
constexpr auto kRoots = std::to_array<Root>({
    {"identity", Service::kIdentity},
    {"compute", Service::kCompute},
    {"image", Service::kImage},
    {"networking", Service::kNetwork},
    {"network", Service::kNetwork},
    {"placement", Service::kPlacement},
});

}  // namespace

const ServiceInfo& info_of(Service service) { return kServices.at(static_cast<size_t>(service)); }

std::string_view root_of(Service service) {
  for (const Root& root : kRoots)
    if (root.service == service) return root.segment;
  return {};
}

std::optional<Place> place_of(const http::Target& target) {
  if (target.path.empty()) return std::nullopt;
  for (const Root& root : kRoots) {
    if (root.segment != target.path.front()) continue;
    Place place{.service = root.service, .path = {target.path.begin() + 1, target.path.end()}, .project = {}};
    // Neither Glance nor Nova has a path that ends so below its version: "/servers/" is a server without an id.
    bool is_strict = root.service == Service::kImage || root.service == Service::kCompute;
    bool has_empty_end = is_strict && target.ends_in_slash && place.path.size() > 1;
    if (has_empty_end) place.path.emplace_back();
    if (root.service != Service::kCompute || place.path.empty()) return place;
    if (place.path.front() == "v2") {
      place.is_legacy = true;
      place.path.front() = "v2.1";
    }
    if (place.path.size() >= 2 && parse_uuid(place.path[1])) {
      place.project = place.path[1];
      place.path.erase(place.path.begin() + 1);
      if (has_empty_end && place.path.size() == 2) place.path.pop_back();  // "/v2.1/PROJECT/" is the version's document
    }
    return place;
  }
  return std::nullopt;
}

}  // namespace kilonova::api::openstack
