// Launch steps and actions of servers as spans of OpenTelemetry, in OTLP's JSON encoding
// (https://opentelemetry.io/docs/specs/otlp): one file or request, which every collector reads. Pure; any thread.
//
// A launch is one trace, whose id is the client's where it sent a traceparent. Its first step, in the api-server, is the
// span above all others; so a daemon needs to know nothing of another's spans to name their parent. An action is a trace
// likewise, with its events below it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "domain/instance_action.h"
#include "domain/launch_steps.h"

namespace kilonova::otlp {

struct StepSpan {
  Uuid instance;
  Uuid trace_id;             // nil: the server's own id stands for it
  uint64_t client_span = 0;  // above the first step; 0 = none
  StepRecord record;
};

// Of an action that is over, or of one of its events.
struct ActionSpan {
  std::shared_ptr<const InstanceAction> action;
  Uuid trace_id;                     // nil: the request's id stands for it
  uint64_t client_span = 0;          // above the action; 0 = none
  std::optional<size_t> event = {};  // which of them; nothing: the action itself
};

using Span = std::variant<StepSpan, ActionSpan>;

// Of a step of one placement of a server: the same in every process, never 0.
uint64_t span_id_of(const Uuid& instance, const StepRecord& record);

// The action's own, and one for each event.
std::vector<ActionSpan> spans_of(const TraceContext& trace, const InstanceAction& action);

// An ExportTraceServiceRequest. The spans are grouped by daemon, in the order in which these come first.
std::string to_json(std::span<const Span> spans);

}  // namespace kilonova::otlp
