// Keystone's routes, one file a resource.
#pragma once

#include <span>

#include "api-server/front/openstack/route.h"

namespace kilonova::api::openstack {

std::span<const Route> identity_version_routes();
std::span<const Route> token_routes();
std::span<const Route> project_routes();
std::span<const Route> user_routes();
std::span<const Route> role_routes();
std::span<const Route> domain_routes();
std::span<const Route> catalog_routes();
std::span<const Route> catalog_record_routes();
std::span<const Route> plain_record_routes();
std::span<const Route> group_routes();
std::span<const Route> grant_routes();
std::span<const Route> ec2_credential_routes();
std::span<const Route> ec2_token_routes();
std::span<const Route> application_credential_routes();
std::span<const Route> access_rule_routes();
std::span<const Route> trust_routes();
std::span<const Route> domain_config_routes();

}  // namespace kilonova::api::openstack
