#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/progress.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string name;
  std::string flavor;
  std::string image;
  std::vector<std::string> networks;
  std::string key_name;
  std::string availability_zone;
  std::string client_token;
  uint32_t count = 1;
  uint32_t min_count = 0;  // 0 = count
  bool wait = false;
};

v1::CreateServersRequest request_of(const Options& options) {
  v1::CreateServersRequest request;
  request.set_name(options.name);
  request.set_flavor(options.flavor);
  request.set_image(options.image);
  for (const std::string& network : options.networks) request.add_networks(network);
  request.set_key_name(options.key_name);
  request.set_availability_zone(options.availability_zone);
  request.set_client_token(options.client_token);
  request.set_max_count(options.count);
  request.set_min_count(options.min_count != 0 ? options.min_count : options.count);
  return request;
}

// The servers as they are when each has settled. One that somebody deleted meanwhile stays as it was created.
Expected<bool> wait_until_settled(Session& session, v1::CreateServersReply& reply) {
  // A create that repeats a client token is answered with the servers as they are at that revision: maybe long settled,
  // with no event to come.
  std::map<std::string, SettledServer> before;
  std::vector<std::string> ids;
  for (const v1::Server& server : reply.servers()) {
    if (is_settled(server))
      before[server.id()] = {server.name(), server.status(), server.fault().message(), false};
    else
      ids.push_back(server.id());
  }
  Progress progress("launching", ids.size());
  auto settled = wait_for_servers(session, ids, reply.revision(), WaitFor::kSettled, false,
                                  [&](size_t done) { progress.show(done); });
  if (!settled) return std::unexpected(settled.error());
  settled->merge(before);
  for (v1::Server& server : *reply.mutable_servers()) {
    auto now = get_server(session, server.id(), false);
    if (now) server = std::move(*now);
    if (!now && now.error().code != ErrorCode::kNotFound) return std::unexpected(now.error());
  }
  return report_failures(*settled);
}

void print_servers(const Options& options, bool json, const v1::CreateServersReply& reply) {
  if (json) {
    // One server was asked for: one object. Several: a list, however many the quota left of them.
    print_json(options.count == 1 && reply.servers_size() == 1 ? to_json(reply.servers(0))
                                                                : list_to_json(reply.servers()));
    return;
  }
  if (reply.servers_size() == 1) {
    print_server(reply.servers(0));
    return;
  }
  Table table({{"ID"}, {"Name"}, {"Status"}, {"Host"}, {"Addresses"}});
  for (const v1::Server& server : reply.servers())
    table.add_row({server.id(), server.name(), server.status(), server.host(), addresses_text(server)});
  print_table(table);
}

Expected<int> create(Session& session, const Options& options, bool json) {
  auto reply = session.call(&v1::Cloud::Stub::CreateServers, request_of(options));
  if (!reply) return std::unexpected(reply.error());
  bool good = true;
  if (options.wait) {
    Expected<bool> waited = wait_until_settled(session, *reply);
    if (!waited) return std::unexpected(waited.error());
    good = *waited;
  }
  print_servers(options, json, *reply);
  return good ? 0 : 1;
}

}  // namespace

bool report_failures(const std::map<std::string, SettledServer>& settled) {
  bool good = true;
  for (const auto& [id, server] : settled) {
    if (!server.deleted && server.status != "ERROR") continue;
    good = false;
    std::string fault = server.fault.empty() ? "it has no fault message" : server.fault;
    fmt::print(stderr, "kilonova: server {} ({}) {}\n", one_line(server.name), id,
               server.deleted ? "was deleted meanwhile" : "is in ERROR: " + one_line(fault));
  }
  return good;
}

void add_server_create(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("create", "Launch servers");
  command->add_option("NAME", options->name, "Name; several get -1, -2, ... behind it")->required();
  command->add_option("--flavor", options->flavor, "Size: name or id")->required();
  command->add_option("--image", options->image, "What it boots: name or id")->required();
  command->add_option("--network", options->networks, "A nic on this network; may be repeated")
      ->expected(1)
      ->allow_extra_args(false)  // what follows is the NAME
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--key-name", options->key_name, "Key pair to inject");
  command->add_option("--availability-zone", options->availability_zone, "ZONE, or ZONE:HOST for admins");
  command->add_option("--count", options->count, "How many");
  command->add_option("--min-count", options->min_count, "Be content with so many when the quota has no more");
  command->add_option("--client-token", options->client_token, "A retry with the same token within 24 hours gets the first answer");
  command->add_flag("--wait", options->wait, "Until they are ACTIVE; exit code 1 when one ends in ERROR");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.json); });
}

}  // namespace kilonova::cli
