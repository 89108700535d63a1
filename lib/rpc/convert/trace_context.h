// What a request brings along to be traced by: the `traceparent` header or metadata of W3C Trace Context (https://www.w3.org/TR/trace-context/, section 3.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "domain/launch_steps.h"

namespace kilonova::rpc {

inline constexpr std::string_view kTraceParentKey = "traceparent";

struct TraceParent {
  Uuid trace_id;         // never nil
  uint64_t span_id = 0;  // the caller's; never 0
  uint8_t flags = 0;     // 1 = sampled
  bool operator==(const TraceParent&) const = default;
};

// "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01". Nothing for what the specification calls invalid: upper-case
// digits, all-zero ids, version ff, a version 00 of another length. Of a higher version the first 55 characters are read,
// and the 56th, if there is one, must be a dash.
std::optional<TraceParent> parse_traceparent(std::string_view text);

// Always version 00. Of the flags only "sampled" is sent: the others are not ours to pass on.
std::string format_traceparent(const TraceParent& parent);

// Of a request: its id, "req-UUID", and its traceparent. What is absent or malformed stays nil.
TraceContext read_trace(std::string_view request_id, std::string_view traceparent);

}  // namespace kilonova::rpc
