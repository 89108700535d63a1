// One launch as a file that other people's viewers open. Pure.
#pragma once

#include <string>

#include "cli/trace/launch_trace.h"

namespace kilonova::cli {

// The Trace Event Format of Chrome, which Perfetto and speedscope read: each daemon is a process, and each host in it a
// thread. Times are microseconds since the launch began; what is known beside them is in "args".
std::string chrome_trace(const LaunchTrace& trace);

// OTLP's JSON: otlp/otlp.h.
std::string otlp_trace(const LaunchTrace& trace);

// The waterfall as a picture for browsers, which asks for nothing from elsewhere.
std::string svg_trace(const LaunchTrace& trace);

}  // namespace kilonova::cli
