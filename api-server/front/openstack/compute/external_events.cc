// Nova: os-server-external-events: what Neutron and Cinder tell of a server. Guests here have nothing to do upon them:
// each is judged as Nova judges it, and no more.
#include <fmt/format.h>

#include <optional>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {
namespace {

Rule events_rule(Minor minor) {
  std::vector<std::string> names{"network-changed", "network-vif-plugged", "network-vif-unplugged",
                                 "network-vif-deleted"};
  if (minor >= 51) names.emplace_back("volume-extended");
  if (minor >= 76) names.emplace_back("power-update");
  if (minor >= 82) names.emplace_back("accelerator-request-bound");
  if (minor >= 93) names.emplace_back("volume-reimaged");
  return body_of("events", list_of(object({{"server_uuid", uuid(), true},
                                           {"name", one_of(names), true},
                                           {"status", one_of({"failed", "completed", "in-progress"})},
                                           {"tag", text()}}),
                                   1));
}

bool needs_tag(std::string_view name) {
  return name == "volume-extended" || name == "power-update" || name == "accelerator-request-bound" ||
         name == "volume-reimaged";
}

// 404: no such server; 422: it has no host; 400: the event needs a tag.
Task<std::expected<int, Refusal>> judge(Call& call, const Json& event) {
  auto found = co_await ask(call, GetServer{text_at(event, "server_uuid"), true});
  if (!found && found.error().status == 404) co_return 404;
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto server = server_of(std::move(*found));
  if (!server) co_return std::unexpected(std::move(server.error()));
  if (server->row.current.host.empty()) co_return 422;
  co_return needs_tag(text_at(event, "name")) && text_at(event, "tag").empty() ? 400 : 200;
}

Task<Answered> create(Call& call) {
  if (auto wrong = check_schema(events_rule(call.minor), call.body, call.minor))
    co_return std::unexpected(std::move(*wrong));
  Json events = Json::array();
  unsigned status = 200;
  for (const Json& wanted : *member(call.body, "events")) {
    auto code = co_await judge(call, wanted);
    if (!code) co_return std::unexpected(std::move(code.error()));
    Json event = wanted;
    if (*code == 200) {
      if (!event.contains("status")) event["status"] = "completed";
    } else {
      event["status"] = "failed";
      status = 207;
    }
    event["code"] = *code;
    events.push_back(std::move(event));
  }
  co_return Answer{status, {{"events", std::move(events)}}};
}

// ---- os-server-password: guests here have none that was ever encrypted

Task<Answered> show_password(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"password", ""}}};
}

Task<Answered> clear_password(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNova = Service::kCompute;

constexpr Route kRoutes[] = {
    {kNova, "POST", "/v2.1/os-server-external-events", UserRole::kAdmin,
     "os_compute_api:os-server-external-events:create", &create},
    {kNova, "GET", "/v2.1/servers/{server}/os-server-password", UserRole::kReader,
     "os_compute_api:os-server-password:show", &show_password},
    {kNova, "DELETE", "/v2.1/servers/{server}/os-server-password", UserRole::kMember,
     "os_compute_api:os-server-password:clear", &clear_password},
};

}  // namespace

std::span<const Route> external_event_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
