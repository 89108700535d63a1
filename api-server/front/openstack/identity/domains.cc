// Keystone: domains. The first one is the cloud's own; a domain takes what is in it with it.
#include "api-server/front/openstack/identity/domains.h"

#include <fmt/format.h>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/domain_configs.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ascii.h"
#include "base/ids.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

std::vector<StoredObject> own_domains(const Call&) {
  return {{.id = std::string(kDomainId),
           .unique_name = std::string(kDomainName),
           .body = {{"name", kDomainName},
                    {"description", "The default domain"},
                    {"enabled", true},
                    {"tags", Json::array()},
                    {"options", Json::object()}}}};
}

std::vector<Property> domain_properties() {
  return {{"name", keystone_name(64), true},
          {"description", null_or(text())},
          {"enabled", plain_boolean()},
          {"explicit_domain_id", text(1, 64)}};
}

void complete_domain(const Call&, Json& body) {
  Json whole{{"name", body["name"]}, {"description", ""}, {"enabled", true}};
  for (const auto& [key, value] : body.items()) whole[key] = value;
  whole.erase("explicit_domain_id");  // it is the id
  if (!whole.contains("tags")) whole["tags"] = Json::array();
  if (!whole.contains("options")) whole["options"] = Json::object();
  body = std::move(whole);
}

std::string name_of_domain(const Json& body) { return text_at(body, "name"); }

// A domain is named by either path: its own, or that of the project that it is.
std::string id_of_path(const Call& call) {
  const std::string& domain = call.in_path("domain");
  return domain.empty() ? call.in_path("project") : domain;
}

template <class Operation>
Task<Checked> delete_all(Call& call, ExtrasOf what) {
  auto extras = co_await all_extras(call, what);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  for (const auto& [id, body] : *extras) {
    std::optional<Uuid> uuid = parse_uuid(id);
    if (!uuid || text_at(body, "domain_id") != id_of_path(call)) continue;
    auto gone = co_await ask(call, Operation{to_string(*uuid)});
    if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
    if (auto dropped = co_await drop_delegations_of(call, id); !dropped) co_return dropped;
    if (auto dropped = co_await drop_extras(call, what, id); !dropped) co_return dropped;
    if (auto dropped = co_await drop_grants_of(call, id); !dropped) co_return dropped;
  }
  co_return Checked();
}

Task<Checked> check_delete_domain(Call& call, const Json& body) {
  if (boolean_at(body, "enabled", true))
    co_return refused(403, "Cannot delete a domain that is enabled, please disable it first.");
  auto users = co_await delete_all<DeleteUser>(call, ExtrasOf::kUser);
  if (!users) co_return users;
  auto projects = co_await delete_all<DeleteProject>(call, ExtrasOf::kProject);
  if (!projects) co_return projects;
  for (std::string_view kind : {"group", "role"}) {
    auto objects = co_await all_objects(call, kind);
    if (!objects) co_return std::unexpected(std::move(objects.error()));
    for (const StoredObject& object : *objects) {
      if (text_at(object.body, "domain_id") != id_of_path(call)) continue;
      if (auto dropped = co_await drop_grants_of(call, object.id); !dropped) co_return dropped;
      auto gone = co_await delete_object(call, kind, object.id);
      if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
    }
  }
  auto config = co_await delete_object(call, kDomainConfigs, id_of_path(call));
  if (!config && config.error().status != 404) co_return config;
  co_return co_await drop_grants_of(call, id_of_path(call));
}

constexpr Resource kDomains{.kind = "domain",
                            .noun = "domain",
                            .collection = "domains",
                            .words = "domain",
                            .built_in = &own_domains,
                            .properties = &domain_properties,
                            .complete = &complete_domain,
                            .check_delete = &check_delete_domain,
                            .unique_name = &name_of_domain};

Task<Answered> list(Call& call) { return list_resources(call, kDomains, {"name", "enabled"}); }

// Its own users see their domain, and administrators all.
Task<Answered> show(Call& call) {
  std::string id = call.in_path("domain");
  bool is_own = call.caller.scope == TokenScope::kDomain && call.caller.domain == id;
  if (!is_own && call.caller.role < UserRole::kReader) co_return not_authorized(call);
  co_return co_await show_resource(call, kDomains, "domain");
}

Task<Answered> update(Call& call) { return update_resource(call, kDomains, "domain"); }
Task<Answered> remove(Call& call) { return delete_resource(call, kDomains, "domain"); }
Task<Answered> create(Call& call) {
  const Json* domain = member(call.body, "domain");
  return create_resource(call, kDomains, domain == nullptr ? std::string() : text_at(*domain, "explicit_domain_id"));
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/domains", UserRole::kAdmin, "identity:list_domains", &list},
    {Service::kIdentity, "POST", "/v3/domains", UserRole::kAdmin, "identity:create_domain", &create},
    any_token("GET", "/v3/domains/{domain}", "identity:get_domain", &show),
    {Service::kIdentity, "PATCH", "/v3/domains/{domain}", UserRole::kAdmin, "identity:update_domain", &update},
    {Service::kIdentity, "DELETE", "/v3/domains/{domain}", UserRole::kAdmin, "identity:delete_domain", &remove},
};

}  // namespace

Task<std::expected<bool, Refusal>> is_domain(Call& call, std::string id) {
  if (id == kDomainId) co_return true;
  auto found = co_await find_object(call, kDomains.kind, std::move(id));
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return found->has_value();
}

Task<std::expected<std::optional<Domain>, Refusal>> find_domain(Call& call, std::string id) {
  if (id == kDomainId) co_return Domain{std::string(kDomainId), std::string(kDomainName), true};
  auto found = co_await find_object(call, kDomains.kind, std::move(id));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  co_return Domain{(*found)->id, text_at((*found)->body, "name"), boolean_at((*found)->body, "enabled", true)};
}

Task<std::expected<std::optional<Domain>, Refusal>> find_domain_named(Call& call, std::string name) {
  // Names are compared as Keystone's usual database does it: openrc files that say "default" log in.
  const auto is_it = [wanted = to_lower(name)](std::string_view other) { return to_lower(std::string(other)) == wanted; };
  if (is_it(kDomainName)) co_return Domain{std::string(kDomainId), std::string(kDomainName), true};
  auto all = co_await all_objects(call, kDomains.kind);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (const StoredObject& one : *all)
    if (std::string own = text_at(one.body, "name"); is_it(own))
      co_return Domain{one.id, std::move(own), boolean_at(one.body, "enabled", true)};
  co_return std::nullopt;
}

Task<std::expected<std::optional<Json>, Refusal>> find_domain_view(Call& call, std::string id) {
  for (const StoredObject& own : own_domains(call))
    if (own.id == id) co_return resource_view(call, kDomains, own);
  auto found = co_await find_object(call, kDomains.kind, std::move(id));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  co_return resource_view(call, kDomains, **found);
}

// ---- projects that act as domains

Json domain_as_project(const Call& call, const StoredObject& domain) {
  Json view{{"id", domain.id}, {"domain_id", nullptr}, {"parent_id", nullptr}, {"is_domain", true}};
  for (const auto& [key, value] : domain.body.items()) view[key] = value;
  view["links"] = self_link(call, "projects", domain.id);
  return view;
}

Task<std::expected<std::vector<Json>, Refusal>> all_domains_as_projects(Call& call) {
  auto all = co_await all_objects(call, kDomains.kind);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<Json> views;
  for (const StoredObject& own : own_domains(call)) views.push_back(domain_as_project(call, own));
  for (const StoredObject& one : *all) views.push_back(domain_as_project(call, one));
  co_return views;
}

Task<std::expected<std::optional<Json>, Refusal>> find_domain_as_project(Call& call, std::string id) {
  for (const StoredObject& own : own_domains(call))
    if (own.id == id) co_return domain_as_project(call, own);
  auto found = co_await find_object(call, kDomains.kind, std::move(id));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return std::nullopt;
  co_return domain_as_project(call, **found);
}

namespace {

// What is answered for a domain, as of the project that it is.
Answered as_project(const Call& call, Answered answered) {
  if (!answered) return answered;
  const Json* domain = member(answered->body, "domain");
  if (domain == nullptr) return answered;
  Json body = *domain;
  std::string id = text_at(body, "id");
  body.erase("links");
  body.erase("id");
  answered->body = {{"project", domain_as_project(call, {.id = std::move(id), .body = std::move(body)})}};
  return answered;
}

// What a domain has of it.
Json domain_of(Json project) {
  for (const char* key : {"id", "domain_id", "parent_id", "is_domain", "links"}) project.erase(key);
  return {{"domain", std::move(project)}};
}

}  // namespace

Task<Answered> create_domain_project(Call& call, Json project) {
  call.body = domain_of(std::move(project));
  co_return as_project(call, co_await create_resource(call, kDomains));
}

Task<Answered> update_domain_project(Call& call) {
  const Json* project = member(call.body, "project");
  if (project == nullptr || !project->is_object()) co_return refused(400, "'project' is a required property");
  call.body = domain_of(Json(*project));
  co_return as_project(call, co_await update_resource(call, kDomains, "project"));
}

Task<Answered> delete_domain_project(Call& call) { return delete_resource(call, kDomains, "project"); }

std::span<const Route> domain_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
