// Nova's proxies of security groups, to 2.35: Neutron's, ingress rules alone, in nova-network's words.
#include "api-server/front/openstack/network/security_groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/security_group_view.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kLast = 35;

using Names = std::map<std::string, const StoredObject*>;

Json rule_view(const StoredObject& group, const Json& rule, const Names& groups) {
  Json view{{"id", rule["id"]},
            {"parent_group_id", group.id},
            {"ip_protocol", rule["protocol"]},
            {"from_port", rule["port_range_min"]},
            {"to_port", rule["port_range_max"]},
            {"group", Json::object()},
            {"ip_range", Json::object()}};
  auto remote = groups.find(text_at(rule, "remote_group_id"));
  if (remote != groups.end())
    view["group"] = {{"name", remote->second->body["name"]}, {"tenant_id", remote->second->owner}};
  else if (rule["remote_group_id"].is_null())
    view["ip_range"] = {{"cidr", rule["remote_ip_prefix"].is_null() ? Json("0.0.0.0/0") : rule["remote_ip_prefix"]}};
  // A rule of all protocols has none of both in nova-network's form.
  if (rule["protocol"].is_null() && rule["remote_group_id"].is_null() && rule["remote_ip_prefix"].is_null())
    view["ip_range"] = {{"cidr", rule["ethertype"] == "IPv6" ? "::/0" : "0.0.0.0/0"}};
  return view;
}

Json group_view(const StoredObject& group, const Names& groups) {
  Json rules = Json::array();
  for (const Json& rule : group.body["rules"])
    if (rule["direction"] == "ingress") rules.push_back(rule_view(group, rule, groups));
  return {{"id", group.id},
          {"description", group.body["description"]},
          {"name", group.body["name"]},
          {"tenant_id", group.owner},
          {"rules", std::move(rules)}};
}

Names names_of(const std::vector<StoredObject>& groups) {
  Names names;
  for (const StoredObject& group : groups) names[group.id] = &group;
  return names;
}

// Neutron's refusals in Nova's words.
Refusal in_words_of_nova(Refusal refusal, const std::string& id) {
  refusal.type.clear();
  if (refusal.status == 404) refusal.message = fmt::format("Security group {} not found.", id);
  return refusal;
}

std::expected<std::string, Refusal> id_of_path(const Call& call, std::string_view what) {
  std::string id = call.in_path("id");
  if (parse_uuid(id)) return id;
  return refused(400, fmt::format("{} id should be uuid", what));
}

Task<Answered> list(Call& call) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  Names names = names_of(*groups);
  const std::string* all = call.in_query("all_tenants");
  bool everybodys = call.is_admin() && all != nullptr && *all != "0";
  std::vector<const StoredObject*> shown;
  for (const StoredObject& group : *groups)
    if (everybodys || group.owner == to_hex(call.caller.project_id)) shown.push_back(&group);
  std::ranges::sort(shown, {}, [](const StoredObject* group) { return text_at(group->body, "name"); });
  Json items = Json::array();
  for (const StoredObject* group : shown) items.push_back(group_view(*group, names));
  co_return Answer{200, {{"security_groups", std::move(items)}}};
}

// With the names of the groups that its rules name.
Task<Answered> answer_with(Call& call, const StoredObject& group) {
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  co_return Answer{200, {{"security_group", group_view(group, names_of(*groups))}}};
}

Task<Answered> show(Call& call) {
  auto id = id_of_path(call, "Security group");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto group = co_await find_security_group(call, *id);
  if (!group) co_return std::unexpected(in_words_of_nova(std::move(group.error()), *id));
  co_return co_await answer_with(call, *group);
}

// Nova's own check of both texts, nova/network/security_group_api.py; they may be empty.
std::expected<std::string, Refusal> text_of(const Json& wanted, std::string_view key) {
  const Json* value = member(wanted, key);
  if (value == nullptr || !value->is_string())
    return refused(400, fmt::format("{} is not a string or unicode", key));
  std::string text = value->get<std::string>();
  const auto length = std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; });
  if (length > 255) return refused(400, fmt::format("{} has {} characters, more than 255.", key, length));
  return text;
}

struct Wanted {
  std::string name;
  std::string description;
};

std::expected<Wanted, Refusal> wanted_group(const Call& call) {
  const Json* wanted = member(call.body, "security_group");
  if (wanted == nullptr || !wanted->is_object()) return refused(400, "Missing parameter security_group");
  auto name = text_of(*wanted, "name");
  if (!name) return std::unexpected(std::move(name.error()));
  auto description = text_of(*wanted, "description");
  if (!description) return std::unexpected(std::move(description.error()));
  return Wanted{std::move(*name), std::move(*description)};
}

Task<Answered> create(Call& call) {
  auto wanted = wanted_group(call);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto group = co_await make_security_group(call, call.caller.project_id, std::move(wanted->name),
                                            std::move(wanted->description));
  if (!group && group.error().status == 409) group.error().status = group.error().type == "OverQuota" ? 403 : 400;
  if (!group) co_return std::unexpected(in_words_of_nova(std::move(group.error()), ""));
  co_return co_await answer_with(call, *group);
}

Task<Answered> update(Call& call) {
  auto id = id_of_path(call, "Security group");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto wanted = wanted_group(call);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto group = co_await find_security_group(call, *id);
  if (!group) co_return std::unexpected(in_words_of_nova(std::move(group.error()), *id));
  if (group->body["name"] == "default" && wanted->name != "default")
    co_return refused(400, fmt::format("Unable to update system group '{}'", "default"));
  group->body["name"] = std::move(wanted->name);
  group->body["description"] = std::move(wanted->description);
  auto stored = co_await put_object(call, kSecurityGroups, std::move(*group));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return co_await answer_with(call, *stored);
}

Task<Answered> remove(Call& call) {
  auto id = id_of_path(call, "Security group");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto gone = co_await delete_security_group(call, *id);
  if (!gone && gone.error().status == 409) gone.error().status = 400;
  if (!gone) co_return std::unexpected(in_words_of_nova(std::move(gone.error()), *id));
  co_return Answer{202, nullptr};
}

std::expected<Json, Refusal> port_of(const Json& wanted, std::string_view key) {
  const Json* value = member(wanted, key);
  if (value == nullptr || value->is_null()) return Json(nullptr);
  std::string text = value->is_string() ? value->get<std::string>() : to_text(*value);
  if (text == "-1") return Json(nullptr);
  std::optional<int64_t> number = whole_number(text);
  if (number && *number <= 65535) return Json(*number);
  return refused(400, fmt::format("Invalid port range {}: Valid TCP ports should be between 1-65535", text));
}

Task<Answered> create_rule(Call& call) {
  const Json* wanted = member(call.body, "security_group_rule");
  if (wanted == nullptr || !wanted->is_object()) co_return refused(400, "Missing parameter security_group_rule");
  std::string parent = text_at(*wanted, "parent_group_id"), remote = text_at(*wanted, "group_id");
  if (!parse_uuid(parent)) co_return refused(400, "Security group id should be uuid");
  if (!remote.empty() && !parse_uuid(remote)) co_return refused(400, "Security group id should be uuid");
  auto from = port_of(*wanted, "from_port");
  if (!from) co_return std::unexpected(std::move(from.error()));
  auto to = port_of(*wanted, "to_port");
  if (!to) co_return std::unexpected(std::move(to.error()));
  std::string cidr = text_at(*wanted, "cidr");
  Json rule{{"security_group_id", parent},
            {"direction", "ingress"},
            {"ethertype", cidr.find(':') == std::string::npos ? "IPv4" : "IPv6"},
            {"protocol", or_null(text_at(*wanted, "ip_protocol"))},
            {"port_range_min", std::move(*from)},
            {"port_range_max", std::move(*to)},
            {"remote_group_id", or_null(remote)},
            {"remote_ip_prefix", remote.empty() ? Json(cidr.empty() ? "0.0.0.0/0" : cidr) : Json(nullptr)}};
  auto made = co_await make_security_group_rule(call, std::move(rule));
  if (!made && made.error().status == 409) made.error().status = made.error().type == "OverQuota" ? 403 : 400;
  if (!made) {
    // Nova says 404 of the group whose rule it would be, and of the one that it names, alike.
    co_return std::unexpected(in_words_of_nova(std::move(made.error()), parent));
  }
  auto groups = co_await all_security_groups(call);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  auto group = std::ranges::find(*groups, parent, &StoredObject::id);
  if (group == groups->end()) co_return refused(404, fmt::format("Security group {} not found.", parent));
  co_return Answer{200, {{"security_group_rule", rule_view(*group, *made, names_of(*groups))}}};
}

Task<Answered> remove_rule(Call& call) {
  auto id = id_of_path(call, "Rule");
  if (!id) co_return std::unexpected(std::move(id.error()));
  auto gone = co_await delete_security_group_rule(call, *id);
  if (!gone) co_return std::unexpected(Refusal{gone.error().status, std::move(gone.error().message)});
  co_return Answer{202, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-security-groups", kReader, "os_compute_api:os-security-groups:get", &list, kFirstMinor,
     kLast},
    {kNova, "POST", "/v2.1/os-security-groups", kMember, "os_compute_api:os-security-groups:create", &create,
     kFirstMinor, kLast},
    {kNova, "GET", "/v2.1/os-security-groups/{id}", kReader, "os_compute_api:os-security-groups:show", &show,
     kFirstMinor, kLast},
    {kNova, "PUT", "/v2.1/os-security-groups/{id}", kMember, "os_compute_api:os-security-groups:update", &update,
     kFirstMinor, kLast},
    {kNova, "DELETE", "/v2.1/os-security-groups/{id}", kMember, "os_compute_api:os-security-groups:delete", &remove,
     kFirstMinor, kLast},
    {kNova, "POST", "/v2.1/os-security-group-rules", kMember, "os_compute_api:os-security-groups:rule:create",
     &create_rule, kFirstMinor, kLast},
    {kNova, "DELETE", "/v2.1/os-security-group-rules/{id}", kMember, "os_compute_api:os-security-groups:rule:delete",
     &remove_rule, kFirstMinor, kLast},
};

}  // namespace

Json security_group_view(const StoredObject& group, const std::vector<StoredObject>& all) {
  return group_view(group, names_of(all));
}

std::span<const Route> compute_security_group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
