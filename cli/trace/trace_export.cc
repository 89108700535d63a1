#include "cli/trace/trace_export.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/output/records.h"
#include "cli/output/text.h"
#include "cli/output/views.h"
#include "otlp/otlp.h"

namespace kilonova::cli {
namespace {

struct Span {
  WallTime begin, end;
};

Span span_of(const LaunchTrace& trace) {
  Span span;
  for (const StepRecord& step : trace.steps) {
    if (span.begin.us == 0 || step.start < span.begin) span.begin = step.start;
    span.end = std::max(span.end, step.start + step.duration);
  }
  return span;
}

std::string title_of(const LaunchTrace& trace) { return trace.name.empty() ? trace.server : trace.name; }

std::string xml(std::string_view text) {
  std::string out;
  for (char c : one_line(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

// Pixels.
constexpr int kRow = 22, kHead = 56, kNames = 360, kBars = 560, kTimes = 110, kFoot = 14;
constexpr double kLeastBar = 1.5;

std::string svg_row(const StepRecord& step, const Span& span, int y) {
  const double scale =
      static_cast<double>(kBars) / static_cast<double>(std::max<int64_t>((span.end - span.begin).us, 1));
  const double x = kNames + static_cast<double>((step.start - span.begin).us) * scale;
  const double width = std::max(static_cast<double>(step.duration.us) * scale, kLeastBar);
  const char* const kind = step.fault.empty() ? "" : " failed";
  const std::string host = step.host.empty() ? "" : " on " + step.host;
  std::string out =
      fmt::format("<g class=\"step{}\"><title>{}</title>\n", kind,
                  xml(fmt::format("{} {}{}, {}{}", step.daemon, to_string(step.step), host,
                                  format_duration(step.duration), step.fault.empty() ? "" : ": " + step.fault)));
  out += fmt::format("<text x=\"12\" y=\"{}\">{} {}</text><text x=\"180\" y=\"{}\">{}{}</text>\n", y + 15,
                     static_cast<int>(step.step), xml(to_string(step.step)), y + 15, xml(step.daemon), xml(host));
  out += fmt::format("<rect x=\"{:.1f}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\"/>\n", x, y + 4, width, kRow - 8);
  return out + fmt::format("<text x=\"{}\" y=\"{}\">{}</text></g>\n", kNames + kBars + 10, y + 15,
                           format_duration(step.duration));
}

}  // namespace

std::string otlp_trace(std::span<const LaunchTrace> traces) {
  std::vector<otlp::Span> spans;
  for (const LaunchTrace& trace : traces) {
    const Uuid server = parse_uuid(trace.server).value_or(Uuid{});
    const Uuid id = parse_uuid(trace.trace_id).value_or(Uuid{});
    for (const StepRecord& step : trace.steps) spans.push_back(otlp::StepSpan{server, id, 0, step});
    for (const InstanceAction& action : trace.actions)
      if (action.finished_at != WallTime{})
        for (otlp::ActionSpan& span : otlp::spans_of({}, action)) spans.push_back(std::move(span));
  }
  return otlp::to_json(spans) + "\n";
}

std::string svg_trace(const LaunchTrace& trace) {
  const Span span = span_of(trace);
  const int width = kNames + kBars + kTimes;
  const int height = kHead + static_cast<int>(trace.steps.size()) * kRow + kFoot;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" role=\"img\">\n"
      "<title>{2}</title>\n"
      "<style>text {{ font: 12px sans-serif; fill: #1f2933 }} .head {{ font-weight: bold; font-size: 15px }} "
      "rect {{ fill: #2f6fb3 }} .failed rect {{ fill: #c0392b }} .failed text {{ fill: #c0392b }} "
      ".paper {{ fill: #ffffff }}</style>\n"
      "<rect class=\"paper\" width=\"{0}\" height=\"{1}\"/>\n",
      width, height, xml("The launch of " + title_of(trace)));
  out += fmt::format("<text class=\"head\" x=\"12\" y=\"22\">{}</text><text x=\"12\" y=\"42\">{}</text>\n",
                     xml(title_of(trace)),
                     xml(fmt::format("{}, began {}, took {}", trace.server, to_iso8601(span.begin),
                                     format_duration(span.end - span.begin))));
  int y = kHead;
  for (const StepRecord& step : trace.steps) {
    out += svg_row(step, span, y);
    y += kRow;
  }
  return out + "</svg>\n";
}

}  // namespace kilonova::cli
