// Placement: which versions there are. No token is needed.
#include <fmt/format.h>

#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list(Call& call) {
  Json version{{"id", "v1.0"},
               {"max_version", fmt::format("1.{}", kLastPlacementMinor)},
               {"min_version", "1.0"},
               {"status", "CURRENT"},
               {"links", Json::array({{{"rel", "self"}, {"href", ""}}})}};
  co_return shown(call, {{"versions", Json::array({std::move(version)})}});
}

constexpr Route kRoutes[] = {
    {Service::kPlacement, "GET", "/", UserRole::kNone, "", &list},
};

}  // namespace

std::span<const Route> placement_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
