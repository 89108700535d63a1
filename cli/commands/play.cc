// kilonova play: what happens to a cloud from outside, as a file says (docs/play.md).
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/output/print.h"
#include "cli/output/read_file.h"
#include "cli/output/text.h"
#include "domain/outside_events.h"

namespace kilonova::cli {
namespace {

struct Options {
  std::string file;
  double speed = 1;
};

template <class Method, class Request>
Expected<> call(Session& session, Method method, const Request& request) {
  auto reply = session.call(method, request);
  return reply ? Expected<>() : std::unexpected(reply.error());
}

Expected<> happen(Session& session, const OutsideEvent& event) {
  using What = OutsideEvent::What;
  switch (event.what) {
    case What::kDeleteServer: {
      v1::DeleteServerRequest request;
      request.set_server(event.name);
      return call(session, &v1::Cloud::Stub::DeleteServer, request);
    }
    case What::kActOnServer: {
      v1::ServerActionRequest request;
      request.set_server(event.name);
      request.set_action(static_cast<v1::ServerActionKind>(event.action));
      return call(session, &v1::Cloud::Stub::ServerAction, request);
    }
    case What::kResetServer: {
      v1::ResetServerStateRequest request;
      request.set_server(event.name);
      request.set_state(event.state == VmState::kActive ? v1::VM_STATE_ACTIVE : v1::VM_STATE_ERROR);
      return call(session, &v1::Cloud::Stub::ResetServerState, request);
    }
    case What::kHostDown:
    case What::kHostUp: {
      v1::SetHostPowerRequest request;
      request.set_host(event.name);
      request.set_on(event.what == What::kHostUp);
      return call(session, &v1::Cloud::Stub::SetHostPower, request);
    }
  }
  return {};
}

void tell(const OutsideEvent& event, const Expected<>& done, const OutputStyle& style) {
  const std::string error = done ? "" : one_line(done.error().message);
  if (style.is_document()) {
    Json line{{"at_us", event.at.us},
              {"line", event.line},
              {"event", to_string(event)},
              {"error", done ? Json(nullptr) : Json(error)}};
    fmt::print("{}\n", line.dump());
  } else {
    fmt::print("+{:<8} {}{}\n", format_duration(event.at), one_line(to_string(event)),
               done ? "" : ": FAILED, " + error);
  }
  std::fflush(stdout);
}

Expected<int> play(const Globals& globals, const Options& options) {
  auto text = read_file(options.file);
  if (!text) return std::unexpected(text.error());
  auto events = parse_outside_events(*text, options.file);
  if (!events) return std::unexpected(events.error());
  if (!(options.speed > 0))
    return fail(ErrorCode::kInvalidArgument, fmt::format("the speed {} must be above 0, as in 10", options.speed));
  auto session = Session::open(globals);
  if (!session) return std::unexpected(session.error());
  const auto began = std::chrono::steady_clock::now();
  size_t failed = 0;
  for (const OutsideEvent& event : *events) {
    std::this_thread::sleep_until(
        began + std::chrono::microseconds(static_cast<int64_t>(static_cast<double>(event.at.us) / options.speed)));
    const Expected<> done = happen(**session, event);
    if (!done) ++failed;
    tell(event, done, globals.style);
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace

void add_play(CLI::App& app, Globals& globals) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("play", "Let things happen to servers and hosts at the times that a file says (admins)");
  command->add_option("FILE", options->file, "Lines such as 'at 30s delete server web-2': docs/play.md")->required();
  command->add_option("--speed", options->speed, "How much faster than the file says")->type_name("FACTOR");
  run_command(*command, globals, [options, &globals] { return play(globals, *options); });
}

}  // namespace kilonova::cli
