#include "api-server/front/openstack/identity/facts.h"

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/place.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kRegion = "RegionOne";

}  // namespace

bool is_default_domain(const Json& domain) {
  const Json* id = member(domain, "id");
  if (id != nullptr) return *id == kDomainId;
  return text_at(domain, "name") == kDomainName;
}

Json domain_reference() { return {{"id", kDomainId}, {"name", kDomainName}}; }

std::string role_id(UserRole role) { return stable_id("role " + std::string(to_string(role))); }

UserRole role_of_id(std::string_view id) {
  for (UserRole role : kRoles)
    if (role_id(role) == id) return role;
  return UserRole::kNone;
}

Json roles_with_implied(UserRole role) {
  Json roles = Json::array();
  for (UserRole one : kRoles)
    if (one <= role) roles.push_back({{"id", role_id(one)}, {"name", to_string(one)}});
  return roles;
}

Json catalog_of(const std::string& base) {
  Json catalog = Json::array();
  for (Service service :
       {Service::kCompute, Service::kIdentity, Service::kImage, Service::kNetwork, Service::kPlacement}) {
    const ServiceInfo& info = info_of(service);
    Json endpoints = Json::array();
    for (std::string_view interface : {"public", "internal", "admin"})
      endpoints.push_back({{"id", stable_id("endpoint " + std::string(info.name) + " " + std::string(interface))},
                           {"interface", interface},
                           {"region_id", kRegion},
                           {"url", base + std::string(info.path)},
                           {"region", kRegion}});
    catalog.push_back({{"endpoints", std::move(endpoints)},
                       {"id", stable_id("service " + std::string(info.name))},
                       {"type", info.type},
                       {"name", info.name}});
  }
  return catalog;
}

}  // namespace kilonova::api::openstack
