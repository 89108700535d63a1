#include "api-server/front/openstack/network/quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kQuotas = "network-quota";

struct Limit {
  std::string_view resource;
  int64_t otherwise;  // Neutron's default
};
constexpr Limit kLimits[] = {
    {"network", 100},   {"subnet", 100},        {"subnetpool", -1},           {"port", 500},       {"router", 10},
    {"floatingip", 50}, {"security_group", 10}, {"security_group_rule", 100}, {"rbac_policy", 10},
};

Json limits_of(const Json& own) {
  Json limits = Json::object();
  for (const Limit& limit : kLimits)
    limits[std::string(limit.resource)] = value_or(own, limit.resource, limit.otherwise);
  return limits;
}

// A project's id as Keystone writes it; others are taken as they are, as Neutron takes them.
std::string project_in_path(const Call& call) {
  std::optional<Uuid> id = parse_uuid(call.in_path("project"));
  return id ? to_hex(*id) : call.in_path("project");
}

Checked check_reader(const Call& call) {
  if (call.is_admin() || project_in_path(call) == to_hex(call.caller.project_id)) return {};
  return refused(403, "(rule:get_quota) is disallowed by policy", "PolicyNotAuthorized");
}

Task<std::expected<Json, Refusal>> limits(Call& call, std::string project) {
  auto record = co_await find_object(call, kQuotas, std::move(project));
  if (!record) co_return std::unexpected(std::move(record.error()));
  co_return limits_of(*record ? (*record)->body : Json::object());
}

Task<Answered> list(Call& call) {
  auto records = co_await all_objects(call, kQuotas);
  if (!records) co_return std::unexpected(std::move(records.error()));
  Json quotas = Json::array();
  for (const StoredObject& record : *records) {
    Json quota = limits_of(record.body);
    quota["tenant_id"] = record.id;
    quota["project_id"] = record.id;
    quotas.push_back(std::move(quota));
  }
  co_return Answer{200, {{"quotas", std::move(quotas)}}};
}

Task<Answered> show(Call& call) {
  if (Checked good = check_reader(call); !good) co_return std::unexpected(std::move(good.error()));
  auto quota = co_await limits(call, project_in_path(call));
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  co_return Answer{200, {{"quota", std::move(*quota)}}};
}

Task<Answered> show_default(Call& call) {
  if (Checked good = check_reader(call); !good) co_return std::unexpected(std::move(good.error()));
  co_return Answer{200, {{"quota", limits_of(Json::object())}}};
}

Task<Answered> show_project(Call& call) {
  co_return Answer{200, {{"tenant", {{"tenant_id", to_hex(call.caller.project_id)}}}}};
}

template <class Row>
int64_t count_of(const std::vector<Row>& rows, const std::string& project) {
  return std::ranges::count_if(rows, [&](const Row& row) { return to_hex(row.row.project_id) == project; });
}

Task<std::expected<std::map<std::string_view, int64_t>, Refusal>> used_by(Call& call, std::string project) {
  std::map<std::string_view, int64_t> used;
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto subnets = co_await all_stored_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  auto ports = co_await all_stored_ports(call);
  if (!ports) co_return std::unexpected(std::move(ports.error()));
  used["network"] = count_of(*networks, project);
  used["subnet"] = count_of(*subnets, project);
  used["port"] = count_of(*ports, project);
  for (auto [resource, kind] : {std::pair("router", "router"), std::pair("floatingip", "floating-ip"),
                                std::pair("subnetpool", "subnetpool"), std::pair("security_group", "security-group")}) {
    auto records = co_await all_objects(call, kind, project);
    if (!records) co_return std::unexpected(std::move(records.error()));
    used[resource] = static_cast<int64_t>(records->size());
    if (std::string_view(resource) == "security_group")
      for (const StoredObject& group : *records)
        used["security_group_rule"] += static_cast<int64_t>(value_or(group.body, "rules", Json::array()).size());
  }
  co_return used;
}

Task<Answered> show_details(Call& call) {
  if (Checked good = check_reader(call); !good) co_return std::unexpected(std::move(good.error()));
  auto quota = co_await limits(call, project_in_path(call));
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  auto used = co_await used_by(call, project_in_path(call));
  if (!used) co_return std::unexpected(std::move(used.error()));
  Json details = Json::object();
  for (const Limit& limit : kLimits)
    details[std::string(limit.resource)] = {
        {"limit", (*quota)[std::string(limit.resource)]}, {"used", (*used)[limit.resource]}, {"reserved", 0}};
  co_return Answer{200, {{"quota", std::move(details)}}};
}

Task<Answered> update(Call& call) {
  const Json* wanted = member(call.body, "quota");
  if (wanted == nullptr || !wanted->is_object())
    co_return bad_request("HTTPBadRequest", "Unable to find 'quota' in request body");
  bool checks_limit = value_or(*wanted, "check_limit", false) == true;
  Json limits = Json::object();
  for (const auto& [key, value] : wanted->items()) {
    if (key == "check_limit" || key == "force" || key == "tenant_id" || key == "project_id") continue;
    if (std::ranges::find(kLimits, key, &Limit::resource) == std::end(kLimits))
      co_return bad_request("HTTPBadRequest", fmt::format("Unrecognized attribute(s) '{}'", key));
    if (!value.is_number_integer() || value < -1 || value > 2'147'483'647)
      co_return invalid_input(key, fmt::format("'{}' is not in valid range.", python_repr(value)));
    limits[key] = value;
  }
  std::string project = project_in_path(call);
  if (checks_limit) {
    auto used = co_await used_by(call, project);
    if (!used) co_return std::unexpected(std::move(used.error()));
    for (const auto& [key, value] : limits.items())
      if (value >= 0 && value < (*used)[key])
        co_return bad_request(
            "InvalidQuotaValue",
            fmt::format("Change would make usage less than 0 for the following resources: ['{}'].", key));
  }
  auto record = co_await find_object(call, kQuotas, project);
  if (!record) co_return std::unexpected(std::move(record.error()));
  StoredObject changed = *record ? std::move(**record) : StoredObject{.id = project, .owner = project};
  for (const auto& [key, value] : limits.items()) changed.body[key] = value;
  auto stored = co_await put_object(call, kQuotas, std::move(changed));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"quota", limits_of(stored->body)}}};
}

Task<Answered> reset(Call& call) {
  auto gone = co_await delete_object(call, kQuotas, project_in_path(call));
  if (!gone && gone.error().status == 404)
    co_return refused(404, fmt::format("Quota for tenant {} could not be found.", project_in_path(call)),
                      "TenantQuotaNotFound");
  if (!gone) co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/quotas", kAdmin, "get_quota", &list},
    {kNeutron, "GET", "/v2.0/quotas/tenant", kReader, "get_quota", &show_project},
    {kNeutron, "GET", "/v2.0/quotas/project", kReader, "get_quota", &show_project},
    {kNeutron, "GET", "/v2.0/quotas/{project}", kReader, "get_quota", &show},
    {kNeutron, "PUT", "/v2.0/quotas/{project}", kAdmin, "update_quota", &update},
    {kNeutron, "DELETE", "/v2.0/quotas/{project}", kAdmin, "delete_quota", &reset},
    {kNeutron, "GET", "/v2.0/quotas/{project}/default", kReader, "get_quota", &show_default},
    {kNeutron, "GET", "/v2.0/quotas/{project}/details", kReader, "get_quota", &show_details},
    {kNeutron, "GET", "/v2.0/quotas/{project}/details.json", kReader, "get_quota", &show_details},
};

}  // namespace

Task<Checked> check_quota(Call& call, Uuid project, std::string_view resource, int64_t used) {
  auto quota = co_await limits(call, to_hex(project));
  if (!quota) co_return std::unexpected(std::move(quota.error()));
  int64_t limit = (*quota)[std::string(resource)].get<int64_t>();
  if (limit >= 0 && used >= limit) co_return over_quota(resource);
  co_return Checked();
}

std::span<const Route> network_quota_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
