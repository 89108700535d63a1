// Neutron: its version and extensions.
#include <fmt/format.h>

#include "api-server/front/openstack/network/routes.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> list(Call& call) {
  co_return Answer{
      200,
      {{"versions",
        Json::array({{{"id", "v2.0"},
                      {"status", "CURRENT"},
                      {"links", Json::array({{{"rel", "self"}, {"href", call.base + "/networking/v2.0/"}}})}}})}}};
}

Task<Answered> resources(Call& call) {
  Json list = Json::array();
  for (std::string_view name : {"network", "subnet", "subnetpool", "port"})
    list.push_back({{"name", name},
                    {"collection", fmt::format("{}s", name)},
                    {"links", Json::array({{{"rel", "self"},
                                            {"href", fmt::format("{}/networking/v2.0/{}s", call.base, name)}}})}});
  co_return Answer{200, {{"resources", std::move(list)}}};
}

struct Extension {
  const char* alias;
  const char* name;
  const char* description;
};
// Those alone whose promises are kept.
constexpr Extension kExtensions[] = {
    {"address-scope", "Address scope", "Address scopes extension."},
    {"agent", "agent", "The agent management extension."},
    {"allowed-address-pairs", "Allowed Address Pairs", "Provides allowed address pairs"},
    {"availability_zone", "Availability Zone", "The availability zone extension."},
    {"binding", "Port Binding", "Expose port bindings of a virtual port to external application"},
    {"default-subnetpools", "Default Subnetpools", "Provides ability to mark and use a subnetpool as the default."},
    {"dhcp_agent_scheduler", "DHCP Agent Scheduler", "Schedule networks among dhcp agents"},
    {"dvr", "Distributed Virtual Router", "Enables configuration of Distributed Virtual Routers."},
    {"ext-gw-mode", "Neutron L3 Configurable external gateway mode",
     "Extension of the router abstraction for specifying whether SNAT should occur on the external gateway"},
    {"external-net", "Neutron external network", "Adds external network attribute to network resource."},
    {"extra_dhcp_opt", "Neutron Extra DHCP options",
     "Extra options configuration for DHCP. For example PXE boot options to DHCP clients can be specified (e.g. "
     "tftp-server, server-ip-address, bootfile-name)"},
    {"extraroute", "Neutron Extra Route", "Extra routes configuration for L3 router"},
    {"extraroute-atomic", "Atomically add/remove extra routes",
     "Edit extra routes of a router on server side by atomically adding/removing extra routes"},
    {"filter-validation", "Filter parameters validation", "Provides validation on filter parameters."},
    {"flavors", "Neutron Service Flavors", "Flavor specification for Neutron advanced services."},
    {"fip-port-details", "Floating IP Port Details Extension", "Add port_details attribute to Floating IP resource"},
    {"floatingip-pools", "Floating IP Pools Extension", "Provides a floating IP pools API."},
    {"ip-substring-filtering", "IP address substring filtering",
     "Provides IP address substring filtering when listing ports"},
    {"l3-ha", "HA Router extension", "Adds HA capability to routers."},
    {"l3_agent_scheduler", "L3 Agent Scheduler", "Schedule routers among l3 agents"},
    {"net-mtu", "Network MTU", "Provides MTU attribute for a network resource."},
    {"net-mtu-writable", "Network MTU (writable)", "Provides a writable MTU attribute for a network resource."},
    {"network-ip-availability", "Network IP Availability",
     "Provides IP availability data for each network and subnet."},
    {"pagination", "Pagination support", "Extension that indicates that pagination is enabled."},
    {"port-security", "Port Security", "Provides port security"},
    {"project-id", "project_id field enabled", "Extension that indicates that project_id field is enabled."},
    {"provider", "Provider Network", "Expose mapping of virtual networks to physical networks"},
    {"quota-check-limit", "Quota engine limit check",
     "Support for checking the resource usage before applying a new quota limit"},
    {"quota_details", "Quota details management support", "Expose functions for quotas usage statistics per project"},
    {"quotas", "Quota management support", "Expose functions for quotas management per project"},
    {"rbac-address-scope", "Add address_scope type to RBAC", "Add address_scope type to RBAC"},
    {"rbac-policies", "RBAC Policies",
     "Allows creation and modification of policies that control tenant access to resources."},
    {"rbac-subnetpool", "Add subnetpool type to RBAC", "Add subnetpool type to RBAC"},
    {"revision-if-match", "If-Match constraints based on revision_number",
     "Extension indicating that If-Match based on revision_number is supported."},
    {"router", "Neutron L3 Router",
     "Router abstraction for basic L3 forwarding between L2 Neutron networks and access to external networks via a NAT "
     "gateway."},
    {"router-admin-state-down-before-update", "Enforce Router's Admin State Down Before Update Extension",
     "Ensure that the admin state of a router is down before updating the distributed attribute"},
    {"security-group", "security-group", "The security groups extension."},
    {"segment", "Segment", "Segments extension."},
    {"service-type", "Neutron Service Type Management",
     "API for retrieving service providers for Neutron advanced services"},
    {"sorting", "Sorting support", "Extension that indicates that sorting is enabled."},
    {"standard-attr-description", "standard-attr-description", "Extension to add descriptions to standard attributes"},
    {"standard-attr-revisions", "Resource revision numbers",
     "This extension will display the revision number of neutron resources."},
    {"standard-attr-segment", "standard-attr-segment", "Add standard attributes to Segment resource"},
    {"standard-attr-tag",
     "Tag support for resources with standard attribute: port, subnet, subnetpool, network, router, security_group, "
     "floatingip",
     "Enables to set tag on resources with standard attribute."},
    {"standard-attr-timestamp", "Resource timestamps",
     "Adds created_at and updated_at fields to all Neutron resources that have Neutron standard attributes."},
    {"stateful-security-group", "Stateful security group", "Indicates if the security group is stateful or not"},
    {"subnet-service-types", "Subnet service types", "Provides ability to set the subnet service_types field"},
    {"subnetpool-prefix-ops", "Subnet Pool Prefix Operations",
     "Provides support for adjusting the prefix list of subnet pools"},
    {"subnet_allocation", "Subnet Allocation", "Enables allocation of subnets from a subnet pool"},
};

Json extension_view(const Extension& extension) {
  return {{"alias", extension.alias},
          {"name", extension.name},
          {"description", extension.description},
          {"updated", "2016-01-01T00:00:00-00:00"},
          {"links", Json::array()}};
}

Task<Answered> list_extensions(Call&) {
  Json extensions = Json::array();
  for (const Extension& extension : kExtensions) extensions.push_back(extension_view(extension));
  co_return Answer{200, {{"extensions", std::move(extensions)}}};
}

Task<Answered> show_extension(Call& call) {
  for (const Extension& extension : kExtensions)
    if (call.in_path("alias") == extension.alias) co_return Answer{200, {{"extension", extension_view(extension)}}};
  co_return refused(404, fmt::format("Extension with alias {} does not exist", call.in_path("alias")),
                    "ExtensionNotFound");
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/", UserRole::kNone, "", &list},
    {kNeutron, "GET", "/v2.0", kReader, "get_resources", &resources},
    {kNeutron, "GET", "/v2.0/extensions", kReader, "get_extensions", &list_extensions},
    {kNeutron, "GET", "/v2.0/extensions/{alias}", kReader, "get_extension", &show_extension},
};

}  // namespace

std::span<const Route> network_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
