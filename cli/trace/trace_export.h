// Launches, and what was asked of the servers since, as files that other people's viewers open. Pure.
#pragma once

#include <span>
#include <string>

#include "cli/trace/launch_trace.h"

namespace kilonova::cli {

// The Trace Event Format of Chrome, which Perfetto and speedscope read: each daemon is a process, and each host in it a
// thread, or several where what it did overlaps; actions are a process of their own, with a thread for each server. Times
// are microseconds since the first launch began; what is known beside them is in "args".
std::string chrome_trace(std::span<const LaunchTrace> traces);

// OTLP's JSON: otlp/otlp.h. Actions that are under way are left out.
std::string otlp_trace(std::span<const LaunchTrace> traces);

// The waterfall of one launch as a picture for browsers, which asks for nothing from elsewhere.
std::string svg_trace(const LaunchTrace& trace);

}  // namespace kilonova::cli
