// Log files, from which `trace --from-logs` rebuilds a launch.
#include <string>

#include "cli/trace/log_trace.h"
#include "daemon/escape.h"
#include "daemon/step_line.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_log_lines) {
  using namespace kilonova;
  if (auto step = parse_step_line(bytes)) {
    TraceContext trace;
    trace.request_id = step->request_id;
    trace.trace_id = step->trace_id;
    for (LogFormat format : {LogFormat::kHuman, LogFormat::kJson}) {
      LineBuffer line;
      append_step_line(line, format, "2026-11-23T14:05:09.123456Z", step->instance, trace, step->record);
      auto again = parse_step_line({line.data(), line.size()});
      KN_CHECK(again.has_value(), "a line that we write can be read");
      LineBuffer second;
      append_step_line(second, format, "2026-11-23T14:05:09.123456Z", again->instance, trace, again->record);
      KN_CHECK(std::string_view(line.data(), line.size()) == std::string_view(second.data(), second.size()),
               "and says the same");
    }
    (void)cli::find_steps(bytes, step->instance);
  }
  (void)cli::find_steps(bytes, Uuid{});
  (void)cli::find_name(bytes, "web1");
  for (size_t quote = bytes.find('"'); quote != bytes.npos; quote = bytes.find('"', quote + 1)) {
    size_t position = quote;
    auto text = parse_quoted(bytes, position);
    if (!text) break;
    KN_CHECK(position > quote && position <= bytes.size(), "a quoted text ends behind its beginning");
    LineBuffer out;
    append_quoted(out, *text);
    size_t start = 0;
    LineBuffer twice;
    auto read = parse_quoted({out.data(), out.size()}, start);
    KN_CHECK(read.has_value() && start == out.size(), "what we quote can be read");
    append_quoted(twice, *read);
    KN_CHECK(std::string_view(out.data(), out.size()) == std::string_view(twice.data(), twice.size()), "and stays");
  }
}
