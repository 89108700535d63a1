#include "cli/trace/launch_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <tuple>

#include "cli/output/color.h"
#include "cli/output/progress.h"
#include "cli/output/text.h"
#include "cli/output/views.h"

namespace kilonova::cli {
namespace {

constexpr size_t kDefaultWidth = 100;
constexpr size_t kLeastWidth = 60;
constexpr size_t kLeastBar = 6;

auto order(const StepRecord& record) {
  // What was done before the first placement stands before the first try.
  return std::tuple(record.epoch, record.step, record.start, record.attempt);
}

size_t number_of(LaunchStep step) { return static_cast<size_t>(step); }

std::string_view article_of(LaunchStep step) {
  return step == LaunchStep::kNone ? "-" : launch_steps()[number_of(step) - 1].article;
}

std::string padded(const std::string& text, size_t width) {
  std::string cut = cut_to_width(text, width);
  return cut + std::string(width - display_width(cut), ' ');
}

// "compute-0" is "compute": most clouds have one of each.
std::string short_daemon(const std::string& daemon) {
  std::string name = one_line(daemon);
  return name.ends_with("-0") ? name.substr(0, name.size() - 2) : name;
}

// One try: the steps of one epoch from the choice of a host on.
struct Try {
  std::span<const StepRecord> steps;

  uint64_t epoch() const { return steps.front().epoch; }
  uint32_t attempt() const { return steps.back().attempt; }
  std::string host() const {
    for (const StepRecord& step : steps)
      if (!step.host.empty()) return step.host;
    return {};
  }
  const StepRecord* failed() const {
    auto found = std::ranges::find_if(steps, [](const StepRecord& step) { return !step.fault.empty(); });
    return found == steps.end() ? nullptr : &*found;
  }
  bool active() const {
    return std::ranges::any_of(steps, [](const StepRecord& step) { return step.step == LaunchStep::kActive; });
  }
  WallTime end() const {
    WallTime end = steps.front().start;
    for (const StepRecord& step : steps) end = std::max(end, step.start + step.duration);
    return end;
  }
};

class Waterfall {
 public:
  Waterfall(const LaunchTrace& trace, const TraceView& view) : trace_(trace), view_(view) {
    width_ = std::max(view.width == 0 ? kDefaultWidth : view.width, kLeastWidth);
    begin_ = trace.steps.front().start;
    for (const StepRecord& step : trace.steps) {
      begin_ = std::min(begin_, step.start);
      end_ = std::max(end_, step.start + step.duration);
      daemon_width_ = std::max(daemon_width_, display_width(short_daemon(step.daemon)));
    }
    daemon_width_ = std::min<size_t>(daemon_width_, 16);
    size_t fixed = display_width(columns("", "", "", "", "", "")) + 1;
    bar_width_ = width_ > fixed + kLeastBar ? width_ - fixed : kLeastBar;
    find_tries();
  }

  std::string render() {
    std::string out = head();
    out += painted(columns("#", "article", "step", "daemon", "start", "took"), Tone::kTitle, view_.color) + "\n";
    size_t next = 0;  // try
    for (const StepRecord& step : trace_.steps) {
      if (next < tries_.size() && &step == tries_[next].steps.data()) {
        if (next > 0) append_gap(out, tries_[next - 1], tries_[next]);
        append_title(out, next++);
      }
      append_step(out, step);
    }
    return out;
  }

 private:
  void find_tries() {
    std::span<const StepRecord> steps(trace_.steps);
    for (size_t i = 0; i < steps.size();) {
      size_t end = i;
      while (end < steps.size() && steps[end].epoch == steps[i].epoch) ++end;
      while (i < end && steps[i].step < LaunchStep::kScheduleCast) ++i;
      if (i < end) tries_.push_back({steps.subspan(i, end - i)});
      i = end;
    }
  }

  std::string head() const {
    std::string name = trace_.name.empty() ? "server" : one_line(trace_.name);
    std::string out = painted(name, Tone::kTitle, view_.color) + " " + trace_.server;
    if (!trace_.status.empty()) out += "  " + painted(trace_.status, tone_of_status(trace_.status), view_.color);
    if (!trace_.host.empty()) out += " on " + one_line(trace_.host);
    return out + fmt::format("\nbegan {}, took {}{}\n\n", to_iso8601(begin_), format_duration(end_ - begin_),
                             trace_.status == "BUILD" ? " so far" : "");
  }

  // What became of it, for its title.
  std::pair<std::string, Tone> outcome(size_t index) const {
    const Try& one = tries_[index];
    if (const StepRecord* step = one.failed())
      return {fmt::format("FAILED at {}: {}", to_string(step->step), one_line(without_prefix(step->fault))),
              Tone::kBad};
    if (one.active()) return {"ACTIVE", Tone::kGood};
    if (index + 1 < tries_.size()) return {"lost, cast again", Tone::kBad};
    if (trace_.status == "ERROR") return {"ERROR", Tone::kBad};
    return {fmt::format("under way, {} done", to_string(one.steps.back().step)), Tone::kBusy};
  }

  void append_title(std::string& out, size_t index) const {
    const Try& one = tries_[index];
    std::string title = fmt::format("-- try {} of {}", index + 1, tries_.size());
    if (one.epoch() != index + 1) title += fmt::format(" (placement {})", one.epoch());
    if (std::string host = one.host(); !host.empty()) title += " on " + one_line(host);
    auto [result, tone] = outcome(index);
    for (const std::string& line : wrapped(title + ": " + result, width_))
      out += painted(line, tone, view_.color) + "\n";
  }

  // Releasing what the try had, and casting the server again.
  void append_gap(std::string& out, const Try& before, const Try& after) const {
    Duration offset = before.end() - begin_;
    Duration took = after.steps.front().start - before.end();
    if (took.us <= 0) return;
    std::string line = columns("", "", "cleaned up, recast", "", "+" + format_duration(offset), format_duration(took));
    out += painted(line + ' ' + bar_of(offset, took), Tone::kDim, view_.color) + "\n";
  }

  std::string columns(std::string_view number, std::string_view article, std::string_view step,
                      const std::string& daemon, const std::string& start, const std::string& took) const {
    std::string articles = view_.article ? fmt::format("{:<8}", article) : std::string();
    return fmt::format("{:>2} {}{:<20} {} {:>10} {:>9}", number, articles, step, padded(daemon, daemon_width_), start,
                       took);
  }

  void append_step(std::string& out, const StepRecord& step) const {
    Duration offset = step.start - begin_;
    std::string line =
        columns(std::to_string(number_of(step.step)), article_of(step.step), to_string(step.step),
                short_daemon(step.daemon), "+" + format_duration(offset), format_duration(step.duration));
    Tone tone = step.fault.empty() ? Tone::kGood : Tone::kBad;
    std::string bar = bar_of(offset, step.duration);
    size_t blanks = bar.find_first_not_of(' ');
    line = step.fault.empty() ? line : painted(line, Tone::kBad, view_.color);
    out += line + ' ' + bar.substr(0, blanks) + painted(bar.substr(blanks), tone, view_.color) + "\n";
    if (step.fault_rule != 0)
      out += painted(columns("", "", fmt::format("struck by fault {}", step.fault_rule), "", "", ""), Tone::kDim,
                     view_.color) +
             "\n";
  }

  // Starts at a whole column, so that bars of one column line up; ends at an eighth of one.
  std::string bar_of(Duration offset, Duration took) const {
    auto total = std::max<int64_t>((end_ - begin_).us, 1);
    auto eighths = static_cast<int64_t>(bar_width_ * 8);
    int64_t first = std::clamp<int64_t>(offset.us * eighths / total, 0, eighths - 8) / 8;
    int64_t last = std::clamp<int64_t>((offset.us + took.us) * eighths / total, first * 8 + 1, eighths);
    return std::string(static_cast<size_t>(first), ' ') + bar(static_cast<size_t>(last - first * 8));
  }

  const LaunchTrace& trace_;
  TraceView view_;
  std::vector<Try> tries_;
  WallTime begin_;
  WallTime end_;
  size_t width_ = 0;
  size_t daemon_width_ = 10;
  size_t bar_width_ = kLeastBar;
};

Duration took(const LaunchTrace& trace) {
  if (trace.steps.empty()) return {};
  WallTime begin = trace.steps.front().start, end = begin;
  for (const StepRecord& step : trace.steps) {
    begin = std::min(begin, step.start);
    end = std::max(end, step.start + step.duration);
  }
  return end - begin;
}

}  // namespace

void sort_steps(LaunchTrace& trace) {
  std::ranges::sort(trace.steps, [](const StepRecord& a, const StepRecord& b) { return order(a) < order(b); });
  auto repeated = std::ranges::unique(trace.steps);
  trace.steps.erase(repeated.begin(), repeated.end());
}

Json trace_json(const LaunchTrace& trace) {
  auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  Json steps = Json::array();
  for (const StepRecord& step : trace.steps) {
    steps.push_back({{"number", number_of(step.step)},
                     {"article", article_of(step.step)},
                     {"step", to_string(step.step)},
                     {"daemon", step.daemon},
                     {"host", text_or_null(step.host)},
                     {"epoch", step.epoch},
                     {"attempt", step.attempt},
                     {"start_us", step.start.us},
                     {"duration_us", step.duration.us},
                     {"fault", text_or_null(step.fault)},
                     {"fault_rule", step.fault_rule == 0 ? Json(nullptr) : Json(std::to_string(step.fault_rule))}});
  }
  return {{"server", trace.server},
          {"name", text_or_null(trace.name)},
          {"status", text_or_null(trace.status)},
          {"took_us", took(trace).us},
          {"steps", std::move(steps)}};
}

std::vector<std::string> step_titles() {
  return {"server", "name",    "number",   "step",        "daemon", "host",
          "epoch",  "attempt", "start_us", "duration_us", "fault",  "fault_rule"};
}

std::vector<std::vector<std::string>> step_rows(const LaunchTrace& trace) {
  std::vector<std::vector<std::string>> rows;
  for (const StepRecord& step : trace.steps)
    rows.push_back({trace.server, trace.name, std::to_string(number_of(step.step)), std::string(to_string(step.step)),
                    step.daemon, step.host, std::to_string(step.epoch), std::to_string(step.attempt),
                    std::to_string(step.start.us), std::to_string(step.duration.us), step.fault,
                    step.fault_rule == 0 ? "" : std::to_string(step.fault_rule)});
  return rows;
}

std::string render_trace(const LaunchTrace& trace, const TraceView& view) {
  if (trace.steps.empty()) return fmt::format("server {}  no step of its launch is recorded\n", trace.server);
  return Waterfall(trace, view).render();
}

}  // namespace kilonova::cli
