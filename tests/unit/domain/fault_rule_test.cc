// Which fault rules there may be, and whom they strike.
#include "domain/nouns/fault_rule.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kilonova {
namespace {

// Of so many that reach it: "x" for one that it strikes, "." for one that passes.
std::string struck(FaultRule rule, size_t reach) {
  std::string result;
  for (size_t i = 0; i < reach; ++i) result += count_reached(rule) ? 'x' : '.';
  return result;
}

TEST(FaultRule, StrikesAfterSomeAndSoOften) {
  EXPECT_EQ(struck({.step = LaunchStep::kClaimed}, 4), "xxxx");
  EXPECT_EQ(struck({.count = 2}, 5), "xx...");
  EXPECT_EQ(struck({.count = 1, .skip = 3}, 6), "...x..");
}

TEST(FaultRule, DrawsBySeedAndNumberAlone) {
  const FaultRule half{.per_million = 500'000, .seed = 7};
  const std::string first = struck(half, 64);
  EXPECT_EQ(struck(half, 64), first);
  const auto hits = std::ranges::count(first, 'x');
  EXPECT_GT(hits, 16);
  EXPECT_LT(hits, 48);
  FaultRule other = half;
  other.seed = 8;
  EXPECT_NE(struck(other, 64), first);
  // As after a restart: what was reached before is known.
  FaultRule later = half;
  for (int i = 0; i < 20; ++i) count_reached(later);
  EXPECT_EQ(struck(later, 44), first.substr(20));
}

std::string refusal(FaultRule rule) {
  auto checked = AddFault{std::move(rule)}.check();
  return checked ? "" : checked.error().message;
}

TEST(FaultRule, IsRefusedWithWhatWouldBeRight) {
  struct Case {
    FaultRule rule;
    std::string says;  // "" = it is taken
  };
  using LaunchStep::kClaimed, LaunchStep::kRunCast;
  using FaultEffect::kCrash, FaultEffect::kDrop, FaultEffect::kHang, FaultEffect::kLoseReply;
  const Case cases[] = {
      {{}, "no fault can strike at step"},
      {{.step = kClaimed, .action = "stop"}, "give one of them"},
      {{.action = "stop"}, ""},
      {{.fails = false, .action = "reboot-hard", .effect = kHang}, ""},
      {{.action = "fly"}, "'fly'; it must be one of stop, start, reboot, reboot-hard"},
      {{.action = "crash-dump"}, ""},
      {{.action = "resize"}, ""},
      {{.action = "shelve-offload"}, ""},
      {{.fails = false, .action = "confirm-resize", .effect = FaultEffect::kLoseReply}, "no reply of confirm-resize"},
      {{.fails = false, .action = "resize", .effect = FaultEffect::kLoseReply}, ""},
      {{.action = "delete"}, "a delete that was accepted does not fail"},
      {{.fails = false, .action = "delete", .effect = kHang}, ""},
      {{.aborts = true, .action = "stop"}, "no other host"},
      {{.step = kClaimed, .effect = kHang}, "fails and does 'hang'"},
      {{.step = kClaimed, .fails = false, .effect = kHang}, ""},
      {{.step = kClaimed, .fails = false, .effect = kDrop}, "no message of step claimed can be dropped"},
      {{.step = kRunCast, .fails = false, .effect = kDrop}, ""},
      {{.step = kRunCast, .fails = false, .effect = kLoseReply}, "no reply of step run_cast can be lost"},
      {{.step = kClaimed, .fails = false, .effect = kCrash}, "give a count"},
      {{.step = kClaimed, .count = 1, .fails = false, .effect = kCrash}, ""},
      {{.step = kClaimed, .fails = false}, "does nothing"},
      {{.step = kClaimed, .skip = -1}, "how many pass first"},
      {{.step = kClaimed, .per_million = 0}, "the probability"},
      {{.step = kClaimed, .status = 503}, "are of HTTP requests"},
      {{.http = "POST /compute/v2.1/servers", .status = 503}, ""},
      {{.http = "POST /compute/v2.1/servers"}, "the status of the answer"},
      {{.http = "POST /compute/v2.1/servers", .status = 302}, "the status of the answer"},
      {{.host_pattern = "h*", .http = "GET /compute/*", .status = 503}, "no pattern of hosts"},
      {{.count = 1, .fails = false, .http = "GET /compute/*", .effect = kCrash}, "cannot crash the daemon"},
      {{.fails = false, .http = "GET /compute/*", .effect = kDrop}, ""},
  };
  for (const Case& c : cases) {
    const std::string said = refusal(c.rule);
    if (c.says.empty())
      EXPECT_EQ(said, "") << place_of(c.rule);
    else
      EXPECT_NE(said.find(c.says), std::string::npos) << c.says << " / " << said;
  }
}

}  // namespace
}  // namespace kilonova
