// kilonova server resize, migrate, evacuate, unshelve and migration; and what host evacuate does.
#include <fmt/format.h>

#include <memory>
#include <string>

#include "cli/client/pages.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  ActOptions act;
  std::string flavor;
  std::string host;
  std::string zone;
  bool no_zone = false;
  bool confirm = false;
  bool revert = false;
  bool live = false;
  bool force = false;
};

// `fill` says what is asked of each server besides its id.
template <class Request, class Method, class Fill>
Expected<int> ask_each(Session& session, const Options& options, const OutputStyle& style, Method method, Fill fill) {
  return act_on_servers(session, options.act, style, [&](const std::string& id) -> Expected<> {
    Request request;
    request.set_server(id);
    fill(request);
    auto reply = session.call(method, request);
    return reply ? Expected<>() : std::unexpected(reply.error());
  });
}

Expected<int> resize(Session& session, const Options& options, const OutputStyle& style) {
  if (options.confirm || options.revert)
    return ask_each<v1::ServerActionRequest>(
        session, options, style, &v1::Cloud::Stub::ServerAction, [&](v1::ServerActionRequest& request) {
          request.set_action(options.confirm ? v1::SERVER_ACTION_KIND_CONFIRM_RESIZE
                                             : v1::SERVER_ACTION_KIND_REVERT_RESIZE);
        });
  if (options.act.servers.empty())
    return fail(ErrorCode::kInvalidArgument, "give the names or ids of the servers, or the verb confirm or revert");
  if (options.flavor.empty())
    return fail(ErrorCode::kInvalidArgument, "give the new flavor with --flavor, or --confirm or --revert");
  return ask_each<v1::ResizeServerRequest>(
      session, options, style, &v1::Cloud::Stub::ResizeServer,
      [&](v1::ResizeServerRequest& request) { request.set_flavor(options.flavor); });
}

Expected<int> migrate(Session& session, const Options& options, const OutputStyle& style) {
  if (options.live)
    return ask_each<v1::LiveMigrateServerRequest>(session, options, style, &v1::Cloud::Stub::LiveMigrateServer,
                                                  [&](v1::LiveMigrateServerRequest& request) {
                                                    request.set_host(options.host);
                                                    request.set_force(options.force);
                                                  });
  return ask_each<v1::MigrateServerRequest>(session, options, style, &v1::Cloud::Stub::MigrateServer,
                                            [&](v1::MigrateServerRequest& request) { request.set_host(options.host); });
}

Expected<int> evacuate(Session& session, const Options& options, const OutputStyle& style) {
  return ask_each<v1::EvacuateServerRequest>(session, options, style, &v1::Cloud::Stub::EvacuateServer,
                                             [&](v1::EvacuateServerRequest& request) {
                                               request.set_host(options.host);
                                               request.set_force(options.force);
                                             });
}

Expected<int> unshelve(Session& session, const Options& options, const OutputStyle& style) {
  return ask_each<v1::UnshelveServerRequest>(session, options, style, &v1::Cloud::Stub::UnshelveServer,
                                             [&](v1::UnshelveServerRequest& request) {
                                               request.set_sets_zone(options.no_zone || !options.zone.empty());
                                               request.set_availability_zone(options.zone);
                                               request.set_host(options.host);
                                             });
}

Expected<int> list_migrations(Session& session, v1::ListMigrationsRequest request, const OutputStyle& style) {
  Records records({{"ID", "id", Align::kRight},
                   {"Type", "type"},
                   {"Status", "status", Align::kLeft, 0, CellKind::kStatus},
                   {"Server", "server_id", Align::kLeft, 1},
                   {"From", "source_compute"},
                   {"To", "dest_compute"},
                   {"Flavors", "", Align::kLeft, 2},
                   {"Began", "", Align::kLeft, 3}});
  for (;;) {
    auto reply = session.call(&v1::Cloud::Stub::ListMigrations, request);
    if (!reply) return std::unexpected(reply.error());
    for (const v1::Migration& one : reply->migrations()) {
      request.set_marker(one.id());
      records.add({std::to_string(one.id()), one.type(), one.status(), one.server_id(), one.source_compute(),
                   one.dest_compute().empty() ? "-" : one.dest_compute(),
                   one.old_flavor() == one.new_flavor() ? one.old_flavor()
                                                        : fmt::format("{} to {}", one.old_flavor(), one.new_flavor()),
                   time_text(one.created_at_us())},
                  to_json(one));
    }
    if (!reply->more()) return print_records(style, records);
  }
}

template <class Request, class Method>
Expected<int> end_migration(Session& session, const std::string& server, int64_t id, Method method) {
  Request request;
  request.set_server(server);
  request.set_migration(id);
  auto reply = session.call(method, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

// A verb on servers.
CLI::App& add_verb(CLI::App& server, Globals& globals, const char* verb, const char* help,
                   const std::shared_ptr<Options>& options,
                   Expected<int> (*act)(Session&, const Options&, const OutputStyle&)) {
  CLI::App* command = server.add_subcommand(verb, help);
  add_act_options(*command, options->act);
  run_with_session(*command, globals,
                   [options, &globals, act](Session& session) { return act(session, *options, globals.style); });
  return *command;
}

void add_migration(CLI::App& server, Globals& globals) {
  CLI::App* group = server.add_subcommand("migration", "Moves of servers to other hosts (admins)");
  group->require_subcommand(1);
  auto request = std::make_shared<v1::ListMigrationsRequest>();
  CLI::App* list = group->add_subcommand("list", "What became of moves, the newest first");
  const auto filter = [&](const char* name, std::string* value, const char* help) {
    list->add_option(name, *value, help);
  };
  filter("--server", request->mutable_server(), "Of this server");
  filter("--host", request->mutable_host(), "That left or came to this host");
  filter("--status", request->mutable_status(), "In this state");
  filter("--type", request->mutable_type(), "resize, migration, live-migration or evacuation");
  run_with_session(*list, globals,
                   [request, &globals](Session& session) { return list_migrations(session, *request, globals.style); });
  auto of = std::make_shared<std::string>();
  auto id = std::make_shared<int64_t>(0);
  CLI::App* abort = group->add_subcommand("abort", "Call off a live migration that is under way");
  CLI::App* complete = group->add_subcommand("force-complete", "Have a live migration that is under way end soon");
  for (CLI::App* command : {abort, complete}) {
    command->add_option("SERVER", *of, "Name or id")->required();
    command->add_option_function<int64_t>("MIGRATION", [id](int64_t given) { *id = given; }, "Its id")->required();
  }
  run_with_session(*abort, globals, [of, id](Session& session) {
    return end_migration<v1::AbortMigrationRequest>(session, *of, *id, &v1::Cloud::Stub::AbortMigration);
  });
  run_with_session(*complete, globals, [of, id](Session& session) {
    return end_migration<v1::ForceCompleteMigrationRequest>(session, *of, *id,
                                                            &v1::Cloud::Stub::ForceCompleteMigration);
  });
}

}  // namespace

void add_server_move(CLI::App& server, Globals& globals) {
  auto of_resize = std::make_shared<Options>();
  CLI::App& resizes =
      add_verb(server, globals, "resize", "Give servers another flavor, on other hosts", of_resize, &resize);
  CLI::Option* flavor = resizes.add_option("--flavor", of_resize->flavor, "Name or id of the new flavor");
  CLI::Option* confirm = resizes.add_flag("--confirm", of_resize->confirm, "Keep what a resize or a migration made");
  CLI::Option* revert =
      resizes.add_flag("--revert", of_resize->revert, "Go back to what was before a resize or a migration");
  confirm->excludes(flavor)->excludes(revert);
  revert->excludes(flavor);
  // A server that is named like one of the verbs is said by its id.
  resizes.get_option("SERVER")->required(false);
  resizes.require_subcommand(0, 1);
  for (const bool confirms : {true, false}) {
    auto of_verb = std::make_shared<Options>();
    of_verb->confirm = confirms;
    of_verb->revert = !confirms;
    add_verb(resizes, globals, confirms ? "confirm" : "revert",
             confirms ? "Keep what a resize or a migration made" : "Go back to what was before a resize or a migration",
             of_verb, &resize);
  }

  auto of_migrate = std::make_shared<Options>();
  CLI::App& migrates =
      add_verb(server, globals, "migrate", "Bring servers to other hosts, until `resize --confirm` (admins)",
               of_migrate, &migrate);
  migrates.add_option("--host", of_migrate->host, "To this one");
  CLI::Option* live = migrates.add_flag("--live-migration", of_migrate->live, "While they run; needs no confirmation");
  migrates.add_flag("--force", of_migrate->force, "To the host that is named, whatever the scheduler says")
      ->needs(live);

  auto of_evacuate = std::make_shared<Options>();
  CLI::App& evacuates =
      add_verb(server, globals, "evacuate", "Make servers anew whose host is down, on other hosts (admins)",
               of_evacuate, &evacuate);
  evacuates.add_option("--host", of_evacuate->host, "On this one");
  evacuates.add_flag("--force", of_evacuate->force, "On the host that is named, whatever the scheduler says");

  auto of_unshelve = std::make_shared<Options>();
  CLI::App& unshelves =
      add_verb(server, globals, "unshelve", "Make shelved servers of their images again", of_unshelve, &unshelve);
  CLI::Option* zone = unshelves.add_option("--availability-zone", of_unshelve->zone, "In this zone from now on");
  unshelves.add_flag("--no-availability-zone", of_unshelve->no_zone, "In any zone from now on")->excludes(zone);
  unshelves.add_option("--host", of_unshelve->host, "On this host (admins)");
  add_migration(server, globals);
}

Expected<int> evacuate_host(Session& session, const std::string& host, const std::string& target, bool wait,
                            Duration timeout, const OutputStyle& style) {
  auto servers = list_servers(session, {.all_projects = true, .host = host});
  if (!servers) return std::unexpected(servers.error());
  Options options;
  options.act.all_projects = true;
  options.act.wait = wait;
  options.act.timeout = timeout;
  options.host = target;
  for (const v1::Server& server : *servers) options.act.servers.push_back(server.id());
  if (options.act.servers.empty()) return style.format == Format::kTable ? 0 : print_object(style, Json::array());
  return evacuate(session, options, style);
}

}  // namespace kilonova::cli
