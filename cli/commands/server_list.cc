#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

constexpr uint32_t kPage = 1000;

struct Options {
  bool all_projects = false;
  std::string name;
  std::string status;
  std::string host;
  uint32_t limit = 0;  // 0 = all
  bool long_form = false;
};

Expected<std::vector<v1::Server>> read_pages(Session& session, const Options& options) {
  std::vector<v1::Server> servers;
  v1::ListServersRequest request;
  request.set_all_projects(options.all_projects);
  request.set_name(options.name);
  request.set_status(options.status);
  request.set_host(options.host);
  for (;;) {
    size_t left = options.limit == 0 ? kPage : options.limit - servers.size();
    request.set_limit(static_cast<uint32_t>(std::min<size_t>(left, kPage)));
    auto page = session.call(&v1::Cloud::Stub::ListServers, request);
    if (!page) return std::unexpected(page.error());
    for (v1::Server& server : *page->mutable_servers()) servers.push_back(std::move(server));
    bool enough = options.limit != 0 && servers.size() >= options.limit;
    if (!page->more() || page->servers().empty() || enough) return servers;
    request.set_marker(servers.back().id());
  }
}

Table table_of(const std::vector<v1::Server>& servers, bool long_form) {
  std::vector<Table::Column> columns{{"ID"}, {"Name"}, {"Status"}, {"Host"}, {"Addresses"}, {"Image"}, {"Flavor"}};
  if (long_form)
    for (const char* title : {"Task", "Power", "Attempt", "Created", "Launched", "Fault"}) columns.push_back({title});
  Table table(std::move(columns));
  for (const v1::Server& server : servers) {
    std::vector<std::string> row{server.id(),          server.name(),         server.status(),       server.host(),
                                 addresses_text(server), server.image().name(), server.flavor().name()};
    if (long_form) {
      row.push_back(enum_text(v1::TaskState_Name(server.task_state()), "TASK_STATE_"));
      row.push_back(enum_text(v1::PowerState_Name(server.power_state()), "POWER_STATE_"));
      row.push_back(std::to_string(server.attempt()));
      row.push_back(time_text(server.created_at_us()));
      row.push_back(time_text(server.launched_at_us()));
      row.push_back(server.fault().message());
    }
    table.add_row(std::move(row));
  }
  return table;
}

Expected<int> list(Session& session, const Options& options, bool json) {
  Expected<std::vector<v1::Server>> servers = read_pages(session, options);
  if (!servers) return std::unexpected(servers.error());
  if (json)
    print_json(list_to_json(*servers));
  else
    print_table(table_of(*servers, options.long_form));
  return 0;
}

}  // namespace

void add_server_list(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("list", "Servers, newest first");
  command->add_flag("--all-projects", options->all_projects, "Of every project (admins)");
  command->add_option("--name", options->name, "Only those with this in their name");
  command->add_option("--status", options->status, "Only those in this status: ACTIVE, BUILD, SHUTOFF, ERROR, ...");
  command->add_option("--host", options->host, "Only those on this host (admins)");
  command->add_option("--limit", options->limit, "At most so many");
  command->add_flag("--long", options->long_form, "More columns");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return list(session, *options, globals.json); });
}

}  // namespace kilonova::cli
