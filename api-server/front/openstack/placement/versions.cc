// Placement: which versions there are. No token is needed.
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list(Call&) {
  Json version{{"id", "v1.0"},
               {"max_version", "1.39"},
               {"min_version", "1.0"},
               {"status", "CURRENT"},
               {"links", Json::array({{{"rel", "self"}, {"href", ""}}})}};
  co_return Answer{200, {{"versions", Json::array({std::move(version)})}}};
}

constexpr Route kRoutes[] = {
    {Service::kPlacement, "GET", "/", UserRole::kNone, "", &list},
};

}  // namespace

std::span<const Route> placement_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
