// Neutron: security groups: the default one that every server is in. Nothing filters packets here, of which there are
// none: it has no rules.
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/routes.h"

namespace kilonova::api::openstack {
namespace {

Json group_view(const Call& call) {
  std::string project = to_hex(call.caller.project_id);
  return {{"id", security_group_id(call.caller.project_id)},
          {"name", "default"},
          {"stateful", true},
          {"tenant_id", project},
          {"description", "Default security group"},
          {"shared", false},
          {"security_group_rules", Json::array()},
          {"tags", Json::array()},
          {"created_at", nullptr},
          {"updated_at", nullptr},
          {"revision_number", 1},
          {"project_id", project}};
}

Task<Answered> list(Call& call) {
  co_return neutron_list(
      call, "security_groups", {group_view(call)},
      {"id", "name", "tenant_id", "project_id", "description", "stateful", "shared", "revision_number"});
}

Task<Answered> show(Call& call) {
  if (call.in_path("group") == security_group_id(call.caller.project_id))
    co_return neutron_item(call, "security_group", group_view(call));
  co_return refused(404, "Security group " + call.in_path("group") + " does not exist", "SecurityGroupNotFound");
}

Task<Answered> list_rules(Call& call) {
  co_return neutron_list(call, "security_group_rules", {},
                         {"id", "security_group_id", "direction", "ethertype", "protocol", "tenant_id", "project_id",
                          "port_range_min", "port_range_max", "remote_ip_prefix", "remote_group_id", "description"});
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/security-groups", kReader, "get_security_group", &list},
    {kNeutron, "GET", "/v2.0/security-groups/{group}", kReader, "get_security_group", &show},
    {kNeutron, "GET", "/v2.0/security-group-rules", kReader, "get_security_group_rule", &list_rules},
};

}  // namespace

std::span<const Route> security_group_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
