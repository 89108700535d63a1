#include "cli/trace/launch_trace.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/output/text.h"
#include "cli/output/views.h"
#include "tests/unit/cli/sample_launch.h"

namespace kilonova::cli {
namespace {

LaunchTrace sample() {
  return {.server = to_string(kServer), .name = "web1", .status = "ACTIVE", .host = "host-00002", .steps = two_tries()};
}

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
  EXPECT_EQ(
      json["steps"][0].dump(),
      "{\"number\":1,\"article\":\"1\",\"step\":\"request_accepted\",\"daemon\":\"api-0\",\"host\":null,\"epoch\":0,"
      "\"attempt\":0,\"start_us\":1795442709123000,\"duration_us\":40,\"fault\":null,\"fault_rule\":null}");
  EXPECT_EQ(json["steps"][5]["fault"], "the host's \"disk\" is full\nreally");
  EXPECT_EQ(json["steps"][10]["number"], 13);
}

TEST(LaunchTraceTest, AWaterfallOfTwoTries) {
  EXPECT_EQ(render_trace(sample(), {.width = 80}), "web1 " + to_string(kServer) + "  ACTIVE on host-00002\nbegan " +
                                                       to_iso8601(WallTime{kStart}) +
                                                       R"(, took 2.048 ms

 # step                 daemon          start      took
 1 request_accepted     api         +0.000 ms  0.040 ms ▍
 2 instance_created     controller  +0.060 ms  0.300 ms ████▏
-- try 1 of 2 on host-00001: FAILED at claimed: the host's "disk" is full really
 3 schedule_cast        controller  +0.380 ms  0.005 ms     ▌
 4 host_selected        scheduler   +0.500 ms  0.012 ms      █
 5 run_cast             scheduler   +0.512 ms  0.003 ms       ▏
 6 claimed              compute     +0.600 ms  0.009 ms        ▏
   cleaned up, recast               +0.609 ms  0.291 ms        ███▌
-- try 2 of 2 on host-00002: ACTIVE
 3 schedule_cast        controller  +0.900 ms  0.004 ms           ▌
 4 host_selected        scheduler   +1.000 ms  0.006 ms            ▊
 5 run_cast             scheduler   +1.006 ms  0.003 ms            ▊
 6 claimed              compute     +1.100 ms  0.008 ms             ▉
13 active               controller  +2.000 ms  0.048 ms                        █
)");
}

TEST(LaunchTraceTest, ATitleHasTheCauseWithoutWhatNovaSaysInFrontOfIt) {
  LaunchTrace trace = sample();
  const std::string prefix = "Build of instance " + to_string(kServer);
  for (const std::string& fault : {prefix + " was re-scheduled: disk: on fire", prefix + " aborted: disk: on fire",
                                   prefix + " was re-scheduled: " + prefix + " aborted: disk: on fire"}) {
    trace.steps[5].fault = fault;
    std::string text = render_trace(trace, {.width = 80});
    EXPECT_NE(text.find("FAILED at claimed: disk: on fire\n"), std::string::npos) << text;
    EXPECT_EQ(trace_json(trace)["steps"][5]["fault"], fault) << "programs get it as it is";
  }
  EXPECT_EQ(without_prefix("Build of instance web1 aborted: by me"), "Build of instance web1 aborted: by me");
}

TEST(LaunchTraceTest, TheArticlesNumbersAreAColumnWhenAskedFor) {
  EXPECT_EQ(render_trace(sample(), {.width = 80}).find("article"), std::string::npos);
  std::string text = render_trace(sample(), {.width = 80, .article = true});
  EXPECT_NE(text.find(" # article step"), std::string::npos) << text;
  EXPECT_NE(text.find(" 6 4       claimed"), std::string::npos) << text;
}

TEST(LaunchTraceTest, ColourIsOfTheOutcomeAndAddsNoWord) {
  std::string plain = render_trace(sample(), {.width = 80});
  std::string colored = render_trace(sample(), {.width = 80, .color = true});
  EXPECT_NE(colored.find("\x1b[31m-- try 1 of 2 on host-00001: FAILED at claimed"), std::string::npos) << colored;
  EXPECT_NE(colored.find("\x1b[32m-- try 2 of 2 on host-00002: ACTIVE"), std::string::npos) << colored;
  std::string bare;
  for (size_t i = 0; i < colored.size();) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i) + 1;
      continue;
    }
    bare += colored[i++];
  }
  EXPECT_EQ(bare, plain);
}

TEST(LaunchTraceTest, ALaunchUnderWayShowsItsStepsSoFar) {
  LaunchTrace trace = sample();
  trace.status = "BUILD";
  trace.host.clear();
  trace.steps.pop_back();
  std::string text = render_trace(trace, {.width = 80});
  EXPECT_NE(text.find("so far"), std::string::npos) << text;
  EXPECT_NE(text.find("-- try 2 of 2 on host-00002: under way, claimed done"), std::string::npos) << text;
}

TEST(LaunchTraceTest, ThePlacementIsSaidWhereItIsNotTheTry) {
  LaunchTrace trace = sample();
  for (StepRecord& one : trace.steps)
    if (one.epoch == 2) one.epoch = 5;
  EXPECT_NE(render_trace(trace, {.width = 80}).find("-- try 2 of 2 (placement 5) on host-00002"), std::string::npos);
}

TEST(LaunchTraceTest, RowsHaveAStepEach) {
  auto rows = step_rows(sample());
  ASSERT_EQ(rows.size(), 11u);
  for (const auto& row : rows) EXPECT_EQ(row.size(), step_titles().size());
  EXPECT_EQ(rows[0][1], "web1");
  EXPECT_EQ(rows[5][10], "the host's \"disk\" is full\nreally");
}

TEST(LaunchTraceTest, NoLineIsWiderThanTheTerminal) {
  LaunchTrace trace = sample();
  for (StepRecord& one : trace.steps) one.host = "a-host-with-a-name-that-goes-on-and-on";
  for (size_t width : {80u, 100u, 140u}) {
    std::vector<std::string> lines = lines_of(render_trace(trace, {.width = width}));
    for (size_t i = 2; i < lines.size(); ++i)  // the head is as long as what it says
      EXPECT_LE(display_width(lines[i]), width) << lines[i];
  }
}

TEST(LaunchTraceTest, NothingRecordedSaysSo) {
  EXPECT_EQ(render_trace({.server = "x"}, {.width = 100}), "server x  no step of its launch is recorded\n");
  EXPECT_EQ(trace_json({.server = "x"}).dump(), R"({"server":"x","name":null,"status":null,"took_us":0,"steps":[]})");
}

TEST(LaunchTraceTest, ClocksThatDisagreeDrawNoBarOutsideTheFrame) {
  LaunchTrace trace = sample();
  trace.steps[3].start.us -= 5'000'000;  // before the request itself
  EXPECT_NE(render_trace(trace, {.width = 100}).find("took 5.0"), std::string::npos);
}

}  // namespace
}  // namespace kilonova::cli
