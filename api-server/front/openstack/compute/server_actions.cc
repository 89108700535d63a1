// Nova: POST /servers/{id}/action. What can be asked is a row of domain/server_actions.h; here stands which key of the
// body asks for it.
#include "domain/server_actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/schema.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

struct Key {
  std::string_view key;
  ServerActionKind action;
};
constexpr Key kKeys[] = {
    {"os-stop", ServerActionKind::kStop},    {"os-start", ServerActionKind::kStart},
    {"pause", ServerActionKind::kPause},     {"unpause", ServerActionKind::kUnpause},
    {"suspend", ServerActionKind::kSuspend}, {"resume", ServerActionKind::kResume},
};

// Of Nova, and none of this cloud's yet.
constexpr std::string_view kOthers[] = {"rescue",           "unrescue",           "shelve",
                                        "shelveOffload",    "unshelve",           "resize",
                                        "confirmResize",    "revertResize",       "migrate",
                                        "os-migrateLive",   "evacuate",           "rebuild",
                                        "createImage",      "createBackup",       "changePassword",
                                        "os-resetState",    "addSecurityGroup",   "removeSecurityGroup",
                                        "restore",          "trigger_crash_dump", "os-getConsoleOutput",
                                        "addFixedIp",       "removeFixedIp",      "addFloatingIp",
                                        "removeFloatingIp", "injectNetworkInfo"};

std::expected<ServerActionKind, Refusal> read_reboot(const Json& body, Minor minor) {
  static const Rule rule =
      body_of("reboot", object({{"type", one_of({"HARD", "Hard", "hard", "SOFT", "Soft", "soft"}), true}}));
  if (auto wrong = check_schema(rule, body, minor)) return std::unexpected(std::move(*wrong));
  std::string type = text_at(*member(body, "reboot"), "type");
  return type.front() == 'H' || type.front() == 'h' ? ServerActionKind::kRebootHard : ServerActionKind::kReboot;
}

Task<Answered> run_action(Call& call, ServerActionKind action) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto done = co_await ask(call, ServerAction{to_string(server->uuid), action});
  if (!done && done.error().status == 404 && call.is_admin() && server->spec.project_id != call.caller.project_id)
    co_return refused(501, "Actions on servers of another project than the token's are not there yet.");
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

Task<Answered> force_delete(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto removed = co_await ask(call, DeleteServer{to_string(server->uuid), call.is_admin()});
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  co_return Answer{202, nullptr};
}

// From 2.73 on a lock may say why: {"lock": {"locked_reason": "..."}}.
Task<Answered> lock(Call& call, bool locked) {
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

Task<Answered> act(Call& call) {
  if (!call.body.is_object() || call.body.size() != 1) co_return refused(400, "Malformed request body");
  const std::string key = call.body.begin().key();
  if (key == "reboot") {
    auto action = read_reboot(call.body, call.minor);
    if (!action) co_return std::unexpected(std::move(action.error()));
    co_return co_await run_action(call, *action);
  }
  if (key == "lock" || key == "unlock") co_return co_await lock(call, key == "lock");
  if (key == "forceDelete") co_return co_await force_delete(call);
  auto row = std::ranges::find(kKeys, key, &Key::key);
  if (row != std::end(kKeys)) co_return co_await run_action(call, row->action);
  if (std::ranges::find(kOthers, key) != std::end(kOthers))
    co_return refused(501, fmt::format("This cloud does not know the action {} yet.", key));
  co_return refused(400, fmt::format("There is no such action: {}", key));
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "POST", "/v2.1/servers/{server}/action", UserRole::kMember, "os_compute_api:servers:action",
     &act},
};

}  // namespace

std::span<const Route> server_action_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
