#include "cli/sim/report.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

namespace kilonova::cli {
namespace {

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / 1e6; }

nlohmann::ordered_json json_of(const std::vector<sim::LoggedStep>& steps) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [instance, r] : steps)
    list.push_back({{"server", to_string(instance)},
                    {"time", to_iso8601(r.start)},
                    {"step", static_cast<int>(r.step)},
                    {"name", to_string(r.step)},
                    {"epoch", r.epoch},
                    {"attempt", r.attempt},
                    {"daemon", r.daemon},
                    {"host", r.host},
                    {"seconds", seconds_of(r.duration)},
                    {"fault", r.fault}});
  return list;
}

// What daemons say may quote what is no UTF-8.
std::string document(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string text_of(const sim::RunResult& result, Duration real) {
  const sim::WorkloadCounters& w = result.workload;
  std::string text = fmt::format("seed {}, faults {}\n", result.options.seed, result.options.faults);
  text += fmt::format("launches   {} acknowledged, {} refused by quota, {} deleted; {} power actions, {} conflicts\n",
                      result.acknowledged_creates, w.servers_refused, result.acknowledged_deletes, w.power_actions,
                      w.power_conflicts);
  text += "servers   ";
  for (const auto& [status, count] : result.servers) text += fmt::format(" {} {}", count, status);
  text += result.servers.empty() ? " none left\n" : " left\n";
  text += fmt::format("tries      {} placements, {} calls repeated by clients\n", result.tries, w.retries);
  text +=
      fmt::format("faults     {} injected; {} messages lost, {} repeated, {} connections broken\n", result.faults,
                  result.network.messages_lost, result.network.messages_repeated, result.network.connections_broken);
  text +=
      fmt::format("checked    {} changes of rows, {} violations\n", result.changes_checked, result.violations.size());
  text +=
      fmt::format("time       {:.3f} s virtual, {:.3f} s real; {} messages in {} frames\n",
                  seconds_of(result.virtual_time), seconds_of(real), result.network.messages, result.network.frames);
  text += fmt::format("digest     {:016x}\n", result.digest);
  for (const std::string& violation : result.violations) text += fmt::format("VIOLATED   {}\n", violation);
  if (!result.ok()) text += fmt::format("replay     {}\n", sim::replay_command(result.options));
  return text;
}

std::string json_of(const sim::RunResult& result, Duration real, std::optional<uint64_t> second_digest) {
  const sim::WorkloadCounters& w = result.workload;
  nlohmann::ordered_json json{{"seed", result.options.seed},
                              {"faults_profile", result.options.faults},
                              {"launches",
                               {{"acknowledged", result.acknowledged_creates},
                                {"refused", w.servers_refused},
                                {"deleted", result.acknowledged_deletes},
                                {"power_actions", w.power_actions},
                                {"retries", w.retries},
                                {"placements", result.tries}}},
                              {"servers", result.servers},
                              {"faults",
                               {{"injected", result.faults},
                                {"messages_lost", result.network.messages_lost},
                                {"messages_repeated", result.network.messages_repeated},
                                {"frames_lost", result.network.frames_lost},
                                {"connections_broken", result.network.connections_broken}}},
                              {"changes_checked", result.changes_checked},
                              {"messages", result.network.messages},
                              {"frames", result.network.frames},
                              {"virtual_seconds", seconds_of(result.virtual_time)},
                              {"real_seconds", seconds_of(real)},
                              {"digest", fmt::format("{:016x}", result.digest)},
                              {"violations", result.violations},
                              {"replay", sim::replay_command(result.options)}};
  if (second_digest) json["second_digest"] = fmt::format("{:016x}", *second_digest);
  if (!result.options.trace.empty()) json["trace"] = json_of(result.steps);
  if (result.options.keep_events) json["log"] = result.events;
  return document(json);
}

std::string json_of(const sim::ScenarioResult& result) {
  nlohmann::ordered_json json{{"steps", json_of(result.steps)}, {"failures", result.failures}};
  if (!result.events.empty()) json["log"] = result.events;
  return document(json);
}

std::string trace_of(const sim::RunResult& result) {
  std::string text;
  for (const sim::LoggedStep& logged : result.steps) {
    const StepRecord& r = logged.record;
    text += fmt::format("{} {:>2} {:<20} epoch {} attempt {} {:<14} {:<12} {:>10.6f} s{}\n", to_iso8601(r.start),
                        static_cast<int>(r.step), to_string(r.step), r.epoch, r.attempt, r.daemon, r.host,
                        seconds_of(r.duration), r.fault.empty() ? "" : "  " + r.fault);
  }
  return text.empty() ? "no such server\n" : text;
}

std::string table_of(const sim::Strikes& strikes) {
  std::map<std::string, std::map<LaunchStep, uint64_t>> rows;
  for (const auto& [key, count] : strikes.counts()) rows[key.first][key.second] = count;
  std::string text = fmt::format("{:<22}", "strikes by step");
  for (int step = 0; step <= 13; ++step) text += fmt::format("{:>8}", step == 0 ? "none" : fmt::format("{}", step));
  text += '\n';
  for (auto& [fault, counts] : rows) {
    text += fmt::format("{:<22}", fault);
    for (int step = 0; step <= 13; ++step) {
      uint64_t count = counts[static_cast<LaunchStep>(step)];
      text += fmt::format("{:>8}", count == 0 ? "." : fmt::format("{}", count));
    }
    text += '\n';
  }
  return text;
}

}  // namespace kilonova::cli
