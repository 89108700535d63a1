// Nova: GET /limits.
#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/quota.h"

namespace kilonova::api::openstack {
namespace {

using Q = QuotaReply;
using Value = std::optional<Json>;

template <int64_t number>
Value constant(const Q&, const Call&) {
  return number;
}

template <int64_t Quota::* limit>
Value limit_of(const Q& q, const Call&) {
  return q.quota.*limit;
}

constexpr Field<Q> kFields[] = {
    {"maxTotalInstances", [](const Q& q, const Call&) -> Value { return q.quota.instances; }},
    {"maxTotalCores", [](const Q& q, const Call&) -> Value { return q.quota.cores; }},
    {"maxTotalRAMSize", [](const Q& q, const Call&) -> Value { return q.quota.ram_mb; }},
    {"maxServerMeta", &limit_of<&Quota::metadata_items>},
    {"maxImageMeta", &limit_of<&Quota::metadata_items>, 1, 38},
    {"maxPersonality", &limit_of<&Quota::injected_files>, 1, 56},
    {"maxPersonalitySize", &limit_of<&Quota::injected_file_content_bytes>, 1, 56},
    {"maxTotalKeypairs", &limit_of<&Quota::key_pairs>},
    {"maxServerGroups", &limit_of<&Quota::server_groups>},
    {"maxServerGroupMembers", &limit_of<&Quota::server_group_members>},
    {"maxTotalFloatingIps", &limit_of<&Quota::floating_ips>, 1, 35},
    {"maxSecurityGroups", &limit_of<&Quota::security_groups>, 1, 35},
    {"maxSecurityGroupRules", &limit_of<&Quota::security_group_rules>, 1, 35},
    {"totalRAMUsed", [](const Q& q, const Call&) -> Value { return q.usage.ram_mb; }},
    {"totalCoresUsed", [](const Q& q, const Call&) -> Value { return q.usage.cores; }},
    {"totalInstancesUsed", [](const Q& q, const Call&) -> Value { return q.usage.instances; }},
    {"totalFloatingIpsUsed", &constant<0>, 1, 35},
    {"totalSecurityGroupsUsed", &constant<0>, 1, 35},
    {"totalServerGroupsUsed", [](const Q& q, const Call&) -> Value { return q.usage.server_groups; }},
};

Task<Answered> show(Call& call) {
  GetQuota operation;
  if (const std::string* project = call.in_query("tenant_id")) {
    if (!call.is_admin() && parse_uuid(*project) != call.caller.project_id)
      co_return refused(403, "Policy doesn't allow os_compute_api:limits:other_project to be performed.");
    operation.project = *project;
  }
  auto quota = co_await ask(call, std::move(operation));
  // Nova asks nobody whether there is such a project.
  if (!quota && quota.error().status == 404) quota = co_await ask(call, GetQuota{.defaults = true});
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, {{"limits", {{"rate", Json::array()}, {"absolute", view(kFields, *quota, call)}}}}};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/limits", UserRole::kReader, "os_compute_api:limits", &show},
};

}  // namespace

std::span<const Route> limits_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
