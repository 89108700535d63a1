#include <fmt/format.h>

#include <memory>

#include "cli/cli.h"
#include "cli/client/pages.h"
#include "cli/commands/command.h"

namespace kilonova::cli {
namespace {

struct Create {
  std::string name;
  std::string subnet;
  std::string gateway;
  bool shared = false;
  bool external = false;
};

struct Leases {
  std::string network;
  uint32_t limit = 0;  // 0 = all
};

Expected<v1::ListNetworksReply> read(Session& session, const std::string& network) {
  v1::ListNetworksRequest request;
  request.set_network(network);
  return list_whole(session, &v1::Cloud::Stub::ListNetworks, request);
}

Expected<int> list(Session& session, const OutputStyle& style) {
  auto reply = read(session, "");
  if (!reply) return std::unexpected(reply.error());
  Records records({{"ID", "id", Align::kLeft, 0, CellKind::kId},
                   {"Name", "name"},
                   {"Subnet", "cidr"},
                   {"Gateway", "gateway", Align::kLeft, 2},
                   {"VLAN", "vlan", Align::kRight, 3},
                   {"Used", "addresses_used", Align::kRight},
                   {"Shared", "shared", Align::kLeft, 1},
                   {"External", "external", Align::kLeft, 1}});
  for (const v1::Network& one : reply->networks())
    records.add({one.id(), one.name(), one.cidr(), one.gateway(), std::to_string(one.vlan()),
                 std::to_string(one.addresses_used()), yes_no(one.shared()), yes_no(one.external())},
                to_json(one));
  return print_records(style, records);
}

Expected<int> print_one(const v1::Network& network, const OutputStyle& style) {
  return print_record(style,
                      {{"id", network.id()},
                       {"name", network.name()},
                       {"subnet", network.cidr()},
                       {"gateway", network.gateway()},
                       {"vlan", std::to_string(network.vlan())},
                       {"bridge", network.bridge()},
                       {"addresses_used", std::to_string(network.addresses_used())},
                       {"shared", yes_no(network.shared())},
                       {"external", yes_no(network.external())},
                       {"project_id", network.project_id()},
                       {"created_at", time_text(network.created_at_us())}},
                      to_json(network));
}

Expected<int> show(Session& session, const std::string& network, const OutputStyle& style) {
  auto reply = read(session, network);
  if (!reply) return std::unexpected(reply.error());
  if (reply->networks().empty()) return fail(ErrorCode::kNotFound, "network '" + network + "' not found");
  return print_one(reply->networks(0), style);
}

Expected<int> create(Session& session, const Create& options, const OutputStyle& style) {
  v1::CreateNetworkRequest request;
  request.set_name(options.name);
  request.set_cidr(options.subnet);
  request.set_gateway(options.gateway);
  request.set_shared(options.shared);
  request.set_external(options.external);
  auto reply = session.call(&v1::Cloud::Stub::CreateNetwork, request);
  if (!reply) return std::unexpected(reply.error());
  return print_one(reply->network(), style);
}

Expected<int> remove(Session& session, const std::string& network) {
  v1::DeleteNetworkRequest request;
  request.set_network(network);
  auto reply = session.call(&v1::Cloud::Stub::DeleteNetwork, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

Expected<int> leases(Session& session, const Leases& options, const OutputStyle& style) {
  v1::ListLeasesRequest request;
  request.set_network(options.network);
  auto reply = list_whole(session, &v1::Cloud::Stub::ListLeases, request);
  if (!reply) return std::unexpected(reply.error());
  if (options.limit != 0 && static_cast<int>(options.limit) < reply->leases_size())
    reply->mutable_leases()->DeleteSubrange(static_cast<int>(options.limit),
                                            reply->leases_size() - static_cast<int>(options.limit));
  Records records({{"Address", "ip"},
                   {"MAC", "mac", Align::kLeft, 1},
                   {"Hostname", "hostname"},
                   {"Server", "server_id", Align::kLeft, 0, CellKind::kId},
                   {"Expires", "lease_expires_at", Align::kLeft, 2}});
  for (const v1::Lease& lease : reply->leases())
    records.add({lease.address().ip(), lease.address().mac(), lease.hostname(), lease.server_id(),
                 time_text(lease.address().lease_expires_at_us())},
                to_json(lease));
  return print_records(style, records);
}

void add_create(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Create>();
  CLI::App* command = noun.add_subcommand("create", "A network with one IPv4 subnet");
  command->add_option("NAME", options->name, "Name")->required();
  command->add_option("--subnet", options->subnet, "As 192.168.7.0/24")->required();
  command->add_option("--gateway", options->gateway, "Default: the first usable address");
  command->add_flag("--share", options->shared, "For every project (admins)");
  command->add_flag("--external", options->external, "For floating addresses: servers get none from it (admins)");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.style); });
}

void add_leases(CLI::App& noun, Globals& globals) {
  auto options = std::make_shared<Leases>();
  CLI::App* command = noun.add_subcommand("leases", "The DHCP leases of a network");
  command->add_option("NETWORK", options->network, "Name or id")->required();
  command->add_option("--limit", options->limit, "Maximum number to list; 0 = all");
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return leases(session, *options, globals.style); });
}

}  // namespace

void add_network(CLI::App& app, Globals& globals) {
  CLI::App& noun = add_noun(app, "network", "Networks: list, show, create, delete, leases");
  CLI::App* list_command = noun.add_subcommand("list", "The project's networks and shared ones");
  run_with_session(*list_command, globals, [&globals](Session& session) { return list(session, globals.style); });

  auto network = std::make_shared<std::string>();
  CLI::App* show_command = noun.add_subcommand("show", "One network");
  show_command->add_option("NETWORK", *network, "Name or id")->required();
  run_with_session(*show_command, globals,
                   [network, &globals](Session& session) { return show(session, *network, globals.style); });
  add_create(noun, globals);

  CLI::App* delete_command = noun.add_subcommand("delete", "Delete a network that no server uses");
  delete_command->add_option("NETWORK", *network, "Name or id")->required();
  run_with_session(*delete_command, globals, [network](Session& session) { return remove(session, *network); });
  add_leases(noun, globals);
}

}  // namespace kilonova::cli
