// Nova: os-instance-actions: what was asked of a server.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/instance_action.h"
#include "domain/nouns/server.h"
#include "domain/server_actions.h"

namespace kilonova::api::openstack {
namespace {

using A = InstanceAction;
using Value = std::optional<Json>;

constexpr Minor kOfDeletedServers = 21;  // since then

std::string request_of(const A& action) { return "req-" + to_string(action.request_id); }

Value message_of(const A& action, const Call&) {
  return action.failed ? Json(action.message.empty() ? "Error" : action.message) : Json(nullptr);
}

WallTime updated_of(const A& action) {
  return action.finished_at == WallTime{} ? action.started_at : action.finished_at;
}

constexpr Field<A> kFields[] = {
    {"action", [](const A& a, const Call&) -> Value { return a.action; }},
    {"instance_uuid", [](const A& a, const Call&) -> Value { return to_string(a.instance); }},
    {"message", &message_of},
    {"project_id", [](const A& a, const Call&) -> Value { return to_hex(a.project_id); }},
    {"request_id", [](const A& a, const Call&) -> Value { return request_of(a); }},
    {"start_time", [](const A& a, const Call&) -> Value { return time_without_zone(a.started_at); }},
    {"updated_at", [](const A& a, const Call&) -> Value { return time_without_zone(updated_of(a)); }, 58},
    {"user_id", [](const A& a, const Call&) -> Value { return to_hex(a.user_id); }},
};

struct E {
  const A& action;
  const InstanceActionEvent& event;
};

constexpr Field<E> kEventFields[] = {
    {"event", [](const E& e, const Call&) -> Value { return Json(e.event.event); }},
    {"finish_time", [](const E& e, const Call&) -> Value { return time_without_zone(e.event.finished_at); }},
    {"host", [](const E& e, const Call&) -> Value { return e.event.host; }, 62, kLastMinor, Audience::kAdmin},
    {"hostId", [](const E& e, const Call&) -> Value { return host_id(e.action.project_id, e.event.host); }, 62},
    {"result",
     [](const E& e, const Call&) -> Value {
       if (e.event.failed) return Json("Error");
       return e.event.finished_at == WallTime{} ? Json(nullptr) : Json("Success");
     }},
    {"start_time", [](const E& e, const Call&) -> Value { return time_without_zone(e.event.started_at); }},
    {"details",
     [](const E& e, const Call& call) -> Value { return e.event.failed ? message_of(e.action, call) : Json(nullptr); },
     84},
    {"traceback", [](const E&, const Call&) -> Value { return Json(nullptr); }, 1, kLastMinor, Audience::kAdmin},
};

// The newest first. Of an action that was recorded before its events were: the one that it had.
std::vector<InstanceActionEvent> events_of_action(const A& action) {
  std::vector<InstanceActionEvent> events(action.events.rbegin(), action.events.rend());
  const ActionEventList known = events_of(action.action);
  if (events.empty() && known.begin() != known.end())
    events.push_back({.event = std::string(known.begin()->name),
                      .started_at = action.started_at,
                      .finished_at = action.finished_at,
                      .host = action.host,
                      .failed = action.failed});
  return events;
}

Task<std::expected<std::vector<A>, Refusal>> read_actions(Call& call) {
  const std::string asked = call.in_path("server");
  const std::optional<Uuid> id = parse_uuid(asked);
  if (!id) co_return no_server(asked);
  if (call.minor < kOfDeletedServers) {
    auto server = co_await find_server(call);
    if (!server) co_return std::unexpected(std::move(server.error()));
  }
  auto list = co_await ask(call, ListInstanceActions{to_string(*id), call.is_admin()});
  if (!list && list.error().status == 404) co_return no_server(asked);
  if (!list) co_return std::unexpected(std::move(list.error()));
  co_return std::move(list->actions);
}

struct ChangedBetween {
  WallTime since;
  WallTime before{INT64_MAX};
};

// What the query of a list may say; before 2.58 it is not looked at.
std::expected<ChangedBetween, Refusal> read_changed(const Call& call) {
  ChangedBetween changed;
  if (call.minor < 58) return changed;
  for (const auto& [key, value] : call.target.query) {
    const bool is_since = key == "changes-since", is_before = key == "changes-before" && call.minor >= 66;
    if (key == "limit" || key == "marker") continue;
    if (!is_since && !is_before)
      return refused(400, fmt::format("Additional properties are not allowed ('{}' was unexpected)", key));
    auto time = parse_time(value);
    if (!time)
      return refused(400, fmt::format("Invalid input for field/attribute {}. Value: {}. '{}' is not a 'date-time'", key,
                                      value, value));
    (is_since ? changed.since : changed.before) = *time;
  }
  if (changed.since > changed.before)
    return refused(400, "The value of changes-since must be less than or equal to changes-before.");
  return changed;
}

Task<Answered> list(Call& call) {
  auto changed = read_changed(call);
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  auto actions = co_await read_actions(call);
  if (!actions) co_return std::unexpected(std::move(actions.error()));
  std::erase_if(*actions, [&](const A& action) {
    return updated_of(action) < changed->since || updated_of(action) > changed->before;
  });
  Page page;
  if (call.minor >= 58) {
    auto read = read_page(call);
    if (!read) co_return std::unexpected(std::move(read.error()));
    page = std::move(*read);
  } else {
    page.limit = static_cast<uint32_t>(actions->size()) + 1;
  }
  auto cut = cut_page(call, page, *actions, [](const A& action) { return request_of(action); });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  Json body{{"instanceActions", Json::array()}};
  for (const A& action : cut->rows) body["instanceActions"].push_back(view(kFields, action, call));
  if (!cut->next.is_null()) body["links"] = std::move(cut->next);
  co_return Answer{200, std::move(body)};
}

// Events are shown to admins, and from 2.51 on to all, without what only admins see.
Task<Answered> show(Call& call) {
  auto actions = co_await read_actions(call);
  if (!actions) co_return std::unexpected(std::move(actions.error()));
  auto found = std::ranges::find(*actions, call.in_path("request"), &request_of);
  if (found == actions->end()) co_return refused(404, fmt::format("Action {} not found", call.in_path("request")));
  Json shown = view(kFields, *found, call);
  if (call.is_admin() || call.minor >= 51) {
    shown["events"] = Json::array();
    for (const InstanceActionEvent& event : events_of_action(*found))
      shown["events"].push_back(view(kEventFields, E{*found, event}, call));
  }
  co_return Answer{200, {{"instanceAction", std::move(shown)}}};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/servers/{server}/os-instance-actions", UserRole::kReader,
     "os_compute_api:os-instance-actions:list", &list},
    {Service::kCompute, "GET", "/v2.1/servers/{server}/os-instance-actions/{request}", UserRole::kReader,
     "os_compute_api:os-instance-actions:show", &show},
};

}  // namespace

std::span<const Route> instance_action_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
