#include "cli/top/top_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int64_t kStart = 1'800'000'000'000'000;

// `at_ms` after the start.
v1::WatchEvent event(const std::string& id, const std::string& status, int step, int64_t at_ms,
                     const std::string& fault = "") {
  v1::WatchEvent event;
  event.set_server_id(id);
  event.set_name("name-" + id);
  event.set_status(status);
  event.set_step(static_cast<v1::LaunchStep>(step));
  event.set_attempt(1);
  event.set_epoch(1);
  event.set_time_us(kStart + at_ms * 1'000);
  event.set_fault(fault);
  return event;
}

std::string frame(const TopModel& model, int64_t at_ms, FrameStyle style = {}) {
  return model.frame(style, WallTime{kStart + at_ms * 1'000});
}

// The line that begins so, after blanks.
std::string line_of(const std::string& frame, const std::string& begin) {
  const size_t at = frame.find(begin);
  return at == std::string::npos ? "" : frame.substr(at, frame.find('\n', at) - at);
}

TEST(TopModelTest, StepsAreReachedAfterTheLaunchBegan) {
  TopModel model("x");
  for (int64_t launch = 1; launch <= 2; ++launch) {
    const std::string id = std::to_string(launch);
    model.take(event(id, "BUILD", 2, 0));
    model.take(event(id, "BUILD", 6, 100 * launch));
    model.take(event(id, "ACTIVE", 13, 1000 * launch));
  }
  const std::string shown = frame(model, 3'000);
  EXPECT_THAT(line_of(shown, "claimed"), testing::MatchesRegex("claimed +2 +100.0 ms +200.0 ms +200.0 ms *"));
  EXPECT_THAT(line_of(shown, "active    "), testing::MatchesRegex("active +2 +1\\.00 s +2\\.00 s +2\\.00 s *"));
  EXPECT_THAT(shown, HasSubstr("Launches   2 seen, 0 failed, 0 under way\na second   0.2 begun, 0.2 active, 0.0 failed"));
}

TEST(TopModelTest, WhoWasSeenInTheMiddleOnlyDoesNotCountForTimes) {
  TopModel model("x");
  model.take(event("1", "BUILD", 8, 0));
  model.take(event("1", "ACTIVE", 13, 10));
  EXPECT_THAT(line_of(frame(model, 20), "active    "), testing::MatchesRegex("active +0 +- +- +- *"));
}

TEST(TopModelTest, WhatIsSilentIsStuckBehindItsStep) {
  TopModel model("x");
  model.take(event("1", "BUILD", 2, 0));
  model.take(event("1", "BUILD", 9, 500));
  EXPECT_THAT(frame(model, 10'000), Not(HasSubstr("Stuck")));
  const std::string shown = frame(model, 11'000);
  EXPECT_THAT(shown, HasSubstr("Stuck: 1 with nothing heard for 10 s"));
  EXPECT_THAT(shown, HasSubstr("after block_devices_mapped"));
  EXPECT_THAT(shown, HasSubstr("name-1"));
  EXPECT_THAT(line_of(shown, "block_devices_mapped  "), testing::EndsWith("1"));
}

TEST(TopModelTest, FailuresAreNewestFirst) {
  TopModel model("x");
  for (const char* id : {"1", "2"}) {
    model.take(event(id, "BUILD", 2, 0));
    model.take(event(id, "ERROR", 2, id[0] == '1' ? 10 : 20, "broke"));
  }
  const std::string shown = frame(model, 30);
  EXPECT_LT(shown.find("name-2: broke"), shown.find("name-1: broke"));
  EXPECT_THAT(shown, HasSubstr("2 failed"));
}

TEST(TopModelTest, ADeletedLaunchIsNoLongerUnderWay) {
  TopModel model("x");
  model.take(event("1", "BUILD", 2, 0));
  v1::WatchEvent gone = event("1", "BUILD", 2, 5);
  gone.set_deleted(true);
  model.take(gone);
  EXPECT_THAT(frame(model, 60'000), HasSubstr("0 under way"));
}

TEST(TopModelTest, HostsByStateAndFill) {
  TopModel model("x");
  v1::ListHostsReply hosts;
  for (int64_t used : {0, 1, 8}) {
    v1::Host* host = hosts.add_hosts();
    host->set_up(used != 1);
    host->set_enabled(used != 8);
    host->set_instances(used > 0 ? 1 : 0);
    host->mutable_total()->set_vcpus(8);
    host->mutable_used()->set_vcpus(used);
  }
  model.take_hosts(hosts);
  const std::string shown = frame(model, 0);
  EXPECT_THAT(shown, HasSubstr("Hosts    3: 2 up, 1 down, 1 disabled"));
  EXPECT_THAT(shown, HasSubstr("38 %"));  // 9 of 24
  EXPECT_THAT(shown, HasSubstr("empty 1, to 25 % 1, to 50 % 0, to 75 % 0, above 1"));
}

TEST(TopModelTest, NamesDriveNoTerminalAndLinesFit) {
  TopModel model("x");
  v1::WatchEvent hostile = event("1", "ERROR", 2, 0, std::string(500, 'x') + "\x1b]0;t\x07\n\x9b");
  hostile.set_name("\x1b[2J\x1b[1;31m\xff");
  model.take(hostile);
  hostile.set_status("BUILD");
  hostile.set_server_id("2");
  hostile.set_host("\x1b[H");
  model.take(hostile);
  for (size_t width : {20, 40, 80}) {
    std::string shown = frame(model, 60'000, {.width = width});
    EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
    EXPECT_THAT(shown, Not(HasSubstr("\x07")));
    EXPECT_THAT(shown, Not(HasSubstr("\xff")));
    for (std::string_view rest = shown; !rest.empty();) {
      const size_t end = rest.find('\n');
      EXPECT_LE(display_width(rest.substr(0, end)), width);
      rest.remove_prefix(end + 1);
    }
  }
}

TEST(TopModelTest, AFrameIsAsHighAsItMayBe) {
  TopModel model("x");
  const std::string shown = frame(model, 0, {.width = 80, .height = 5});
  EXPECT_EQ(std::ranges::count(shown, '\n'), 5);
  EXPECT_THAT(frame(model, 0, {.width = 80, .height = 0, .colored = true}), HasSubstr("\x1b[1m"));
}

TEST(TopModelTest, WhatItRemembersIsBounded) {
  TopModel model("x");
  for (size_t i = 0; i < TopModel::kMaxLaunches + 10; ++i) model.take(event(std::to_string(i), "BUILD", 2, 0));
  EXPECT_THAT(frame(model, 1), HasSubstr("50000 under way"));
}

}  // namespace
}  // namespace kilonova::cli
