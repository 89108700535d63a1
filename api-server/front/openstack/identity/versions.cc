// Keystone: which versions there are. No token is needed.
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

Json version_of(const Call& call) {
  return {{"id", "v3.14"},
          {"status", "stable"},
          {"updated", "2020-04-07T00:00:00Z"},
          {"links", Json::array({{{"rel", "self"}, {"href", call.base + "/identity/v3/"}}})},
          {"media-types",
           Json::array({{{"base", "application/json"}, {"type", "application/vnd.openstack.identity-v3+json"}}})}};
}

Task<Answered> list(Call& call) {
  Answer answer{300, {{"versions", {{"values", Json::array({version_of(call)})}}}}};
  answer.headers.emplace_back("Location", call.base + "/identity/v3/");
  co_return answer;
}

Task<Answered> show(Call& call) { co_return Answer{200, {{"version", version_of(call)}}}; }

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/", UserRole::kNone, "", &list},
    {Service::kIdentity, "GET", "/v3", UserRole::kNone, "", &show},
};

}  // namespace

std::span<const Route> identity_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
