// Keystone: services, endpoints and regions. Those of the cloud itself are its catalog; what administrators add beside
// them is kept and listed.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"

namespace kilonova::api::openstack {
namespace {

void put_default(Json& body, std::string_view key, Json value) {
  if (!body.contains(std::string(key))) body[std::string(key)] = std::move(value);
}

// ---- regions: the caller says their id

std::vector<StoredObject> own_regions(const Call&) {
  return {{.id = "RegionOne", .body = {{"description", ""}, {"parent_region_id", nullptr}}}};
}

std::vector<Property> region_properties() {
  return {{"id", null_or(text(0, 255))}, {"description", null_or(text())}, {"parent_region_id", null_or(text(0, 255))}};
}

void complete_region(const Call&, Json& body) {
  put_default(body, "description", "");
  put_default(body, "parent_region_id", nullptr);
}

Task<Checked> check_region(Call& call, const Json& body, const Json&);

constexpr Resource kRegions{.kind = "region",
                            .noun = "region",
                            .collection = "regions",
                            .words = "region",
                            .built_in = &own_regions,
                            .properties = &region_properties,
                            .complete = &complete_region,
                            .check = &check_region};

Task<std::expected<bool, Refusal>> is_region(Call& call, std::string id) {
  for (const StoredObject& own : own_regions(call))
    if (own.id == id) co_return true;
  auto found = co_await find_object(call, kRegions.kind, std::move(id));
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return found->has_value();
}

Task<Checked> check_region(Call& call, const Json& body, const Json&) {
  std::string parent = text_at(body, "parent_region_id");
  if (parent.empty()) co_return Checked();
  if (parent == call.in_path("id")) co_return refused(400, fmt::format("Circular reference of region {}", parent));
  auto known = co_await is_region(call, parent);
  if (!known) co_return std::unexpected(std::move(known.error()));
  if (!*known) co_return could_not_find("region", parent);
  co_return Checked();
}

Task<Answered> list_regions(Call& call) { return list_resources(call, kRegions, {"parent_region_id"}); }
Task<Answered> show_region(Call& call) { return show_resource(call, kRegions, "id"); }
Task<Answered> create_region(Call& call) {
  const Json* region = member(call.body, "region");
  return create_resource(call, kRegions, region == nullptr ? std::string() : text_at(*region, "id"));
}
Task<Answered> put_region(Call& call) { return create_resource(call, kRegions, call.in_path("id")); }
Task<Answered> update_region(Call& call) { return update_resource(call, kRegions, "id"); }
Task<Answered> delete_region(Call& call) { return delete_resource(call, kRegions, "id"); }

// ---- services

std::vector<StoredObject> own_services(const Call& call) {
  std::vector<StoredObject> services;
  for (const Json& entry : catalog_of(call.base))
    services.push_back(
        {.id = text_at(entry, "id"), .body = {{"type", entry["type"]}, {"name", entry["name"]}, {"enabled", true}}});
  return services;
}

std::vector<Property> service_properties() {
  return {{"type", text(1, 255), true}, {"name", text(0, 255)}, {"enabled", plain_boolean()}};
}

void complete_service(const Call&, Json& body) { put_default(body, "enabled", true); }

Task<Checked> check_delete_service(Call& call, const Json& body);

constexpr Resource kServices{.kind = "service",
                             .noun = "service",
                             .collection = "services",
                             .words = "service",
                             .built_in = &own_services,
                             .properties = &service_properties,
                             .complete = &complete_service,
                             .check_delete = &check_delete_service};

// ---- endpoints

std::vector<StoredObject> own_endpoints(const Call& call) {
  std::vector<StoredObject> endpoints;
  for (const Json& service : catalog_of(call.base))
    for (const Json& endpoint : service["endpoints"])
      endpoints.push_back({.id = text_at(endpoint, "id"),
                           .body = {{"interface", endpoint["interface"]},
                                    {"service_id", service["id"]},
                                    {"region", endpoint["region"]},
                                    {"region_id", endpoint["region_id"]},
                                    {"url", endpoint["url"]},
                                    {"enabled", true}}});
  return endpoints;
}

Rule endpoint_url() {
  return [form = text(1, 225)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (value.get_ref<const std::string&>().find("://") != std::string::npos) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} is no URL with a scheme", python_repr(value))};
  };
}

std::vector<Property> endpoint_properties() {
  return {{"interface", one_of({"admin", "internal", "public"}), true},
          {"service_id", text(1, 255), true},
          {"url", endpoint_url(), true},
          {"region_id", null_or(text(0, 255))},
          {"region", null_or(text(0, 255))},
          {"enabled", plain_boolean()}};
}

// The old name of the region is the new one's, whichever was given.
void complete_endpoint(const Call&, Json& body) {
  put_default(body, "enabled", true);
  if (text_at(body, "region_id").empty()) body["region_id"] = or_null(text_at(body, "region"));
  body["region"] = body["region_id"];
}

void merge_endpoint(const Json& wanted, Json& body) {
  bool by_old_name = wanted.contains("region") && !wanted.contains("region_id");
  body[by_old_name ? "region_id" : "region"] = body[by_old_name ? "region" : "region_id"];
}

Task<Checked> check_endpoint(Call& call, const Json& body, const Json&) {
  std::string service = text_at(body, "service_id");
  bool known = false;
  for (const StoredObject& own : own_services(call)) known = known || own.id == service;
  if (!known) {
    auto found = co_await find_object(call, kServices.kind, service);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return refused(400, fmt::format("Could not find service: {}.", service));
  }
  std::string region = text_at(body, "region_id");
  if (region.empty()) co_return Checked();
  auto found = co_await is_region(call, region);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Json* asked = member(call.body, "endpoint");
  bool by_old_name = asked != nullptr && text_at(*asked, "region_id").empty();
  if (*found) co_return Checked();
  if (!by_old_name) co_return refused(400, fmt::format("Could not find region: {}.", region));
  auto made = co_await put_object(call, kRegions.kind,
                                  {.id = region, .body = {{"description", ""}, {"parent_region_id", nullptr}}});
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Checked();
}

constexpr Resource kEndpoints{.kind = "endpoint",
                              .noun = "endpoint",
                              .collection = "endpoints",
                              .words = "endpoint",
                              .built_in = &own_endpoints,
                              .properties = &endpoint_properties,
                              .complete = &complete_endpoint,
                              .merge = &merge_endpoint,
                              .check = &check_endpoint};

// A service takes its endpoints with it.
Task<Checked> check_delete_service(Call& call, const Json&) {
  return delete_objects_of(call, kEndpoints.kind, "service_id", call.in_path("id"));
}

Task<Answered> list_services(Call& call) { return list_resources(call, kServices, {"type", "name"}); }
Task<Answered> show_service(Call& call) { return show_resource(call, kServices, "id"); }
Task<Answered> create_service(Call& call) { return create_resource(call, kServices); }
Task<Answered> update_service(Call& call) { return update_resource(call, kServices, "id"); }
Task<Answered> delete_service(Call& call) { return delete_resource(call, kServices, "id"); }

Task<Answered> list_endpoints(Call& call) {
  return list_resources(call, kEndpoints, {"interface", "service_id", "region_id"});
}
Task<Answered> show_endpoint(Call& call) { return show_resource(call, kEndpoints, "id"); }
Task<Answered> create_endpoint(Call& call) { return create_resource(call, kEndpoints); }
Task<Answered> update_endpoint(Call& call) { return update_resource(call, kEndpoints, "id"); }
Task<Answered> delete_endpoint(Call& call) { return delete_resource(call, kEndpoints, "id"); }

// ---- OS-EP-FILTER: which endpoints are for which projects. A catalog has those of the cloud, whatever is said here.

constexpr std::string_view kEndpointProjects = "endpoint-project";

std::string association(std::string_view endpoint, std::string_view project) {
  return fmt::format("{} {}", endpoint, project);
}

// The endpoint and the project of the path; 404 for one that is not there.
Task<std::expected<StoredObject, Refusal>> find_both(Call& call) {
  auto project = co_await find_project(call, call.in_path("project"));
  if (!project) co_return std::unexpected(std::move(project.error()));
  co_return co_await find_resource(call, kEndpoints, "id");
}

Task<Answered> add_endpoint_to_project(Call& call) {
  auto endpoint = co_await find_both(call);
  if (!endpoint) co_return std::unexpected(std::move(endpoint.error()));
  const std::string project = call.in_path("project"), id = association(endpoint->id, project);
  auto put = co_await put_object(call, kEndpointProjects,
                                 {.id = id, .body = {{"endpoint", endpoint->id}, {"project", project}}});
  if (!put && put.error().status == 409) co_return keystone_conflict("project_endpoint", "it is there already.");
  if (!put) co_return std::unexpected(std::move(put.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> check_endpoint_in_project(Call& call) {
  auto endpoint = co_await find_both(call);
  if (!endpoint) co_return std::unexpected(std::move(endpoint.error()));
  const std::string project = call.in_path("project");
  auto found = co_await find_object(call, kEndpointProjects, association(endpoint->id, project));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found)
    co_return refused(404, fmt::format("Endpoint {} not found in project {}", endpoint->id, project), "Not Found");
  co_return Answer{204, nullptr};
}

Task<Answered> remove_endpoint_from_project(Call& call) {
  auto there = co_await check_endpoint_in_project(call);
  if (!there) co_return there;
  auto gone = co_await delete_object(call, kEndpointProjects, association(call.in_path("id"), call.in_path("project")));
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_endpoints_of_project(Call& call) {
  auto project = co_await find_project(call, call.in_path("project"));
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto all = co_await all_objects(call, kEndpointProjects);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto endpoints = co_await all_objects(call, kEndpoints.kind);
  if (!endpoints) co_return std::unexpected(std::move(endpoints.error()));
  for (StoredObject& own : own_endpoints(call)) endpoints->push_back(std::move(own));
  Json items = Json::array();
  for (const StoredObject& one : *all) {
    if (text_at(one.body, "project") != call.in_path("project")) continue;
    auto endpoint = std::ranges::find(*endpoints, text_at(one.body, "endpoint"), &StoredObject::id);
    if (endpoint != endpoints->end()) items.push_back(resource_view(call, kEndpoints, *endpoint));
  }
  co_return Answer{200, list_body(call, "endpoints", std::move(items))};
}

Task<Answered> list_projects_of_endpoint(Call& call) {
  auto endpoint = co_await find_resource(call, kEndpoints, "id");
  if (!endpoint) co_return std::unexpected(std::move(endpoint.error()));
  auto all = co_await all_objects(call, kEndpointProjects);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json items = Json::array();
  for (const StoredObject& one : *all) {
    if (text_at(one.body, "endpoint") != endpoint->id) continue;
    auto project = co_await find_project(call, text_at(one.body, "project"));
    if (project) items.push_back(project_view(call, *project));
  }
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/services", kAdmin, "identity:list_services", &list_services},
    {kKeystone, "POST", "/v3/services", kAdmin, "identity:create_service", &create_service},
    {kKeystone, "GET", "/v3/services/{id}", kAdmin, "identity:get_service", &show_service},
    {kKeystone, "PATCH", "/v3/services/{id}", kAdmin, "identity:update_service", &update_service},
    {kKeystone, "DELETE", "/v3/services/{id}", kAdmin, "identity:delete_service", &delete_service},
    {kKeystone, "GET", "/v3/endpoints", kAdmin, "identity:list_endpoints", &list_endpoints},
    {kKeystone, "POST", "/v3/endpoints", kAdmin, "identity:create_endpoint", &create_endpoint},
    {kKeystone, "GET", "/v3/endpoints/{id}", kAdmin, "identity:get_endpoint", &show_endpoint},
    {kKeystone, "PATCH", "/v3/endpoints/{id}", kAdmin, "identity:update_endpoint", &update_endpoint},
    {kKeystone, "DELETE", "/v3/endpoints/{id}", kAdmin, "identity:delete_endpoint", &delete_endpoint},
    {kKeystone, "GET", "/v3/OS-EP-FILTER/projects/{project}/endpoints", kAdmin, "identity:list_endpoints_for_project",
     &list_endpoints_of_project},
    {kKeystone, "GET", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin,
     "identity:check_endpoint_in_project", &check_endpoint_in_project},
    {kKeystone, "PUT", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin, "identity:add_endpoint_to_project",
     &add_endpoint_to_project},
    {kKeystone, "DELETE", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin,
     "identity:remove_endpoint_from_project", &remove_endpoint_from_project},
    {kKeystone, "GET", "/v3/OS-EP-FILTER/endpoints/{id}/projects", kAdmin, "identity:list_projects_for_endpoint",
     &list_projects_of_endpoint},
    {kKeystone, "GET", "/v3/regions", kReader, "identity:list_regions", &list_regions},
    {kKeystone, "POST", "/v3/regions", kAdmin, "identity:create_region", &create_region},
    {kKeystone, "GET", "/v3/regions/{id}", kReader, "identity:get_region", &show_region},
    {kKeystone, "PUT", "/v3/regions/{id}", kAdmin, "identity:create_region", &put_region},
    {kKeystone, "PATCH", "/v3/regions/{id}", kAdmin, "identity:update_region", &update_region},
    {kKeystone, "DELETE", "/v3/regions/{id}", kAdmin, "identity:delete_region", &delete_region},
};

}  // namespace

std::span<const Route> catalog_record_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
