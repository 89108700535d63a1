#include "cli/sim/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

namespace kilonova::cli {
namespace {

double seconds_of(Duration duration) { return static_cast<double>(duration.us) / 1e6; }

nlohmann::ordered_json json_of(const std::vector<sim::LoggedStep>& steps) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [instance, r] : steps)
    list.push_back({{"server", to_string(instance)},
                    {"time", to_iso8601(r.start)},
                    {"number", static_cast<int>(r.step)},
                    {"step", to_string(r.step)},
                    {"epoch", r.epoch},
                    {"attempt", r.attempt},
                    {"daemon", r.daemon},
                    {"host", r.host},
                    {"duration_us", r.duration.us},
                    {"fault", r.fault}});
  return list;
}

// What daemons say may quote what is no UTF-8.
std::string document(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

// As `kilonova trace` has them: server by server, by placement and step. Daemons write them down as they learn of them.
std::vector<sim::LoggedStep> in_order(std::vector<sim::LoggedStep> steps) {
  std::ranges::sort(steps, [](const sim::LoggedStep& a, const sim::LoggedStep& b) {
    auto key = [](const sim::LoggedStep& one) {
      return std::tuple(one.instance, one.record.epoch, one.record.step, one.record.start, one.record.attempt);
    };
    return key(a) < key(b);
  });
  return steps;
}

}  // namespace

std::string text_of(const sim::RunResult& result, Duration real) {
  const sim::WorkloadCounters& w = result.workload;
  std::string text = fmt::format("seed {}, faults {}\n", result.options.seed, result.options.faults);
  const sim::LaunchOutcomes::Counts& l = result.launches;
  text += fmt::format("launches   {} stored: {} active at the first host, {} after a reschedule, {} error, ", l.stored,
                      l.active_at_first_host, l.active_after_reschedule, l.error);
  text += fmt::format("{} deleted while building, {} still building; {} refused by quota\n", l.deleted_while_building,
                      l.building(), w.servers_refused);
  text += fmt::format("clients    {} creates and {} deletes acknowledged, {} power actions, {} conflicts\n",
                      result.acknowledged_creates, result.acknowledged_deletes, w.power_actions, w.power_conflicts);
  text += "servers   ";
  for (const auto& [status, count] : result.servers) text += fmt::format(" {} {}", count, status);
  text += result.servers.empty() ? " none left\n" : " left\n";
  text += fmt::format("retries    {} placements: {} reschedules, {} cast again; {} calls repeated by clients\n",
                      l.tries(), l.reschedules, l.recasts, w.retries);
  text += fmt::format("faults     {} happened\n", result.faults);
  for (const auto& [kind, times] : result.faults_by_kind) text += fmt::format("           {:>7} {}\n", times, kind);
  const sim::Ledger::Changes& checked = result.changes_checked;
  text += fmt::format("checked    {} changes of rows, {} of guests, {} of leases: {} violations\n", checked.rows,
                      checked.guests, checked.leases, result.violations.size());
  text += fmt::format("time       {:.3f} s virtual, {:.3f} s real; {} messages in {} frames; recovered in {:.0f} s\n",
                      seconds_of(result.virtual_time), seconds_of(real), result.network.messages, result.network.frames,
                      seconds_of(result.recovery));
  text += fmt::format("digest     {:016x}\n", result.digest);
  for (const std::string& violation : result.violations) text += fmt::format("VIOLATED   {}\n", violation);
  if (!result.ok()) text += fmt::format("replay     {}\n", sim::replay_command(result.options));
  return text;
}

std::string json_of(const sim::RunResult& result, Duration real, std::optional<uint64_t> second_digest) {
  const sim::WorkloadCounters& w = result.workload;
  const sim::LaunchOutcomes::Counts& l = result.launches;
  nlohmann::ordered_json json{{"seed", result.options.seed},
                              {"faults_profile", result.options.faults},
                              {"launches",
                               {{"stored", l.stored},
                                {"active_at_first_host", l.active_at_first_host},
                                {"active_after_reschedule", l.active_after_reschedule},
                                {"error", l.error},
                                {"deleted_while_building", l.deleted_while_building},
                                {"building", l.building()},
                                {"refused_by_quota", w.servers_refused},
                                {"placements", l.tries()},
                                {"reschedules", l.reschedules},
                                {"cast_again", l.recasts}}},
                              {"clients",
                               {{"acknowledged_creates", result.acknowledged_creates},
                                {"acknowledged_deletes", result.acknowledged_deletes},
                                {"power_actions", w.power_actions},
                                {"power_conflicts", w.power_conflicts},
                                {"interfaces", w.interfaces},
                                {"repeated_calls", w.retries}}},
                              {"servers", result.servers},
                              {"faults", {{"happened", result.faults}, {"by_kind", result.faults_by_kind}}},
                              {"checked",
                               {{"rows", result.changes_checked.rows},
                                {"guests", result.changes_checked.guests},
                                {"leases", result.changes_checked.leases}}},
                              {"messages", result.network.messages},
                              {"frames", result.network.frames},
                              {"virtual_us", result.virtual_time.us},
                              {"recovery_us", result.recovery.us},
                              {"real_us", real.us},
                              {"digest", fmt::format("{:016x}", result.digest)},
                              {"violations", result.violations},
                              {"replay", sim::replay_command(result.options)}};
  if (second_digest) json["second_digest"] = fmt::format("{:016x}", *second_digest);
  if (!result.options.trace.empty()) json["trace"] = json_of(in_order(result.steps));
  if (result.options.keep_events) json["log"] = result.events;
  return document(json);
}

std::string json_of(const sim::ScenarioResult& result) {
  nlohmann::ordered_json json{{"steps", json_of(result.steps)}, {"failures", result.failures}};
  if (!result.events.empty()) json["log"] = result.events;
  return document(json);
}

std::vector<std::string> servers_of(const sim::RunResult& result) {
  constexpr std::string_view kLine = " server created name=";
  std::vector<std::string> names;
  for (const std::string& line : result.events) {
    size_t at = line.find(kLine);
    if (at == std::string::npos) continue;
    std::string name = line.substr(at + kLine.size());
    name.resize(std::min(name.find(" instance="), name.size()));
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return names;
}

std::string trace_of(const sim::RunResult& result) {
  std::string text;
  for (const sim::LoggedStep& logged : in_order(result.steps)) {
    const StepRecord& r = logged.record;
    text += fmt::format("{} {:>2} {:<20} epoch {} attempt {} {:<14} {:<12} {:>10.6f} s{}\n", to_iso8601(r.start),
                        static_cast<int>(r.step), to_string(r.step), r.epoch, r.attempt, r.daemon, r.host,
                        seconds_of(r.duration), r.fault.empty() ? "" : "  " + r.fault);
  }
  return text;
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
