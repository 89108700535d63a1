// kilonova server attach-interface, detach-interface and remove-fixed-ip.
#include <memory>
#include <string>

#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::string network;
  std::string port;
  std::string fixed_ip;
  std::string interface;
};

Expected<int> attach(Session& session, const Options& options, const OutputStyle& style) {
  v1::AttachInterfaceRequest request;
  request.set_server(options.server);
  request.set_network(options.network);
  request.set_port(options.port);
  request.set_fixed_ip(options.fixed_ip);
  auto reply = session.call(&v1::Cloud::Stub::AttachInterface, request);
  if (!reply) return std::unexpected(reply.error());
  return print_server(style, reply->server());
}

Expected<int> detach(Session& session, const Options& options, const OutputStyle&) {
  v1::DetachInterfaceRequest request;
  request.set_server(options.server);
  request.set_interface(options.interface);
  auto reply = session.call(&v1::Cloud::Stub::DetachInterface, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

Expected<int> remove_fixed_ip(Session& session, const Options& options, const OutputStyle&) {
  v1::RemoveFixedIpRequest request;
  request.set_server(options.server);
  request.set_address(options.fixed_ip);
  auto reply = session.call(&v1::Cloud::Stub::RemoveFixedIp, request);
  if (!reply) return std::unexpected(reply.error());
  return 0;
}

CLI::App& add_verb(CLI::App& server, Globals& globals, const char* verb, const char* help,
                   const std::shared_ptr<Options>& options,
                   Expected<int> (*act)(Session&, const Options&, const OutputStyle&)) {
  CLI::App* command = server.add_subcommand(verb, help);
  command->add_option("SERVER", options->server, "Name or id")->required();
  run_with_session(*command, globals,
                   [options, &globals, act](Session& session) { return act(session, *options, globals.style); });
  return *command;
}

}  // namespace

void add_server_interface(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App& attach_command =
      add_verb(server, globals, "attach-interface", "Give a server that is there one interface more", options, &attach);
  attach_command.add_option("--network", options->network, "On this network, by name or id; default: the only one")
      ->type_name("NETWORK");
  attach_command.add_option("--port", options->port, "With this port of Neutron's, by id")->type_name("PORT");
  attach_command.add_option("--fixed-ip", options->fixed_ip, "With this address of the network")->type_name("ADDRESS");
  CLI::App& detach_command =
      add_verb(server, globals, "detach-interface", "Take an interface from a server", options, &detach);
  detach_command.add_option("INTERFACE", options->interface, "Its MAC, or its first fixed address")->required();
  CLI::App& remove_command = add_verb(server, globals, "remove-fixed-ip",
                                      "Take an address from an interface that has several", options, &remove_fixed_ip);
  remove_command.add_option("ADDRESS", options->fixed_ip, "Which")->required();
}

}  // namespace kilonova::cli
