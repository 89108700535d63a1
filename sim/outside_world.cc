#include "sim/outside_world.h"

#include <fmt/format.h>

#include "domain/nouns/server.h"
#include "domain/nouns/server_request.h"
#include "sim/server_requests.h"

namespace kilonova::sim {
namespace {

using What = OutsideEvent::What;

Expected<std::optional<OutsideRequest>> set_power(SimCloud& cloud, const OutsideEvent& event) {
  for (const auto& node : cloud.computes())
    for (const HostInfo& host : node->hosts()) {
      if (host.name != event.name) continue;
      event.what == What::kHostDown ? node->crash_host(host.name) : node->start_host(host.name);
      return std::nullopt;
    }
  return fail(ErrorCode::kNotFound, fmt::format("host '{}' not found", event.name));
}

ApiRequest request_for(const OutsideEvent& event, const std::string& server) {
  switch (event.what) {
    case What::kActOnServer: return request_of(*find_action(event.action), server);
    case What::kResetServer: return ResetServerState{server, event.state};
    default: return DeleteServer{server};
  }
}

}  // namespace

Expected<std::optional<OutsideRequest>> what_happens(SimCloud& cloud, const OutsideEvent& event) {
  if (event.what == What::kHostDown || event.what == What::kHostUp) return set_power(cloud, event);
  // As it is stored: the controller may be dead.
  auto stored = cloud.controller().image().state();
  if (!stored) return std::unexpected(stored.error());
  for (const Instance& row : stored->instances)
    if (row.name == event.name || to_string(row.uuid) == event.name)
      return OutsideRequest{request_for(event, to_string(row.uuid)), row.uuid};
  return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", event.name));
}

}  // namespace kilonova::sim
