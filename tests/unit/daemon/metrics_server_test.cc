#include "daemon/metrics_server.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/step_counts.h"
#include "tests/support/recording_log.h"

namespace kilonova {
namespace {

http::Request request(std::string method, std::string target) {
  return {.method = std::move(method), .target = std::move(target), .headers = {}, .body = {}};
}

TEST(MetricsServer, AnswersMetricsAndNothingElse) {
  auto page = [] { return std::string("kilonova_x 1\n"); };
  http::Response found = answer_scrape(request("GET", "/metrics"), page);
  EXPECT_EQ(found.status, 200u);
  EXPECT_EQ(found.body, "kilonova_x 1\n");
  EXPECT_EQ(*http::find_header(found.headers, "Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer_scrape(request("GET", "/metrics?name=x"), page).body, "kilonova_x 1\n");
  EXPECT_EQ(answer_scrape(request("HEAD", "/metrics"), page).status, 200u);
  EXPECT_EQ(answer_scrape(request("GET", "/"), page).status, 200u);
  EXPECT_EQ(answer_scrape(request("GET", "/metrics/"), page).status, 404u);
  EXPECT_EQ(answer_scrape(request("GET", "/compute"), page).status, 404u);
  http::Response refused = answer_scrape(request("POST", "/metrics"), page);
  EXPECT_EQ(refused.status, 405u);
  EXPECT_EQ(*http::find_header(refused.headers, "Allow"), "GET, HEAD");
}

TEST(MetricsServer, AnAddressThatCannotBeIsNamedWithTheOption) {
  RealLoop loop;
  MetricsServer first(loop, [] { return std::string(); }), second(loop, [] { return std::string(); });
  ASSERT_TRUE(first.listen("127.0.0.1:0"));
  ASSERT_EQ(first.addresses().size(), 1u);
  const std::string taken = first.addresses().front();
  auto again = second.listen(taken);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kAlreadyExists);
  EXPECT_TRUE(again.error().message.starts_with("--metrics-listen: cannot listen on " + taken))
      << again.error().message;
  for (const char* wrong : {"9100", "unix:/x", "127.0.0.1:x", ""}) {
    auto refused = second.listen(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument) << wrong;
    EXPECT_TRUE(refused.error().message.starts_with("--metrics-listen: ")) << refused.error().message;
  }
}

TEST(StepCounts, CountsWhatIsLoggedAndPassesItOn) {
  testing::RecordingLog log;
  StepCounts counts(log);
  StepRecord record{.step = LaunchStep::kClaimed, .duration = milliseconds(2)};
  counts.step(Uuid{}, TraceContext{}, record);
  record.fault = "no room";
  counts.step(Uuid{}, TraceContext{}, record);
  counts.step(Uuid{}, TraceContext{}, StepRecord{.step = LaunchStep::kNone});
  counts.event(LogLevel::kInfo, "hello", {});
  EXPECT_EQ(log.steps.size(), 3u);
  EXPECT_EQ(log.events.size(), 1u);
  MetricPage page;
  counts.add_metrics(page);
  const std::string text = page.text();
  EXPECT_NE(text.find("kilonova_launch_step_duration_seconds_count{step=\"claimed\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("kilonova_launch_step_failures_total{step=\"claimed\"} 1\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("step=\"active\""), std::string::npos);
}

}  // namespace
}  // namespace kilonova
