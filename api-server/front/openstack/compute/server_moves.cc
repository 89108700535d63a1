// Actions that bring a server to another host: resize, migrate, os-migrateLive, evacuate, unshelve, and confirmResize.
#include <optional>
#include <utility>

#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_move.h"

namespace kilonova::api::openstack {
namespace {

template <class Operation>
Task<Answered> asked(Call& call, Operation operation, unsigned status) {
  auto done = co_await ask(call, std::move(operation));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{status, nullptr};
}

// A flavor may be named by its URL, or by a number.
std::string flavor_in(const Json& wanted) {
  const Json* value = member(wanted, "flavorRef");
  if (value->is_number_integer()) return std::to_string(value->get<int64_t>());
  const std::string text = value->get<std::string>();
  const size_t slash = text.rfind('/');
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

std::optional<Failure> check_flavor(const Json& value, const std::string& field, Minor minor) {
  if (value.is_number_integer()) return std::nullopt;
  return text(1)(value, field, minor);
}

std::optional<Failure> check_block_migration(const Json& value, const std::string& field, Minor minor) {
  if (minor >= 25 && value == "auto") return std::nullopt;
  return boolean()(value, field, minor);
}

}  // namespace

Task<Answered> resize_server(Call& call) {
  static const Rule rule = body_of(
      "resize", object({{"flavorRef", &check_flavor, true}, {"OS-DCF:diskConfig", one_of({"AUTO", "MANUAL"})}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "resize");
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto answer = co_await asked(call, ResizeServer{to_string(server->uuid), flavor_in(wanted)}, 202);
  SetServer change{.server = to_string(server->uuid), .all_projects = call.is_admin()};
  change.access.sets_auto_disk_config = member(wanted, "OS-DCF:diskConfig") != nullptr;
  change.access.auto_disk_config = text_at(wanted, "OS-DCF:diskConfig") == "AUTO";
  if (!answer || !change.access.sets_auto_disk_config) co_return answer;
  // A resize that began has changed it already, in Nova.
  if (auto changed = co_await ask(call, std::move(change)); !changed)
    co_return std::unexpected(std::move(changed.error()));
  co_return answer;
}

// Nova answers this one with 204.
Task<Answered> confirm_resize(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return co_await asked(call, ServerAction{to_string(server->uuid), ServerActionKind::kConfirmResize}, 204);
}

Task<Answered> migrate_server(Call& call) {
  static const Rule rule = body_of("migrate", null_or(object({{"host", null_or(text(1, 255))}})));
  if (call.minor >= 56)
    if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  std::string host = call.minor >= 56 ? text_at(*member(call.body, "migrate"), "host") : std::string();
  co_return co_await asked(call, MigrateServer{to_string(server->uuid), std::move(host)}, 202);
}

Task<Answered> live_migrate_server(Call& call) {
  static const Rule rule = body_of("os-migrateLive", object({{"host", null_or(text(1, 255)), true},
                                                             {"block_migration", &check_block_migration, true},
                                                             {"disk_over_commit", boolean(), false, 1, 24},
                                                             {"force", boolean(), false, 30, 67}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "os-migrateLive");
  if (call.minor < 25 && member(wanted, "disk_over_commit") == nullptr)
    co_return refused(400,
                      "Invalid input for field/attribute os-migrateLive. 'disk_over_commit' is a required property");
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  std::string host = text_at(wanted, "host");
  // Before 2.30 a host that is named is not asked whether it would do.
  const bool force = !host.empty() && (call.minor < 30 || boolean_at(wanted, "force", false));
  co_return co_await asked(call, LiveMigrateServer{to_string(server->uuid), std::move(host), force}, 202);
}

Task<Answered> evacuate_server(Call& call) {
  static const Rule rule = body_of("evacuate", object({{"host", text(1, 255)},
                                                       {"onSharedStorage", boolean(), false, 1, 13},
                                                       {"adminPass", text()},
                                                       {"force", boolean(), false, 29, 67}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "evacuate");
  if (call.minor < 14 && member(wanted, "onSharedStorage") == nullptr)
    co_return refused(400, "Invalid input for field/attribute evacuate. 'onSharedStorage' is a required property");
  std::string host = text_at(wanted, "host");
  if (boolean_at(wanted, "force", false) && host.empty())
    co_return refused(400, "Can't force to a non-provided destination");
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const bool force = !host.empty() && (call.minor < 29 || boolean_at(wanted, "force", false));
  auto done = co_await ask(call, EvacuateServer{to_string(server->uuid), std::move(host), force});
  if (!done) co_return std::unexpected(std::move(done.error()));
  if (call.minor >= 14) co_return Answer{200, nullptr};
  co_return Answer{200, {{"adminPass", admin_password(wanted, server->uuid)}}};
}

Task<Answered> unshelve_server(Call& call) {
  static const Rule zone = body_of("unshelve", null_or(object({{"availability_zone", text(1, 255), true}})));
  static const Rule zone_or_host =
      body_of("unshelve", null_or(object({{"availability_zone", null_or(text(1, 255))}, {"host", text(1, 255)}})));
  if (call.minor >= 77)
    if (auto wrong = check_schema(call.minor >= 91 ? zone_or_host : zone, call.body, call.minor))
      co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  UnshelveServer request{.server = to_string(server->uuid)};
  if (call.minor >= 77) {
    const Json& wanted = *member(call.body, "unshelve");
    request.sets_zone = member(wanted, "availability_zone") != nullptr;
    request.availability_zone = text_at(wanted, "availability_zone");
    request.host = text_at(wanted, "host");
  }
  if (!request.host.empty() && !call.is_admin())
    co_return refused(403, "Policy doesn't allow os_compute_api:os-shelve:unshelve_to_host to be performed.");
  co_return co_await asked(call, std::move(request), 202);
}

}  // namespace kilonova::api::openstack
