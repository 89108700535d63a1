// Nova: GET /limits.
#include "api-server/front/openstack/compute/quota_numbers.h"
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

constexpr Field<Q> kFields[] = {
    {"maxTotalInstances", [](const Q& q, const Call&) -> Value { return q.quota.instances; }},
    {"maxTotalCores", [](const Q& q, const Call&) -> Value { return q.quota.cores; }},
    {"maxTotalRAMSize", [](const Q& q, const Call&) -> Value { return q.quota.ram_mb; }},
    {"maxServerMeta", &constant<kMetadataItems>},
    {"maxImageMeta", &constant<kMetadataItems>, 1, 38},
    {"maxPersonality", &constant<kInjectedFiles>, 1, 56},
    {"maxPersonalitySize", &constant<kInjectedFileBytes>, 1, 56},
    {"maxTotalKeypairs", &constant<kKeyPairs>},
    {"maxServerGroups", &constant<kServerGroups>},
    {"maxServerGroupMembers", &constant<kServerGroupMembers>},
    {"maxTotalFloatingIps", &constant<kUnlimited>, 1, 35},
    {"maxSecurityGroups", &constant<kUnlimited>, 1, 35},
    {"maxSecurityGroupRules", &constant<kUnlimited>, 1, 35},
    {"totalRAMUsed", [](const Q& q, const Call&) -> Value { return q.usage.ram_mb; }},
    {"totalCoresUsed", [](const Q& q, const Call&) -> Value { return q.usage.cores; }},
    {"totalInstancesUsed", [](const Q& q, const Call&) -> Value { return q.usage.instances; }},
    {"totalFloatingIpsUsed", &constant<0>, 1, 35},
    {"totalSecurityGroupsUsed", &constant<0>, 1, 35},
    {"totalServerGroupsUsed", &constant<0>},
};

Task<Answered> show(Call& call) {
  GetQuota operation;
  if (const std::string* project = call.in_query("tenant_id")) {
    if (!call.is_admin() && parse_uuid(*project) != call.caller.project_id)
      co_return refused(403, "Policy doesn't allow os_compute_api:limits:other_project to be performed.");
    operation.project = *project;
  }
  auto quota = co_await ask(call, std::move(operation));
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, {{"limits", {{"rate", Json::array()}, {"absolute", view(kFields, *quota, call)}}}}};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/limits", UserRole::kReader, "os_compute_api:limits", &show},
};

}  // namespace

std::span<const Route> limits_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
