// Keystone: the one domain that there is.
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

Json domain_view(const Call& call) {
  return {{"id", kDomainId},
          {"name", kDomainName},
          {"description", "The default domain"},
          {"enabled", true},
          {"tags", Json::array()},
          {"options", Json::object()},
          {"links", self_link(call, "domains", kDomainId)}};
}

Task<Answered> list(Call& call) {
  Json items = Json::array();
  Json view = domain_view(call);
  if (passes_query(call, view, {"name", "enabled"})) items.push_back(std::move(view));
  co_return Answer{200, list_body(call, "domains", std::move(items))};
}

Task<Answered> show(Call& call) {
  if (call.in_path("domain") != kDomainId) co_return could_not_find("domain", call.in_path("domain"));
  co_return Answer{200, {{"domain", domain_view(call)}}};
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/domains", UserRole::kAdmin, "identity:list_domains", &list},
    {Service::kIdentity, "GET", "/v3/domains/{domain}", UserRole::kReader, "identity:get_domain", &show},
};

}  // namespace

std::span<const Route> domain_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
