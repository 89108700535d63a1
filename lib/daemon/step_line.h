// The log line of a launch step, written and read. What a trace stores of a step is all in its line, so that
// `kilonova trace --from-logs` needs nothing else. Two forms:
//
//   2026-11-23T14:05:09.123456Z INFO compute-0 step=claimed request_id=req-<uuid> trace_id=<32 hex> instance=<uuid>
//     host=c1 epoch=1 attempt=1 start_us=1795442709123400 took_us=56 fault=""                              (one line)
//   {"time":"2026-...Z","level":"info","daemon":"compute-0","step":"claimed","request_id":"req-<uuid>",...}  (JSON)
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/time.h"
#include "daemon/escape.h"
#include "domain/launch_steps.h"

namespace kilonova {

enum class LogFormat { kHuman, kJson };

struct ParsedStep {
  std::string time;  // when the line was written, as in the line
  Uuid instance;
  Uuid request_id;
  Uuid trace_id;
  StepRecord record;
  bool operator==(const ParsedStep&) const = default;
};

// Without the newline. `time`: ISO 8601. Broken UTF-8 in texts is replaced (escape.h); all else reads back equal.
void append_step_line(LineBuffer& out, LogFormat format, std::string_view time, const Uuid& instance,
                      const TraceContext& trace, const StepRecord& record);

// Either form, told by its first character. Nothing for any other line: one of another event, cut, or garbage. A newline
// at the end is ignored.
std::optional<ParsedStep> parse_step_line(std::string_view line);

// "f81d4fae-7dec-11d0-a765-00a0c91e6bf6" and "f81d4fae7dec11d0a76500a0c91e6bf6", without allocating.
void append_uuid(LineBuffer& out, const Uuid& uuid);
void append_hex(LineBuffer& out, const Uuid& uuid);

}  // namespace kilonova
