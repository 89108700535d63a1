#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/ascii.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

constexpr uint32_t kPage = 1000;

struct Options {
  ServerFilter filter;
  bool long_form = false;
};

Records records_of(const std::vector<v1::Server>& servers, bool long_form) {
  std::vector<Records::Column> columns = server_columns();
  if (long_form)
    for (const Records::Column& column : std::vector<Records::Column>{{"Task", "task_state", Align::kLeft, 1},
                                                                      {"Power", "power_state", Align::kLeft, 7},
                                                                      {"Attempt", "attempt", Align::kRight, 2},
                                                                      {"Created", "created_at", Align::kLeft, 6},
                                                                      {"Launched", "launched_at", Align::kLeft, 8},
                                                                      {"Fault", "", Align::kLeft, 1}})
      columns.push_back(column);
  Records records(std::move(columns));
  for (const v1::Server& server : servers) {
    std::vector<std::string> row = server_cells(server);
    if (long_form) {
      row.push_back(enum_text(v1::TaskState_Name(server.task_state()), "TASK_STATE_"));
      row.push_back(enum_text(v1::PowerState_Name(server.power_state()), "POWER_STATE_"));
      row.push_back(std::to_string(server.attempt()));
      row.push_back(time_text(server.created_at_us()));
      row.push_back(time_text(server.launched_at_us()));
      row.push_back(server.fault().message());
    }
    records.add(std::move(row), to_json(server));
  }
  return records;
}

Expected<int> list(Session& session, const Options& options, const OutputStyle& style) {
  Expected<std::vector<v1::Server>> servers = list_servers(session, options.filter);
  if (!servers) return std::unexpected(servers.error());
  return print_records(style, records_of(*servers, options.long_form));
}

}  // namespace

Expected<std::vector<v1::Server>> list_servers(Session& session, const ServerFilter& filter) {
  std::vector<v1::Server> servers;
  v1::ListServersRequest request;
  request.set_all_projects(filter.all_projects);
  request.set_name(filter.name);
  request.set_status(to_upper(filter.status));  // Nova ignores its case
  request.set_host(filter.host);
  if (filter.deleted) request.set_which(v1::WHICH_SERVERS_DELETED);
  for (;;) {
    size_t left = filter.limit == 0 ? kPage : filter.limit - servers.size();
    request.set_limit(static_cast<uint32_t>(std::min<size_t>(left, kPage)));
    auto page = session.call(&v1::Cloud::Stub::ListServers, request);
    if (!page) return std::unexpected(page.error());
    for (v1::Server& server : *page->mutable_servers()) servers.push_back(std::move(server));
    bool enough = filter.limit != 0 && servers.size() >= filter.limit;
    if (!page->more() || page->servers().empty() || enough) return servers;
    request.set_marker(servers.back().id());
  }
}

void add_server_list(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("list", "List servers, newest first");
  command->add_flag("--all-projects", options->filter.all_projects, "Of every project (admins)");
  command->add_option("--name", options->filter.name, "Only those with this in their name");
  command->add_option("--status", options->filter.status,
                      "Only those in this status: ACTIVE, BUILD, SHUTOFF, ERROR, ...");
  command->add_option("--host", options->filter.host, "Only those on this host (admins)")->type_name("HOST");
  command->add_flag("--deleted", options->filter.deleted,
                    "Only those that are gone; the cloud remembers the newest of all projects");
  command->add_option("--limit", options->filter.limit, "Maximum number to list; 0 = all");
  command->add_flag("--long", options->long_form, "More columns");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return list(session, *options, globals.style); });
}

}  // namespace kilonova::cli
