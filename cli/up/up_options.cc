#include "cli/up/up_options.h"

#include <fmt/format.h>

#include <filesystem>

namespace kilonova::up {

std::vector<DaemonSpec> daemons_of(const UpOptions& options, const StateDir& state, const std::string& binary_dir) {
  auto text = [](auto value) { return fmt::format("{}", value); };
  auto daemon = [&](const std::string& kind, uint32_t index, std::vector<std::string> more) {
    DaemonSpec spec{fmt::format("{}-{}", kind, index),
                    {binary_dir + "/kilonova-" + kind, "--state-dir", state.path(), "--index", text(index),
                     "--log-level", options.log_level, "--log-format", options.log_format}};
    spec.argv.insert(spec.argv.end(), more.begin(), more.end());
    return spec;
  };
  auto in_seconds = [](Duration duration) { return fmt::format("{}", static_cast<double>(duration.us) / 1e6); };
  std::vector<std::string> report{"--report-interval", in_seconds(options.report_interval)};
  std::vector<std::string> calls{"--rpc-response-timeout", in_seconds(options.rpc_response_timeout)};
  std::vector<std::string> ratios{"--cpu-allocation-ratio", text(options.cpu_ratio),   "--ram-allocation-ratio",
                                  text(options.ram_ratio),  "--disk-allocation-ratio", text(options.disk_ratio)};
  std::vector<std::string> compute{"--parts",       text(options.computes),    "--timing", options.timing,
                                   "--time-factor", text(options.time_factor), "--sync",   options.sync};
  for (const auto& more : {ratios, report, calls}) compute.insert(compute.end(), more.begin(), more.end());
  if (options.hosts_file.empty()) {
    compute.insert(compute.end(), {"--hosts", text(options.hosts)});
  } else {
    compute.insert(compute.end(), {"--hosts-file", std::filesystem::absolute(options.hosts_file).string()});
    if (!options.hosts_columns.empty()) compute.insert(compute.end(), {"--hosts-columns", options.hosts_columns});
  }
  std::vector<std::string> scheduler{"--driver", options.driver, "--max-attempts", text(options.max_attempts)};
  for (const auto& more : {ratios, report}) scheduler.insert(scheduler.end(), more.begin(), more.end());
  std::vector<std::string> controller{"--sync",
                                      options.sync,
                                      "--max-attempts",
                                      text(options.max_attempts),
                                      "--max-unstable",
                                      text(options.max_unstable),
                                      "--service-down-time",
                                      in_seconds(options.service_down_time)};
  for (const auto& more : {report, calls}) controller.insert(controller.end(), more.begin(), more.end());

  std::vector<DaemonSpec> daemons;
  daemons.push_back(daemon("controller", 0, controller));
  daemons.push_back(daemon("network", 0, {"--sync", options.sync}));
  for (uint32_t i = 0; i < options.schedulers; ++i) daemons.push_back(daemon("scheduler", i, scheduler));
  for (uint32_t i = 0; i < options.computes; ++i) daemons.push_back(daemon("compute", i, compute));
  daemons.push_back(daemon("api", 0, {"--grpc-listen", fmt::format("127.0.0.1:{}", options.grpc_port)}));
  return daemons;
}

}  // namespace kilonova::up
