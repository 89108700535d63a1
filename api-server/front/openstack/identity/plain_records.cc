// Keystone's records that nobody acts upon: policies, credentials, OAuth consumers, endpoint groups.
#include <fmt/format.h>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/ec2_access.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// ---- policies

std::vector<Property> policy_properties() { return {{"blob", text(), true}, {"type", text(0, 255), true}}; }

constexpr Resource kPolicies{
    .kind = "policy", .noun = "policy", .collection = "policies", .words = "policy", .properties = &policy_properties};

Task<Answered> list_policies(Call& call) { return list_resources(call, kPolicies, {"type"}); }
Task<Answered> show_policy(Call& call) { return show_resource(call, kPolicies, "id"); }
Task<Answered> create_policy(Call& call) { return create_resource(call, kPolicies); }
Task<Answered> update_policy(Call& call) { return update_resource(call, kPolicies, "id"); }
Task<Answered> delete_policy(Call& call) { return delete_resource(call, kPolicies, "id"); }

// ---- credentials: their user's

std::vector<Property> credential_properties() {
  return {{"blob", text(), true}, {"type", text(), true}, {"user_id", text(1), true}, {"project_id", null_or(text())}};
}

void complete_credential(const Call& call, Json& body) {
  if (!body.contains("user_id")) body["user_id"] = to_hex(call.caller.user_id);
  if (!body.contains("project_id")) body["project_id"] = nullptr;
}

Task<Checked> check_credential(Call&, const Json& body, const Json&) {
  if (text_at(body, "type") != "ec2") co_return Checked();
  if (text_at(body, "project_id").empty())
    co_return refused(400, "'project_id' is a required property of a credential of type ec2");
  std::optional<Json> blob = parse_json(text_at(body, "blob"));
  if (!blob || text_at(*blob, "access").empty())
    co_return refused(400, "Invalid blob in credential: it must be JSON with 'access'");
  co_return Checked();
}

std::string owner_of_credential(const Json& body) { return text_at(body, "user_id"); }
std::vector<std::string_view> changeable_of_credential() { return {"blob", "type", "project_id", "user_id"}; }

constexpr Resource kCredentialForm{.kind = kCredentials,
                                   .noun = "credential",
                                   .collection = "credentials",
                                   .words = "credential",
                                   .properties = &credential_properties,
                                   .complete = &complete_credential,
                                   .check = &check_credential,
                                   .owner = &owner_of_credential,
                                   .changeable = &changeable_of_credential};

Task<Answered> list_credentials(Call& call) { return list_resources(call, kCredentialForm, {"user_id", "type"}); }
Task<Answered> show_credential(Call& call) { return show_resource(call, kCredentialForm, "id"); }

// Not with a token that somebody gave its holder.
Task<Answered> if_undelegated(Call& call, Task<Answered> (*change)(Call& call)) {
  Call own = as_itself(call);
  if (auto free = co_await check_undelegated(own, call.caller, "credentials"); !free)
    co_return std::unexpected(std::move(free.error()));
  co_return co_await change(call);
}

// One of type ec2 is found by its access key.
Task<Answered> make_credential(Call& call) {
  const Json* wanted = member(call.body, "credential");
  std::optional<Json> blob;
  if (wanted != nullptr && text_at(*wanted, "type") == "ec2") blob = parse_json(text_at(*wanted, "blob"));
  return create_resource(call, kCredentialForm, blob ? id_of_ec2_credential(text_at(*blob, "access")) : std::string());
}
Task<Answered> change_credential(Call& call) { return update_resource(call, kCredentialForm, "id"); }
Task<Answered> drop_credential(Call& call) { return delete_resource(call, kCredentialForm, "id"); }
Task<Answered> create_credential(Call& call) { return if_undelegated(call, &make_credential); }
Task<Answered> update_credential(Call& call) { return if_undelegated(call, &change_credential); }
Task<Answered> delete_credential(Call& call) { return if_undelegated(call, &drop_credential); }

// ---- OAuth consumers: the secret is shown once

std::vector<Property> consumer_properties() { return {{"description", null_or(text())}}; }

// The secret is of the same kind as an id: 128 random bits.
void complete_consumer(const Call& call, Json& body) {
  if (!body.contains("description")) body["description"] = nullptr;
  body["secret"] = to_hex(call.core.new_uuid());
}

void show_consumer(Json& body, bool is_new) {
  if (!is_new) body.erase("secret");
}

Task<Checked> check_consumer(Call&, const Json& body, const Json& before) {
  if (!before.is_null() && before["secret"] != body["secret"])
    co_return refused(400, "Additional properties are not allowed ('secret' was unexpected)");
  co_return Checked();
}

constexpr Resource kConsumers{.kind = "consumer",
                              .noun = "consumer",
                              .collection = "OS-OAUTH1/consumers",
                              .words = "Consumer",
                              .properties = &consumer_properties,
                              .complete = &complete_consumer,
                              .check = &check_consumer,
                              .show = &show_consumer};

Task<Answered> list_consumers(Call& call) { return list_resources(call, kConsumers, {}); }
Task<Answered> show_consumer_of_path(Call& call) { return show_resource(call, kConsumers, "id"); }
Task<Answered> create_consumer(Call& call) { return create_resource(call, kConsumers); }
Task<Answered> update_consumer(Call& call) { return update_resource(call, kConsumers, "id"); }
Task<Answered> delete_consumer(Call& call) { return delete_resource(call, kConsumers, "id"); }

// ---- endpoint groups

Rule endpoint_filters() {
  return object({{"service_id", anything()}, {"region_id", anything()}, {"interface", anything()}});
}

std::vector<Property> endpoint_group_properties() {
  return {{"name", keystone_name(), true}, {"filters", endpoint_filters(), true}, {"description", null_or(text())}};
}

constexpr Resource kEndpointGroups{.kind = "endpoint_group",
                                   .noun = "endpoint_group",
                                   .collection = "OS-EP-FILTER/endpoint_groups",
                                   .words = "Endpoint Group",
                                   .properties = &endpoint_group_properties};

Task<Answered> list_endpoint_groups(Call& call) { return list_resources(call, kEndpointGroups, {"name"}); }
Task<Answered> show_endpoint_group(Call& call) { return show_resource(call, kEndpointGroups, "id"); }
Task<Answered> create_endpoint_group(Call& call) { return create_resource(call, kEndpointGroups); }
Task<Answered> update_endpoint_group(Call& call) { return update_resource(call, kEndpointGroups, "id"); }
Task<Answered> delete_endpoint_group(Call& call) { return delete_resource(call, kEndpointGroups, "id"); }

constexpr Service kKeystone = Service::kIdentity;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kKeystone, "GET", "/v3/policies", kAdmin, "identity:list_policies", &list_policies},
    {kKeystone, "POST", "/v3/policies", kAdmin, "identity:create_policy", &create_policy},
    {kKeystone, "GET", "/v3/policies/{id}", kAdmin, "identity:get_policy", &show_policy},
    {kKeystone, "PATCH", "/v3/policies/{id}", kAdmin, "identity:update_policy", &update_policy},
    {kKeystone, "DELETE", "/v3/policies/{id}", kAdmin, "identity:delete_policy", &delete_policy},
    {kKeystone, "GET", "/v3/credentials", kReader, "identity:list_credentials", &list_credentials},
    {kKeystone, "POST", "/v3/credentials", kReader, "identity:create_credential", &create_credential},
    {kKeystone, "GET", "/v3/credentials/{id}", kReader, "identity:get_credential", &show_credential},
    {kKeystone, "PATCH", "/v3/credentials/{id}", kReader, "identity:update_credential", &update_credential},
    {kKeystone, "DELETE", "/v3/credentials/{id}", kReader, "identity:delete_credential", &delete_credential},
    {kKeystone, "GET", "/v3/OS-OAUTH1/consumers", kAdmin, "identity:list_consumers", &list_consumers},
    {kKeystone, "POST", "/v3/OS-OAUTH1/consumers", kAdmin, "identity:create_consumer", &create_consumer},
    {kKeystone, "GET", "/v3/OS-OAUTH1/consumers/{id}", kAdmin, "identity:get_consumer", &show_consumer_of_path},
    {kKeystone, "PATCH", "/v3/OS-OAUTH1/consumers/{id}", kAdmin, "identity:update_consumer", &update_consumer},
    {kKeystone, "DELETE", "/v3/OS-OAUTH1/consumers/{id}", kAdmin, "identity:delete_consumer", &delete_consumer},
    {kKeystone, "GET", "/v3/OS-EP-FILTER/endpoint_groups", kAdmin, "identity:list_endpoint_groups",
     &list_endpoint_groups},
    {kKeystone, "POST", "/v3/OS-EP-FILTER/endpoint_groups", kAdmin, "identity:create_endpoint_group",
     &create_endpoint_group},
    {kKeystone, "GET", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin, "identity:get_endpoint_group",
     &show_endpoint_group},
    {kKeystone, "PATCH", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin, "identity:update_endpoint_group",
     &update_endpoint_group},
    {kKeystone, "DELETE", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin, "identity:delete_endpoint_group",
     &delete_endpoint_group},
};

}  // namespace

std::span<const Route> plain_record_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
