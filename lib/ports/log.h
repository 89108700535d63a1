// What cores may say: one line a launch step, actions of servers, and events. Implemented with spdlog (lib/daemon) and by the simulation's
// transcript. Called on the loop thread; never blocks, never fails.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "domain/instance_action.h"
#include "domain/launch_steps.h"

namespace kilonova {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;
  std::string value;
};

class Log {
 public:
  virtual ~Log() = default;
  // One line of the launch flow; `record` is what the trace stores, so that a trace can be rebuilt from the lines alone.
  virtual void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) = 0;
  // What was asked of a server has ended, its events with it. `trace`: of the request; nil ids where that is not known any more.
  virtual void action(const TraceContext& trace, const InstanceAction& action) = 0;
  virtual void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) = 0;
};

}  // namespace kilonova
