// Simulated hosts as Nova's hypervisors and compute services show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "domain/nouns/host.h"
#include "domain/nouns/service.h"

namespace kilonova::api::openstack {

// All of them, in the order in which they registered.
Task<std::expected<std::vector<HostView>, Refusal>> all_hosts(Call& call);

// "nova-conductor" for the controller, "nova-scheduler" for a scheduler; "" for a daemon that is none of Nova's.
std::string_view binary_of(const ServiceView& daemon);
// The controller is: who else answers?
bool is_up(const ServiceView& daemon);

// The number of a host's hypervisor, and of its service, which stand behind those of the other daemons.
int64_t service_number(const Host& host);
// Their uuids from 2.53 on: of no record here, but the same ones as long as the host has its name.
std::string hypervisor_uuid(const std::string& host);
std::string service_uuid(const std::string& binary, const std::string& host);

}  // namespace kilonova::api::openstack
