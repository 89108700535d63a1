// Floating IPs: records, whose addresses are ports of the network-controller. One whose inner port is gone is free
// again.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

inline constexpr std::string_view kFloatingIps = "floating-ip";

// Those that lead through it to a port.
Task<std::expected<std::vector<StoredObject>, Refusal>> floating_ips_of_router(Call& call, std::string router);
// What nobody uses of an external network that is to be deleted.
Task<Checked> delete_free_floating_ips(Call& call, Uuid network);

// The caller's records, and as Neutron shows them.
Task<std::expected<std::vector<StoredObject>, Refusal>> floating_ip_records(Call& call);
Task<std::expected<std::vector<Json>, Refusal>> all_floating_ips(Call& call);
// For Nova's proxies: of the body of a POST; and one that goes, of which the caller knows. `goes_with_port`: it was made
// for the port of a launch, and is gone with it, unless a client leads it to another one or nowhere: from then on it is
// the client's. Nobody sees one whose port is gone, and it counts for no quota; its address is held until somebody looks.
Task<std::expected<Json, Refusal>> make_floating_ip(Call& call, const Json& wanted, bool goes_with_port = false);
Task<Checked> delete_floating_ip(Call& call, std::string id);
// For Nova's actions: `wanted` as in the body of a PUT. 404 where the caller sees none of this id.
Task<std::expected<Json, Refusal>> change_floating_ip(Call& call, std::string id, const Json& wanted);

}  // namespace kilonova::api::openstack
