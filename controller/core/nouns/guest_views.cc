#include "controller/core/nouns/guest_views.h"

#include <fmt/format.h>

#include "controller/core/answered_row.h"
#include "controller/core/nouns/servers.h"
#include "domain/guest_facts.h"

namespace kilonova::controller {
namespace {

// Nova's default novncproxy_base_url.
constexpr std::string_view kNovncProxy = "http://127.0.0.1:6080/vnc_auto.html";

// One that a host has.
Expected<const Instance*> find_hosted(const ControllerWorld& world, const RequestContext& context,
                                      const std::string& server) {
  auto row = find_server(world.instances, scope_of(context, context.is_admin()), server);
  if (row && !has_guest((*row)->vm_state, (*row)->current.host))
    return fail(ErrorCode::kConflict, fmt::format("Instance {} is not ready", to_string((*row)->uuid)));
  return row;
}

}  // namespace

Expected<ConsoleOutput> GuestViews::handle(const GetConsoleOutput& request, const RequestContext& context) const {
  auto row = find_hosted(world_, context, request.server);
  if (!row) return std::unexpected(row.error());
  const auto& keys = world_.records.of<KeyPair>();
  auto key = keys.find({(*row)->spec.user_id, (*row)->spec.key_name});
  const KeyPair* launched_with = key == keys.end() ? nullptr : &key->second;
  return ConsoleOutput{last_lines(console_log(answered_row(world_.records, **row), launched_with), request.lines)};
}

Expected<ConsoleUrl> GuestViews::handle(const GetConsoleUrl& request, const RequestContext& context) {
  auto row = find_hosted(world_, context, request.server);
  if (!row) return std::unexpected(row.error());
  if (request.type != "novnc")
    return fail(ErrorCode::kInvalidArgument, fmt::format("Unavailable console type {}.", request.type));
  return ConsoleUrl{"vnc", request.type,
                    fmt::format("{}?path=%3Ftoken%3D{}", kNovncProxy, to_string(random_uuid(world_.random)))};
}

Expected<ServerDiagnostics> GuestViews::handle(const GetServerDiagnostics& request,
                                               const RequestContext& context) const {
  auto row = find_hosted(world_, context, request.server);
  if (!row) return std::unexpected(row.error());
  if ((*row)->power_state != PowerState::kRunning)
    return fail(ErrorCode::kConflict, fmt::format("Cannot 'get diagnostics' instance {} while it is in power state {}",
                                                  to_string((*row)->uuid), to_string((*row)->power_state)));
  const auto& properties = world_.records.of<ServerProperties>();
  auto said = properties.find((*row)->uuid);
  return diagnostics_of(**row, said != properties.end() && said->second.config_drive, world_.loop.wall_now());
}

}  // namespace kilonova::controller
