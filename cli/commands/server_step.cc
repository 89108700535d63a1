// kilonova server step.
#include <fmt/format.h>

#include <memory>

#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  uint32_t steps = 1;
};

Expected<int> step(Session& session, const Options& options, const OutputStyle& style) {
  Json steps = Json::array();
  for (uint32_t i = 0; i < options.steps; ++i) {
    v1::StepServerRequest request;
    request.set_server(options.server);
    auto reply = session.call(&v1::Cloud::Stub::StepServer, request);
    if (!reply) return std::unexpected(reply.error());
    steps.push_back(reply->step());
    if (!style.is_document()) fmt::print("{}\n", reply->step());
  }
  return style.is_document() ? print_object(style, Json{{"steps", std::move(steps)}}) : 0;
}

}  // namespace

void add_server_step(CLI::App& server, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      server.add_subcommand("step", "Let a server do its next step, of a launch or an action (--timing manual)");
  command->add_option("SERVER", options->server, "Name or id")->required();
  command->add_option("--steps", options->steps, "How many, one after the other")
      ->type_name("N")
      ->check(CLI::Range(1, 100));
  run_with_session(*command, globals,
                   [options, &globals](Session& session) { return step(session, *options, globals.style); });
}

}  // namespace kilonova::cli
