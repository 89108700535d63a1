// Nova: POST /servers/{id}/action. What can be asked is a row of domain/server_actions.h; here stands which key of the
// body asks for it, in which microversions, and who may.
#include "domain/server_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

Task<Answered> run_action(Call& call, ServerActionKind action) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto done = co_await ask(call, ServerAction{to_string(server->uuid), action});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

template <ServerActionKind kAction>
Task<Answered> run(Call& call) {
  return run_action(call, kAction);
}

// No hypervisor but Xen's, which is gone, ever did anything with it: nova/compute/api.py looks at the server alone.
Task<Answered> inject_network_info(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{202, nullptr};
}

// What went with Xen.
Task<Answered> gone(Call&) {
  co_return refused(410, "This resource is no longer available. No forwarding address is given.");
}

Task<Answered> reboot(Call& call) {
  static const Rule rule =
      body_of("reboot", object({{"type", one_of({"HARD", "Hard", "hard", "SOFT", "Soft", "soft"}), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  std::string type = text_at(*member(call.body, "reboot"), "type");
  const bool hard = type.front() == 'H' || type.front() == 'h';
  co_return co_await run_action(call, hard ? ServerActionKind::kRebootHard : ServerActionKind::kReboot);
}

Task<Answered> crash_dump(Call& call) {
  static const Rule rule =
      body_of("trigger_crash_dump", [](const Json& value, const std::string& field, Minor) -> std::optional<Failure> {
        if (value.is_null()) return std::nullopt;
        return Failure{field, python_repr(value), python_repr(value) + " is not of type 'null'"};
      });
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  co_return co_await run_action(call, ServerActionKind::kCrashDump);
}

Task<Answered> force_delete(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto removed = co_await ask(call, DeleteServer{to_string(server->uuid), call.is_admin(), true});
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{202, nullptr};
}

// From 2.73 on a lock may say why: {"lock": {"locked_reason": "..."}}.
Task<Answered> lock(Call& call) {
  const bool locked = member(call.body, "lock") != nullptr;
  static const Rule reason = body_of("lock", null_or(object({{"locked_reason", text(1, 255)}})));
  if (locked && call.minor >= 73)
    if (auto wrong = check_schema(reason, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json* said = locked ? member(call.body, "lock") : nullptr;
  LockServer operation{to_string(server->uuid), call.is_admin(), locked,
                       said != nullptr && call.minor >= 73 ? text_at(*said, "locked_reason") : std::string()};
  auto done = co_await ask(call, std::move(operation));
  if (!done && done.error().status == 403)
    co_return refused(403,
                      "Policy doesn't allow os_compute_api:os-lock-server:unlock:unlock_override to be performed.");
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

struct Key {
  std::string_view key;
  Task<Answered> (*handler)(Call& call);  // nullptr: of Nova, and none of this cloud's yet
  Minor since = kFirstMinor;
  Minor until = kLastMinor;
  std::string_view admin_policy = {};  // "" = a member may
};

using Kind = ServerActionKind;
constexpr Key kKeys[] = {
    {"os-stop", &run<Kind::kStop>},
    {"os-start", &run<Kind::kStart>},
    {"reboot", &reboot},
    {"pause", &run<Kind::kPause>},
    {"unpause", &run<Kind::kUnpause>},
    {"suspend", &run<Kind::kSuspend>},
    {"resume", &run<Kind::kResume>},
    {"lock", &lock},
    {"unlock", &lock},
    {"forceDelete", &force_delete},
    {"restore", &run<Kind::kRestore>},
    {"rescue", &rescue_server},
    {"unrescue", &run<Kind::kUnrescue>},
    {"rebuild", &rebuild_server},
    {"createImage", &create_image},
    {"createBackup", &create_backup},
    {"changePassword", &change_password},
    {"trigger_crash_dump", &crash_dump, 17},
    {"os-resetState", &reset_state, 1, kLastMinor, "os_compute_api:os-admin-actions:reset_state"},
    {"os-getConsoleOutput", &get_console_output},
    {"os-getVNCConsole", &get_console, 1, 5},
    {"os-getSPICEConsole", &get_console, 1, 5},
    {"os-getRDPConsole", &get_console, 1, 5},
    {"os-getSerialConsole", &get_console, 1, 5},
    {"shelve", &run<Kind::kShelve>},
    {"shelveOffload", &run<Kind::kShelveOffload>, 1, kLastMinor, "os_compute_api:os-shelve:shelve_offload"},
    {"unshelve", &unshelve_server},
    {"resize", &resize_server},
    {"confirmResize", &confirm_resize},
    {"revertResize", &run<Kind::kRevertResize>},
    {"migrate", &migrate_server, 1, kLastMinor, "os_compute_api:os-migrate-server:migrate"},
    {"os-migrateLive", &live_migrate_server, 1, kLastMinor, "os_compute_api:os-migrate-server:migrate_live"},
    {"evacuate", &evacuate_server, 1, kLastMinor, "os_compute_api:os-evacuate"},
    {"addSecurityGroup", &add_security_group},
    {"removeSecurityGroup", &remove_security_group},
    {"addFixedIp", &add_fixed_ip, 1, 43},
    {"removeFixedIp", &remove_fixed_ip, 1, 43},
    {"addFloatingIp", &add_floating_ip, 1, 43},
    {"removeFloatingIp", &remove_floating_ip, 1, 43},
    {"injectNetworkInfo", &inject_network_info, 1, kLastMinor, "os_compute_api:os-admin-actions:inject_network_info"},
    {"resetNetwork", &gone},
};

Task<Answered> act(Call& call) {
  if (!call.body.is_object() || call.body.size() != 1) co_return refused(400, "Malformed request body");
  const std::string key = call.body.begin().key();
  auto row = std::ranges::find(kKeys, key, &Key::key);
  if (row == std::end(kKeys)) co_return refused(400, fmt::format("There is no such action: {}", key));
  if (call.minor < row->since || call.minor > row->until) co_return refused(404, "The resource could not be found.");
  if (!row->admin_policy.empty() && !call.is_admin())
    co_return refused(403, fmt::format("Policy doesn't allow {} to be performed.", row->admin_policy));
  co_return co_await row->handler(call);
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "POST", "/v2.1/servers/{server}/action", UserRole::kMember, "os_compute_api:servers:action",
     &act},
};

}  // namespace

std::span<const Route> server_action_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
