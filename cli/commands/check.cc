// kilonova check.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <thread>

#include "cli/check/cloud_check.h"
#include "cli/check/read_beliefs.h"
#include "cli/cli.h"
#include "cli/commands/command.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

Instant steady_now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return Instant{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
}

Json to_json(const CheckResult& result) {
  const audit::Findings& found = result.findings;
  Json json{{"clean", result.clean()},        {"complete", result.silent.empty()},
            {"servers", found.servers},       {"hosts", found.hosts},
            {"guests", found.guests},         {"leases", found.leases},
            {"schedulers", found.schedulers}, {"discrepancies", Json::array()},
            {"in_motion", Json::array()},     {"silent", Json::array()}};
  for (const audit::Discrepancy& one : found.discrepancies)
    json["discrepancies"].push_back({{"kind", audit::to_string(one.kind)},
                                     {"server", one.server.is_nil() ? "" : to_string(one.server)},
                                     {"host", one.host},
                                     {"message", one.message}});
  for (const audit::InMotion& one : found.in_motion)
    json["in_motion"].push_back({{"server", to_string(one.server)}, {"what", one.what}});
  for (const audit::SilentDaemon& one : result.silent)
    json["silent"].push_back({{"daemon", to_string(one.daemon)}, {"reason", one.reason}});
  return json;
}

void print_text(const CheckResult& result) {
  const audit::Findings& found = result.findings;
  std::string looked_at = fmt::format("{} servers on {} hosts", found.servers, found.hosts);
  if (!found.in_motion.empty()) looked_at += fmt::format(", {} in motion", found.in_motion.size());
  if (result.clean()) {
    print("clean: {}\n", looked_at);
    return;
  }
  for (const audit::Discrepancy& one : found.discrepancies)
    print("{}: {}\n", audit::to_string(one.kind), one_line(one.message));
  if (result.waited_in_vain)
    for (const audit::InMotion& one : found.in_motion)
      print("unsettled: server {}: {}\n", to_string(one.server), one_line(one.what));
  for (const audit::SilentDaemon& one : result.silent)
    print("silent: {} did not say what it believes: {}\n", to_string(one.daemon), one_line(one.reason));
  print("{} discrepancies: {}{}\n", found.discrepancies.size(), looked_at,
        result.silent.empty() ? "" : "; the check is incomplete");
}

Expected<int> run_check(Globals& globals, double settle_s) {
  Expected<std::unique_ptr<Session>> session = Session::open(globals);
  Expected<CheckResult> result = std::unexpected(Error{ErrorCode::kUnavailable, ""});
  if (session) {
    CheckPorts ports{.look = [&session] { return read_beliefs(**session); },
                     .sleep = [](Duration pause) { std::this_thread::sleep_for(std::chrono::microseconds(pause.us)); },
                     .now = steady_now};
    result = check_cloud(ports, Duration{static_cast<int64_t>(settle_s * 1e6)});
  } else {
    result = std::unexpected(session.error());
  }
  if (!result) {
    report_error(globals.style, {result.error().code, "not checked: " + result.error().message});
    return kNotChecked;
  }
  if (globals.style.format != Format::kTable) {
    auto printed = print_object(globals.style, to_json(*result));
    if (!printed) return printed;
  } else {
    print_text(*result);
  }
  if (!result->findings.discrepancies.empty() || result->waited_in_vain) return kBadResult;
  return result->silent.empty() ? kDone : kNotChecked;
}

}  // namespace

void add_check(CLI::App& app, Globals& globals) {
  CLI::App* command = app.add_subcommand(
      "check", "Check whether all daemons agree about the cloud (admins); exit code 0 clean, 1 not, 3 not checked");
  auto settle = std::make_shared<double>(0);
  command->add_option("--settle", *settle, "Wait at most this many seconds until nothing is in motion")
      ->check(CLI::Range(0.0, 86'400.0));
  run_command(*command, globals, [settle, &globals] { return run_check(globals, *settle); });
}

}  // namespace kilonova::cli
