// kilonova server image create, server backup create and server dump create.
#include <memory>

#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"
#include "cli/output/properties.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::string name;  // "" = the server's
  std::string type;
  int64_t rotation = 1;
  std::vector<std::string> properties;
  bool wait = false;
  Duration timeout;
};

Expected<v1::Image> ask_image(Session& session, const Options& options, const v1::Server& server) {
  const std::string name = options.name.empty() ? server.name() : options.name;
  if (options.type.empty()) {
    v1::CreateServerImageRequest request;
    request.set_server(server.id());
    request.set_name(name);
    if (auto added = add_properties(options.properties, request.mutable_metadata()); !added)
      return std::unexpected(added.error());
    auto reply = session.call(&v1::Cloud::Stub::CreateServerImage, request);
    if (!reply) return std::unexpected(reply.error());
    return std::move(*reply->mutable_image());
  }
  v1::CreateServerBackupRequest request;
  request.set_server(server.id());
  request.set_name(name);
  request.set_backup_type(options.type);
  request.set_rotation(options.rotation);
  if (auto added = add_properties(options.properties, request.mutable_metadata()); !added)
    return std::unexpected(added.error());
  auto reply = session.call(&v1::Cloud::Stub::CreateServerBackup, request);
  if (!reply) return std::unexpected(reply.error());
  return std::move(*reply->mutable_image());
}

// As it is when the server has nothing under way any more: a snapshot that failed is gone, as is a backup that was to
// be rotated away at once.
Expected<v1::Image> wait_for_image(Session& session, const Options& options, const std::string& server, uint64_t since,
                                   v1::Image image, const OutputStyle& style) {
  auto settled = wait_for_servers(
      session, {server}, {.since = since, .timeout = options.timeout, .doing = style.is_text() ? "waiting" : ""});
  if (!settled) return std::unexpected(settled.error());
  v1::ListImagesRequest request;
  request.set_image(image.id());
  auto reply = session.call(&v1::Cloud::Stub::ListImages, request);
  if (!reply) return std::unexpected(reply.error());
  return reply->images().empty() ? std::move(image) : std::move(*reply->mutable_images(0));
}

Expected<int> create(Session& session, const Options& options, const OutputStyle& style) {
  Expected<uint64_t> since = current_revision(session);
  if (!since) return std::unexpected(since.error());
  Expected<v1::Server> server = get_server(session, options.server, false);
  if (!server) return std::unexpected(server.error());
  auto image = ask_image(session, options, *server);
  if (image && options.wait) image = wait_for_image(session, options, server->id(), *since, *std::move(image), style);
  if (!image) return std::unexpected(image.error());
  return print_image(style, *image);
}

CLI::App& add_create(CLI::App& server, Globals& globals, const char* noun, const char* of_noun, const char* help,
                     const std::shared_ptr<Options>& options) {
  CLI::App* group = server.add_subcommand(noun, of_noun);
  group->require_subcommand(1);
  CLI::App* command = group->add_subcommand("create", help);
  command->add_option("SERVER", options->server, "Name or id")->required();
  command->add_option("--name", options->name, "Name of the image; default: the server's");
  add_repeated(*command, "--property", options->properties, "key=value, of the image");
  command->add_flag("--wait", options->wait, "Wait until it is there");
  add_timeout(*command, options->timeout);
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return create(session, *options, globals.style); });
  return *command;
}

void add_dump(CLI::App& server, Globals& globals) {
  CLI::App* group = server.add_subcommand("dump", "Crash dumps: create");
  group->require_subcommand(1);
  auto options = std::make_shared<ActOptions>();
  CLI::App* command = group->add_subcommand("create", "Make guests dump their memory and crash");
  add_act_options(*command, *options);
  run_with_session(*command, globals, [options, &globals](Session& session) {
    return act_on_servers(session, *options, globals.style, [&](const std::string& id) -> Expected<> {
      v1::ServerActionRequest request;
      request.set_server(id);
      request.set_action(v1::SERVER_ACTION_KIND_CRASH_DUMP);
      auto reply = session.call(&v1::Cloud::Stub::ServerAction, request);
      return reply ? Expected<>() : std::unexpected(reply.error());
    });
  });
}

}  // namespace

void add_server_image(CLI::App& server, Globals& globals) {
  add_create(server, globals, "image", "Images of servers: create", "Make an image of a server's disk",
             std::make_shared<Options>());
  auto options = std::make_shared<Options>();
  CLI::App& backup = add_create(server, globals, "backup", "Backups of servers: create",
                                "Make an image of a server's disk, and delete older ones", options);
  options->type = "daily";
  backup.add_option("--type", options->type, "Backups of one type replace each other; default: daily");
  backup.add_option("--rotate", options->rotation, "How many of this type are left; default: 1");
  add_dump(server, globals);
}

}  // namespace kilonova::cli
