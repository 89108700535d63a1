#include "cli/trace/launch_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "cli/output/progress.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kDefaultWidth = 100;
constexpr size_t kLeastWidth = 80;
constexpr size_t kMaxHost = 20;
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

class Waterfall {
 public:
  Waterfall(const LaunchTrace& trace, size_t width) : trace_(trace) {
    begin_ = trace.steps.front().start;
    for (const StepRecord& step : trace.steps) {
      begin_ = std::min(begin_, step.start);
      end_ = std::max(end_, step.start + step.duration);
      daemon_width_ = std::max(daemon_width_, display_width(step.daemon));
      host_width_ = std::max(host_width_, display_width(step.host));
    }
    host_width_ = std::min(host_width_, kMaxHost);
    size_t wanted = std::max(width == 0 ? kDefaultWidth : width, kLeastWidth);
    size_t fixed = display_width(columns(2, "", "", "", "", "", "", "")) + 1;
    if (fixed + kLeastBar > wanted) host_width_ -= std::min(host_width_ - 4, fixed + kLeastBar - wanted);
    fixed = display_width(columns(2, "", "", "", "", "", "", "")) + 1;
    bar_width_ = wanted > fixed + kLeastBar ? wanted - fixed : kLeastBar;
  }

  std::string render() {
    std::string out = fmt::format("server {}{}{}\n", trace_.server, trace_.title.empty() ? "" : "  ",
                                  one_line(trace_.title));
    out += fmt::format("began  {}, took {}\n\n", to_iso8601(begin_), format_duration(end_ - begin_));
    out += columns(0, "article", "step", "daemon", "host", "start", "took", "try") + "\n";
    bool several = trace_.steps.back().epoch > first_epoch();
    uint64_t epoch = 0;
    for (const StepRecord& step : trace_.steps) {
      if (several && step.epoch > epoch) out += heading(step);
      epoch = std::max(epoch, step.epoch);
      append_step(out, step);
    }
    return out;
  }

 private:
  uint64_t first_epoch() const {
    for (const StepRecord& step : trace_.steps)
      if (step.epoch > 0) return step.epoch;
    return 0;
  }

  std::string heading(const StepRecord& first) const {
    return fmt::format("{}-- try {} (placement {}) --\n", first.epoch > first_epoch() ? "\n" : "", first.attempt,
                       first.epoch);
  }

  std::string columns(size_t number, std::string_view article, const std::string& step, const std::string& daemon,
                      const std::string& host, const std::string& start, const std::string& took,
                      const std::string& attempt) const {
    return fmt::format("{:>2} {:<7} {:<20} {} {} {:>9} {:>9} {:>3}", number == 0 ? "#" : std::to_string(number),
                       article, step, padded(daemon, daemon_width_), padded(host, host_width_), start, took, attempt);
  }

  void append_step(std::string& out, const StepRecord& step) const {
    Duration offset = step.start - begin_;
    std::string line = columns(number_of(step.step), article_of(step.step), std::string(to_string(step.step)),
                               one_line(step.daemon), step.host.empty() ? "-" : one_line(step.host),
                               "+" + format_duration(offset), format_duration(step.duration),
                               std::to_string(step.attempt));
    line += ' ' + bar_of(offset, step.duration);
    while (line.ends_with(' ')) line.pop_back();
    out += line + "\n";
    if (!step.fault.empty()) out += "           FAULT: " + one_line(step.fault) + "\n";
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
  WallTime begin_;
  WallTime end_;
  size_t daemon_width_ = 6;
  size_t host_width_ = 4;
  size_t bar_width_ = kLeastBar;
};

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
                     {"fault", text_or_null(step.fault)}});
  }
  return {{"server", trace.server}, {"steps", std::move(steps)}};
}

std::string render_trace(const LaunchTrace& trace, size_t width) {
  if (trace.steps.empty()) return fmt::format("server {}  no step of its launch is recorded\n", trace.server);
  return Waterfall(trace, width).render();
}

}  // namespace kilonova::cli
