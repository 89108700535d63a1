#include "api-server/front/openstack/identity/extras.h"

#include <fmt/format.h>

#include <utility>

#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"

namespace kilonova::api::openstack {
namespace {

std::string_view kind_of(ExtrasOf what) { return what == ExtrasOf::kProject ? "project-extras" : "user-extras"; }

}  // namespace

Task<std::expected<std::map<std::string, Json>, Refusal>> all_extras(Call& call, ExtrasOf what) {
  auto objects = co_await all_objects(call, kind_of(what));
  if (!objects) co_return std::unexpected(std::move(objects.error()));
  std::map<std::string, Json> extras;
  for (StoredObject& object : *objects) extras[object.id] = std::move(object.body);
  co_return extras;
}

Task<std::expected<StoredObject, Refusal>> find_extras(Call& call, ExtrasOf what, std::string id) {
  auto found = co_await find_object(call, kind_of(what), id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (*found) co_return std::move(**found);
  co_return StoredObject{.id = std::move(id)};
}

Task<Checked> put_extras(Call& call, ExtrasOf what, StoredObject extras) {
  if (extras.body.empty() && extras.revision == 0) co_return Checked();
  auto put = co_await put_object(call, kind_of(what), std::move(extras));
  if (!put) co_return std::unexpected(std::move(put.error()));
  co_return Checked();
}

Task<Checked> drop_extras(Call& call, ExtrasOf what, std::string id) {
  auto gone = co_await delete_object(call, kind_of(what), std::move(id));
  if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
  co_return Checked();
}

void merge_extras(Json& view, const Json& extras) {
  for (const auto& [key, value] : extras.items())
    if (key != "id" && key != "links") view[key] = value;
}

Json whole_project(const Call& call, const Project& project, const Json& extras) {
  Json view = project_view(call, project);
  merge_extras(view, extras);
  if (extras.contains("domain_id") && !extras.contains("parent_id")) view["parent_id"] = extras["domain_id"];
  return view;
}

Json whole_user(const Call& call, const User& user, const Json& extras) {
  Json view = user_view(call, user);
  merge_extras(view, extras);
  return view;
}

std::string domain_in(const Json& extras) {
  std::string id = text_at(extras, "domain_id");
  return id.empty() ? std::string(kDomainId) : id;
}

Task<std::expected<std::string, Refusal>> domain_of_body(Call& call, const Json& body, unsigned refusal_status) {
  std::string id = text_at(body, "domain_id");
  if (id.empty() || id == kDomainId) co_return std::string(kDomainId);
  auto found = co_await is_domain(call, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return refused(refusal_status, fmt::format("Could not find domain: {}.", id));
  co_return id;
}

}  // namespace kilonova::api::openstack
