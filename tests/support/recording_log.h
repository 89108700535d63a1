// RecordingLog: keeps what a core said, for tests.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/log.h"

namespace kilonova::testing {

struct LoggedStep {
  Uuid instance;
  TraceContext trace;
  StepRecord record;
};
struct LoggedEvent {
  LogLevel level = LogLevel::kInfo;
  std::string message;
  std::vector<std::pair<std::string, std::string>> fields;
};

class RecordingLog final : public Log {
 public:
  void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) override {
    steps.push_back({instance, trace, record});
  }
  void action(const TraceContext&, const InstanceAction& action) override { actions.push_back(action); }
  void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override {
    LoggedEvent event{level, std::string(message), {}};
    for (const LogField& field : fields) event.fields.emplace_back(std::string(field.key), field.value);
    events.push_back(std::move(event));
  }

  std::vector<LoggedStep> steps;
  std::vector<InstanceAction> actions;
  std::vector<LoggedEvent> events;
};

}  // namespace kilonova::testing
