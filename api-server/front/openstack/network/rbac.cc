#include "api-server/front/openstack/network/rbac.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/quotas.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/subnetpools.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kPolicies = "rbac-policy";
constexpr std::string_view kShared = "access_as_shared";
constexpr std::string_view kExternal = "access_as_external";
constexpr std::string_view kEverybody = "*";
constexpr std::string_view kAddressScopes = "address-scope";

constexpr Attribute kAttributes[] = {
    {"object_type", Form::kText, When::kCreate, true},
    {"object_id", Form::kUuid, When::kCreate, true},
    {"target_tenant", Form::kText, When::kAlways, true},
    {"action", Form::kText, When::kCreate, true},
    {"id", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"rbac_policy", "rbac_policies", kAttributes};

// Whose the object is, and with whom it is shared.
struct Shared {
  std::string type;
  std::string id;
  std::string owner;
  bool by_everybody = false;
  std::vector<std::string> projects;
  // Of networks.
  bool is_external = false;
  std::vector<std::string> external_to;
};

struct Policy {
  std::string id;
  std::string type;
  std::string object;
  std::string action;
  std::string target;
  std::string owner;
};

Json policy_view(const Policy& policy) {
  return {{"id", policy.id},
          {"tenant_id", policy.owner},
          {"object_type", policy.type},
          {"object_id", policy.object},
          {"target_tenant", policy.target},
          {"action", policy.action},
          {"project_id", policy.owner}};
}

std::string_view kind_of(std::string_view type) {
  if (type == "subnetpool") return kSubnetPools;
  return type == "address_scope" ? kAddressScopes : "";
}

constexpr std::string_view kSharedWith = "shared_with";
constexpr std::string_view kExternalTo = "external_to";

std::vector<std::string> projects_of(const Json& body, std::string_view key) {
  std::vector<std::string> projects;
  for (const Json& project : value_or(body, key, Json::array()))
    if (project.is_string()) projects.push_back(project.get<std::string>());
  return projects;
}

bool is_of_caller(const Call& call, const std::vector<std::string>& projects) {
  return std::ranges::find(projects, to_hex(call.caller.project_id)) != projects.end();
}

void open_to(const std::string& project, bool on, std::string_view key, Json& body) {
  std::vector<std::string> projects = projects_of(body, key);
  std::erase(projects, project);
  if (on) projects.push_back(project);
  body[key] = std::move(projects);
}

Shared shared_of(const StoredNetwork& network) {
  Shared shared{"network", to_string(network.row.id), to_hex(network.row.project_id)};
  shared.by_everybody = network.row.shared;
  shared.is_external = network.row.external;
  shared.projects = projects_of(network.details, kSharedWith);
  shared.external_to = projects_of(network.details, kExternalTo);
  return shared;
}

Shared shared_of(std::string_view type, const StoredObject& object) {
  return {std::string(type), object.id, object.owner, value_or(object.body, "shared", false) == true,
          projects_of(object.body, kSharedWith)};
}

Task<std::expected<std::vector<Shared>, Refusal>> all_shared(Call& call) {
  std::vector<Shared> all;
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  for (const StoredNetwork& network : *networks) all.push_back(shared_of(network));
  for (std::string_view type : {"subnetpool", "address_scope"}) {
    auto objects = co_await all_objects(call, kind_of(type));
    if (!objects) co_return std::unexpected(std::move(objects.error()));
    for (const StoredObject& object : *objects) all.push_back(shared_of(type, object));
  }
  co_return all;
}

using Key = std::tuple<std::string, std::string, std::string>;  // object, action, target

// What holds, as policies. The id of one that nobody made by itself, as of a network that was made shared, follows from
// what it says.
Task<std::expected<std::vector<Policy>, Refusal>> all_policies(Call& call) {
  auto all = co_await all_shared(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  auto records = co_await all_objects(call, kPolicies);
  if (!records) co_return std::unexpected(std::move(records.error()));
  std::map<Key, const StoredObject*> made;
  for (const StoredObject& record : *records)
    made[{text_at(record.body, "object_id"), text_at(record.body, "action"), text_at(record.body, "target_tenant")}] =
        &record;
  std::vector<Policy> policies;
  for (const Shared& shared : *all) {
    auto add = [&](std::string_view action, std::string target) {
      Policy policy{"", shared.type, shared.id, std::string(action), std::move(target), shared.owner};
      auto record = made.find({policy.object, policy.action, policy.target});
      policy.id = record != made.end()
                      ? record->second->id
                      : stable_uuid(fmt::format("rbac {} {} {}", policy.object, action, policy.target));
      if (record != made.end()) policy.owner = record->second->owner;
      policies.push_back(std::move(policy));
    };
    if (shared.by_everybody) add(kShared, std::string(kEverybody));
    if (shared.is_external) add(kExternal, std::string(kEverybody));
    for (const std::string& project : shared.projects) add(kShared, project);
    for (const std::string& project : shared.external_to) add(kExternal, project);
  }
  co_return policies;
}

bool may_see(const Call& call, const Policy& policy) {
  return call.is_admin() || policy.owner == to_hex(call.caller.project_id);
}

Task<std::expected<Policy, Refusal>> find(Call& call) {
  auto policies = co_await all_policies(call);
  if (!policies) co_return std::unexpected(std::move(policies.error()));
  const std::string id = call.in_path("policy");
  auto at = std::ranges::find(*policies, id, &Policy::id);
  if (at == policies->end() || !may_see(call, *at))
    co_return refused(404, fmt::format("RBAC policy with ID {} not found", id), "RbacPolicyNotFound");
  co_return std::move(*at);
}

Task<Answered> list(Call& call) {
  auto policies = co_await all_policies(call);
  if (!policies) co_return std::unexpected(std::move(policies.error()));
  std::vector<Json> items;
  for (const Policy& policy : *policies)
    if (may_see(call, policy)) items.push_back(policy_view(policy));
  co_return neutron_list(call, "rbac_policies", std::move(items),
                         {"id", "tenant_id", "project_id", "object_type", "object_id", "target_tenant", "action"});
}

Task<Answered> show(Call& call) {
  auto policy = co_await find(call);
  if (!policy) co_return std::unexpected(std::move(policy.error()));
  co_return neutron_item(call, "rbac_policy", policy_view(*policy));
}

std::unexpected<Refusal> in_use(const Policy& policy, std::string_view details) {
  return refused(
      409,
      fmt::format("RBAC policy on object {} cannot be removed because other objects depend on it.\nDetails: {}",
                  policy.object, details),
      "RbacPolicyInUse");
}

// Routers lead to the network whose projects could see it no more.
Task<Checked> check_no_router(Call& call, const Policy& policy, const StoredNetwork& network) {
  if (policy.target != kEverybody && network.row.external) co_return Checked();
  const std::vector<std::string> others = projects_of(network.details, kExternalTo);
  auto ports = co_await all_stored_ports(call, network.row.id);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  auto routers = co_await all_objects(call, kRouters);
  if (!routers) co_return std::unexpected(std::move(routers.error()));
  for (const StoredPort& port : *ports) {
    if (!is_gateway(port)) continue;
    auto router = std::ranges::find(*routers, port.row.device_id, &StoredObject::id);
    if (router == routers->end()) continue;
    const bool depends = policy.target == kEverybody ? std::ranges::find(others, router->owner) == others.end()
                                                     : router->owner == policy.target;
    if (depends)
      co_return in_use(policy, "There are routers attached to this network that depend on this policy for access.");
  }
  co_return Checked();
}

// Somebody else's ports or routers are on the network, who could see it no more.
Task<Checked> check_unused(Call& call, const Policy& policy, const StoredNetwork& network) {
  if (policy.action == kExternal) co_return co_await check_no_router(call, policy, network);
  auto ports = co_await all_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  const bool takes_from_all = policy.target == kEverybody;
  const std::vector<std::string> others = projects_of(network.details, kSharedWith);
  for (const ShownPort& shown : *ports) {
    const Port& port = shown.port.row;
    const std::string project = to_hex(port.project_id);
    const bool is_spared = takes_from_all ? std::ranges::find(others, project) != others.end()
                                          : network.row.shared || project != policy.target;
    const bool keeps = port.project_id.is_nil() || port.project_id == network.row.project_id || is_spared;
    if (port.network_id != network.row.id || keeps) continue;
    co_return in_use(policy, fmt::format("Callback failed with \"Unable to reconfigure sharing settings for network "
                                         "{}. Multiple tenants are using it.\"",
                                         policy.object));
  }
  co_return Checked();
}

Task<Checked> share_network(Call& call, const Policy& policy, bool on) {
  auto network = co_await find_stored_network(call, parse_uuid(policy.object).value_or(Uuid{}));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (!*network) co_return neutron_not_found("Network", policy.object);
  StoredNetwork& stored = **network;
  if (!on)
    if (auto unused = co_await check_unused(call, policy, stored); !unused)
      co_return std::unexpected(std::move(unused.error()));
  if (policy.action == kExternal && policy.target == kEverybody) {
    stored.row.external = on;
  } else if (policy.action == kExternal) {
    open_to(policy.target, on, kExternalTo, stored.details);
  } else if (policy.target == kEverybody) {
    stored.row.shared = on;
  } else {
    open_to(policy.target, on, kSharedWith, stored.details);
  }
  auto put = co_await store(call, std::move(stored));
  if (!put) co_return std::unexpected(std::move(put.error()));
  co_return Checked();
}

// The object says it itself.
Task<Checked> share(Call& call, const Policy& policy, bool on) {
  if (policy.type == "network") co_return co_await share_network(call, policy, on);
  auto found = co_await find_object(call, kind_of(policy.type), policy.object);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found) co_return refused(404, fmt::format("{} {} could not be found.", policy.type, policy.object), "NotFound");
  StoredObject& object = **found;
  if (policy.target == kEverybody) {
    object.body["shared"] = on;
  } else {
    open_to(policy.target, on, kSharedWith, object.body);
  }
  auto put = co_await put_object(call, kind_of(policy.type), std::move(object));
  if (!put) co_return std::unexpected(std::move(put.error()));
  co_return Checked();
}

Task<Checked> erase_record(Call& call, std::string id) {
  auto record = co_await find_object(call, kPolicies, id);
  if (!record) co_return std::unexpected(std::move(record.error()));
  if (!*record) co_return Checked();  // it followed from its object
  co_return co_await delete_object(call, kPolicies, id);
}

// The project's id as it is stored, or "*", which administrators alone may say.
std::expected<std::string, Refusal> target_of(const Call& call, const std::string& said, std::string_view rule) {
  if (said == kEverybody) {
    if (!call.is_admin()) return not_allowed(fmt::format("{}:target_tenant", rule));
    return said;
  }
  std::optional<Uuid> project = parse_uuid(said);
  if (!project) return invalid_input("target_tenant", fmt::format("'{}' is not the id of a project, nor '*'.", said));
  return to_hex(*project);
}

Checked check_kind(const Policy& policy) {
  static constexpr std::string_view kTypes[] = {"network", "subnetpool", "address_scope"};
  if (std::ranges::find(kTypes, policy.type) == std::end(kTypes))
    return bad_request("InvalidInput",
                       fmt::format("Invalid input for operation: '{}' is not a valid object type. Valid types: "
                                   "address_scope, network, subnetpool.",
                                   policy.type));
  const bool is_network = policy.type == "network";
  if (policy.action != kShared && !(is_network && policy.action == kExternal))
    return bad_request(
        "InvalidActionForType",
        fmt::format("Invalid action '{}' for object type '{}'. Valid actions: {}.", policy.action, policy.type,
                    is_network ? "access_as_external,access_as_shared" : "access_as_shared"));
  return {};
}

// 404 for an object that is not the caller's.
Task<Checked> check_object(Call& call, const Policy& policy) {
  auto all = co_await all_shared(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  for (const Shared& shared : *all)
    if (shared.type == policy.type && shared.id == policy.object &&
        (call.is_admin() || shared.owner == to_hex(call.caller.project_id)))
      co_return Checked();
  co_return refused(404, fmt::format("{} {} could not be found.", policy.type, policy.object), "ObjectNotFound");
}

Task<Checked> check_new(Call& call, const Policy& policy) {
  auto policies = co_await all_policies(call);
  if (!policies) co_return std::unexpected(std::move(policies.error()));
  if (std::ranges::any_of(*policies, [&](const Policy& other) {
        return other.object == policy.object && other.action == policy.action && other.target == policy.target;
      }))
    co_return refused(409, "An RBAC policy already exists with those values.", "DuplicateRbacPolicy");
  co_return Checked();
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  Policy policy{new_dashed_id(call),
                text_at(*read, "object_type"),
                text_at(*read, "object_id"),
                text_at(*read, "action"),
                "",
                text_at(*read, "project_id")};
  auto target = target_of(call, text_at(*read, "target_tenant"), "create_rbac_policy");
  if (!target) co_return std::unexpected(std::move(target.error()));
  policy.target = std::move(*target);
  if (Checked good = check_kind(policy); !good) co_return std::unexpected(std::move(good.error()));
  if (auto there = co_await check_object(call, policy); !there) co_return std::unexpected(std::move(there.error()));
  if (auto is_new = co_await check_new(call, policy); !is_new) co_return std::unexpected(std::move(is_new.error()));
  auto own = co_await all_objects(call, kPolicies, policy.owner);
  if (!own) co_return std::unexpected(std::move(own.error()));
  if (auto room = co_await check_quota(call, parse_uuid(policy.owner).value_or(Uuid{}), "rbac_policy",
                                       static_cast<int64_t>(own->size()));
      !room)
    co_return std::unexpected(std::move(room.error()));
  StoredObject record{.id = policy.id, .owner = policy.owner};
  record.body = {{"object_id", policy.object}, {"action", policy.action}, {"target_tenant", policy.target}};
  auto stored = co_await put_object(call, kPolicies, std::move(record));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  if (auto shared = co_await share(call, policy, true); !shared) {
    (void)co_await delete_object(call, kPolicies, policy.id);
    co_return std::unexpected(std::move(shared.error()));
  }
  co_return policy_view(policy);
}

Task<Checked> unmake(Call& call, const std::string& id) { return erase_record(call, id); }

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &unmake); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto policy = co_await find(call);
  if (!policy) co_return std::unexpected(std::move(policy.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  if (member(*read, "target_tenant") == nullptr) co_return Answer{200, {{"rbac_policy", policy_view(*policy)}}};
  auto target = target_of(call, text_at(*read, "target_tenant"), "update_rbac_policy");
  if (!target) co_return std::unexpected(std::move(target.error()));
  Policy next = *policy;
  next.target = std::move(*target);
  if (next.target == policy->target) co_return Answer{200, {{"rbac_policy", policy_view(*policy)}}};
  if (Checked good = check_kind(next); !good) co_return std::unexpected(std::move(good.error()));
  if (auto is_new = co_await check_new(call, next); !is_new) co_return std::unexpected(std::move(is_new.error()));
  if (auto shared = co_await share(call, next, true); !shared) co_return std::unexpected(std::move(shared.error()));
  if (auto taken = co_await share(call, *policy, false); !taken) {
    (void)co_await share(call, next, false);
    co_return std::unexpected(std::move(taken.error()));
  }
  auto record = co_await find_object(call, kPolicies, policy->id);
  if (!record) co_return std::unexpected(std::move(record.error()));
  StoredObject changed = record->value_or(StoredObject{.id = policy->id, .owner = policy->owner});
  changed.body = {{"object_id", next.object}, {"action", next.action}, {"target_tenant", next.target}};
  if (auto put = co_await put_object(call, kPolicies, std::move(changed)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Answer{200, {{"rbac_policy", policy_view(next)}}};
}

Task<Answered> remove(Call& call) {
  auto policy = co_await find(call);
  if (!policy) co_return std::unexpected(std::move(policy.error()));
  if (auto taken = co_await share(call, *policy, false); !taken) co_return std::unexpected(std::move(taken.error()));
  if (auto gone = co_await erase_record(call, policy->id); !gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/rbac-policies", UserRole::kReader, "get_rbac_policy", &list},
    {kNeutron, "POST", "/v2.0/rbac-policies", UserRole::kMember, "create_rbac_policy", &create},
    {kNeutron, "GET", "/v2.0/rbac-policies/{policy}", UserRole::kReader, "get_rbac_policy", &show},
    {kNeutron, "PUT", "/v2.0/rbac-policies/{policy}", UserRole::kMember, "update_rbac_policy", &update},
    {kNeutron, "DELETE", "/v2.0/rbac-policies/{policy}", UserRole::kMember, "delete_rbac_policy", &remove},
};

}  // namespace

bool is_shared_with_caller(const Call& call, const Json& body) {
  if (value_or(body, "shared", false) == true) return true;
  return is_of_caller(call, projects_of(body, kSharedWith));
}

bool is_external(const StoredNetwork& network) {
  return network.row.external || !projects_of(network.details, kExternalTo).empty();
}

bool is_external_to_caller(const Call& call, const StoredNetwork& network) {
  if (network.row.external) return true;
  const std::vector<std::string> projects = projects_of(network.details, kExternalTo);
  const bool is_own = call.is_admin() || network.row.project_id == call.caller.project_id;
  return is_own ? !projects.empty() : is_of_caller(call, projects);
}

void set_internal(StoredNetwork& network) {
  network.row.external = false;
  if (network.details.is_object()) network.details.erase(std::string(kExternalTo));
}

Task<Checked> forget_external_policies(Call& call, std::string network_id) {
  auto records = co_await all_objects(call, kPolicies);
  if (!records) co_return std::unexpected(std::move(records.error()));
  for (const StoredObject& record : *records) {
    if (text_at(record.body, "object_id") != network_id || text_at(record.body, "action") != kExternal) continue;
    if (auto gone = co_await delete_object(call, kPolicies, record.id); !gone) co_return gone;
  }
  co_return Checked();
}

Task<Checked> forget_rbac_policies(Call& call, std::string object_id) {
  return delete_objects_of(call, kPolicies, "object_id", std::move(object_id));
}

std::span<const Route> rbac_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
