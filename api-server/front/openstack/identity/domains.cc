// Keystone: domains. The first one is the cloud's own; a domain takes what is in it with it.
#include "api-server/front/openstack/identity/domains.h"

#include <fmt/format.h>

#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
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

template <class Operation>
Task<Checked> delete_all(Call& call, ExtrasOf what) {
  auto extras = co_await all_extras(call, what);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  for (const auto& [id, body] : *extras) {
    std::optional<Uuid> uuid = parse_uuid(id);
    if (!uuid || text_at(body, "domain_id") != call.in_path("domain")) continue;
    auto gone = co_await ask(call, Operation{to_string(*uuid)});
    if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
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
      if (text_at(object.body, "domain_id") != call.in_path("domain")) continue;
      if (auto dropped = co_await drop_grants_of(call, object.id); !dropped) co_return dropped;
      auto gone = co_await delete_object(call, kind, object.id);
      if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
    }
  }
  co_return co_await drop_grants_of(call, call.in_path("domain"));
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
Task<Answered> show(Call& call) { return show_resource(call, kDomains, "domain"); }
Task<Answered> update(Call& call) { return update_resource(call, kDomains, "domain"); }
Task<Answered> remove(Call& call) { return delete_resource(call, kDomains, "domain"); }
Task<Answered> create(Call& call) {
  const Json* domain = member(call.body, "domain");
  return create_resource(call, kDomains, domain == nullptr ? std::string() : text_at(*domain, "explicit_domain_id"));
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/domains", UserRole::kAdmin, "identity:list_domains", &list},
    {Service::kIdentity, "POST", "/v3/domains", UserRole::kAdmin, "identity:create_domain", &create},
    {Service::kIdentity, "GET", "/v3/domains/{domain}", UserRole::kReader, "identity:get_domain", &show},
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

std::span<const Route> domain_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
