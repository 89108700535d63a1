// Keystone: EC2 credentials of a user in a project: a credential of type ec2 with names of its own.
#include <fmt/format.h>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/ec2_access.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/project.h"

namespace kilonova::api::openstack {
namespace {

std::string blob_text(const StoredObject& credential, std::string_view key) {
  std::optional<Json> blob = parse_json(text_at(credential.body, "blob"));
  return blob ? text_at(*blob, key) : std::string();
}

Json credential_view(const Call& call, const StoredObject& credential) {
  std::string access = blob_text(credential, "access");
  return {{"user_id", credential.owner},
          {"tenant_id", text_at(credential.body, "project_id")},
          {"access", access},
          {"secret", blob_text(credential, "secret")},
          {"trust_id", nullptr},
          {"links", self_link(call, fmt::format("users/{}/credentials/OS-EC2", credential.owner), access)}};
}

// A user's own affair, and an administrator's.
std::expected<std::string, Refusal> user_of_path(const Call& call) {
  std::string id = call.in_path("user");
  if (!call.is_admin() && id != to_hex(call.caller.user_id)) return not_authorized(call);
  return id;
}

Task<std::expected<std::vector<StoredObject>, Refusal>> of_user(Call& call, std::string user) {
  auto all = co_await all_objects(call, kCredentials, std::move(user));
  if (all) std::erase_if(*all, [](const StoredObject& one) { return text_at(one.body, "type") != "ec2"; });
  co_return all;
}

Task<std::expected<StoredObject, Refusal>> find(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto all = co_await of_user(call, *user);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (StoredObject& one : *all)
    if (blob_text(one, "access") == call.in_path("access")) co_return std::move(one);
  co_return could_not_find("credential", call.in_path("access"));
}

Task<Answered> list(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  auto all = co_await of_user(call, *user);
  if (!all) co_return std::unexpected(std::move(all.error()));
  Json items = Json::array();
  for (const StoredObject& one : *all) items.push_back(credential_view(call, one));
  co_return Answer{200, list_body(call, "credentials", std::move(items))};
}

Task<Answered> show(Call& call) {
  auto credential = co_await find(call);
  if (!credential) co_return std::unexpected(std::move(credential.error()));
  co_return Answer{200, {{"credential", credential_view(call, *credential)}}};
}

Task<Answered> create(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  Call own = as_itself(call);
  if (auto free = co_await check_undelegated(own, call.caller, "credentials"); !free)
    co_return std::unexpected(std::move(free.error()));
  const Json* project = member(call.body, "tenant_id");
  if (project == nullptr || !project->is_string()) co_return refused(400, "'tenant_id' is a required property");
  std::string id = project->get<std::string>();
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("project", id);
  if (call.is_admin()) {
    if (auto found = co_await find_project(call, id); !found) co_return std::unexpected(std::move(found.error()));
  } else if (*uuid != call.caller.project_id) {
    co_return not_authorized(call);
  }
  const std::string access = new_id(call);
  Json blob{{"access", access}, {"secret", new_id(call)}, {"trust_id", nullptr}};
  StoredObject credential{.id = id_of_ec2_credential(access), .owner = *user};
  credential.body = {{"user_id", *user}, {"project_id", id}, {"type", "ec2"}, {"blob", to_text(blob)}};
  auto stored = co_await put_object(call, kCredentials, std::move(credential));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{201, {{"credential", credential_view(call, *stored)}}};
}

Task<Answered> remove(Call& call) {
  auto credential = co_await find(call);
  if (!credential) co_return std::unexpected(std::move(credential.error()));
  auto gone = co_await delete_object(call, kCredentials, credential->id);
  if (!gone && gone.error().status != 404) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;
constexpr std::string_view kAll = "/v3/users/{user}/credentials/OS-EC2";
constexpr std::string_view kOne = "/v3/users/{user}/credentials/OS-EC2/{access}";

constexpr Route kRoutes[] = {
    {kKeystone, "GET", kAll, kReader, "identity:ec2_list_credentials", &list},
    {kKeystone, "POST", kAll, kMember, "identity:ec2_create_credential", &create},
    {kKeystone, "GET", kOne, kReader, "identity:ec2_get_credential", &show},
    {kKeystone, "DELETE", kOne, kReader, "identity:ec2_delete_credential", &remove},
};

}  // namespace

std::span<const Route> ec2_credential_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
