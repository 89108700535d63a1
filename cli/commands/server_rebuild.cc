// kilonova server rebuild and rescue.
#include <memory>
#include <optional>

#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

struct Options {
  ActOptions act;
  std::string image;
  std::string name;
  std::optional<std::string> description;
  std::vector<std::string> properties;
  std::optional<std::string> key_name;
  bool no_key_name = false;
};

Expected<int> rebuild(Session& session, const Options& options, const OutputStyle& style) {
  v1::RebuildServerRequest request;
  request.set_image(options.image);
  request.set_name(options.name);
  request.set_sets_description(options.description.has_value());
  request.set_description(options.description.value_or(""));
  request.set_replaces_metadata(!options.properties.empty());
  if (auto added = add_properties(options.properties, request.mutable_metadata()); !added)
    return std::unexpected(added.error());
  request.set_sets_key_name(options.key_name.has_value() || options.no_key_name);
  request.set_key_name(options.key_name.value_or(""));
  return act_on_servers(session, options.act, style, [&](const std::string& id) -> Expected<> {
    request.set_server(id);
    auto reply = session.call(&v1::Cloud::Stub::RebuildServer, request);
    return reply ? Expected<>() : std::unexpected(reply.error());
  });
}

Expected<int> rescue(Session& session, const Options& options, const OutputStyle& style) {
  return act_on_servers(session, options.act, style, [&](const std::string& id) -> Expected<> {
    v1::RescueServerRequest request;
    request.set_server(id);
    request.set_image(options.image);
    auto reply = session.call(&v1::Cloud::Stub::RescueServer, request);
    return reply ? Expected<>() : std::unexpected(reply.error());
  });
}

}  // namespace

void add_server_rebuild(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command = server.add_subcommand("rebuild", "Make the disks of servers anew, on the hosts where they are");
  command->add_option("--image", options->image, "Name or id of another image");
  command->add_option("--name", options->name, "New name");
  command->add_option("--description", options->description, "New description");
  add_repeated(*command, "--property", options->properties, "key=value, instead of all that is there");
  command->add_option("--key-name", options->key_name, "Another key pair");
  command->add_flag("--no-key-name", options->no_key_name, "No key pair");
  add_act_options(*command, options->act);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return rebuild(session, *options, globals.style); });

  auto rescue_options = std::make_shared<Options>();
  CLI::App* rescue_command = server.add_subcommand("rescue", "Boot servers from a rescue image until `unrescue`");
  rescue_command->add_option("--image", rescue_options->image, "Name or id of that image; default: their own");
  add_act_options(*rescue_command, rescue_options->act);
  run_with_session(*rescue_command, globals, [rescue_options, &globals](Session& session) {
    return rescue(session, *rescue_options, globals.style);
  });
}

}  // namespace kilonova::cli
