// A launch that needed two hosts, as records and as the log lines that the daemons write of them.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "daemon/step_line.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {

inline const Uuid kServer = *parse_uuid("5c1f0d6e-0000-4000-8000-00000000002a");
inline constexpr int64_t kStart = 1'795'442'709'123'000;

inline StepRecord step(LaunchStep step, uint64_t epoch, uint32_t attempt, std::string daemon, std::string host,
                       int64_t offset_us, int64_t took_us, std::string fault = "") {
  return {step,           epoch, attempt, std::move(daemon), std::move(host), WallTime{kStart + offset_us},
          Duration{took_us}, std::move(fault)};
}

// In the order of the table.
inline std::vector<StepRecord> two_tries() {
  using enum LaunchStep;
  return {
      step(kRequestAccepted, 0, 0, "api-0", "", 0, 40),
      step(kInstanceCreated, 0, 0, "controller-0", "", 60, 300),
      step(kScheduleCast, 1, 1, "controller-0", "", 380, 5),
      step(kHostSelected, 1, 1, "scheduler-0", "host-00001", 500, 12),
      step(kRunCast, 1, 1, "scheduler-0", "host-00001", 512, 3),
      step(kClaimed, 1, 1, "compute-0", "host-00001", 600, 9, "the host's \"disk\" is full\nreally"),
      step(kScheduleCast, 2, 2, "controller-0", "", 900, 4),
      step(kHostSelected, 2, 2, "scheduler-0", "host-00002", 1000, 6),
      step(kRunCast, 2, 2, "scheduler-0", "host-00002", 1006, 3),
      step(kClaimed, 2, 2, "compute-0", "host-00002", 1100, 8),
      step(kActive, 2, 2, "controller-0", "host-00002", 2000, 48),
  };
}

inline std::string log_line(LogFormat format, const Uuid& instance, const StepRecord& record) {
  LineBuffer line;
  TraceContext trace{*parse_uuid("aaaaaaaa-0000-4000-8000-000000000001"),
                     *parse_uuid("bbbbbbbb-0000-4000-8000-000000000002"), 7};
  append_step_line(line, format, to_iso8601(record.start), instance, trace, record);
  return fmt::to_string(line) + "\n";
}

}  // namespace kilonova::cli
