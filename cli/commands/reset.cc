// kilonova reset.
#include <fmt/format.h>

#include <chrono>

#include "cli/cli.h"
#include "cli/commands/command.h"
#include "daemon/incarnation.h"

namespace kilonova::cli {
namespace {

Expected<int> run_reset(Session& session, const OutputStyle& style) {
  const auto begun = std::chrono::steady_clock::now();
  v1::ResetCloudRequest request;
  request.set_client_token(fmt::format("{:016x}", system_random()));  // so that the client may ask again
  auto reply = session.call(&v1::Cloud::Stub::ResetCloud, request);
  if (!reply) return std::unexpected(reply.error());
  session.forget_cached_token();
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
  if (style.format != Format::kTable) return print_object(style, Json{{"took_us", took.count()}});
  if (style.is_text())
    print("the cloud is as on its first start, after {:.2f} s\n", 1e-6 * static_cast<double>(took.count()));
  return kDone;
}

}  // namespace

void add_reset(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand(
      "reset", "Bring the cloud back to what it was on its first start, while it runs (admins); its hosts stay");
  run_with_session(*command, globals, [&globals](Session& session) { return run_reset(session, globals.style); });
}

}  // namespace kilonova::cli
