#include "api-server/front/openstack/network/security_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/times.h"
#include "base/ascii.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// Everything but the group's and the project's, which are added where it is shown.
Json rule_of(std::string id, std::string_view direction, std::string_view ethertype, const Json& remote_group) {
  return {{"id", std::move(id)},
          {"ethertype", ethertype},
          {"direction", direction},
          {"protocol", nullptr},
          {"port_range_min", nullptr},
          {"port_range_max", nullptr},
          {"remote_ip_prefix", nullptr},
          {"remote_address_group_id", nullptr},
          {"normalized_cidr", nullptr},
          {"remote_group_id", remote_group},
          {"description", ""}};
}

// As Neutron makes it: out to anywhere, in from itself.
StoredObject default_group(const Uuid& project) {
  std::string id = security_group_id(project);
  Json rules = Json::array();
  for (std::string_view direction : {"egress", "ingress"})
    for (std::string_view ethertype : {"IPv4", "IPv6"})
      rules.push_back(rule_of(stable_uuid(fmt::format("rule {} {} {}", id, direction, ethertype)), direction, ethertype,
                              direction == "ingress" ? Json(id) : Json(nullptr)));
  return {.id = id,
          .owner = to_hex(project),
          .body = {{"name", "default"},
                   {"description", "Default security group"},
                   {"stateful", true},
                   {"tags", Json::array()},
                   {"rules", std::move(rules)}}};
}

void add_tail(Json& view, const StoredObject& group) {
  Json made = group.revision == 0 ? Json(nullptr) : Json(time_to_seconds(group.created_at));
  view["tags"] = Json::array();
  view["created_at"] = made;
  view["updated_at"] = group.revision == 0 ? Json(nullptr) : Json(time_to_seconds(group.updated_at));
  view["revision_number"] = std::max<uint64_t>(group.revision, 1);
  view["project_id"] = group.owner;
}

Json rule_view(const StoredObject& group, const Json& rule) {
  Json view{{"id", rule["id"]}, {"tenant_id", group.owner}, {"security_group_id", group.id}};
  for (const auto& [key, value] : rule.items())
    if (key != "id") view[key] = value;
  add_tail(view, group);
  view["revision_number"] = 0;
  return view;
}

Json group_view(const StoredObject& group) {
  Json rules = Json::array();
  for (const Json& rule : group.body["rules"]) rules.push_back(rule_view(group, rule));
  Json view{{"id", group.id},
            {"name", group.body["name"]},
            {"stateful", group.body["stateful"]},
            {"tenant_id", group.owner},
            {"description", group.body["description"]},
            {"shared", false},
            {"security_group_rules", std::move(rules)}};
  add_tail(view, group);
  if (const Json* tags = member(group.body, "tags")) view["tags"] = *tags;
  return view;
}

bool is_default(const StoredObject& group) { return text_at(group.body, "name") == "default"; }

std::unexpected<Refusal> there_is_a_default() {
  return refused(409, "Default security group already exists.", "SecurityGroupDefaultAlreadyExists");
}

std::unexpected<Refusal> no_group_said() {
  return refused(400, "Failed to parse request. Required attribute 'security_group_id' not specified",
                 "HTTPBadRequest");
}

bool has_rule(const StoredObject& group, const std::string& id) {
  return std::ranges::any_of(group.body["rules"], [&](const Json& rule) { return rule["id"] == id; });
}

Checked check_new(const Json& rule, const Json& rules) {
  const std::string key = key_of_security_group_rule(rule);
  for (const Json& other : rules)
    if (key_of_security_group_rule(other) == key)
      return refused(409, fmt::format("Security group rule already exists. Rule id is {}.", text_at(other, "id")),
                     "SecurityGroupRuleExists");
  return {};
}

Checked check_all_different(const std::vector<Json>& rules) {
  std::set<std::string> keys;
  for (const Json& rule : rules)
    if (!keys.insert(key_of_security_group_rule(rule)).second)
      return refused(409, "Duplicate Security Group Rule in POST.", "DuplicateSecurityGroupRuleInPost");
  return {};
}

Task<Checked> take_rules(Call& call, StoredObject group, std::vector<std::string> ids) {
  Json kept = Json::array();
  for (Json& rule : group.body["rules"])
    if (std::ranges::find(ids, text_at(rule, "id")) == ids.end()) kept.push_back(std::move(rule));
  group.body["rules"] = std::move(kept);
  if (auto put = co_await put_object(call, kSecurityGroups, std::move(group)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Checked();
}

// ---- routes

Task<Answered> list(Call& call) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  std::vector<Json> items;
  for (const StoredObject& group : *groups) items.push_back(group_view(group));
  co_return neutron_list(
      call, "security_groups", std::move(items),
      {"id", "name", "tenant_id", "project_id", "description", "stateful", "shared", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto group = co_await find_security_group(call, call.in_path("group"));
  if (!group) co_return std::unexpected(std::move(group.error()));
  co_return neutron_item(call, "security_group", group_view(*group));
}

std::expected<const Json*, Refusal> member_of_body(const Call& call, std::string_view name) {
  const Json* wanted = member(call.body, name);
  if (wanted == nullptr || !wanted->is_object())
    return refused(400, fmt::format("Unable to find '{}' in request body", name), "HTTPBadRequest");
  return wanted;
}

// Of those that can be said of a group, and none else.
std::optional<Refusal> check_group(const Json& wanted) {
  for (const auto& [key, value] : wanted.items()) {
    bool is_text = key == "name" || key == "description" || key == "tenant_id" || key == "project_id";
    if (!is_text && key != "stateful")
      return Refusal{400, fmt::format("Unrecognized attribute(s) '{}'", key), "HTTPBadRequest"};
    if (is_text && (!value.is_string() || value.get_ref<const std::string&>().size() > 255))
      return Refusal{400,
                     fmt::format("Invalid input for {}. Reason: {} is not a text of at most 255 characters.", key,
                                 python_repr(value)),
                     "HTTPBadRequest"};
    if (key == "stateful" && !value.is_boolean())
      return Refusal{
          400,
          fmt::format("Invalid input for stateful. Reason: {} cannot be converted to boolean.", python_repr(value)),
          "HTTPBadRequest"};
  }
  return std::nullopt;
}

Task<std::expected<Json, Refusal>> make_group(Call& call, const Json& wanted) {
  if (auto wrong = check_group(wanted)) co_return std::unexpected(std::move(*wrong));
  auto project = project_of(call, wanted);
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto group = co_await make_security_group(call, *project, text_at(wanted, "name"), text_at(wanted, "description"));
  if (!group) co_return std::unexpected(std::move(group.error()));
  co_return group_view(*group);
}

Task<Checked> unmake_group(Call& call, const std::string& id) { co_return co_await delete_security_group(call, id); }

constexpr ResourceForm kGroupForm{"security_group", "security_groups", {}};

Task<Answered> create(Call& call) { return create_all(call, kGroupForm, &make_group, &unmake_group); }

Task<Answered> update(Call& call) {
  auto wanted = member_of_body(call, "security_group");
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  if (auto wrong = check_group(**wanted)) co_return std::unexpected(std::move(*wrong));
  auto group = co_await find_security_group(call, call.in_path("group"));
  if (!group) co_return std::unexpected(std::move(group.error()));
  std::string name = member(**wanted, "name") == nullptr ? text_at(group->body, "name") : text_at(**wanted, "name");
  if (is_default(*group) && name != "default")
    co_return refused(409, "Updating default security group not allowed.", "SecurityGroupCannotUpdateDefault");
  if (!is_default(*group) && to_lower(name) == "default") co_return there_is_a_default();
  for (std::string_view key : {"name", "description", "stateful"})
    if (const Json* value = member(**wanted, key)) group->body[std::string(key)] = *value;
  auto stored = co_await put_object(call, kSecurityGroups, std::move(*group));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"security_group", group_view(*stored)}}};
}

Task<Answered> remove(Call& call) {
  auto group = co_await find_security_group(call, call.in_path("group"));
  if (!group) co_return std::unexpected(std::move(group.error()));
  if (auto wrong = check_if_match(call, std::max<uint64_t>(group->revision, 1)))
    co_return std::unexpected(std::move(*wrong));
  if (auto gone = co_await delete_security_group(call, group->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> list_rules(Call& call) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  std::vector<Json> items;
  for (const StoredObject& group : *groups)
    for (const Json& rule : group.body["rules"]) items.push_back(rule_view(group, rule));
  co_return neutron_list(call, "security_group_rules", std::move(items),
                         {"id", "security_group_id", "direction", "ethertype", "protocol", "tenant_id", "project_id",
                          "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description"});
}

Task<Answered> show_rule(Call& call) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  for (const StoredObject& group : *groups)
    for (const Json& rule : group.body["rules"])
      if (rule["id"] == call.in_path("rule"))
        co_return neutron_item(call, "security_group_rule", rule_view(group, rule));
  co_return no_such_security_group_rule(call.in_path("rule"));
}

// All of one group, and all or none.
Task<Answered> create_rules(Call& call, const Json& list) {
  if (!list.is_array() || list.empty()) co_return bad_request("HTTPBadRequest", "Resources required");
  std::vector<Json> rules;
  for (const Json& one : list) {
    const Json* inner = member(one, "security_group_rule");
    const Json& wanted = inner != nullptr ? *inner : one;
    if (!wanted.is_object())
      co_return bad_request("HTTPBadRequest", "Invalid input for body: it is no list of objects");
    if (auto project = project_of(call, wanted); !project) co_return std::unexpected(std::move(project.error()));
    rules.push_back(wanted);
  }
  std::string group = text_at(rules.front(), "security_group_id");
  if (group.empty()) co_return no_group_said();
  for (const Json& rule : rules)
    if (text_at(rule, "security_group_id") != group)
      co_return refused(400, "Only allowed to update rules for one security profile at a time",
                        "SecurityGroupNotSingleGroupRules");
  auto made = co_await make_security_group_rules(call, std::move(group), std::move(rules));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return Answer{201, {{"security_group_rules", std::move(*made)}}};
}

Task<Answered> create_rule(Call& call) {
  if (const Json* list = member(call.body, "security_group_rules")) co_return co_await create_rules(call, *list);
  auto wanted = member_of_body(call, "security_group_rule");
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  if (auto project = project_of(call, **wanted); !project) co_return std::unexpected(std::move(project.error()));
  auto rule = co_await make_security_group_rule(call, **wanted);
  if (!rule) co_return std::unexpected(std::move(rule.error()));
  co_return Answer{201, {{"security_group_rule", std::move(*rule)}}};
}

Task<Answered> remove_rule(Call& call) {
  if (auto gone = co_await delete_security_group_rule(call, call.in_path("rule")); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/security-groups", kReader, "get_security_group", &list},
    {kNeutron, "POST", "/v2.0/security-groups", kMember, "create_security_group", &create},
    {kNeutron, "GET", "/v2.0/security-groups/{group}", kReader, "get_security_group", &show},
    {kNeutron, "PUT", "/v2.0/security-groups/{group}", kMember, "update_security_group", &update},
    {kNeutron, "DELETE", "/v2.0/security-groups/{group}", kMember, "delete_security_group", &remove},
    {kNeutron, "GET", "/v2.0/security-group-rules", kReader, "get_security_group_rule", &list_rules},
    {kNeutron, "POST", "/v2.0/security-group-rules", kMember, "create_security_group_rule", &create_rule},
    {kNeutron, "GET", "/v2.0/security-group-rules/{rule}", kReader, "get_security_group_rule", &show_rule},
    {kNeutron, "DELETE", "/v2.0/security-group-rules/{rule}", kMember, "delete_security_group_rule", &remove_rule},
};

}  // namespace

std::unexpected<Refusal> no_such_security_group(std::string_view id) {
  return refused(404, fmt::format("Security group {} does not exist", id), "SecurityGroupNotFound");
}

std::unexpected<Refusal> no_such_security_group_rule(std::string_view id) {
  return refused(404, fmt::format("Security group rule {} does not exist", id), "SecurityGroupRuleNotFound");
}

Task<std::expected<std::vector<StoredObject>, Refusal>> all_security_groups(Call& call) {
  std::string project = to_hex(call.caller.project_id);
  auto stored = co_await all_objects(call, kSecurityGroups, call.is_admin() ? std::string() : project);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  bool has_default = std::ranges::any_of(
      *stored, [id = security_group_id(call.caller.project_id)](const StoredObject& group) { return group.id == id; });
  if (!has_default) stored->insert(stored->begin(), default_group(call.caller.project_id));
  co_return stored;
}

Task<std::expected<StoredObject, Refusal>> find_security_group(Call& call, std::string id) {
  auto found = co_await find_object(call, kSecurityGroups, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found && id == security_group_id(call.caller.project_id)) co_return default_group(call.caller.project_id);
  bool is_visible = *found && (call.is_admin() || (*found)->owner == to_hex(call.caller.project_id));
  if (!is_visible) co_return no_such_security_group(id);
  co_return std::move(**found);
}

Task<std::expected<StoredObject, Refusal>> make_security_group(Call& call, Uuid owner, std::string name,
                                                               std::string description) {
  if (to_lower(name) == "default") co_return there_is_a_default();
  std::string project = to_hex(owner);
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto own = std::ranges::count_if(*groups, [&](const StoredObject& group) { return group.owner == project; });
  if (static_cast<size_t>(own) >= kMaxSecurityGroups) co_return over_quota("security_group");
  StoredObject group{.id = new_dashed_id(call), .owner = project};
  Json rules = Json::array();
  for (std::string_view ethertype : {"IPv4", "IPv6"})
    rules.push_back(rule_of(new_dashed_id(call), "egress", ethertype, nullptr));
  group.body = {{"name", std::move(name)},
                {"description", std::move(description)},
                {"stateful", true},
                {"tags", Json::array()},
                {"rules", std::move(rules)}};
  co_return co_await put_object(call, kSecurityGroups, std::move(group));
}

// Rules of others that name it go with it; a port that is in it keeps it.
Task<Checked> delete_security_group(Call& call, std::string id) {
  auto group = co_await find_security_group(call, id);
  if (!group) co_return std::unexpected(std::move(group.error()));
  if (is_default(*group))
    co_return refused(409, "Insufficient rights for removing default security group.",
                      "SecurityGroupCannotRemoveDefault");
  auto ports = co_await all_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  for (const ShownPort& port : *ports)
    if (std::vector<std::string> of_port = groups_of(port.port); std::ranges::find(of_port, id) != of_port.end())
      co_return refused(409, fmt::format("Security Group {} in use.", id), "SecurityGroupInUse");
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  for (StoredObject& other : *groups) {
    Json kept = Json::array();
    for (Json& rule : other.body["rules"])
      if (rule["remote_group_id"] != id) kept.push_back(std::move(rule));
    if (other.id == id || kept.size() == other.body["rules"].size()) {
      other.body["rules"] = std::move(kept);
      continue;
    }
    other.body["rules"] = std::move(kept);
    if (auto put = co_await put_object(call, kSecurityGroups, std::move(other)); !put)
      co_return std::unexpected(std::move(put.error()));
  }
  auto gone = co_await delete_object(call, kSecurityGroups, id);
  if (!gone && gone.error().status == 404) co_return no_such_security_group(id);
  co_return gone;
}

Task<std::expected<Json, Refusal>> make_security_group_rule(Call& call, Json wanted) {
  std::string id = text_at(wanted, "security_group_id");
  if (id.empty()) co_return no_group_said();
  std::vector<Json> one;
  one.push_back(std::move(wanted));
  auto made = co_await make_security_group_rules(call, std::move(id), std::move(one));
  if (!made) co_return std::unexpected(std::move(made.error()));
  co_return std::move(made->front());
}

Task<std::expected<std::vector<Json>, Refusal>> make_security_group_rules(Call& call, std::string id,
                                                                          std::vector<Json> wanted) {
  for (Json& one : wanted) {
    auto rule = read_security_group_rule(one);
    if (!rule) co_return std::unexpected(std::move(rule.error()));
    one = std::move(*rule);
  }
  if (auto different = check_all_different(wanted); !different) co_return std::unexpected(std::move(different.error()));
  auto group = co_await find_security_group(call, id);
  if (!group) co_return std::unexpected(std::move(group.error()));
  for (const Json& rule : wanted)
    if (std::string remote = text_at(rule, "remote_group_id"); !remote.empty())
      if (auto found = co_await find_security_group(call, remote); !found)
        co_return std::unexpected(std::move(found.error()));
  Json& rules = group->body["rules"];
  const size_t before = rules.size();
  for (const Json& rule : wanted) {
    if (auto is_new = check_new(rule, rules); !is_new) co_return std::unexpected(std::move(is_new.error()));
    if (rules.size() >= kMaxSecurityGroupRules) co_return over_quota("security_group_rule");
    Json whole{{"id", new_dashed_id(call)}};
    for (const auto& [key, value] : rule.items()) whole[key] = value;
    rules.push_back(std::move(whole));
  }
  auto stored = co_await put_object(call, kSecurityGroups, std::move(*group));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  std::vector<Json> views;
  for (size_t i = before; i < stored->body["rules"].size(); ++i)
    views.push_back(rule_view(*stored, stored->body["rules"][i]));
  co_return views;
}

Task<Checked> delete_security_group_rule(Call& call, std::string id) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  std::vector<std::string> ids(1, id);
  for (StoredObject& group : *groups)
    if (has_rule(group, id)) co_return co_await take_rules(call, std::move(group), std::move(ids));
  co_return no_such_security_group_rule(id);
}

Task<Checked> delete_security_group_rules(Call& call, std::string id, std::vector<std::string> rules) {
  auto group = co_await find_security_group(call, id);
  if (!group) co_return std::unexpected(std::move(group.error()));
  for (const std::string& rule : rules)
    if (!has_rule(*group, rule)) co_return no_such_security_group_rule(rule);
  co_return co_await take_rules(call, std::move(*group), std::move(rules));
}

std::span<const Route> security_group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
