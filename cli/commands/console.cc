// kilonova console log show and console url show.
#include <memory>
#include <optional>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/commands/server.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string server;
  std::optional<int64_t> lines;
  std::string type = "novnc";
};

// As it is, for reading and for grep.
Expected<int> show_log(Session& session, const Options& options, const OutputStyle& style) {
  v1::GetConsoleOutputRequest request;
  request.set_server(options.server);
  if (options.lines) request.set_lines(*options.lines);
  auto reply = session.call(&v1::Cloud::Stub::GetConsoleOutput, request);
  if (!reply) return std::unexpected(reply.error());
  if (style.is_text()) {
    std::fputs((reply->output() + "\n").c_str(), stdout);
    return kDone;
  }
  return print_record(style, {{"output", reply->output()}}, {{"output", reply->output()}});
}

Expected<int> show_url(Session& session, const Options& options, const OutputStyle& style) {
  v1::GetConsoleUrlRequest request;
  request.set_server(options.server);
  request.set_type(options.type);
  auto reply = session.call(&v1::Cloud::Stub::GetConsoleUrl, request);
  if (!reply) return std::unexpected(reply.error());
  return print_record(style, {{"protocol", reply->protocol()}, {"type", reply->type()}, {"url", reply->url()}},
                      {{"protocol", reply->protocol()}, {"type", reply->type()}, {"url", reply->url()}});
}

}  // namespace

void add_console(CLI::App& app, Globals& globals) {
  CLI::App& console = add_noun(app, "console", "Consoles of servers: log show, url show");
  CLI::App* log = console.add_subcommand("log", "What a guest wrote to its console: show");
  log->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* show = log->add_subcommand("show", "The log since its last boot");
  show->add_option("SERVER", options->server, "Name or id")->required();
  show->add_option("--lines", options->lines, "Only the last so many");
  run_with_session(*show, globals,
                   [options, &globals](Session& session) { return show_log(session, *options, globals.style); });
  CLI::App* url = console.add_subcommand("url", "Where a browser would find a console: show");
  url->require_subcommand(1);
  CLI::App* show_it = url->add_subcommand("show", "Its address, with a token of its own");
  show_it->add_option("SERVER", options->server, "Name or id")->required();
  show_it->add_option("--type", options->type, "novnc; other types are known, and offered by no host");
  run_with_session(*show_it, globals,
                   [options, &globals](Session& session) { return show_url(session, *options, globals.style); });
}

}  // namespace kilonova::cli
