// Launch steps as spans of OpenTelemetry, in OTLP's JSON encoding (https://opentelemetry.io/docs/specs/otlp): one file or
// request, which every collector reads. Pure; any thread.
//
// A launch is one trace, whose id is the client's where it sent a traceparent. Its first step, in the api-server, is the
// span above all others; so a daemon needs to know nothing of another's spans to name their parent.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "domain/launch_steps.h"

namespace kilonova::otlp {

struct StepSpan {
  Uuid instance;
  Uuid trace_id;             // nil: the server's own id stands for it
  uint64_t client_span = 0;  // above the first step; 0 = none
  StepRecord record;
};

// Of a step of one placement of a server: the same in every process, never 0.
uint64_t span_id_of(const Uuid& instance, const StepRecord& record);

// An ExportTraceServiceRequest. The spans are grouped by daemon, in the order in which these come first.
std::string to_json(std::span<const StepSpan> spans);

}  // namespace kilonova::otlp
