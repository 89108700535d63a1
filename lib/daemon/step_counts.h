// StepCounts: a log that counts the launch steps which pass through it, for metrics. So that cores need to know nothing
// of it: every step that a daemon does has a line in its log.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/histogram.h"
#include "domain/launch_steps.h"
#include "metrics/metric_page.h"
#include "ports/log.h"

namespace kilonova {

// Loop thread only. `log` must outlive it.
class StepCounts final : public Log {
 public:
  explicit StepCounts(Log& log) : log_(log) {}

  void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) override;
  void action(const TraceContext& trace, const InstanceAction& action) override { log_.action(trace, action); }
  void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override {
    log_.event(level, message, fields);
  }

  // Of the steps that were done here at least once.
  void add_metrics(MetricPage& page) const;

 private:
  struct Counts {
    DurationCounts durations;
    uint64_t failures = 0;
  };

  Log& log_;
  std::array<Counts, std::tuple_size_v<std::remove_cvref_t<decltype(launch_steps())>>> steps_;  // by number, less 1
};

}  // namespace kilonova
