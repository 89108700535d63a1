// What a route needs, a second time on purpose: a change of policy must change these tables too. Here are those of what
// users give away, how domains are configured, Placement, and what Nova has no more; the others stand in roles_test.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <tuple>

#include "api-server/front/openstack/service.h"
#include "domain/user_role.h"

namespace kilonova::api::openstack {

using enum Service;
using enum UserRole;

struct Row {
  Service service;
  std::string_view method;
  std::string_view pattern;
  UserRole role;
  enum class More : uint8_t { kNothing, kAnyToken, kAnyTokenNotThese, kNotThese } more = More::kNothing;
  // Any token will do, of any scope: the handler sees whose it is.
  bool takes_any_token() const { return more == More::kAnyToken || more == More::kAnyTokenNotThese; }
  // What this test's ids name is refused to administrators too: another's own affair, or a word that there is not.
  bool is_refused_to_all() const { return more == More::kNotThese || more == More::kAnyTokenNotThese; }
  auto key() const { return std::tuple(service, method, pattern); }
};

inline constexpr Row kKeystoneRows[] = {
    {kIdentity, "GET", "/v3/users/{user}/access_rules", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/users/{user}/access_rules/{rule}", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/users/{user}/access_rules/{rule}", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/domains/{domain}/config", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/domains/{domain}/config/{group}", kNone, Row::More::kAnyTokenNotThese},
    {kIdentity, "GET", "/v3/domains/{domain}/config/{group}/{option}", kNone, Row::More::kAnyTokenNotThese},
    {kIdentity, "GET", "/v3/OS-FEDERATION/projects", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/OS-FEDERATION/domains", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/OS-TRUST/trusts", kNone, Row::More::kAnyToken},
    {kIdentity, "POST", "/v3/OS-TRUST/trusts", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/OS-TRUST/trusts/{trust}", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/OS-TRUST/trusts/{trust}", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/OS-TRUST/trusts/{trust}/roles", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/OS-TRUST/trusts/{trust}/roles/{role}", kNone, Row::More::kAnyToken},
    {kIdentity, "GET", "/v3/users/{user}/application_credentials", kNone, Row::More::kAnyToken},
    {kIdentity, "POST", "/v3/users/{user}/application_credentials", kNone, Row::More::kAnyTokenNotThese},
    {kIdentity, "GET", "/v3/users/{user}/application_credentials/{id}", kNone, Row::More::kAnyToken},
    {kIdentity, "DELETE", "/v3/users/{user}/application_credentials/{id}", kNone, Row::More::kAnyToken},
    {kIdentity, "PUT", "/v3/domains/{domain}/config", kAdmin},
    {kIdentity, "PATCH", "/v3/domains/{domain}/config", kAdmin},
    {kIdentity, "PATCH", "/v3/domains/{domain}/config/{group}", kAdmin, Row::More::kNotThese},
    {kIdentity, "PATCH", "/v3/domains/{domain}/config/{group}/{option}", kAdmin, Row::More::kNotThese},
    {kIdentity, "DELETE", "/v3/domains/{domain}/config", kAdmin},
    {kIdentity, "DELETE", "/v3/domains/{domain}/config/{group}", kAdmin, Row::More::kNotThese},
    {kIdentity, "DELETE", "/v3/domains/{domain}/config/{group}/{option}", kAdmin, Row::More::kNotThese},
    {kIdentity, "GET", "/v3/domains/config/default", kAdmin},
    {kIdentity, "GET", "/v3/domains/config/{group}/default", kAdmin, Row::More::kNotThese},
    {kIdentity, "GET", "/v3/domains/config/{group}/{option}/default", kAdmin, Row::More::kNotThese},
};

inline constexpr Row kPlacementRows[] = {
    {kPlacement, "GET", "/", kNone},
    {kPlacement, "GET", "/resource_providers", kAdmin},
    {kPlacement, "POST", "/resource_providers", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}", kAdmin},
    {kPlacement, "PUT", "/resource_providers/{uuid}", kAdmin},
    {kPlacement, "DELETE", "/resource_providers/{uuid}", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}/inventories", kAdmin},
    {kPlacement, "POST", "/resource_providers/{uuid}/inventories", kAdmin},
    {kPlacement, "PUT", "/resource_providers/{uuid}/inventories", kAdmin},
    {kPlacement, "DELETE", "/resource_providers/{uuid}/inventories", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}/inventories/{resource_class}", kAdmin},
    {kPlacement, "PUT", "/resource_providers/{uuid}/inventories/{resource_class}", kAdmin},
    {kPlacement, "DELETE", "/resource_providers/{uuid}/inventories/{resource_class}", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}/usages", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}/allocations", kAdmin},
    {kPlacement, "GET", "/usages", kReader},
    {kPlacement, "GET", "/resource_providers/{uuid}/aggregates", kAdmin},
    {kPlacement, "PUT", "/resource_providers/{uuid}/aggregates", kAdmin},
    {kPlacement, "GET", "/resource_providers/{uuid}/traits", kAdmin},
    {kPlacement, "PUT", "/resource_providers/{uuid}/traits", kAdmin},
    {kPlacement, "DELETE", "/resource_providers/{uuid}/traits", kAdmin},
    {kPlacement, "GET", "/resource_classes", kAdmin},
    {kPlacement, "POST", "/resource_classes", kAdmin},
    {kPlacement, "GET", "/resource_classes/{name}", kAdmin},
    {kPlacement, "PUT", "/resource_classes/{name}", kAdmin},
    {kPlacement, "DELETE", "/resource_classes/{name}", kAdmin},
    {kPlacement, "GET", "/traits", kAdmin},
    {kPlacement, "GET", "/traits/{name}", kAdmin},
    {kPlacement, "PUT", "/traits/{name}", kAdmin},
    {kPlacement, "DELETE", "/traits/{name}", kAdmin},
    {kPlacement, "POST", "/allocations", kAdmin},
    {kPlacement, "GET", "/allocations/{consumer}", kAdmin},
    {kPlacement, "PUT", "/allocations/{consumer}", kAdmin},
    {kPlacement, "DELETE", "/allocations/{consumer}", kAdmin},
    {kPlacement, "GET", "/allocation_candidates", kAdmin},
    {kPlacement, "POST", "/reshaper", kAdmin},
};

// Answered with 410.
inline constexpr Row kGoneRows[] = {
    {kCompute, "GET", "/v2.1/os-agents", kReader},
    {kCompute, "GET", "/v2.1/os-cells", kReader},
    {kCompute, "GET", "/v2.1/os-certificates/{id}", kReader},
    {kCompute, "GET", "/v2.1/os-cloudpipe", kReader},
    {kCompute, "GET", "/v2.1/os-fixed-ips/{id}", kReader},
    {kCompute, "GET", "/v2.1/os-floating-ip-dns", kReader},
    {kCompute, "GET", "/v2.1/os-floating-ips-bulk", kReader},
    {kCompute, "GET", "/v2.1/os-fping", kReader},
    {kCompute, "GET", "/v2.1/os-security-group-default-rules", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/consoles", kReader},
    {kCompute, "GET", "/v2.1/servers/{server}/os-virtual-interfaces", kReader},
    {kCompute, "POST", "/v2.1/os-agents", kMember},
    {kCompute, "POST", "/v2.1/os-cells", kMember},
    {kCompute, "POST", "/v2.1/os-certificates", kMember},
    {kCompute, "POST", "/v2.1/os-cloudpipe", kMember},
    {kCompute, "POST", "/v2.1/os-floating-ips-bulk", kMember},
    {kCompute, "POST", "/v2.1/os-security-group-default-rules", kMember},
};

}  // namespace kilonova::api::openstack
