// The launch of one server as `kilonova trace` shows it, whether the cloud told it or its log files did. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/output/print.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {

struct LaunchTrace {
  std::string server;  // uuid
  std::string title;   // what is known besides: "web1, ACTIVE on host-00003"; "" = nothing
  std::vector<StepRecord> steps;
};

// By epoch, then step, then start: the order of the launch table, try after try. A record that is there twice is kept once.
void sort_steps(LaunchTrace& trace);

// {"server": uuid, "steps": [{number, article, step, daemon, host, epoch, attempt, start_us, duration_us, fault}, ...]}; host and
// fault are null when there is none. The title is no part of it: the same launch gives the same JSON from either source.
Json trace_json(const LaunchTrace& trace);

// A waterfall of at most `width` columns (0 = 100; narrower than 80 is 80). Each try stands apart; a fault has its own line.
std::string render_trace(const LaunchTrace& trace, size_t width);

}  // namespace kilonova::cli
