#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/output/text.h"
#include "cli/study/study_plots.h"
#include "cli/study/study_report.h"
#include "daemon/base64.h"

namespace kilonova::cli {
namespace {

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
)";

constexpr std::string_view kStyle = R"(<style>
:root{--ground:#fff;--ink:#1f2328;--faint:#d0d7de;--link:#0550ae}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--faint:#3d444d;--link:#79b8ff}}
body{background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
a{color:var(--link)}
.wide{overflow-x:auto}
table{border-collapse:collapse}
th,td{padding:.2rem .8rem .2rem 0;text-align:right;border-bottom:1px solid var(--faint);white-space:nowrap}
th:first-child,td:first-child{text-align:left}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,480px),1fr));gap:1.5rem}
figure{margin:0}figcaption{font-size:.85rem}svg{width:100%;height:auto}
</style>
)";

std::string download(const std::string& name, const std::string& csv) {
  return fmt::format("<a download=\"{}\" href=\"data:text/csv;base64,{}\">{}</a>", xml_escaped(name), to_base64(csv),
                     xml_escaped(name));
}

std::string head_row(const StudyResults& results, std::string_view first) {
  std::string row = fmt::format("<tr><th scope=\"col\">{}</th>", first);
  for (const SettingResults& setting : results.settings)
    row += fmt::format("<th scope=\"col\">{}</th>", xml_escaped(setting.name));
  return row + "</tr>\n";
}

std::string figures_table(const StudyResults& results) {
  std::string html = "<div class=\"wide\"><table>\n" + head_row(results, "Measure");
  for (const Figure& figure : told_figures(results)) {
    html += fmt::format("<tr><td>{}{}</td>", xml_escaped(title_of(figure, results.file.has_gpus)),
                        figure.is_share ? ", %" : "");
    for (const SettingResults& setting : results.settings)
      html += fmt::format("<td>{}</td>", figure_text(spread_of(setting, figure), figure.is_share));
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string refusals_table(const StudyResults& results) {
  const std::vector<std::string> reasons = refusal_reasons(results);
  if (reasons.empty()) return "<p>Nothing was refused.</p>\n";
  std::string html = "<div class=\"wide\"><table>\n" + head_row(results, "Refused because");
  for (const std::string& reason : reasons) {
    html += fmt::format("<tr><td>{}</td>", xml_escaped(reason));
    for (const SettingResults& setting : results.settings)
      html += fmt::format("<td>{}</td>", figure_text(refusals_of(setting, reason), false));
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string decisions_table(const StudyResults& results) {
  std::string html = "<div class=\"wide\"><table>\n" + head_row(results, "Decisions, microseconds");
  for (const auto& [name, share] : kDecisionShares) {
    html += fmt::format("<tr><td>{} within</td>", name);
    for (const SettingResults& setting : results.settings)
      html += fmt::format("<td>{:.1f}</td>", decision_ns(setting, share) / 1e3);
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

std::string study_html(const StudyResults& results) {
  const std::string title = xml_escaped(results.file.title.empty() ? "A study of schedulers" : results.file.title);
  std::string html(kHead);
  html += fmt::format("<title>{}</title>\n{}</head>\n<body>\n<h1>{}</h1>\n", title, kStyle, title);
  html += fmt::format(
      "<p>{} requests ({} departures) on {} hosts; seeds {} to {}. Every figure is the mean over the seeds, ± "
      "the standard deviation; bands go from the least to the most. Capacity is what the setting may give "
      "away: the total times its allocation ratio.</p>\n",
      results.requests, results.departures, results.hosts, results.file.first_seed, results.file.last_seed);
  html += "<h2>Side by side</h2>\n" + figures_table(results);
  html += "<h2>Refusals</h2>\n" + refusals_table(results);
  html += "<h2>Over time</h2>\n<div class=\"plots\">\n";
  for (const Plot& plot : study_plots(results))
    html += fmt::format("<figure>\n{}<figcaption>{}</figcaption>\n</figure>\n", svg_of(plot),
                        download(plot.key + ".csv", csv_of(plot)));
  html +=
      "</div>\n<h2>Decision times</h2>\n<p>Measured on the machine that ran the study, and not the same twice.</p>\n" +
      decisions_table(results);
  html += "<h2>The figures of each run</h2>\n<p>";
  for (const auto& [name, text] : study_tables_csv(results)) html += download(name, text) + " ";
  return html + "</p>\n</body>\n</html>\n";
}

}  // namespace kilonova::cli
