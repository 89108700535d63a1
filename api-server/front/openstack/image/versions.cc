// Glance: which versions there are. No token is needed.
#include <fmt/format.h>

#include "api-server/front/openstack/image/routes.h"

namespace kilonova::api::openstack {
namespace {

// Of Glance 25 without several stores and without a cache.
constexpr const char* kVersions[] = {"v2.15", "v2.9", "v2.7", "v2.6", "v2.5", "v2.4", "v2.3", "v2.2", "v2.1", "v2.0"};

Json versions_of(const Call& call) {
  Json versions = Json::array();
  for (const char* version : kVersions)
    versions.push_back({{"id", version},
                        {"status", versions.empty() ? "CURRENT" : "SUPPORTED"},
                        {"links", Json::array({{{"rel", "self"}, {"href", call.base + "/image/v2/"}}})}});
  return {{"versions", std::move(versions)}};
}

Task<Answered> choose(Call& call) { co_return Answer{300, versions_of(call)}; }
Task<Answered> list(Call& call) { co_return Answer{200, versions_of(call)}; }

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/", UserRole::kNone, "", &choose},
    {Service::kImage, "GET", "/versions", UserRole::kNone, "", &list},
};

}  // namespace

std::span<const Route> image_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
