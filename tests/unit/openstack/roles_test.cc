// Every route by role, a second time on purpose: a change of policy must change this table too.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "api-server/front/openstack/place.h"
#include "api-server/front/openstack/route.h"
#include "tests/unit/openstack/front_world.h"
#include "tests/unit/openstack/network_rows.h"
#include "tests/unit/openstack/route_row.h"

namespace kilonova::api::openstack {
namespace {

constexpr Row kRows[] = {
    {kIdentity, "GET", "/v3/auth/catalog", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/auth/projects", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/auth/domains", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/auth/system", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/domains", kAdmin},
    {kIdentity, "GET", "/v3/domains/{domain}", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/projects", kAdmin},
    {kIdentity, "POST", "/v3/projects", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/projects/{project}", kAdmin},
    {kIdentity, "GET", "/v3/roles", kAdmin},
    {kIdentity, "GET", "/v3/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/role_assignments", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/users/{user}/roles", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/projects/{project}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/projects/{project}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "POST", "/v3/auth/tokens", kNone},
    {kIdentity, "GET", "/v3/auth/tokens", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/auth/tokens", kNone, Row::More::kAnyToken},
    {kIdentity, "POST", "/v3/ec2tokens", kNone, Row::More::kAnyToken},
    {kIdentity, "POST", "/v3/s3tokens", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/users", kAdmin},
    {kIdentity, "POST", "/v3/users", kAdmin},
    {kIdentity, "GET", "/v3/users/{user}", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/users/{user}", kAdmin},
    {kIdentity, "GET", "/v3/users/{user}/projects", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/", kNone},
    {kIdentity, "GET", "/v3", kNone},
    {kIdentity, "POST", "/v3/services", kAdmin},
    {kIdentity, "PATCH", "/v3/services/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/services/{id}", kAdmin},
    {kIdentity, "POST", "/v3/endpoints", kAdmin},
    {kIdentity, "PATCH", "/v3/endpoints/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/endpoints/{id}", kAdmin},
    {kIdentity, "POST", "/v3/regions", kAdmin},
    {kIdentity, "PUT", "/v3/regions/{id}", kAdmin},
    {kIdentity, "PATCH", "/v3/regions/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/regions/{id}", kAdmin},
    {kIdentity, "POST", "/v3/domains", kAdmin},
    {kIdentity, "PATCH", "/v3/domains/{domain}", kAdmin},
    {kIdentity, "DELETE", "/v3/domains/{domain}", kAdmin},
    {kIdentity, "GET", "/v3/users/{user}/credentials/OS-EC2", kReader},
    {kIdentity, "POST", "/v3/users/{user}/credentials/OS-EC2", kMember},
    {kIdentity, "GET", "/v3/users/{user}/credentials/OS-EC2/{access}", kReader},
    {kIdentity, "DELETE", "/v3/users/{user}/credentials/OS-EC2/{access}", kReader},
    {kIdentity, "GET", "/v3/OS-INHERIT/domains/{domain}/users/{user}/roles/inherited_to_projects", kAdmin},
    {kIdentity, "GET", "/v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/inherited_to_projects", kAdmin},
    {kIdentity, "POST", "/v3/groups", kAdmin},
    {kIdentity, "GET", "/v3/groups/{group}", kAdmin},
    {kIdentity, "PATCH", "/v3/groups/{group}", kAdmin},
    {kIdentity, "DELETE", "/v3/groups/{group}", kAdmin},
    {kIdentity, "GET", "/v3/groups/{group}/users", kAdmin},
    {kIdentity, "PUT", "/v3/groups/{group}/users/{user}", kAdmin},
    {kIdentity, "GET", "/v3/groups/{group}/users/{user}", kAdmin},
    {kIdentity, "DELETE", "/v3/groups/{group}/users/{user}", kAdmin},
    {kIdentity, "GET", "/v3/users/{user}/groups", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/policies", kAdmin},
    {kIdentity, "POST", "/v3/policies", kAdmin},
    {kIdentity, "GET", "/v3/policies/{id}", kAdmin},
    {kIdentity, "PATCH", "/v3/policies/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/policies/{id}", kAdmin},
    {kIdentity, "GET", "/v3/credentials", kReader},
    {kIdentity, "POST", "/v3/credentials", kReader},
    {kIdentity, "GET", "/v3/credentials/{id}", kReader},
    {kIdentity, "PATCH", "/v3/credentials/{id}", kReader},
    {kIdentity, "DELETE", "/v3/credentials/{id}", kReader},
    {kIdentity, "GET", "/v3/OS-OAUTH1/consumers", kAdmin},
    {kIdentity, "POST", "/v3/OS-OAUTH1/consumers", kAdmin},
    {kIdentity, "GET", "/v3/OS-OAUTH1/consumers/{id}", kAdmin},
    {kIdentity, "PATCH", "/v3/OS-OAUTH1/consumers/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-OAUTH1/consumers/{id}", kAdmin},
    {kIdentity, "GET", "/v3/OS-EP-FILTER/projects/{project}/endpoints", kAdmin},
    {kIdentity, "GET", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin},
    {kIdentity, "PUT", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-EP-FILTER/projects/{project}/endpoints/{id}", kAdmin},
    {kIdentity, "GET", "/v3/OS-EP-FILTER/endpoints/{id}/projects", kAdmin},
    {kIdentity, "GET", "/v3/OS-EP-FILTER/endpoint_groups", kAdmin},
    {kIdentity, "POST", "/v3/OS-EP-FILTER/endpoint_groups", kAdmin},
    {kIdentity, "GET", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin},
    {kIdentity, "PATCH", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-EP-FILTER/endpoint_groups/{id}", kAdmin},
    {kIdentity, "PATCH", "/v3/projects/{project}", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/tags", kReader},
    {kIdentity, "PUT", "/v3/projects/{project}/tags", kAdmin},
    {kIdentity, "DELETE", "/v3/projects/{project}/tags", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/tags/{tag}", kReader},
    {kIdentity, "PUT", "/v3/projects/{project}/tags/{tag}", kAdmin},
    {kIdentity, "DELETE", "/v3/projects/{project}/tags/{tag}", kAdmin},
    {kIdentity, "POST", "/v3/roles", kAdmin},
    {kIdentity, "PATCH", "/v3/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/roles/{role}/implies", kAdmin},
    {kIdentity, "PUT", "/v3/roles/{role}/implies/{implied}", kAdmin},
    {kIdentity, "GET", "/v3/roles/{role}/implies/{implied}", kAdmin},
    {kIdentity, "DELETE", "/v3/roles/{role}/implies/{implied}", kAdmin},
    {kIdentity, "GET", "/v3/role_inferences", kAdmin},
    {kIdentity, "PATCH", "/v3/users/{user}", kAdmin},
    {kIdentity, "POST", "/v3/users/{user}/password", kNone},
    {kIdentity, "GET", "/v3/OS-INHERIT/projects/{project}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "PUT", "/v3/OS-INHERIT/projects/{project}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-INHERIT/projects/{project}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/groups/{group}/roles", kAdmin},
    {kIdentity, "GET", "/v3/projects/{project}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/projects/{project}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/projects/{project}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/OS-INHERIT/projects/{project}/groups/{group}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "PUT", "/v3/OS-INHERIT/projects/{project}/groups/{group}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-INHERIT/projects/{project}/groups/{group}/roles/{role}/inherited_to_projects",
     kAdmin},
    {kIdentity, "GET", "/v3/domains/{domain}/users/{user}/roles", kAdmin},
    {kIdentity, "GET", "/v3/domains/{domain}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/domains/{domain}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/domains/{domain}/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/OS-INHERIT/domains/{domain}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "PUT", "/v3/OS-INHERIT/domains/{domain}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-INHERIT/domains/{domain}/users/{user}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "GET", "/v3/domains/{domain}/groups/{group}/roles", kAdmin},
    {kIdentity, "GET", "/v3/domains/{domain}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/domains/{domain}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/domains/{domain}/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "PUT", "/v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "DELETE", "/v3/OS-INHERIT/domains/{domain}/groups/{group}/roles/{role}/inherited_to_projects", kAdmin},
    {kIdentity, "GET", "/v3/system/users/{user}/roles", kAdmin},
    {kIdentity, "GET", "/v3/system/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/system/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/system/users/{user}/roles/{role}", kAdmin},
    {kIdentity, "GET", "/v3/system/groups/{group}/roles", kAdmin},
    {kIdentity, "GET", "/v3/system/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "PUT", "/v3/system/groups/{group}/roles/{role}", kAdmin},
    {kIdentity, "DELETE", "/v3/system/groups/{group}/roles/{role}", kAdmin},
    {kCompute, "GET", "/v2.1/os-aggregates", kAdmin},
    {kCompute, "POST", "/v2.1/os-aggregates", kAdmin},
    {kCompute, "GET", "/v2.1/os-aggregates/{aggregate}", kAdmin},
    {kCompute, "PUT", "/v2.1/os-aggregates/{aggregate}", kAdmin},
    {kCompute, "DELETE", "/v2.1/os-aggregates/{aggregate}", kAdmin},
    {kCompute, "POST", "/v2.1/os-aggregates/{aggregate}/action", kAdmin},
    {kCompute, "POST", "/v2.1/os-aggregates/{aggregate}/images", kAdmin},
    {kCompute, "GET", "/v2.1/os-availability-zone", kReader},
    {kCompute, "GET", "/v2.1/os-availability-zone/detail", kAdmin},
    {kCompute, "GET", "/v2.1/flavors/{flavor}/os-extra_specs", kReader},
    {kCompute, "POST", "/v2.1/flavors/{flavor}/os-extra_specs", kAdmin},
    {kCompute, "GET", "/v2.1/flavors/{flavor}/os-extra_specs/{key}", kReader},
    {kCompute, "PUT", "/v2.1/flavors/{flavor}/os-extra_specs/{key}", kAdmin},
    {kCompute, "DELETE", "/v2.1/flavors/{flavor}/os-extra_specs/{key}", kAdmin},
    {kCompute, "GET", "/v2.1/flavors", kReader},
    {kCompute, "GET", "/v2.1/flavors/detail", kReader},
    {kCompute, "GET", "/v2.1/flavors/{flavor}", kReader},
    {kCompute, "POST", "/v2.1/flavors", kAdmin},
    {kCompute, "PUT", "/v2.1/flavors/{flavor}", kAdmin},
    {kCompute, "GET", "/v2.1/flavors/{flavor}/os-flavor-access", kAdmin},
    {kCompute, "POST", "/v2.1/flavors/{flavor}/action", kAdmin},
    {kCompute, "DELETE", "/v2.1/flavors/{flavor}", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors/detail", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors/statistics", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors/{hypervisor}", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors/{hypervisor}/search", kAdmin},
    {kCompute, "GET", "/v2.1/os-keypairs", kReader},
    {kCompute, "POST", "/v2.1/os-keypairs", kMember},
    {kCompute, "GET", "/v2.1/os-keypairs/{name}", kReader},
    {kCompute, "DELETE", "/v2.1/os-keypairs/{name}", kMember},
    {kCompute, "GET", "/v2.1/limits", kReader},
    {kCompute, "GET", "/v2.1/os-quota-sets/{project}", kReader},
    {kCompute, "GET", "/v2.1/os-quota-sets/{project}/detail", kReader},
    {kCompute, "GET", "/v2.1/os-quota-sets/{project}/defaults", kReader},
    {kCompute, "PUT", "/v2.1/os-quota-sets/{project}", kAdmin},
    {kCompute, "DELETE", "/v2.1/os-quota-sets/{project}", kAdmin},
    {kCompute, "POST", "/v2.1/servers/{server}/action", kMember},
    {kCompute, "POST", "/v2.1/servers/{server}/remote-consoles", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/diagnostics", kAdmin},
    {kCompute, "GET", "/v2.1/servers/{server}/topology", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/migrations", kAdmin},
    {kCompute, "GET", "/v2.1/servers/{server}/migrations/{migration}", kAdmin},
    {kCompute, "DELETE", "/v2.1/servers/{server}/migrations/{migration}", kAdmin},
    {kCompute, "POST", "/v2.1/servers/{server}/migrations/{migration}/action", kAdmin},
    {kCompute, "GET", "/v2.1/servers", kReader},
    {kCompute, "GET", "/v2.1/servers/detail", kReader},
    {kCompute, "POST", "/v2.1/servers", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}", kReader},
    {kCompute, "DELETE", "/v2.1/servers/{server}", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/ips", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/ips/{label}", kReader},
    {kCompute, "PUT", "/v2.1/servers/{server}", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/metadata", kReader},
    {kCompute, "POST", "/v2.1/servers/{server}/metadata", kMember},
    {kCompute, "PUT", "/v2.1/servers/{server}/metadata", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/metadata/{key}", kReader},
    {kCompute, "PUT", "/v2.1/servers/{server}/metadata/{key}", kMember},
    {kCompute, "DELETE", "/v2.1/servers/{server}/metadata/{key}", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/tags", kReader},
    {kCompute, "PUT", "/v2.1/servers/{server}/tags", kMember},
    {kCompute, "DELETE", "/v2.1/servers/{server}/tags", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/tags/{tag}", kReader},
    {kCompute, "PUT", "/v2.1/servers/{server}/tags/{tag}", kMember},
    {kCompute, "DELETE", "/v2.1/servers/{server}/tags/{tag}", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/os-instance-actions", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/os-instance-actions/{request}", kReader},
    {kCompute, "GET", "/v2.1/os-services", kAdmin},
    {kCompute, "PUT", "/v2.1/os-services/{service}", kAdmin},
    {kCompute, "DELETE", "/v2.1/os-services/{service}", kAdmin},
    {kCompute, "GET", "/", kNone},
    {kCompute, "GET", "/v2.1", kNone},
    {kCompute, "GET", "/v2.1/os-hypervisors/{hypervisor}/servers", kAdmin},
    {kCompute, "GET", "/v2.1/os-hypervisors/{hypervisor}/uptime", kAdmin},
    {kCompute, "GET", "/v2.1/extensions/{alias}", kReader},
    {kCompute, "GET", "/v2.1/os-simple-tenant-usage", kAdmin},
    {kCompute, "GET", "/v2.1/os-simple-tenant-usage/{project}", kReader},
    {kCompute, "GET", "/v2.1/os-instance_usage_audit_log", kAdmin},
    {kCompute, "GET", "/v2.1/os-instance_usage_audit_log/{before}", kAdmin},
    {kCompute, "POST", "/v2.1/os-server-external-events", kAdmin},
    {kCompute, "GET", "/v2.1/servers/{server}/os-server-password", kReader},
    {kCompute, "DELETE", "/v2.1/servers/{server}/os-server-password", kMember},
    {kCompute, "GET", "/v2.1/images", kReader},
    {kCompute, "GET", "/v2.1/images/detail", kReader},
    {kCompute, "GET", "/v2.1/images/{image}", kReader},
    {kCompute, "DELETE", "/v2.1/images/{image}", kMember},
    {kCompute, "GET", "/v2.1/images/{image}/metadata", kReader},
    {kCompute, "POST", "/v2.1/images/{image}/metadata", kMember},
    {kCompute, "PUT", "/v2.1/images/{image}/metadata", kMember},
    {kCompute, "GET", "/v2.1/images/{image}/metadata/{key}", kReader},
    {kCompute, "PUT", "/v2.1/images/{image}/metadata/{key}", kMember},
    {kCompute, "DELETE", "/v2.1/images/{image}/metadata/{key}", kMember},
    {kImage, "GET", "/v2/images", kReader},
    {kImage, "POST", "/v2/images", kMember},
    {kImage, "GET", "/v2/images/{image}", kReader},
    {kImage, "PATCH", "/v2/images/{image}", kMember},
    {kImage, "DELETE", "/v2/images/{image}", kMember},
    {kImage, "PUT", "/v2/images/{image}/tags/{tag}", kMember},
    {kImage, "DELETE", "/v2/images/{image}/tags/{tag}", kMember},
    {kImage, "PUT", "/v2/images/{image}/file", kMember},
    {kImage, "GET", "/v2/images/{image}/file", kReader},
    {kImage, "PUT", "/v2/images/{image}/stage", kMember},
    {kImage, "POST", "/v2/images/{image}/import", kMember},
    {kImage, "GET", "/v2/images/{image}/tasks", kReader},
    {kImage, "POST", "/v2/images/{image}/actions/deactivate", kMember},
    {kImage, "POST", "/v2/images/{image}/actions/reactivate", kMember},
    {kImage, "GET", "/v2/info/import", kReader},
    {kImage, "GET", "/v2/info/stores", kReader},
    {kImage, "GET", "/v2/info/stores/detail", kAdmin},
    {kImage, "GET", "/v2/info/usage", kReader},
    {kImage, "GET", "/v2/tasks", kAdmin},
    {kImage, "GET", "/v2/tasks/{task}", kAdmin},
    {kImage, "GET", "/v2/images/{image}/members", kReader},
    {kImage, "POST", "/v2/images/{image}/members", kMember},
    {kImage, "GET", "/v2/images/{image}/members/{member}", kReader},
    {kImage, "PUT", "/v2/images/{image}/members/{member}", kMember},
    {kImage, "DELETE", "/v2/images/{image}/members/{member}", kMember},
    {kImage, "GET", "/v2/schemas/{schema}", kReader},
    {kImage, "GET", "/v2/schemas/metadefs/{schema}", kReader},
    {kImage, "GET", "/v2/metadefs/namespaces", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}", kReader},
    {kImage, "PUT", "/v2/metadefs/namespaces/{namespace}", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}", kAdmin},
    {kImage, "GET", "/v2/metadefs/resource_types", kReader},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/objects", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces/{namespace}/objects", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/objects", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/objects/{object}", kReader},
    {kImage, "PUT", "/v2/metadefs/namespaces/{namespace}/objects/{object}", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/objects/{object}", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/properties", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces/{namespace}/properties", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/properties", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/properties/{property}", kReader},
    {kImage, "PUT", "/v2/metadefs/namespaces/{namespace}/properties/{property}", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/properties/{property}", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/tags", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces/{namespace}/tags", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/tags", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/tags/{tag}", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces/{namespace}/tags/{tag}", kAdmin},
    {kImage, "PUT", "/v2/metadefs/namespaces/{namespace}/tags/{tag}", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/tags/{tag}", kAdmin},
    {kImage, "GET", "/v2/metadefs/namespaces/{namespace}/resource_types", kReader},
    {kImage, "POST", "/v2/metadefs/namespaces/{namespace}/resource_types", kAdmin},
    {kImage, "DELETE", "/v2/metadefs/namespaces/{namespace}/resource_types/{type}", kAdmin},
    {kImage, "GET", "/", kNone},
    {kImage, "GET", "/versions", kNone},
    {kCompute, "GET", "/v2.1/os-hosts", kAdmin},
    {kCompute, "GET", "/v2.1/os-hosts/{host}", kAdmin},
    {kCompute, "PUT", "/v2.1/os-hosts/{host}", kAdmin},
    {kCompute, "GET", "/v2.1/os-hosts/{host}/startup", kAdmin},
    {kCompute, "GET", "/v2.1/os-hosts/{host}/shutdown", kAdmin},
    {kCompute, "GET", "/v2.1/os-hosts/{host}/reboot", kAdmin},
    {kCompute, "GET", "/v2.1/os-security-groups", kReader},
    {kCompute, "POST", "/v2.1/os-security-groups", kMember},
    {kCompute, "GET", "/v2.1/os-security-groups/{id}", kReader},
    {kCompute, "PUT", "/v2.1/os-security-groups/{id}", kMember},
    {kCompute, "DELETE", "/v2.1/os-security-groups/{id}", kMember},
    {kCompute, "POST", "/v2.1/os-security-group-rules", kMember},
    {kCompute, "DELETE", "/v2.1/os-security-group-rules/{id}", kMember},
    {kIdentity, "GET", "/v3/services", kAdmin},
    {kIdentity, "GET", "/v3/services/{id}", kAdmin},
    {kIdentity, "GET", "/v3/endpoints", kAdmin},
    {kIdentity, "GET", "/v3/endpoints/{id}", kAdmin},
    {kIdentity, "GET", "/v3/regions", kReader},
    {kIdentity, "GET", "/v3/regions/{id}", kReader},
    {kIdentity, "GET", "/v3/groups", kAdmin},
    {kCompute, "GET", "/v2.1/servers/{server}/os-interface", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/os-interface/{port}", kReader},
    {kCompute, "POST", "/v2.1/servers/{server}/os-interface", kMember},
    {kCompute, "DELETE", "/v2.1/servers/{server}/os-interface/{port}", kMember},
    {kCompute, "GET", "/v2.1/os-floating-ip-pools", kReader},
    {kCompute, "GET", "/v2.1/os-floating-ips", kReader},
    {kCompute, "POST", "/v2.1/os-floating-ips", kMember},
    {kCompute, "GET", "/v2.1/os-floating-ips/{id}", kReader},
    {kCompute, "DELETE", "/v2.1/os-floating-ips/{id}", kMember},
    {kCompute, "GET", "/v2.1/os-networks", kReader},
    {kCompute, "GET", "/v2.1/os-networks/{id}", kReader},
    {kCompute, "POST", "/v2.1/os-networks", kMember},
    {kCompute, "POST", "/v2.1/os-networks/add", kMember},
    {kCompute, "POST", "/v2.1/os-networks/{id}/action", kMember},
    {kCompute, "DELETE", "/v2.1/os-networks/{id}", kMember},
    {kCompute, "GET", "/v2.1/os-tenant-networks", kReader},
    {kCompute, "GET", "/v2.1/os-tenant-networks/{id}", kReader},
    {kCompute, "POST", "/v2.1/os-tenant-networks", kMember},
    {kCompute, "DELETE", "/v2.1/os-tenant-networks/{id}", kMember},
    {kCompute, "GET", "/v2.1/servers/{server}/os-volume_attachments", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/os-security-groups", kReader},
    {kCompute, "GET", "/v2.1/os-server-groups", kReader},
    {kCompute, "POST", "/v2.1/os-server-groups", kMember},
    {kCompute, "GET", "/v2.1/os-server-groups/{group}", kReader},
    {kCompute, "DELETE", "/v2.1/os-server-groups/{group}", kMember},
    {kCompute, "GET", "/v2.1/os-quota-class-sets/{class}", kAdmin},
    {kCompute, "PUT", "/v2.1/os-quota-class-sets/{class}", kAdmin},
    {kCompute, "GET", "/v2.1/os-migrations", kAdmin},
    {kCompute, "GET", "/v2.1/extensions", kReader},
};

std::vector<Row> all_rows() {
  std::vector<Row> all(std::begin(kRows), std::end(kRows));
  all.insert(all.end(), std::begin(kKeystoneRows), std::end(kKeystoneRows));
  all.insert(all.end(), std::begin(kNetworkRows), std::end(kNetworkRows));
  all.insert(all.end(), std::begin(kPlacementRows), std::end(kPlacementRows));
  all.insert(all.end(), std::begin(kGoneRows), std::end(kGoneRows));
  return all;
}

std::string service_root(Service service) {
  std::string path(info_of(service).path);
  return path.substr(0, path.find('/', 1));
}

// A path of the pattern: every part in braces is an id that there is not.
std::string path_of(const Route& route) {
  std::string path = service_root(route.service);
  std::string_view left = route.pattern;
  while (!left.empty()) {
    std::string_view part = left.substr(0, left.find('/', 1));
    left.remove_prefix(part.size());
    path += part.starts_with("/{") ? "/11111111-1111-1111-1111-111111111111" : std::string(part);
  }
  return path;
}

http::Headers version_of(const Route& route) {
  if (route.service == kPlacement) return {{"OpenStack-API-Version", "placement 1." + std::to_string(route.since - 1)}};
  return {{"X-OpenStack-Nova-API-Version", "2." + std::to_string(route.since)}};
}

class RolesTest : public FrontWorld {};

TEST_F(RolesTest, TheTableHoldsEveryRoute) {
  std::set<std::tuple<Service, std::string_view, std::string_view>> ours, theirs;
  for (const Row& row : all_rows()) ours.insert(row.key());
  for (const Route& route : routes()) theirs.emplace(route.service, route.method, route.pattern);
  for (const auto& [service, method, pattern] : theirs)
    EXPECT_TRUE(ours.contains({service, method, pattern})) << method << " " << pattern;
  EXPECT_EQ(ours.size(), theirs.size());
}

TEST_F(RolesTest, EachRouteTakesItsRoleAndThoseAbove) {
  const std::vector<Row> rows = all_rows();
  for (const Route& route : routes()) {
    auto row = std::ranges::find(rows, std::tuple(route.service, route.method, route.pattern), &Row::key);
    ASSERT_NE(row, rows.end()) << route.pattern;
    for (UserRole role : {kNone, kReader, kMember, kAdmin}) {
      SCOPED_TRACE(std::string(route.method) + " " + path_of(route) + " as " + std::string(to_string(role)));
      const Reply& reply = ask(role, std::string(route.method), path_of(route), "", version_of(route));
      // Who may ask is answered something else, or waits for the controller.
      unsigned status = reply ? reply->status : 200;
      EXPECT_EQ(route.takes_any_token, row->takes_any_token());
      if ((row->role != kNone || row->takes_any_token()) && role == kNone) {
        EXPECT_EQ(status, 401u);
      } else if (role < row->role) {
        EXPECT_EQ(status, 403u) << reply->body;
      } else if (route.pattern != "/v3/auth/tokens") {  // which is 401 for what is no log-in
        EXPECT_NE(status, 401u);
      }
      if (role == kAdmin && !row->is_refused_to_all()) EXPECT_NE(status, 403u) << reply->body;
    }
  }
}

// In one project and in another, what a route shows of the other is nothing: the core's scope is the token's project.
TEST_F(RolesTest, NobodyAsksForAnotherProjectByItsPath) {
  http::Response response = ask_now(kMember, "GET", "/compute/v2.1/99999999999999999999999999999999/servers");
  EXPECT_EQ(response.status, 400u);
  EXPECT_NE(response.body.find("Malformed request URL: URL's project_id"), std::string::npos);
  EXPECT_FALSE(ask(kMember, "GET", "/compute/v2.1/" + to_hex(project_) + "/servers").has_value());
}

TEST_F(RolesTest, MembersDoNotAskForAllProjects) {
  http::Response response = ask_now(kMember, "GET", "/compute/v2.1/servers?all_tenants=1");
  EXPECT_EQ(response.status, 403u);
  EXPECT_FALSE(ask(kAdmin, "GET", "/compute/v2.1/servers?all_tenants=1").has_value());
  EXPECT_TRUE(asked<ListServers>().all_projects);
}

}  // namespace
}  // namespace kilonova::api::openstack
