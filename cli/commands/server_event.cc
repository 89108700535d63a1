// kilonova server event list and show: what was asked of a server.
#include <algorithm>
#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/views.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::string request_id;
  bool all_projects = false;
};

std::string result_of(const v1::InstanceAction& action) {
  if (action.finished_at_us() == 0 && !action.failed()) return "under way";
  return action.failed() ? "Error" : "Success";
}

std::string result_of(const v1::InstanceActionEvent& event) {
  if (event.failed()) return "Error";
  return event.finished_at_us() == 0 ? "under way" : "Success";
}

// "compute_prep_resize on host-3: Success", the newest first.
std::string events_text(const v1::InstanceAction& action) {
  std::string text;
  for (const v1::InstanceActionEvent& event : action.events()) {
    if (!text.empty()) text += "; ";
    text += event.event();
    if (!event.host().empty()) text += " on " + event.host();
    text += ": " + result_of(event);
  }
  return text;
}

Json time_or_null(int64_t us) { return us == 0 ? Json(nullptr) : Json(to_iso8601(WallTime{us})); }

Json events_json(const v1::InstanceAction& action) {
  Json events = Json::array();
  for (const v1::InstanceActionEvent& event : action.events())
    events.push_back({{"event", event.event()},
                      {"started_at", time_or_null(event.started_at_us())},
                      {"finished_at", time_or_null(event.finished_at_us())},
                      {"failed", event.failed()},
                      {"host", event.host().empty() ? Json(nullptr) : Json(event.host())}});
  return events;
}

Json event_json(const v1::InstanceAction& action) {
  return {{"action", action.action()},
          {"request_id", action.request_id()},
          {"user_id", action.user_id()},
          {"project_id", action.project_id()},
          {"started_at", time_or_null(action.started_at_us())},
          {"finished_at", time_or_null(action.finished_at_us())},
          {"failed", action.failed()},
          {"message", action.message().empty() ? Json(nullptr) : Json(action.message())},
          {"host", action.host().empty() ? Json(nullptr) : Json(action.host())},
          {"events", events_json(action)}};
}

Expected<v1::ListInstanceActionsReply> ask(Session& session, const Options& options) {
  v1::ListInstanceActionsRequest request;
  request.set_server(options.server);
  request.set_all_projects(options.all_projects);
  return session.call(&v1::Cloud::Stub::ListInstanceActions, request);
}

Expected<int> list(Session& session, const Options& options, const OutputStyle& style) {
  auto reply = ask(session, options);
  if (!reply) return std::unexpected(reply.error());
  Records records({{"Action", "action"},
                   {"Request ID", "request_id"},
                   {"Started at", "started_at"},
                   {"Result", "", Align::kLeft, 1},
                   {"Message", "message", Align::kLeft, 2}});
  for (const v1::InstanceAction& action : reply->actions())
    records.add(
        {action.action(), action.request_id(), time_text(action.started_at_us()), result_of(action), action.message()},
        event_json(action));
  return print_records(style, records);
}

Expected<int> show(Session& session, const Options& options, const OutputStyle& style) {
  auto reply = ask(session, options);
  if (!reply) return std::unexpected(reply.error());
  auto found = std::ranges::find(reply->actions(), options.request_id, &v1::InstanceAction::request_id);
  if (found == reply->actions().end())
    return fail(ErrorCode::kNotFound,
                "no action of server '" + options.server + "' has request id '" + options.request_id + "'");
  return print_record(style,
                      {{"action", found->action()},
                       {"request_id", found->request_id()},
                       {"user_id", found->user_id()},
                       {"project_id", found->project_id()},
                       {"started_at", time_text(found->started_at_us())},
                       {"finished_at", time_text(found->finished_at_us())},
                       {"result", result_of(*found)},
                       {"message", found->message()},
                       {"host", found->host()},
                       {"events", events_text(*found)}},
                      event_json(*found));
}

}  // namespace

void add_server_event(CLI::App& server, Globals& globals) {
  CLI::App* events = server.add_subcommand("event", "What was asked of a server: list, show");
  events->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* list_command = events->add_subcommand("list", "All actions, the newest first");
  list_command->add_option("SERVER", options->server, "Name or id")->required();
  list_command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*list_command, globals,
                   [options, &globals](Session& session) { return list(session, *options, globals.style); });
  CLI::App* show_command = events->add_subcommand("show", "One action");
  show_command->add_option("SERVER", options->server, "Name or id")->required();
  show_command->add_option("REQUEST_ID", options->request_id, "Of the action, as listed")->required();
  show_command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*show_command, globals,
                   [options, &globals](Session& session) { return show(session, *options, globals.style); });
}

}  // namespace kilonova::cli
