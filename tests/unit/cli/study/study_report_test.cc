#include "cli/study/study_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output/text.h"
#include "cli/study/plot.h"

namespace kilonova::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

study::Workload workload() {
  study::Workload workload;
  for (int i = 0; i < 4; ++i)
    workload.hosts.push_back({.name = "h" + std::to_string(i), .zone = "nova", .total = {4, 4000, 0}});
  for (int i = 0; i < 20; ++i)
    workload.requests.push_back({.amount = {1, 500, 0}, .arrival = seconds(i), .departure = {}});
  return workload;
}

StudyResults results_of(std::vector<std::string> names, const std::string& title = "t", size_t threads = 2) {
  StudyFile file;
  file.title = title;
  file.last_seed = 3;
  for (std::string& name : names) {
    StudySetting setting{.name = std::move(name), .options = {}};
    setting.options.scheduler.ratios = {1, 1, 1};
    file.settings.push_back(std::move(setting));
  }
  return run_all(file, workload(), threads, [] { return int64_t{0}; }, {});
}

TEST(SpreadTest, IsThatOfTheSample) {
  const Spread spread = spread_of({2, 4, 4, 4, 5, 5, 7, 9});
  EXPECT_DOUBLE_EQ(spread.mean, 5);
  EXPECT_NEAR(spread.deviation, 2.13809, 1e-5);
  EXPECT_EQ(spread.least, 2);
  EXPECT_EQ(spread.most, 9);
  EXPECT_EQ(spread_of({3}).deviation, 0);
}

TEST(StudyReportTest, CellsAreShort) {
  EXPECT_EQ(figure_text({.mean = 0.713, .least = 0.71, .most = 0.72, .deviation = 0.002}, true), "71.3 ±0.2");
  EXPECT_EQ(figure_text({.mean = 12, .least = 12, .most = 12, .deviation = 0}, false), "12");
}

TEST(StudyReportTest, TheDecisionsThatTookNoLonger) {
  SettingResults setting{"s", {{}, {}}};
  setting.runs[0].decision_ns = {10, 20, 30};
  setting.runs[1].decision_ns = {5, 40};
  EXPECT_EQ(decision_ns(setting, 0.5), 20);
  EXPECT_EQ(decision_ns(setting, 1), 40);
  EXPECT_EQ(decision_ns(setting, 0.2), 5);
}

TEST(StudyReportTest, ThreadsChangeNothing) {
  StudyResults one = results_of({"a", "b"}, "t", 1), four = results_of({"a", "b"}, "t", 4);
  EXPECT_EQ(study_text(one, 80), study_text(four, 80));
  EXPECT_EQ(study_html(one), study_html(four));
}

TEST(StudyReportTest, TablesFitTheirWidth) {
  const StudyResults results = results_of({"spread", "pack", "pack-by-four", "chance", "another-one", "last"});
  const std::string text = study_text(results, 80);
  for (std::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    EXPECT_LE(display_width(rest.substr(0, end)), 80u) << rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  // 20 requests of 1 vCPU on 16.
  EXPECT_THAT(text, HasSubstr("no host has enough free vCPUs"));
  EXPECT_THAT(text, HasSubstr("last"));
  EXPECT_THAT(text, Not(HasSubstr("disk")));
}

TEST(StudyReportTest, ThePageHasNothingFromElsewhereAndNoMarkupOfNames) {
  const std::string html = study_html(results_of({"a"}, "<script>alert(1)</script>"));
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
  EXPECT_THAT(html, HasSubstr("<svg class=\"plot\""));
  EXPECT_THAT(html, HasSubstr("download=\"empty-hosts.csv\""));
}

TEST(StudyReportTest, EachPlotHasItsCsv) {
  std::vector<std::string> names;
  for (const auto& [name, text] : study_files(results_of({"a"}))) {
    names.push_back(name);
    EXPECT_FALSE(text.empty()) << name;
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"summary.csv", "over-time.csv", "refusals.csv", "empty-hosts.csv",
                                            "empty-hosts.svg", "vcpus-stranded.csv", "decision-times.svg"}));
}

TEST(PlotTest, PointsAreWhereTheirValuesAre) {
  Plot plot{.key = "k",
            .title = "T",
            .x_title = "s",
            .y_title = "%",
            .lines = {{.name = "a&b", .x = {0, 10}, .y = {0, 100}, .least = {}, .most = {}}}};
  const std::string svg = svg_of(plot);
  EXPECT_THAT(svg, HasSubstr("points=\"64.0,240.0 704.0,40.0\""));
  EXPECT_THAT(svg, HasSubstr("a&amp;b"));
  EXPECT_EQ(csv_of(plot), "setting,s,%,least,most\na&b,0,0,,\na&b,10,100,,\n");
}

TEST(PlotTest, ALineWithoutHeightIsDrawnToo) {
  Plot plot{.key = "k",
            .title = "T",
            .x_title = "s",
            .y_title = "%",
            .lines = {{.name = "a", .x = {1, 1}, .y = {0, 0}, .least = {}, .most = {}}}};
  EXPECT_THAT(svg_of(plot), Not(HasSubstr("nan")));
  plot.logarithmic_x = true;
  EXPECT_THAT(svg_of(plot), Not(HasSubstr("nan")));
}

}  // namespace
}  // namespace kilonova::cli
