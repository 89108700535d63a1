// Spans in OTLP's protobuf encoding. Pure; any thread.
#pragma once

#include <span>

#include "opentelemetry/proto/collector/trace/v1/trace_service.pb.h"
#include "otlp/otlp.h"

namespace kilonova::otlp {

// As to_json() has it: grouped by daemon, broken texts with U+FFFD.
opentelemetry::proto::collector::trace::v1::ExportTraceServiceRequest to_request(std::span<const Span> spans);

}  // namespace kilonova::otlp
