// Nova: os-quota-sets and os-quota-class-sets.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/quota.h"

namespace kilonova::api::openstack {
namespace {

struct Limit {
  int64_t limit = -1;
  int64_t in_use = 0;
};
// Shown as a number, or with its use.
struct Shown {
  QuotaReply quota;
  bool with_use = false;
};
using S = Shown;
using Value = std::optional<Json>;

Json shown(const S& s, Limit limit) {
  if (!s.with_use) return limit.limit;
  return {{"limit", limit.limit}, {"in_use", limit.in_use}, {"reserved", 0}};
}

template <int64_t Quota::* limit>
Value limit_of(const S& s, const Call&) {
  return shown(s, {s.quota.quota.*limit, 0});
}
Value cores(const S& s, const Call&) { return shown(s, {s.quota.quota.cores, s.quota.usage.cores}); }
Value instances(const S& s, const Call&) { return shown(s, {s.quota.quota.instances, s.quota.usage.instances}); }
Value ram(const S& s, const Call&) { return shown(s, {s.quota.quota.ram_mb, s.quota.usage.ram_mb}); }
Value server_groups(const S& s, const Call&) {
  return shown(s, {s.quota.quota.server_groups, s.quota.usage.server_groups});
}

constexpr Field<S> kFields[] = {
    {"cores", &cores},
    {"fixed_ips", &limit_of<&Quota::fixed_ips>, 1, 35},
    {"floating_ips", &limit_of<&Quota::floating_ips>, 1, 35},
    {"injected_file_content_bytes", &limit_of<&Quota::injected_file_content_bytes>, 1, 56},
    {"injected_file_path_bytes", &limit_of<&Quota::injected_file_path_bytes>, 1, 56},
    {"injected_files", &limit_of<&Quota::injected_files>, 1, 56},
    {"instances", &instances},
    {"key_pairs", &limit_of<&Quota::key_pairs>},
    {"metadata_items", &limit_of<&Quota::metadata_items>},
    {"ram", &ram},
    {"security_group_rules", &limit_of<&Quota::security_group_rules>, 1, 35},
    {"security_groups", &limit_of<&Quota::security_groups>, 1, 35},
    {"server_group_members", &limit_of<&Quota::server_group_members>},
    {"server_groups", &server_groups},
};
// Of a quota class: the limits of networks end later, and those of groups begin later.
constexpr Field<S> kClassFields[] = {
    {"cores", &cores},
    {"fixed_ips", &limit_of<&Quota::fixed_ips>, 1, 49},
    {"floating_ips", &limit_of<&Quota::floating_ips>, 1, 49},
    {"injected_file_content_bytes", &limit_of<&Quota::injected_file_content_bytes>, 1, 56},
    {"injected_file_path_bytes", &limit_of<&Quota::injected_file_path_bytes>, 1, 56},
    {"injected_files", &limit_of<&Quota::injected_files>, 1, 56},
    {"instances", &instances},
    {"key_pairs", &limit_of<&Quota::key_pairs>},
    {"metadata_items", &limit_of<&Quota::metadata_items>},
    {"ram", &ram},
    {"security_group_rules", &limit_of<&Quota::security_group_rules>, 1, 49},
    {"security_groups", &limit_of<&Quota::security_groups>, 1, 49},
    {"server_group_members", &limit_of<&Quota::server_group_members>, 50},
    {"server_groups", &limit_of<&Quota::server_groups>, 50},
};

Json quota_set(const S& s, const Call& call, bool with_id) {
  Json json = Json::object();
  if (with_id) json["id"] = call.in_path("project");
  json.update(view(kFields, s, call));
  return {{"quota_set", std::move(json)}};
}

std::unexpected<Refusal> no_project(const Call& call) {
  return refused(400, fmt::format("Project ID {} is not a valid project.", call.in_path("project")));
}

std::unexpected<Refusal> no_user(std::string_view id) {
  return refused(400, fmt::format("User ID {} is not a valid user.", id));
}

Task<std::expected<QuotaReply, Refusal>> read_quota(Call& call) {
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!call.is_admin() && project != call.caller.project_id)
    co_return refused(403, fmt::format("Policy doesn't allow {} to be performed.", call.route->policy));
  if (!project) co_return no_project(call);
  const std::string* user = call.in_query("user_id");
  GetQuota operation{to_string(*project)};
  if (user != nullptr && !parse_uuid(*user)) co_return no_user(*user);
  if (user != nullptr) operation.user = to_string(*parse_uuid(*user));
  auto quota = co_await ask(call, std::move(operation));
  if (!quota && quota.error().status == 404) co_return no_project(call);
  co_return quota;
}

Task<Answered> show(Call& call) {
  auto quota = co_await read_quota(call);
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, quota_set({std::move(*quota), false}, call, true)};
}

Task<Answered> show_detail(Call& call) {
  auto quota = co_await read_quota(call);
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, quota_set({std::move(*quota), true}, call, true)};
}

Task<Answered> show_defaults(Call& call) {
  auto quota = co_await ask(call, GetQuota{.defaults = true});
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, quota_set({std::move(*quota), false}, call, true)};
}

// Of projects and of classes: those of networks went from the two at different times.
std::vector<Property> limit_properties(Minor last_of_networks) {
  const Rule limit = integer(-1);
  return {{"instances", limit},
          {"cores", limit},
          {"ram", limit},
          {"key_pairs", limit},
          {"metadata_items", limit},
          {"server_groups", limit},
          {"server_group_members", limit},
          {"fixed_ips", limit, false, 1, last_of_networks},
          {"floating_ips", limit, false, 1, last_of_networks},
          {"security_groups", limit, false, 1, last_of_networks},
          {"security_group_rules", limit, false, 1, last_of_networks},
          {"networks", limit, false, 1, last_of_networks},
          {"injected_files", limit, false, 1, 56},
          {"injected_file_content_bytes", limit, false, 1, 56},
          {"injected_file_path_bytes", limit, false, 1, 56}};
}

Rule quota_set_rule() {
  std::vector<Property> properties = limit_properties(35);
  properties.push_back({"force", boolean()});
  return body_of("quota_set", object(std::move(properties)));
}

// Those that are said.
Quota wanted_limits(const Json& wanted) {
  Quota quota = unchanged_quota();
  auto read = [&](std::string_view key, int64_t& limit) { limit = integer_at(wanted, key, kLimitStays); };
  read("instances", quota.instances);
  read("cores", quota.cores);
  read("ram", quota.ram_mb);
  read("server_groups", quota.server_groups);
  read("server_group_members", quota.server_group_members);
  read("key_pairs", quota.key_pairs);
  read("metadata_items", quota.metadata_items);
  read("injected_files", quota.injected_files);
  read("injected_file_content_bytes", quota.injected_file_content_bytes);
  read("injected_file_path_bytes", quota.injected_file_path_bytes);
  read("fixed_ips", quota.fixed_ips);
  read("floating_ips", quota.floating_ips);
  read("security_groups", quota.security_groups);
  read("security_group_rules", quota.security_group_rules);
  return quota;
}

Task<Answered> update(Call& call) {
  static const Rule rule = quota_set_rule();
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const std::string* user = call.in_query("user_id");
  if (user != nullptr && !parse_uuid(*user)) co_return no_user(*user);
  const Json& wanted = *member(call.body, "quota_set");
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!project) co_return no_project(call);
  if (member(wanted, "networks") != nullptr) co_return refused(400, "The networks quota has been removed");
  SetQuota operation{to_string(*project), wanted_limits(wanted), boolean_at(wanted, "force", false)};
  if (user != nullptr) operation.user = to_string(*parse_uuid(*user));
  auto set = co_await ask(call, std::move(operation));
  if (!set && set.error().status == 404) co_return no_project(call);
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, quota_set({std::move(*set), false}, call, false)};
}

// Back to the defaults, whatever is used.
Task<Answered> reset(Call& call) {
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!project) co_return no_project(call);
  const std::string* user = call.in_query("user_id");
  if (user != nullptr && !parse_uuid(*user)) co_return no_user(*user);
  SetQuota operation{.project = to_string(*project), .quota = unchanged_quota(), .reset = true};
  if (user != nullptr) operation.user = to_string(*parse_uuid(*user));
  auto set = co_await ask(call, std::move(operation));
  if (!set && set.error().status == 404) co_return no_project(call);
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{202, nullptr};
}

// ---- classes: of all of them `default` alone has an effect, in Nova too; of the others it is kept what was said

constexpr std::string_view kClasses = "quota-class";
constexpr std::string_view kDefaultClass = "default";

using Class = std::expected<std::optional<StoredObject>, Refusal>;

Task<Class> find_class(Call& call) {
  if (call.in_path("class") == kDefaultClass) co_return std::nullopt;
  co_return co_await find_object(call, kClasses, call.in_path("class"));
}

// Its own limits, and the default ones where it has none.
Task<std::expected<QuotaReply, Refusal>> quota_of(Call& call, Json own) {
  auto quota = co_await ask(call, GetQuota{.defaults = true});
  if (quota) set_limits(wanted_limits(own), quota->quota);
  co_return quota;
}

Json class_set(const QuotaReply& quota, const Call& call, bool with_id) {
  Json json = Json::object();
  if (with_id) json["id"] = call.in_path("class");
  json.update(view(kClassFields, S{quota, false}, call));
  return {{"quota_class_set", std::move(json)}};
}

Task<Answered> show_class(Call& call) {
  auto known = co_await find_class(call);
  if (!known) co_return std::unexpected(std::move(known.error()));
  auto quota = co_await quota_of(call, *known ? (*known)->body : Json::object());
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, class_set(*quota, call, true)};
}

Task<std::expected<QuotaReply, Refusal>> put_class(Call& call, const Json& wanted) {
  auto known = co_await find_class(call);
  if (!known) co_return std::unexpected(std::move(known.error()));
  StoredObject row = known->value_or(StoredObject{.id = call.in_path("class")});
  row.body.update(wanted);
  Json own = row.body;
  if (auto stored = co_await put_object(call, kClasses, std::move(row)); !stored)
    co_return std::unexpected(std::move(stored.error()));
  co_return co_await quota_of(call, std::move(own));
}

Task<Answered> update_class(Call& call) {
  static const Rule rule = body_of("quota_class_set", object(limit_properties(49)));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "quota_class_set");
  if (wanted.empty())
    co_return refused(
        400, "Invalid input for field/attribute quota_class_set. Value: {}. {} does not have enough properties");
  auto set = call.in_path("class") == kDefaultClass
                 ? co_await ask(call, SetQuota{.quota = wanted_limits(wanted), .defaults = true})
                 : co_await put_class(call, wanted);
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, class_set(*set, call, false)};
}

constexpr Service kNova = Service::kCompute;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-quota-sets/{project}", UserRole::kReader, "os_compute_api:os-quota-sets:show", &show},
    {kNova, "GET", "/v2.1/os-quota-sets/{project}/detail", UserRole::kReader, "os_compute_api:os-quota-sets:detail",
     &show_detail},
    {kNova, "GET", "/v2.1/os-quota-sets/{project}/defaults", UserRole::kReader, "os_compute_api:os-quota-sets:defaults",
     &show_defaults},
    {kNova, "PUT", "/v2.1/os-quota-sets/{project}", UserRole::kAdmin, "os_compute_api:os-quota-sets:update", &update},
    {kNova, "DELETE", "/v2.1/os-quota-sets/{project}", UserRole::kAdmin, "os_compute_api:os-quota-sets:delete", &reset},
    {kNova, "GET", "/v2.1/os-quota-class-sets/{class}", UserRole::kAdmin, "os_compute_api:os-quota-class-sets:show",
     &show_class},
    {kNova, "PUT", "/v2.1/os-quota-class-sets/{class}", UserRole::kAdmin, "os_compute_api:os-quota-class-sets:update",
     &update_class},
};

}  // namespace

std::span<const Route> quota_set_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
