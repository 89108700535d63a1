#include "cli/cli.h"

#include <fmt/format.h>

#include <memory>

#include "cli/commands/command.h"
#include "cli/output/text.h"
#include "cli/trace/decision_view.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  bool all_projects = false;
};

void print_decisions(const v1::GetLaunchRecordReply& record) {
  const v1::Server& server = record.server();
  fmt::print("server {}  {}  {}{}{}\n", server.id(), one_line(server.name()), server.status(),
             server.host().empty() ? "" : " on ", one_line(server.host()));
  if (server.has_fault()) fmt::print("fault  {}\n", one_line(server.fault().message()));
  if (record.decisions().empty()) fmt::print("no scheduler's decision is recorded of it\n");
  for (const v1::Decision& decision : record.decisions())
    fmt::print("\n{}", render_decision(decision, output_width()));
}

Expected<int> explain(Session& session, const Options& options, bool json) {
  v1::GetLaunchRecordRequest request;
  request.set_server(options.server);
  request.set_all_projects(options.all_projects);
  auto record = session.call(&v1::Cloud::Stub::GetLaunchRecord, request);
  if (!record) return std::unexpected(record.error());
  if (!json) {
    print_decisions(*record);
    return 0;
  }
  Json decisions = Json::array();
  for (const v1::Decision& decision : record->decisions()) decisions.push_back(decision_json(decision));
  Json server = to_json(record->server());
  print_json({{"server", record->server().id()},
              {"name", record->server().name()},
              {"status", record->server().status()},
              {"host", server["host"]},
              {"fault", server["fault"]},
              {"decisions", std::move(decisions)}});
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("explain", "Why a server is on its host: hosts left by each filter, scores of each weigher; or why on none");
  command->add_option("SERVER", options->server, "Name or id")->required();
  command->add_flag("--all-projects", options->all_projects, "In any project (admins)");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return explain(session, *options, globals.json); });
}

}  // namespace kilonova::cli
