// Nova: which versions there are. No token is needed.
#include <fmt/format.h>

#include "api-server/front/openstack/compute/routes.h"

namespace kilonova::api::openstack {
namespace {

Json version_2_0(const Call& call) {
  return {{"id", "v2.0"},
          {"status", "SUPPORTED"},
          {"version", ""},
          {"min_version", ""},
          {"updated", "2011-01-21T11:33:21Z"},
          {"links", Json::array({{{"rel", "self"}, {"href", call.base + "/compute/v2/"}}})}};
}

Json version_2_1(const Call& call) {
  return {{"id", "v2.1"},
          {"status", "CURRENT"},
          {"version", fmt::format("2.{}", call.last_minor)},
          {"min_version", fmt::format("2.{}", kFirstMinor)},
          {"updated", "2013-07-23T11:33:21Z"},
          {"links", Json::array({{{"rel", "self"}, {"href", call.base + "/compute/v2.1/"}}})}};
}

Task<Answered> list(Call& call) {
  co_return Answer{200, {{"versions", Json::array({version_2_0(call), version_2_1(call)})}}};
}

Task<Answered> show(Call& call) {
  Json version = call.is_legacy ? version_2_0(call) : version_2_1(call);
  version["links"].push_back({{"rel", "describedby"}, {"type", "text/html"}, {"href", "http://docs.openstack.org/"}});
  version["media-types"] = Json::array(
      {{{"base", "application/json"},
        {"type", fmt::format("application/vnd.openstack.compute+json;version={}", call.is_legacy ? "2" : "2.1")}}});
  co_return Answer{200, {{"version", std::move(version)}}};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/", UserRole::kNone, "", &list},
    {Service::kCompute, "GET", "/v2.1", UserRole::kNone, "", &show},
};

}  // namespace

std::span<const Route> compute_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
