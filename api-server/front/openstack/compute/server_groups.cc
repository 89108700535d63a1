// Nova: os-server-groups.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server_group.h"

namespace kilonova::api::openstack {
namespace {

struct Shown {
  ServerGroup group;
  std::vector<Uuid> members;
};
using G = Shown;
using Value = std::optional<Json>;

Value id_of(const G& g, const Call&) { return to_string(g.group.id); }
Value name_of(const G& g, const Call&) { return g.group.name; }
Value policies_of(const G& g, const Call&) { return Json::array({std::string(to_string(g.group.policy))}); }
Value policy_of(const G& g, const Call&) { return std::string(to_string(g.group.policy)); }
Value rules_of(const G& g, const Call&) {
  Json rules = Json::object();
  if (g.group.max_server_per_host != 0) rules["max_server_per_host"] = g.group.max_server_per_host;
  return rules;
}
Value members_of(const G& g, const Call&) {
  Json members = Json::array();
  for (const Uuid& member : g.members) members.push_back(to_string(member));
  return members;
}
Value metadata_of(const G&, const Call&) { return Json::object(); }
Value project_of(const G& g, const Call&) { return to_hex(g.group.project_id); }
Value user_of(const G& g, const Call&) { return to_hex(g.group.user_id); }

constexpr Field<G> kFields[] = {{"id", &id_of},
                                {"name", &name_of},
                                {"policies", &policies_of, 1, 63},
                                {"policy", &policy_of, 64},
                                {"rules", &rules_of, 64},
                                {"members", &members_of},
                                {"metadata", &metadata_of, 1, 63},
                                {"project_id", &project_of, 13},
                                {"user_id", &user_of, 13}};

std::vector<G> shown(ServerGroupList list) {
  std::map<Uuid, std::vector<Uuid>> members;
  for (const ServerGroupMember& member : list.members) members[member.group].push_back(member.instance);
  std::vector<G> groups;
  for (ServerGroup& group : list.groups) {
    std::vector<Uuid> own = std::move(members[group.id]);
    groups.push_back({std::move(group), std::move(own)});
  }
  return groups;
}

// Both are digits; 0 is no limit here (nova/api/openstack/common.py limited).
std::expected<size_t, Refusal> number_in_query(const Call& call, std::string_view key, size_t otherwise) {
  const std::string* text = call.in_query(key);
  if (text == nullptr) return otherwise;
  std::optional<int64_t> number = whole_number(*text);
  if (!number)
    return refused(400, fmt::format("Invalid input for query parameters {}. Value: {}. {} does not match '^[0-9]*$'",
                                    key, *text, python_repr(Json(*text))));
  return static_cast<size_t>(*number);
}

std::optional<Refusal> check_query(const Call& call) {
  if (call.minor < 75) return std::nullopt;
  for (const auto& [key, value] : call.target.query)
    if (key != "all_projects" && key != "limit" && key != "offset")
      return Refusal{400,
                     fmt::format("Additional properties are not allowed ({} was unexpected)", python_repr(Json(key)))};
  return std::nullopt;
}

Task<std::expected<std::vector<G>, Refusal>> all_groups(Call& call, bool all_projects) {
  ServerGroupList all;
  for (ListServerGroups page{.all_projects = all_projects};;) {
    auto got = co_await ask(call, page);
    if (!got) co_return std::unexpected(std::move(got.error()));
    if (got->more && !got->groups.empty()) page.marker = to_string(got->groups.back().id);
    const bool more = got->more && !got->groups.empty();
    std::ranges::move(got->groups, std::back_inserter(all.groups));
    std::ranges::move(got->members, std::back_inserter(all.members));
    if (!more) break;
  }
  // As Nova's rows come: in the order in which they were made.
  std::ranges::sort(all.groups, {}, [](const ServerGroup& group) { return std::tuple(group.created_at.us, group.id); });
  co_return shown(std::move(all));
}

Task<Answered> list(Call& call) {
  if (auto wrong = check_query(call)) co_return std::unexpected(std::move(*wrong));
  auto limit = number_in_query(call, "limit", kMaxLimit);
  if (!limit) co_return std::unexpected(std::move(limit.error()));
  auto offset = number_in_query(call, "offset", 0);
  if (!offset) co_return std::unexpected(std::move(offset.error()));
  // Others than administrators ask for it in vain.
  auto groups = co_await all_groups(call, call.is_admin() && call.in_query("all_projects") != nullptr);
  if (!groups) co_return std::unexpected(std::move(groups.error()));
  const size_t most = *limit == 0 ? kMaxLimit : std::min<size_t>(*limit, kMaxLimit);
  Json items = Json::array();
  for (size_t i = *offset; i < groups->size() && items.size() < most; ++i)
    items.push_back(view(kFields, (*groups)[i], call));
  co_return Answer{200, {{"server_groups", std::move(items)}}};
}

std::unexpected<Refusal> no_group(std::string_view id) {
  return refused(404, fmt::format("Instance group {} could not be found.", id));
}

// By its id alone: the operation would take a name too.
Task<std::expected<G, Refusal>> find(Call& call) {
  const std::string id = call.in_path("group");
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return no_group(id);
  auto found = co_await ask(call, ListServerGroups{.group = to_string(*uuid), .all_projects = call.is_admin()});
  if (!found && found.error().status == 404) co_return no_group(id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  std::vector<G> groups = shown(std::move(*found));
  if (groups.empty() || groups.front().group.id != *uuid) co_return no_group(id);
  co_return std::move(groups.front());
}

Task<Answered> show(Call& call) {
  auto group = co_await find(call);
  if (!group) co_return std::unexpected(std::move(group.error()));
  co_return Answer{200, {{"server_group", view(kFields, *group, call)}}};
}

const Rule& create_rule() {
  static const Rule hard = one_of({"anti-affinity", "affinity"});
  static const Rule any = one_of({"anti-affinity", "affinity", "soft-anti-affinity", "soft-affinity"});
  static const Rule rule =
      body_of("server_group", object({{"name", name(), true},
                                      {"policies", list_of(hard, 1, 1), true, 1, 14},
                                      {"policies", list_of(any, 1, 1), true, 15, 63},
                                      {"policy", any, true, 64},
                                      {"rules", object({{"max_server_per_host", integer(1)}}), false, 64}}));
  return rule;
}

Task<Answered> create(Call& call) {
  if (auto wrong = check_schema(create_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "server_group");
  const std::string policy =
      call.minor >= 64 ? text_at(wanted, "policy") : member(wanted, "policies")->front().get<std::string>();
  CreateServerGroup operation{text_at(wanted, "name"), find_group_policy(policy).value_or(GroupPolicy::kAffinity)};
  const Json* rules = member(wanted, "rules");
  if (rules != nullptr && !rules->empty() && operation.policy != GroupPolicy::kAntiAffinity)
    co_return refused(400, "Only anti-affinity policy supports rules.");
  if (rules != nullptr)
    operation.max_server_per_host = static_cast<uint32_t>(integer_at(*rules, "max_server_per_host", 0));
  auto made = co_await ask(call, std::move(operation));
  if (!made) co_return std::unexpected(std::move(made.error()));
  std::vector<G> groups = shown(std::move(*made));
  if (groups.empty()) co_return refused(500, "a server group was made and not answered");
  co_return Answer{200, {{"server_group", view(kFields, groups.front(), call)}}};
}

Task<Answered> remove(Call& call) {
  auto group = co_await find(call);
  if (!group) co_return std::unexpected(std::move(group.error()));
  auto removed = co_await ask(call, DeleteServerGroup{to_string(group->group.id), call.is_admin()});
  if (!removed && removed.error().status == 404) co_return no_group(call.in_path("group"));
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNova = Service::kCompute;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-server-groups", UserRole::kReader, "os_compute_api:os-server-groups:index", &list},
    {kNova, "POST", "/v2.1/os-server-groups", UserRole::kMember, "os_compute_api:os-server-groups:create", &create},
    {kNova, "GET", "/v2.1/os-server-groups/{group}", UserRole::kReader, "os_compute_api:os-server-groups:show", &show},
    {kNova, "DELETE", "/v2.1/os-server-groups/{group}", UserRole::kMember, "os_compute_api:os-server-groups:delete",
     &remove},
};

}  // namespace

std::span<const Route> server_group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
