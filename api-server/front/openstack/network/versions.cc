// Neutron: its version, extensions and quotas.
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
  for (std::string_view name : {"network", "subnet", "port"})
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
    {"binding", "Port Binding", "Expose port bindings of a virtual port to external application"},
    {"external-net", "Neutron external network", "Adds external network attribute to network resource."},
    {"filter-validation", "Filter parameters validation", "Provides validation on filter parameters."},
    {"pagination", "Pagination support", "Extension that indicates that pagination is enabled."},
    {"project-id", "project_id field enabled", "Extension that indicates that project_id field is enabled."},
    {"provider", "Provider Network", "Expose mapping of virtual networks to physical networks"},
    {"quotas", "Quota management support", "Expose functions for quotas management per project"},
    {"security-group", "security-group", "The security groups extension."},
    {"sorting", "Sorting support", "Extension that indicates that sorting is enabled."},
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

// Networks are not counted in this cloud: every limit is none.
Task<Answered> show_quota(Call& call) {
  if (!call.is_admin() && parse_uuid(call.in_path("project")) != call.caller.project_id)
    co_return refused(403, "(rule:get_quota) is disallowed by policy", "PolicyNotAuthorized");
  Json quota = Json::object();
  for (const char* name : {"network", "subnet", "subnetpool", "port", "router", "floatingip", "security_group",
                           "security_group_rule", "rbac_policy"})
    quota[name] = -1;
  co_return Answer{200, {{"quota", std::move(quota)}}};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kReader = UserRole::kReader;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/", UserRole::kNone, "", &list},
    {kNeutron, "GET", "/v2.0", kReader, "get_resources", &resources},
    {kNeutron, "GET", "/v2.0/extensions", kReader, "get_extensions", &list_extensions},
    {kNeutron, "GET", "/v2.0/extensions/{alias}", kReader, "get_extension", &show_extension},
    {kNeutron, "GET", "/v2.0/quotas/{project}", kReader, "get_quota", &show_quota},
    {kNeutron, "GET", "/v2.0/quotas/{project}/default", kReader, "get_quota", &show_quota},
};

}  // namespace

std::span<const Route> network_version_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
