// The launch of one server as `kilonova trace` shows it, whether the cloud told it or its log files did. Pure.
#pragma once

#include <string>
#include <vector>

#include "cli/output/print.h"
#include "domain/instance_action.h"
#include "domain/launch_steps.h"

namespace kilonova::cli {

struct LaunchTrace {
  std::string server;       // uuid
  std::string name = {};    // "" = not known: no log line has it
  std::string status = {};  // "ACTIVE"; "" = not known: logs do not say
  std::string host = {};    // it is on; "" = none
  std::vector<StepRecord> steps = {};
  std::string trace_id = {};  // 32 hex digits, W3C Trace Context's; "" = not known
  std::vector<InstanceAction> actions = {};  // asked of it since, oldest first; logs do not say
};

struct TraceView {
  size_t width = 0;  // columns; 0 = 100; narrower than 60 is 60
  bool color = false;
  bool article = false;  // a column with the article's numbers
};

// By epoch, then step, then start: the order of the launch table, try after try. A record that is there twice is kept
// once.
void sort_steps(LaunchTrace& trace);

// {"server": uuid, "name", "status", "took_us", "steps": [{number, article, step, daemon, host, epoch, attempt,
// start_us, duration_us, fault}, ...]}; what is not known or there is null. The steps are the same from either source.
Json trace_json(const LaunchTrace& trace);

// A row a step for CSV and the like: the fields of the JSON's steps behind the server's id and name. Titles first.
std::vector<std::string> step_titles();
std::vector<std::vector<std::string>> step_rows(const LaunchTrace& trace);

// A waterfall. Each try has a title with its host and what became of it; the time between two tries is a row.
std::string render_trace(const LaunchTrace& trace, const TraceView& view);

}  // namespace kilonova::cli
