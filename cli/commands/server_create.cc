#include <fmt/format.h>

#include <map>
#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"
#include "cli/output/read_file.h"
#include "daemon/base64.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string name;
  std::string flavor;
  std::string image;
  std::vector<std::string> networks;
  std::string key_name;
  std::string availability_zone;
  std::string host;
  std::string client_token;
  uint32_t count = 1;
  uint32_t min_count = 0;  // 0 = count
  std::string description;
  std::vector<std::string> properties;  // "key=value"
  std::vector<std::string> tags;
  std::string user_data;  // a file
  std::string server_group;
  std::vector<std::string> hints;  // "key=value"
  std::string hostname;
  bool config_drive = false;
  bool wait = false;
  Duration timeout;
};

// Those of Nova's that a scheduler here reads.
Expected<> add_hints(const std::vector<std::string>& hints, v1::CreateServersRequest& request) {
  for (const std::string& hint : hints) {
    const size_t equals = hint.find('=');
    const std::string key = hint.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : hint.substr(equals + 1);
    if (value.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("the hint '{}' must be key=value", hint));
    if (key == "group")
      request.set_server_group(value);
    else if (key == "same_host")
      request.add_same_host(value);
    else if (key == "different_host")
      request.add_different_host(value);
    else
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("the hint '{}' is unknown; there are group, same_host and different_host", key));
  }
  return {};
}

Expected<v1::CreateServersRequest> request_of(const Options& options) {
  v1::CreateServersRequest request;
  request.set_name(options.name);
  request.set_flavor(options.flavor);
  request.set_image(options.image);
  for (const std::string& network : options.networks) request.add_networks(network);
  request.set_key_name(options.key_name);
  request.set_availability_zone(options.availability_zone);
  request.set_requested_host(options.host);
  request.set_client_token(options.client_token);
  request.set_max_count(options.count);
  request.set_min_count(options.min_count != 0 ? options.min_count : options.count);
  request.set_description(options.description);
  if (auto added = add_properties(options.properties, request.mutable_metadata()); !added)
    return std::unexpected(added.error());
  request.mutable_tags()->Assign(options.tags.begin(), options.tags.end());
  request.set_config_drive(options.config_drive);
  request.set_hostname(options.hostname);
  request.set_server_group(options.server_group);
  if (auto added = add_hints(options.hints, request); !added) return std::unexpected(added.error());
  if (options.user_data.empty()) return request;
  Expected<std::string> text = read_file(options.user_data);
  if (!text) return std::unexpected(text.error());
  request.set_user_data(to_base64(*text));
  return request;
}

// The servers as they are when each has settled. One that somebody deleted meanwhile stays as it was created.
Expected<bool> wait_until_settled(Session& session, const OutputStyle& style, Duration timeout,
                                  v1::CreateServersReply& reply) {
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
  auto settled = wait_for_servers(
      session, ids, {.since = reply.revision(), .timeout = timeout, .doing = style.is_text() ? "launching" : ""});
  if (!settled) return std::unexpected(settled.error());
  settled->merge(before);
  for (v1::Server& server : *reply.mutable_servers()) {
    auto now = get_server(session, server.id(), false);
    if (now) server = std::move(*now);
    if (!now && now.error().code != ErrorCode::kNotFound) return std::unexpected(now.error());
  }
  return report_failures(session, style, *settled, false);
}

// One server was asked for: one object. Several: a list, however many the quota left of them.
Expected<int> print_servers(const Options& options, const OutputStyle& style, const v1::CreateServersReply& reply) {
  if (options.count == 1 && reply.servers_size() == 1) return print_server(style, reply.servers(0));
  Records records(server_columns());
  for (const v1::Server& server : reply.servers()) records.add(server_cells(server), to_json(server));
  return print_records(style, records);
}

Expected<int> create(Session& session, const Options& options, const OutputStyle& style) {
  auto request = request_of(options);
  if (!request) return std::unexpected(request.error());
  auto reply = session.call(&v1::Cloud::Stub::CreateServers, *request);
  if (!reply) return std::unexpected(reply.error());
  bool good = true;
  if (options.wait) {
    Expected<bool> waited = wait_until_settled(session, style, options.timeout, *reply);
    if (!waited) return std::unexpected(waited.error());
    good = *waited;
  }
  if (auto printed = print_servers(options, style, *reply); !printed) return printed;
  return good ? kDone : kBadResult;
}

}  // namespace

bool report_failures(Session& session, const OutputStyle& style, const std::map<std::string, SettledServer>& settled,
                     bool all_projects) {
  bool good = true;
  for (const auto& [id, server] : settled) {
    if (!server.deleted && server.status != "ERROR") continue;
    good = false;
    std::string what = fmt::format("server {} ({}) ", server.name, id);
    if (server.deleted) {
      report_bad_result(style, what + "was deleted meanwhile");
      continue;
    }
    // The watch has the message alone, which is the symptom.
    auto now = get_server(session, id, all_projects);
    std::string cause = now ? cause_of(*now) : std::string();
    what += "is in ERROR: " + (server.fault.empty() ? "it has no fault message" : server.fault);
    if (!cause.empty()) what += " Cause: " + cause + ".";
    report_bad_result(style, what, fmt::format("see kilonova trace {}", server.name));
  }
  return good;
}

void add_server_create(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("create", "Launch servers");
  command->add_option("NAME", options->name, "Name; several get -1, -2, ... behind it")->required();
  command->add_option("--flavor", options->flavor, "Flavor, by name or id")->type_name("FLAVOR")->required();
  command->add_option("--image", options->image, "Image that it boots, by name or id")->type_name("IMAGE")->required();
  command->add_option("--network", options->networks, "A nic on this network; only 'none': no nic at all")
      ->type_name("NETWORK")
      ->expected(1)
      ->allow_extra_args(false)  // what follows is the NAME
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--key-name", options->key_name, "Key pair to inject")->type_name("KEY");
  command->add_option("--availability-zone", options->availability_zone, "ZONE, or ZONE:HOST for admins");
  command->add_option("--host", options->host, "The one host that it may go to, if all filters let it pass (admins)");
  command->add_option("--description", options->description, "In the words of who launches it");
  add_repeated(*command, "--property", options->properties, "Metadata, key=value");
  add_repeated(*command, "--tag", options->tags, "Tag");
  command->add_option("--server-group", options->server_group, "Server group that it comes into, by name or id")
      ->type_name("GROUP");
  add_repeated(*command, "--hint", options->hints, "Scheduler hint, key=value: group, same_host, different_host");
  command->add_option("--hostname", options->hostname, "As the guest knows itself; default: made of the name");
  command->add_option("--user-data", options->user_data, "File that the guest would read at its first start")
      ->type_name("FILE");
  command->add_flag("--config-drive", options->config_drive, "Ask for a config drive");
  command->add_option("--count", options->count, "Number of servers");
  command->add_option("--min-count", options->min_count,
                      "Accept at least this many if the quota is short; 0 = all or none");
  command->add_option("--client-token", options->client_token,
                      "A retry with the same token within 24 hours gets the first answer");
  command->add_flag("--wait", options->wait, "Wait until they are ACTIVE; exit code 1 if one ends in ERROR");
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.style); });
}

}  // namespace kilonova::cli
