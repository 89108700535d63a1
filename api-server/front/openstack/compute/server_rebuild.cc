// Actions that say what a server's disk or state is to be: rebuild, rescue, changePassword, os-resetState.
#include <fmt/format.h>

#include <optional>
#include <utility>

#include "api-server/front/openstack/compute/personality.h"
#include "api-server/front/openstack/compute/server_access.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_hints.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server_request.h"

namespace kilonova::api::openstack {
namespace {

const Rule& rebuild_rule() {
  static const Rule rule = body_of("rebuild", object({{"imageRef", uuid(), true},
                                                      {"name", name()},
                                                      {"adminPass", text()},
                                                      {"metadata", metadata_map()},
                                                      {"preserve_ephemeral", boolean()},
                                                      {"OS-DCF:diskConfig", one_of({"AUTO", "MANUAL"})},
                                                      {"accessIPv4", text(1)},
                                                      {"accessIPv6", text(1)},
                                                      {"personality", personality_rule(), false, 1, 56},
                                                      {"description", null_or(text(0, 255)), false, 19},
                                                      {"key_name", null_or(text(1, 255)), false, 54},
                                                      {"user_data", null_or(text(0, 65'535)), false, 57},
                                                      {"trusted_image_certificates", certificates_rule(), false, 63},
                                                      {"hostname", hostname_rule(), false, 90}}));
  return rule;
}

RebuildServer read_rebuild(const Json& wanted, const Uuid& server, ServerAccess access) {
  RebuildServer request{.server = to_string(server), .image = text_at(wanted, "imageRef")};
  request.name = text_at(wanted, "name");
  request.access = std::move(access);
  request.sets_description = member(wanted, "description") != nullptr;
  request.description = text_at(wanted, "description");
  if (const Json* metadata = member(wanted, "metadata")) {
    request.replaces_metadata = true;
    request.metadata = metadata_items(*metadata);
  }
  request.sets_key_name = member(wanted, "key_name") != nullptr;
  request.key_name = text_at(wanted, "key_name");
  request.sets_user_data = member(wanted, "user_data") != nullptr;
  request.user_data = text_at(wanted, "user_data");
  request.hostname = text_at(wanted, "hostname");
  return request;
}

}  // namespace

std::string admin_password(const Json& given_in, const Uuid& server) {
  std::string given = text_at(given_in, "adminPass");
  return given.empty() ? stable_id("adminPass " + to_string(server)).substr(0, 12) : given;
}

Task<Answered> rebuild_server(Call& call) {
  if (auto wrong = check_schema(rebuild_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& wanted = *member(call.body, "rebuild");
  if (Answered files = co_await check_personality(call, wanted); !files) co_return files;
  auto access = read_access(wanted);
  if (!access) co_return std::unexpected(std::move(access.error()));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto done = co_await ask(call, read_rebuild(wanted, server->uuid, std::move(*access)));
  if (!done && done.error().status == 400 && done.error().message.starts_with("image '"))
    co_return refused(400, "Cannot find image for rebuild");
  if (!done && done.error().status == 400 && done.error().message.starts_with("key pair '"))
    co_return refused(400, "Invalid key_name provided.");
  if (!done) co_return std::unexpected(std::move(done.error()));
  auto rebuilt = server_of(std::move(*done));
  if (!rebuilt) co_return std::unexpected(std::move(rebuilt.error()));
  const std::string path = "/servers/" + to_string(server->uuid);
  const std::string user_data = rebuilt->properties.user_data;
  const std::string key_name = rebuilt->row.spec.key_name;
  auto answer = co_await changed_server_answer(call, std::move(*rebuilt));
  if (!answer) co_return answer;
  answer->status = 202;
  Json& shown = answer->body["server"];
  shown["adminPass"] = admin_password(wanted, server->uuid);
  if (call.minor >= 54) shown["key_name"] = or_null(key_name);
  if (call.minor >= 57) shown["user_data"] = or_null(user_data);
  if (call.minor >= 75) shown.erase("OS-EXT-SRV-ATTR:user_data");  // it is said above
  answer->headers.emplace_back("Location", self_url(call, path));
  co_return answer;
}

Task<Answered> rescue_server(Call& call) {
  static const Rule rule = body_of("rescue", null_or(object({{"adminPass", text()}, {"rescue_image_ref", uuid()}})));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json& wanted = *member(call.body, "rescue");
  const std::string image = text_at(wanted, "rescue_image_ref");
  auto done = co_await ask(call, RescueServer{to_string(server->uuid), image});
  if (!done && done.error().status == 400 && done.error().message.starts_with("image '"))
    co_return refused(400, fmt::format("Image {} could not be found.", image));
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{200, {{"adminPass", admin_password(wanted, server->uuid)}}};
}

Task<Answered> change_password(Call& call) {
  static const Rule rule = body_of("changePassword", object({{"adminPass", text(), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto done = co_await ask(call, ChangeServerPassword{to_string(server->uuid)});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

Task<Answered> reset_state(Call& call) {
  static const Rule rule = body_of("os-resetState", object({{"state", one_of({"active", "error"}), true}}));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const bool active = text_at(*member(call.body, "os-resetState"), "state") == "active";
  auto done =
      co_await ask(call, ResetServerState{to_string(server->uuid), active ? VmState::kActive : VmState::kError});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

}  // namespace kilonova::api::openstack
