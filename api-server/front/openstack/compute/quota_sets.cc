// Nova: os-quota-sets.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/compute/quota_numbers.h"
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/quota.h"

namespace kilonova::api::openstack {
namespace {

struct Limit {
  int64_t limit = kUnlimited;
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

template <int64_t number>
Value constant(const S& s, const Call&) {
  return shown(s, {number, 0});
}
Value cores(const S& s, const Call&) { return shown(s, {s.quota.quota.cores, s.quota.usage.cores}); }
Value instances(const S& s, const Call&) { return shown(s, {s.quota.quota.instances, s.quota.usage.instances}); }
Value ram(const S& s, const Call&) { return shown(s, {s.quota.quota.ram_mb, s.quota.usage.ram_mb}); }

constexpr Field<S> kFields[] = {
    {"cores", &cores},
    {"fixed_ips", &constant<kUnlimited>, 1, 35},
    {"floating_ips", &constant<kUnlimited>, 1, 35},
    {"injected_file_content_bytes", &constant<kInjectedFileBytes>, 1, 56},
    {"injected_file_path_bytes", &constant<kInjectedPathBytes>, 1, 56},
    {"injected_files", &constant<kInjectedFiles>, 1, 56},
    {"instances", &instances},
    {"key_pairs", &constant<kKeyPairs>},
    {"metadata_items", &constant<kMetadataItems>},
    {"ram", &ram},
    {"security_group_rules", &constant<kUnlimited>, 1, 35},
    {"security_groups", &constant<kUnlimited>, 1, 35},
    {"server_group_members", &constant<kServerGroupMembers>},
    {"server_groups", &constant<kServerGroups>},
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

Task<std::expected<QuotaReply, Refusal>> read_quota(Call& call) {
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!call.is_admin() && project != call.caller.project_id)
    co_return refused(403, fmt::format("Policy doesn't allow {} to be performed.", call.route->policy));
  if (!project) co_return no_project(call);
  auto quota = co_await ask(call, GetQuota{to_string(*project)});
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

Task<Answered> show_defaults(Call& call) { co_return Answer{200, quota_set({QuotaReply{}, false}, call, true)}; }

const Rule& update_rule() {
  static const Rule limit = integer(-1);
  static const Rule rule = body_of("quota_set", object({{"instances", limit},
                                                        {"cores", limit},
                                                        {"ram", limit},
                                                        {"key_pairs", limit},
                                                        {"metadata_items", limit},
                                                        {"server_groups", limit},
                                                        {"server_group_members", limit},
                                                        {"fixed_ips", limit, false, 1, 35},
                                                        {"floating_ips", limit, false, 1, 35},
                                                        {"security_groups", limit, false, 1, 35},
                                                        {"security_group_rules", limit, false, 1, 35},
                                                        {"networks", limit, false, 1, 35},
                                                        {"injected_files", limit, false, 1, 56},
                                                        {"injected_file_content_bytes", limit, false, 1, 56},
                                                        {"injected_file_path_bytes", limit, false, 1, 56},
                                                        {"force", boolean()}}));
  return rule;
}

// Limits that are constants here take their own value, and no other.
std::optional<Refusal> check_constants(const Json& wanted) {
  for (auto [key, value] :
       {std::pair("key_pairs", kKeyPairs), std::pair("metadata_items", kMetadataItems),
        std::pair("server_groups", kServerGroups), std::pair("server_group_members", kServerGroupMembers),
        std::pair("fixed_ips", kUnlimited), std::pair("floating_ips", kUnlimited),
        std::pair("security_groups", kUnlimited), std::pair("security_group_rules", kUnlimited),
        std::pair("networks", kUnlimited), std::pair("injected_files", kInjectedFiles),
        std::pair("injected_file_content_bytes", kInjectedFileBytes),
        std::pair("injected_file_path_bytes", kInjectedPathBytes)})
    if (integer_at(wanted, key, value) != value)
      return Refusal{501, fmt::format("This cloud's limit of {} is {} and cannot be changed.", key, value)};
  return std::nullopt;
}

Task<Answered> update(Call& call) {
  if (auto wrong = check_schema(update_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  if (call.in_query("user_id") != nullptr) co_return refused(501, "This cloud has no quotas of single users.");
  const Json& wanted = *member(call.body, "quota_set");
  if (auto wrong = check_constants(wanted)) co_return std::unexpected(std::move(*wrong));
  auto now = co_await read_quota(call);
  if (!now) co_return std::unexpected(std::move(now.error()));
  SetQuota operation{to_string(now->quota.project_id), now->quota, boolean_at(wanted, "force", false)};
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (project) operation.project = to_string(*project);
  operation.quota.instances = integer_at(wanted, "instances", now->quota.instances);
  operation.quota.cores = integer_at(wanted, "cores", now->quota.cores);
  operation.quota.ram_mb = integer_at(wanted, "ram", now->quota.ram_mb);
  auto set = co_await ask(call, std::move(operation));
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{200, quota_set({std::move(*set), false}, call, false)};
}

// Back to the defaults, whatever is used.
Task<Answered> reset(Call& call) {
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!project) co_return no_project(call);
  auto set = co_await ask(call, SetQuota{to_string(*project), Quota{}, true});
  if (!set && set.error().status == 404) co_return no_project(call);
  if (!set) co_return std::unexpected(std::move(set.error()));
  co_return Answer{202, nullptr};
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
};

}  // namespace

std::span<const Route> quota_set_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
