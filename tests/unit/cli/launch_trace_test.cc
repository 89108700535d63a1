#include "cli/trace/launch_trace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/output/text.h"
#include "tests/unit/cli/sample_launch.h"

namespace kilonova::cli {
namespace {

LaunchTrace sample() { return {.server = to_string(kServer), .title = "web1  ACTIVE on host-00002", .steps = two_tries()}; }

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TEST(LaunchTraceTest, StepsAreSortedByPlacementThenStepAndRepeatedOnesKeptOnce) {
  LaunchTrace trace = sample();
  trace.steps.push_back(trace.steps[5]);
  std::ranges::reverse(trace.steps);
  sort_steps(trace);
  EXPECT_EQ(trace.steps, two_tries());
}

TEST(LaunchTraceTest, JsonHasEveryFieldInOrder) {
  Json json = trace_json(sample());
  EXPECT_EQ(json["server"], to_string(kServer));
  ASSERT_EQ(json["steps"].size(), 11u);
  EXPECT_EQ(json["steps"][0].dump(),
            "{\"number\":1,\"article\":\"1\",\"step\":\"request_accepted\",\"daemon\":\"api-0\",\"host\":null,\"epoch\":0,"
            "\"attempt\":0,\"start_us\":1795442709123000,\"duration_us\":40,\"fault\":null}");
  EXPECT_EQ(json["steps"][5]["fault"], "the host's \"disk\" is full\nreally");
  EXPECT_EQ(json["steps"][10]["number"], 13);
}

TEST(LaunchTraceTest, AWaterfallOfTwoTries) {
  EXPECT_EQ(render_trace(sample(), 100),
            R"(server 5c1f0d6e-0000-4000-8000-00000000002a  web1  ACTIVE on host-00002
began  )" + to_iso8601(WallTime{kStart}) +
                R"(, took 2.048 ms

 # article step                 daemon       host           start      took try
 1 1       request_accepted     api-0        -          +0.000 ms  0.040 ms   0 ▍
 2 1       instance_created     controller-0 -          +0.060 ms  0.300 ms   0 ███▌
-- try 1 (placement 1) --
 3 2       schedule_cast        controller-0 -          +0.380 ms  0.005 ms   1    ▊
 4 3       host_selected        scheduler-0  host-00001 +0.500 ms  0.012 ms   1     █
 5 3       run_cast             scheduler-0  host-00001 +0.512 ms  0.003 ms   1      ▏
 6 4       claimed              compute-0    host-00001 +0.600 ms  0.009 ms   1      ▉
           FAULT: the host's "disk" is full really

-- try 2 (placement 2) --
 3 2       schedule_cast        controller-0 -          +0.900 ms  0.004 ms   2         ▊
 4 3       host_selected        scheduler-0  host-00002 +1.000 ms  0.006 ms   2          ▊
 5 3       run_cast             scheduler-0  host-00002 +1.006 ms  0.003 ms   2          ▊
 6 4       claimed              compute-0    host-00002 +1.100 ms  0.008 ms   2           ▊
13 -       active               controller-0 host-00002 +2.000 ms  0.048 ms   2                    █
)");
}

TEST(LaunchTraceTest, NoLineIsWiderThanTheTerminal) {
  LaunchTrace trace = sample();
  for (StepRecord& one : trace.steps) one.host = "a-host-with-a-name-that-goes-on-and-on";
  for (size_t width : {80u, 100u, 140u}) {
    std::vector<std::string> lines = lines_of(render_trace(trace, width));
    for (size_t i = 3; i < lines.size(); ++i)  // the two lines of the head are as long as what they say
      EXPECT_LE(display_width(lines[i]), width) << lines[i];
  }
}

TEST(LaunchTraceTest, OneTryHasNoHeading) {
  LaunchTrace trace = sample();
  trace.steps.erase(trace.steps.begin() + 6, trace.steps.end());
  EXPECT_EQ(render_trace(trace, 100).find("-- try"), std::string::npos);
}

TEST(LaunchTraceTest, NothingRecordedSaysSo) {
  EXPECT_EQ(render_trace({.server = "x", .title = "", .steps = {}}, 100), "server x  no step of its launch is recorded\n");
  EXPECT_EQ(trace_json({.server = "x", .title = "", .steps = {}}).dump(), R"({"server":"x","steps":[]})");
}

TEST(LaunchTraceTest, ClocksThatDisagreeDrawNoBarOutsideTheFrame) {
  LaunchTrace trace = sample();
  trace.steps[3].start.us -= 5'000'000;  // before the request itself
  EXPECT_NE(render_trace(trace, 100).find("took 5.0"), std::string::npos);
}

}  // namespace
}  // namespace kilonova::cli
