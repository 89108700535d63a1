// Slices of one thread of a viewer must stand in one another or behind one another. Where what a host did overlaps
// otherwise, as when it builds several servers at once, it has more than one thread.
#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "cli/output/records.h"
#include "cli/trace/trace_export.h"

namespace kilonova::cli {
namespace {

constexpr std::string_view kActions = "actions";

struct Slice {
  std::string process, place;
  int64_t start = 0, duration = 0;  // microseconds
  Json event;                       // what is known but its place and times
  size_t lane = 0;                  // of the place's threads
  int64_t end() const { return start + duration; }
};

// In the order in which they come first, from 1.
class Numbers {
 public:
  // And whether it is new.
  std::pair<size_t, bool> of(const std::string& name) {
    auto [at, is_new] = numbers_.try_emplace(name, numbers_.size() + 1);
    return {at->second, is_new};
  }

 private:
  std::map<std::string, size_t> numbers_;
};

Json metadata(std::string_view what, size_t process, size_t thread, const std::string& name) {
  return {{"name", what}, {"ph", "M"}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}};
}

Slice slice_of(const LaunchTrace& trace, const StepRecord& step) {
  Json more{{"server", trace.server}, {"number", static_cast<int>(step.step)}, {"epoch", step.epoch}};
  more["attempt"] = step.attempt;
  more["start_us"] = step.start.us;
  if (!step.fault.empty()) more["fault"] = step.fault;
  if (step.fault_rule != 0) more["fault_rule"] = std::to_string(step.fault_rule);
  return {step.daemon,
          step.host.empty() ? step.daemon : step.host,
          step.start.us,
          std::max<int64_t>(step.duration.us, 0),
          {{"name", to_string(step.step)},
           {"cat", step.fault.empty() ? "launch" : "launch,failed"},
           {"args", std::move(more)}}};
}

Slice slice_of(const LaunchTrace& trace, std::string_view name, WallTime begin, WallTime end, bool failed, Json more) {
  more["server"] = trace.server;
  more["start_us"] = begin.us;
  return {std::string(kActions),
          trace.name.empty() ? trace.server : trace.name,
          begin.us,
          std::max<int64_t>((end - begin).us, 0),
          {{"name", name}, {"cat", failed ? "action,failed" : "action"}, {"args", std::move(more)}}};
}

void add_action(const LaunchTrace& trace, const InstanceAction& action, std::vector<Slice>& slices) {
  if (action.finished_at == WallTime{}) return;
  Json more{{"request_id", "req-" + to_string(action.request_id)}};
  if (!action.message.empty()) more["message"] = action.message;
  slices.push_back(
      slice_of(trace, action.action, action.started_at, action.finished_at, action.failed, std::move(more)));
  for (const InstanceActionEvent& event : action.events) {
    Json of_event = Json::object();
    if (!event.host.empty()) of_event["host"] = event.host;
    slices.push_back(
        slice_of(trace, event.event, event.started_at, event.finished_at, event.failed, std::move(of_event)));
  }
}

// The first thread of the place in which the slice stands behind all others, or in one that is still open.
void choose_lanes(std::vector<Slice>& slices) {
  std::vector<Slice*> by_start;
  for (Slice& slice : slices) by_start.push_back(&slice);
  // Of two that are the same time, the one that came first: they stand in one array.
  std::ranges::sort(by_start, [](const Slice* a, const Slice* b) {
    return std::tuple(a->start, -a->duration, a) < std::tuple(b->start, -b->duration, b);
  });
  using Open = std::vector<int64_t>;  // ends, outermost first
  std::map<std::pair<std::string, std::string>, std::vector<Open>> places;
  for (Slice* slice : by_start) {
    std::vector<Open>& lanes = places[{slice->process, slice->place}];
    for (size_t lane = 0;; ++lane) {
      if (lane == lanes.size()) lanes.emplace_back();
      Open& open = lanes[lane];
      while (!open.empty() && open.back() <= slice->start) open.pop_back();
      if (!open.empty() && open.back() < slice->end()) continue;
      open.push_back(slice->end());
      slice->lane = lane;
      break;
    }
  }
}

Json events_of(const std::vector<Slice>& slices, int64_t began) {
  Json events = Json::array();
  Numbers processes;
  std::map<std::string, Numbers> threads;
  for (const Slice& slice : slices) {
    const std::string place = slice.lane == 0 ? slice.place : slice.place + " #" + std::to_string(slice.lane + 1);
    const auto [process, is_new_process] = processes.of(slice.process);
    const auto [thread, is_new_thread] = threads[slice.process].of(place);
    if (is_new_process) events.push_back(metadata("process_name", process, 0, slice.process));
    if (is_new_thread) events.push_back(metadata("thread_name", process, thread, place));
    Json event = slice.event;
    event["ph"] = "X";
    event["ts"] = slice.start - began;
    event["dur"] = slice.duration;
    event["pid"] = process;
    event["tid"] = thread;
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace

std::string chrome_trace(std::span<const LaunchTrace> traces) {
  std::vector<Slice> slices;
  for (const LaunchTrace& trace : traces) {
    for (const StepRecord& step : trace.steps) slices.push_back(slice_of(trace, step));
    for (const InstanceAction& action : trace.actions) add_action(trace, action, slices);
  }
  choose_lanes(slices);
  const auto first = std::ranges::min_element(slices, {}, &Slice::start);
  const int64_t began = first == slices.end() ? 0 : first->start;
  Json about{{"began", to_iso8601(WallTime{began})}, {"servers", traces.size()}};
  if (traces.size() == 1) about = {{"server", traces[0].server}, {"name", traces[0].name}, {"began", about["began"]}};
  return json_line({{"displayTimeUnit", "ms"}, {"otherData", about}, {"traceEvents", events_of(slices, began)}});
}

}  // namespace kilonova::cli
