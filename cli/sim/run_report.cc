#include "cli/sim/run_report.h"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>
#include <utility>

#include "cli/sim/report.h"
#include "cli/trace/trace_export.h"

namespace kilonova::cli {
namespace {

Duration real_now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return microseconds(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

Expected<> write_file(const std::string& path, std::string_view what, std::string_view text) {
  std::ofstream file(path);
  file << text;
  if (file.flush()) return {};
  return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be written to '{}'", what, path));
}

std::string lines_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

// In virtual time. Servers are known by their ids here.
std::string chrome_of(const std::vector<sim::LoggedStep>& steps) {
  std::map<Uuid, LaunchTrace> traces;
  for (const sim::LoggedStep& step : steps) {
    LaunchTrace& trace = traces[step.instance];
    if (trace.server.empty()) trace.server = to_string(step.instance);
    trace.steps.push_back(step.record);
  }
  std::vector<LaunchTrace> all;
  for (auto& [id, trace] : traces) all.push_back(std::move(trace));
  return chrome_trace(all);
}

// What the request wants written.
Expected<> write_files(const RunRequest& request, const sim::RunResult& result) {
  Expected<> written;
  if (!request.history.empty()) written = write_file(request.history, "the history", lines_of(result.history));
  if (written && !request.chrome.empty())
    written = write_file(request.chrome, "the trace", chrome_of(result.all_steps));
  return written;
}

}  // namespace

Expected<Printed> run_and_report(const RunRequest& request) {
  Duration begun = real_now();
  auto result = request.simulate(request.options);
  if (!result) return std::unexpected(result.error());
  Duration real = real_now() - begun;
  if (auto written = write_files(request, *result); !written) return std::unexpected(written.error());
  std::optional<uint64_t> second_digest;
  if (request.check_determinism) {
    auto again = request.simulate(request.options);
    if (!again) return std::unexpected(again.error());
    second_digest = again->digest;
  }
  bool same = !second_digest || *second_digest == result->digest;
  Printed printed{.text = {}, .code = result->ok() && same ? 0 : 1};
  if (request.list) {
    for (const std::string& name : servers_of(*result)) printed.text += name + '\n';
    return printed;
  }
  if (!request.options.trace.empty() && result->steps.empty()) {
    printed.wrong = fmt::format("no server of this run is called '{}': see --list", request.options.trace);
    printed.code = 1;
  }
  if (request.json) {
    printed.text = json_of(*result, real, second_digest);
    return printed;
  }
  for (const std::string& line : result->events) printed.text += line + '\n';
  printed.text += text_of(*result, real);
  if (!request.options.trace.empty()) printed.text += trace_of(*result);
  if (!same)
    printed.text +=
        fmt::format("VIOLATED   determinism: the second run had another history, {:016x}\n", *second_digest);
  if (second_digest && same) printed.text += "the second run had the same history\n";
  return printed;
}

Expected<Printed> play_and_report(const std::string& path, const sim::ScenarioOptions& options, bool log, bool json) {
  std::ifstream file(path);
  std::ostringstream text;
  if (!file || !(text << file.rdbuf()).good())
    return fail(ErrorCode::kNotFound, fmt::format("the scenario '{}' cannot be read", path));
  auto played = sim::play_scenario(text.str(), path, options);
  if (!played) return std::unexpected(played.error());
  if (!log) played->events.clear();
  Printed printed{.text = {}, .code = played->failures.empty() ? 0 : 1};
  if (json) {
    printed.text = json_of(*played);
    return printed;
  }
  for (const std::string& line : played->events) printed.text += line + '\n';
  printed.text += sim::transcript_of(played->steps);
  for (const std::string& failure : played->failures) printed.text += fmt::format("FAILED {}\n", failure);
  return printed;
}

}  // namespace kilonova::cli
