#include "cli/study/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <utility>

#include "cli/output/records.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr double kWidth = 720, kLeft = 64, kRight = 16, kTop = 40, kHeight = 200;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr size_t kColors = 8;  // then they begin again, dashed
constexpr size_t kLegendColumns = 4;
constexpr double kLegendLine = 18;

// Okabe and Ito's palette, told apart by the colour-blind; lighter where the ground is dark.
constexpr std::string_view kStyle = R"(<style>
.plot{--ink:#1f2328;--faint:#d0d7de;--c0:#0072b2;--c1:#d55e00;--c2:#007a5a;--c3:#b5549a;--c4:#8a6d00;--c5:#3a8fc4;--c6:#6f42c1;--c7:#57606a}
@media (prefers-color-scheme:dark){.plot{--ink:#e6edf3;--faint:#3d444d;--c0:#56b4e9;--c1:#ff9a4d;--c2:#2ecc9b;--c3:#e39fcb;--c4:#f0e442;--c5:#8ecdf0;--c6:#b794f6;--c7:#adb5bd}}
.plot text{font:12px system-ui,sans-serif;fill:var(--ink)}
.plot .title{font-size:14px;font-weight:600}
.plot .grid{stroke:var(--faint);stroke-width:1}
.plot .line{fill:none;stroke-width:1.8;stroke-linejoin:round}
.plot .band{stroke:none;fill-opacity:.18}
</style>
)";

struct Axis {
  double least = 0;
  double most = 1;
  bool logarithmic = false;
  std::vector<double> ticks;

  double share_of(double value) const {
    if (logarithmic) return (std::log10(value) - std::log10(least)) / (std::log10(most) - std::log10(least));
    return (value - least) / (most - least);
  }
};

// Four to ten round numbers.
std::vector<double> round_ticks(double least, double most) {
  const double rough = (most - least) / 6;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (double factor : {5.0, 2.0, 1.0})
    if (factor * power >= rough) step = factor * power;
  std::vector<double> ticks;
  for (double tick = std::ceil(least / step) * step; tick <= most + step / 1e6; tick += step) ticks.push_back(tick);
  return ticks;
}

Axis axis_of(const Plot& plot, bool is_x) {
  Axis axis{.logarithmic = is_x && plot.logarithmic_x, .ticks = {}};
  bool any = false;
  auto take = [&](double value) {
    axis.least = any ? std::min(axis.least, value) : value;
    axis.most = any ? std::max(axis.most, value) : value;
    any = true;
  };
  for (const PlotLine& line : plot.lines) {
    for (double value : is_x ? line.x : line.y) take(value);
    for (double value : is_x ? std::vector<double>() : line.most) take(value);
  }
  if (axis.logarithmic) {
    axis.least = std::pow(10, std::floor(std::log10(axis.least)));
    axis.most = std::pow(10, std::ceil(std::log10(axis.most)));
    if (axis.most <= axis.least) axis.most = axis.least * 10;
    for (double tick = axis.least; tick <= axis.most * 1.0001; tick *= 10) axis.ticks.push_back(tick);
    return axis;
  }
  if (!is_x) axis.least = std::min(0.0, axis.least);
  if (!any || axis.most <= axis.least) axis.most = axis.least + 1;
  axis.ticks = round_ticks(axis.least, axis.most);
  return axis;
}

std::string number(double value) { return fmt::format("{:.6g}", std::abs(value) < 1e-12 ? 0 : value); }

std::pair<double, double> place(const Axis& x, const Axis& y, double at_x, double at_y) {
  return {kLeft + x.share_of(at_x) * kPlotWidth, kTop + (1 - y.share_of(at_y)) * kHeight};
}

std::string points(const Axis& x, const Axis& y, const std::vector<double>& xs, const std::vector<double>& ys) {
  std::string text;
  for (size_t i = 0; i < xs.size(); ++i) {
    const auto [px, py] = place(x, y, xs[i], ys[i]);
    text += fmt::format("{}{:.1f},{:.1f}", i == 0 ? "" : " ", px, py);
  }
  return text;
}

std::string dashes(size_t line) { return line < kColors ? "" : R"( stroke-dasharray="5 3")"; }

std::string draw_axes(const Plot& plot, const Axis& x, const Axis& y) {
  std::string svg;
  for (double tick : y.ticks) {
    const double py = place(x, y, x.least, tick).second;
    svg +=
        fmt::format(R"(<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/>)", kLeft, kWidth - kRight, py, py);
    svg += fmt::format("<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>\n", kLeft - 8, py + 4, number(tick));
  }
  for (double tick : x.ticks)
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                       place(x, y, tick, y.least).first, kTop + kHeight + 18, number(tick));
  svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n", kWidth - kRight, kTop + kHeight + 36,
                     xml_escaped(plot.x_title));
  svg += fmt::format("<text class=\"title\" x=\"{}\" y=\"20\">{}</text>\n", kLeft, xml_escaped(plot.title));
  svg += fmt::format("<text x=\"{}\" y=\"20\" text-anchor=\"end\">{}</text>\n", kWidth - kRight,
                     xml_escaped(plot.y_title));
  return svg;
}

std::string draw_lines(const Plot& plot, const Axis& x, const Axis& y) {
  std::string svg;
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const PlotLine& line = plot.lines[i];
    if (line.least.empty() || line.least == line.most) continue;
    std::vector<double> back_x(line.x.rbegin(), line.x.rend()), back(line.least.rbegin(), line.least.rend());
    svg += fmt::format("<polygon class=\"band\" style=\"fill:var(--c{})\" points=\"{} {}\"/>\n", i % kColors,
                       points(x, y, line.x, line.most), points(x, y, back_x, back));
  }
  for (size_t i = 0; i < plot.lines.size(); ++i)
    svg += fmt::format("<polyline class=\"line\" style=\"stroke:var(--c{})\"{} points=\"{}\"/>\n", i % kColors,
                       dashes(i), points(x, y, plot.lines[i].x, plot.lines[i].y));
  return svg;
}

std::string draw_legend(const Plot& plot) {
  std::string svg;
  for (size_t i = 0; i < plot.lines.size(); ++i) {
    const double lx = kLeft + static_cast<double>(i % kLegendColumns) * (kPlotWidth / kLegendColumns);
    const double ly = kTop + kHeight + 58 + static_cast<double>(i / kLegendColumns) * kLegendLine;
    svg += fmt::format(R"x(<line class="line" style="stroke:var(--c{})"{} x1="{}" x2="{}" y1="{}" y2="{}"/>)x",
                       i % kColors, dashes(i), lx, lx + 22, ly - 4, ly - 4);
    svg += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>\n", lx + 28, ly,
                       xml_escaped(cut_to_width(plot.lines[i].name, 17)));
  }
  return svg;
}

}  // namespace

std::string xml_escaped(const std::string& text) {
  std::string escaped;
  for (char c : one_line(text)) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string svg_of(const Plot& plot) {
  const Axis x = axis_of(plot, true), y = axis_of(plot, false);
  const size_t legend_lines = (plot.lines.size() + kLegendColumns - 1) / kLegendColumns;
  const double height = kTop + kHeight + 50 + static_cast<double>(legend_lines) * kLegendLine;
  std::string svg = fmt::format(
      "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\">\n",
      kWidth, height, xml_escaped(fmt::format("{}, {}, by {}", plot.title, plot.y_title, plot.x_title)));
  svg += kStyle;
  svg += draw_axes(plot, x, y) + draw_lines(plot, x, y) + draw_legend(plot);
  return svg + "</svg>\n";
}

std::string csv_of(const Plot& plot) {
  std::string csv = fmt::format("setting,{},{},least,most\n", csv_field(plot.x_title), csv_field(plot.y_title));
  for (const PlotLine& line : plot.lines)
    for (size_t i = 0; i < line.x.size(); ++i) {
      csv += fmt::format("{},{},{}", csv_field(line.name), line.x[i], line.y[i]);
      csv += line.least.empty() ? ",,\n" : fmt::format(",{},{}\n", line.least[i], line.most[i]);
    }
  return csv;
}

}  // namespace kilonova::cli
