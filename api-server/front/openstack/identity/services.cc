// Keystone: services, endpoints and the one region: the catalog, as administrators list it. Groups: there are none.
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

Json service_view(const Call& call, const Json& entry) {
  return {{"id", entry["id"]},
          {"type", entry["type"]},
          {"name", entry["name"]},
          {"enabled", true},
          {"links", self_link(call, "services", text_at(entry, "id"))}};
}

Json endpoint_view(const Call& call, const Json& service, const Json& endpoint) {
  return {{"id", endpoint["id"]},
          {"interface", endpoint["interface"]},
          {"service_id", service["id"]},
          {"region", endpoint["region"]},
          {"region_id", endpoint["region_id"]},
          {"url", endpoint["url"]},
          {"enabled", true},
          {"links", self_link(call, "endpoints", text_at(endpoint, "id"))}};
}

Json region_view(const Call& call) {
  return {{"id", "RegionOne"},
          {"description", ""},
          {"parent_region_id", nullptr},
          {"links", self_link(call, "regions", "RegionOne")}};
}

std::vector<Json> all_services(const Call& call) {
  std::vector<Json> services;
  for (const Json& entry : catalog_of(call.base)) services.push_back(service_view(call, entry));
  return services;
}

std::vector<Json> all_endpoints(const Call& call) {
  std::vector<Json> endpoints;
  for (const Json& entry : catalog_of(call.base))
    for (const Json& endpoint : entry["endpoints"]) endpoints.push_back(endpoint_view(call, entry, endpoint));
  return endpoints;
}

Answer list_answer(const Call& call, std::string_view key, const std::vector<Json>& items,
                   std::initializer_list<std::string_view> filters) {
  Json shown = Json::array();
  for (const Json& item : items)
    if (passes_query(call, item, filters)) shown.push_back(item);
  return {200, list_body(call, key, std::move(shown))};
}

Answered item_answer(std::string_view noun, const std::vector<Json>& items, const std::string& id) {
  for (const Json& item : items)
    if (text_at(item, "id") == id) return Answer{200, object_of(noun, item)};
  return could_not_find(noun, id);
}

Task<Answered> list_services(Call& call) {
  co_return list_answer(call, "services", all_services(call), {"type", "name"});
}
Task<Answered> show_service(Call& call) { co_return item_answer("service", all_services(call), call.in_path("id")); }

Task<Answered> list_endpoints(Call& call) {
  co_return list_answer(call, "endpoints", all_endpoints(call), {"interface", "service_id", "region_id"});
}
Task<Answered> show_endpoint(Call& call) { co_return item_answer("endpoint", all_endpoints(call), call.in_path("id")); }

Task<Answered> list_regions(Call& call) {
  co_return list_answer(call, "regions", {region_view(call)}, {"parent_region_id"});
}
Task<Answered> show_region(Call& call) { co_return item_answer("region", {region_view(call)}, call.in_path("id")); }

Task<Answered> list_groups(Call& call) { co_return Answer{200, list_body(call, "groups", Json::array())}; }

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/services", kAdmin, "identity:list_services", &list_services},
    {kKeystone, "GET", "/v3/services/{id}", kAdmin, "identity:get_service", &show_service},
    {kKeystone, "GET", "/v3/endpoints", kAdmin, "identity:list_endpoints", &list_endpoints},
    {kKeystone, "GET", "/v3/endpoints/{id}", kAdmin, "identity:get_endpoint", &show_endpoint},
    {kKeystone, "GET", "/v3/regions", kReader, "identity:list_regions", &list_regions},
    {kKeystone, "GET", "/v3/regions/{id}", kReader, "identity:get_region", &show_region},
    {kKeystone, "GET", "/v3/groups", kAdmin, "identity:list_groups", &list_groups},
};

}  // namespace

std::span<const Route> catalog_record_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
