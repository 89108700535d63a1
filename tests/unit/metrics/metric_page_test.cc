#include "metrics/metric_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kilonova {
namespace {

using ::testing::HasSubstr;

constexpr Metric kCounted{"kilonova_tests_total", MetricType::kCounter, "result", "Tests that ran"};
constexpr Metric kLevel{"kilonova_level", MetricType::kGauge, "", "How full it is"};
constexpr Metric kTwo{"kilonova_two", MetricType::kGauge, "one,other", "Two labels"};
constexpr Metric kTimes{"kilonova_time_seconds", MetricType::kHistogram, "step", "Times"};

TEST(MetricPage, IsPrometheusText) {
  MetricPage page;
  page.add(kCounted, 3, {"passed"});
  page.add(kLevel, 0.5);
  page.add(kCounted, 1, {"failed"});
  EXPECT_EQ(page.text(),
            "# HELP kilonova_tests_total Tests that ran\n"
            "# TYPE kilonova_tests_total counter\n"
            "kilonova_tests_total{result=\"passed\"} 3\n"
            "kilonova_tests_total{result=\"failed\"} 1\n"
            "# HELP kilonova_level How full it is\n"
            "# TYPE kilonova_level gauge\n"
            "kilonova_level 0.5\n");
}

TEST(MetricPage, AnEmptyPageIsEmpty) { EXPECT_EQ(MetricPage().text(), ""); }

TEST(MetricPage, LabelsAreNamedInTheirOrder) {
  MetricPage page;
  page.add(kTwo, 1, {"a", "b"});
  EXPECT_THAT(page.text(), HasSubstr("kilonova_two{one=\"a\",other=\"b\"} 1\n"));
}

TEST(MetricPage, AHistogramIsCumulativeAndInItsUnit) {
  DurationCounts times;
  times.add(microseconds(20));
  times.add(milliseconds(700));
  times.add(seconds(100));
  MetricPage page;
  page.add(kTimes, times, {"claimed"});
  const std::string text = page.text();
  EXPECT_THAT(text, HasSubstr("# TYPE kilonova_time_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("kilonova_time_seconds_count{step=\"claimed\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("kilonova_time_seconds_sum{step=\"claimed\"} 100.70002\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{step=\"claimed\",le=\"2.5e-05\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{step=\"claimed\",le=\"0.5\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{step=\"claimed\",le=\"1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{step=\"claimed\",le=\"60\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("_bucket{step=\"claimed\",le=\"+Inf\"} 3\n"));
}

using MetricPageDeathTest = ::testing::Test;

TEST(MetricPageDeathTest, MistakesOfOursEndTheProcess) {
  MetricPage page;
  page.add(kCounted, 3, {"passed"});
  EXPECT_DEATH(page.add(kCounted, 4, {"passed"}), "added twice");
  EXPECT_DEATH(page.add(kCounted, 4), "fewer values");
  EXPECT_DEATH(page.add(kLevel, 4, {"one"}), "more values");
  EXPECT_DEATH(page.add(kTimes, 4, {"one"}), "no single value");
  EXPECT_DEATH(page.add(kCounted, SizeCounts(), {"one"}), "histogram|bounds");
}

}  // namespace
}  // namespace kilonova
