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
  const Json json = Json::parse(chrome_trace({{sample()}}));
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

std::vector<Json> slices_of(std::span<const LaunchTrace> traces) {
  std::vector<Json> slices;
  const Json document = Json::parse(chrome_trace(traces));
  for (const Json& event : document["traceEvents"])
    if (event["ph"] == "X") slices.push_back(event);
  return slices;
}

// What a viewer asks of a thread's slices.
bool overlap(const Json& a, const Json& b) {
  const int64_t a0 = a["ts"], a1 = a0 + a["dur"].get<int64_t>(), b0 = b["ts"], b1 = b0 + b["dur"].get<int64_t>();
  const bool is_apart = a1 <= b0 || b1 <= a0;
  const bool is_inside = (a0 <= b0 && b1 <= a1) || (b0 <= a0 && a1 <= b1);
  return a["pid"] == b["pid"] && a["tid"] == b["tid"] && !is_apart && !is_inside;
}

TEST(TraceExport, ChromeOfManyLaunchesHasNoSlicesThatOverlapInAThread) {
  std::vector<LaunchTrace> traces;
  for (int64_t i = 0; i < 20; ++i) {
    LaunchTrace& one = traces.emplace_back(sample());
    for (StepRecord& step : one.steps) step.start = step.start + microseconds(7 * i);
  }
  const std::vector<Json> slices = slices_of(traces);
  ASSERT_EQ(slices.size(), 20 * two_tries().size());
  for (size_t a = 0; a < slices.size(); ++a)
    for (size_t b = a + 1; b < slices.size(); ++b)
      ASSERT_FALSE(overlap(slices[a], slices[b])) << slices[a] << slices[b];
}

TEST(TraceExport, ActionsThatAreOverStandBesideTheLaunch) {
  LaunchTrace trace = sample();
  const WallTime begin = trace.steps.front().start;
  InstanceAction stop{.instance = kServer,
                      .number = 1,
                      .action = "stop",
                      .started_at = begin + seconds(1),
                      .finished_at = begin + seconds(2)};
  stop.events = {{"compute_stop_instance", begin + seconds(1), begin + seconds(2), "host-00002", false}};
  InstanceAction under_way = stop;
  under_way.finished_at = {};
  trace.actions = {stop, under_way};
  const std::vector<Json> slices = slices_of({{trace}});
  ASSERT_EQ(slices.size(), two_tries().size() + 2);
  EXPECT_EQ(slices.end()[-2]["name"], "stop");
  EXPECT_EQ(slices.end()[-2]["ts"], 1'000'000);
  EXPECT_EQ(slices.end()[-1]["args"]["host"], "host-00002");
  EXPECT_EQ(slices.end()[-1]["tid"], slices.end()[-2]["tid"]);
  EXPECT_THAT(otlp_trace({{trace}}), HasSubstr("compute_stop_instance"));
}

TEST(TraceExport, OtlpHasTheTraceIdAndEveryStep) {
  const Json json = Json::parse(otlp_trace({{sample()}}));
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
  EXPECT_THAT(chrome_trace({{trace}}), HasSubstr("\"dur\":0"));
}

}  // namespace
}  // namespace kilonova::cli
