#include "cli/trace/trace_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/cli/sample_launch.h"

namespace kilonova::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LaunchTrace sample() {
  return {.server = to_string(kServer),
          .name = "web<1>",
          .status = "ACTIVE",
          .host = "host-00002",
          .steps = two_tries(),
          .trace_id = "0af7651916cd43dd8448eb211c80319c"};
}

TEST(TraceExport, ChromeHasAProcessForEachDaemonAndAThreadForEachHost) {
  const Json json = Json::parse(chrome_trace(sample()));
  std::set<std::string> processes, threads;
  std::vector<Json> steps;
  for (const Json& event : json["traceEvents"]) {
    if (event["name"] == "process_name") processes.insert(event["args"]["name"]);
    if (event["name"] == "thread_name") threads.insert(event["args"]["name"]);
    if (event["ph"] == "X") steps.push_back(event);
  }
  EXPECT_EQ(processes, (std::set<std::string>{"api-0", "compute-0", "controller-0", "scheduler-0"}));
  EXPECT_TRUE(threads.contains("host-00001") && threads.contains("host-00002"));
  ASSERT_EQ(steps.size(), two_tries().size());
  EXPECT_EQ(steps[0]["ts"], 0);
  EXPECT_EQ(steps[0]["dur"], 40);
  EXPECT_EQ(steps[5]["name"], "claimed");
  EXPECT_EQ(steps[5]["args"]["fault"], "the host's \"disk\" is full\nreally");
  EXPECT_EQ(steps[5]["pid"], steps[9]["pid"]);
  EXPECT_NE(steps[5]["tid"], steps[9]["tid"]);
  EXPECT_EQ(steps[10]["ts"], 2'000);
}

TEST(TraceExport, OtlpHasTheTraceIdAndEveryStep) {
  const Json json = Json::parse(otlp_trace(sample()));
  size_t spans = 0;
  for (const Json& resource : json["resourceSpans"])
    for (const Json& span : resource["scopeSpans"][0]["spans"]) {
      EXPECT_EQ(span["traceId"], "0af7651916cd43dd8448eb211c80319c");
      ++spans;
    }
  EXPECT_EQ(spans, two_tries().size());
}

TEST(TraceExport, ThePictureHoldsTextsAsTexts) {
  const std::string svg = svg_trace(sample());
  EXPECT_THAT(svg, HasSubstr("web&lt;1&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("web<1>")));
  EXPECT_THAT(svg, HasSubstr("the host&#39;s &quot;disk&quot; is full really"));
  EXPECT_THAT(svg, HasSubstr("class=\"step failed\""));
}

TEST(TraceExport, ALaunchOfOneInstantIsDrawn) {
  LaunchTrace trace = sample();
  trace.steps = {step(LaunchStep::kRequestAccepted, 0, 0, "api-0", "", 0, 0)};
  EXPECT_THAT(svg_trace(trace), HasSubstr("width=\"1.5\""));
  EXPECT_THAT(chrome_trace(trace), HasSubstr("\"dur\":0"));
}

}  // namespace
}  // namespace kilonova::cli
