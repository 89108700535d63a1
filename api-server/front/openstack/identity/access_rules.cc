#include "api-server/front/openstack/identity/access_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "api-server/front/openstack/place.h"
#include "api-server/front/openstack/sort_stably.h"
#include "base/ids.h"

namespace kilonova::api::openstack {
namespace {

// Where a match of the pattern so far can end, by position in the path.
using Ends = std::vector<bool>;

Ends after_character(const Ends& ends, std::string_view path, char wanted) {
  Ends next(ends.size());
  for (size_t i = 0; i < path.size(); ++i) next[i + 1] = ends[i] && path[i] == wanted;
  return next;
}

// One character at least, and no slash.
Ends after_part(const Ends& ends, std::string_view path) {
  Ends next(ends.size());
  for (size_t i = 0; i < path.size(); ++i) next[i + 1] = path[i] != '/' && (ends[i] || next[i]);
  return next;
}

Ends after_anything(const Ends& ends) {
  Ends next(ends.size());
  std::fill(next.begin() + (std::ranges::find(ends, true) - ends.begin()), next.end(), true);
  return next;
}

bool allows(const Json& rule, const Call& call) {
  if (text_at(rule, "service") != info_of(call.service).type) return false;
  if (text_at(rule, "method") != call.request.method) return false;
  std::string path = text_at(rule, "path");
  std::string_view whole = call.target.raw_path;
  size_t below = whole.find('/', 1);
  return fits_access_path(path, whole) ||
         fits_access_path(path, below == std::string_view::npos ? "/" : whole.substr(below));
}

constexpr std::string_view kRules = "access-rule";

// A user's own affair; administrators may look and delete.
std::expected<std::string, Refusal> user_of_path(const Call& call) {
  std::string id = call.in_path("user");
  if (!call.is_admin() && id != to_hex(call.caller.user_id)) return not_authorized(call);
  return id;
}

Json rule_view(const Call& call, const StoredObject& rule) {
  Json view{{"id", rule.id}};
  for (const auto& [key, value] : rule.body.items()) view[key] = value;
  view["links"] = self_link(call, fmt::format("users/{}/access_rules", rule.owner), rule.id);
  return view;
}

Task<std::expected<StoredObject, Refusal>> find_rule(Call& own, const std::string& user, const std::string& id) {
  auto found = co_await find_object(own, kRules, id);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (!*found || (*found)->owner != user) co_return could_not_find("access rule", id);
  co_return std::move(**found);
}

Task<Answered> list(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  Call own = as_itself(call);
  auto rules = co_await all_objects(own, kRules, *user);
  if (!rules) co_return std::unexpected(std::move(rules.error()));
  // In the order in which they were made, as the credential that made them shows them.
  sort_stably(*rules, [](const StoredObject& a, const StoredObject& b) { return a.created_at < b.created_at; });
  Json items = Json::array();
  for (const StoredObject& rule : *rules) {
    Json view = rule_view(call, rule);
    if (passes_query(call, view, {"service", "path", "method"})) items.push_back(std::move(view));
  }
  co_return Answer{200, list_body(call, "access_rules", std::move(items))};
}

Task<Answered> show(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  Call own = as_itself(call);
  auto rule = co_await find_rule(own, *user, call.in_path("rule"));
  if (!rule) co_return std::unexpected(std::move(rule.error()));
  co_return Answer{200, {{"access_rule", rule_view(call, *rule)}}};
}

Task<Answered> remove(Call& call) {
  auto user = user_of_path(call);
  if (!user) co_return std::unexpected(std::move(user.error()));
  Call own = as_itself(call);
  auto rule = co_await find_rule(own, *user, call.in_path("rule"));
  if (!rule) co_return std::unexpected(std::move(rule.error()));
  auto credentials = co_await all_objects(own, kApplicationCredentials, *user);
  if (!credentials) co_return std::unexpected(std::move(credentials.error()));
  for (const StoredObject& credential : *credentials) {
    const Json* rules = member(credential.body, "access_rules");
    if (rules == nullptr) continue;
    if (std::ranges::any_of(*rules, [&](const Json& one) { return text_at(one, "id") == rule->id; }))
      co_return refused(403, fmt::format("You are not authorized to perform the requested action: access rule {} is in "
                                         "use by application credential {}.",
                                         rule->id, credential.id));
  }
  auto gone = co_await delete_object(own, kRules, rule->id);
  if (!gone && gone.error().status == 404) co_return could_not_find("access rule", rule->id);
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

Rule access_path() {
  return [form = text(1, 225)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (value.get_ref<const std::string&>().starts_with('/')) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} does not match '^\\\\/.*'", python_repr(value))};
  };
}

constexpr Route kRoutes[] = {
    any_token("GET", "/v3/users/{user}/access_rules", "identity:list_access_rules", &list),
    any_token("GET", "/v3/users/{user}/access_rules/{rule}", "identity:get_access_rule", &show),
    any_token("DELETE", "/v3/users/{user}/access_rules/{rule}", "identity:delete_access_rule", &remove),
};

}  // namespace

bool fits_access_path(std::string_view pattern, std::string_view path) {
  Ends ends(path.size() + 1);
  ends[0] = true;
  while (!pattern.empty()) {
    size_t tag_end = pattern.front() == '{' ? pattern.find('}') : std::string_view::npos;
    if (pattern.starts_with("**")) {
      ends = after_anything(ends);
      pattern.remove_prefix(2);
    } else if (pattern.front() == '*' || tag_end != std::string_view::npos) {
      ends = after_part(ends, path);
      pattern.remove_prefix(pattern.front() == '*' ? 1 : tag_end + 1);
    } else {
      ends = after_character(ends, path, pattern.front());
      pattern.remove_prefix(1);
    }
  }
  return ends.back();
}

Task<Checked> check_access_rules(Call* call) {
  const bool is_look_at_token = call->service == Service::kIdentity && call->request.method == "GET" &&
                                call->target.raw_path.ends_with("/v3/auth/tokens");
  if (is_look_at_token) co_return Checked();
  Call own = as_itself(*call);
  auto credential = co_await find_delegation(own, call->caller.delegation, call->caller.delegation_id);
  if (!credential) co_return std::unexpected(std::move(credential.error()));
  const Json* rules = *credential ? member((*credential)->body, "access_rules") : nullptr;
  if (rules != nullptr && std::ranges::any_of(*rules, [&](const Json& rule) { return allows(rule, *call); }))
    co_return Checked();
  co_return refused(401, "The request you have made requires authentication.");
}

Rule access_rules_form() {
  return list_of(object({{"service", text(1, 64)},
                         {"path", access_path()},
                         {"method", one_of({"POST", "GET", "HEAD", "PATCH", "PUT", "DELETE"})},
                         {"id", text(1, 64)}}),
                 0, 100);
}

Task<std::expected<Json, Refusal>> keep_access_rules(Call& own, std::string user, Json rules) {
  auto known = co_await all_objects(own, kRules, user);
  if (!known) co_return std::unexpected(std::move(known.error()));
  Json kept = Json::array();
  for (const Json& wanted : rules) {
    Json body{{"service", text_at(wanted, "service")},
              {"path", text_at(wanted, "path")},
              {"method", text_at(wanted, "method")}};
    std::string id = text_at(wanted, "id");
    auto found = std::ranges::find_if(
        *known, [&](const StoredObject& rule) { return id.empty() ? rule.body == body : rule.id == id; });
    if (!id.empty() && found == known->end()) co_return could_not_find("access rule", id);
    if (id.empty() && found == known->end()) {
      for (std::string_view key : {"service", "path", "method"})
        if (text_at(body, key).empty())
          co_return refused(400,
                            fmt::format("Invalid input for field 'access_rules': '{}' is a required property", key));
      auto stored = co_await put_object(own, kRules, {.id = new_id(own), .owner = user, .body = body});
      if (!stored) co_return std::unexpected(std::move(stored.error()));
      known->push_back(std::move(*stored));
      found = known->end() - 1;
    }
    Json rule{{"id", found->id}};
    for (const auto& [key, value] : found->body.items()) rule[key] = value;
    kept.push_back(std::move(rule));
  }
  co_return kept;
}

std::span<const Route> access_rule_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
