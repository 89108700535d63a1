// How often `kilonova check` looks, and what it makes of what it sees.
#include "cli/check/cloud_check.h"
#include "domain/beliefs.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace kilonova::cli {
namespace {

constexpr Resources kTiny{1, 512, 1};

audit::Beliefs look(std::vector<Allocation> allocations = {}, std::vector<ServerBelief> servers = {}) {
  audit::Beliefs beliefs;
  beliefs.daemons.push_back({{Role::kController, 0}, {}});
  beliefs.daemons[0].beliefs.allocations = std::move(allocations);
  beliefs.daemons[0].beliefs.servers = std::move(servers);
  return beliefs;
}
const Allocation kOrphan{.instance = Uuid{{1}}, .epoch = 1, .host = "h1", .resources = kTiny};
const Allocation kOther{.instance = Uuid{{2}}, .epoch = 1, .host = "h1", .resources = kTiny};
const ServerBelief kBuilding{.uuid = Uuid{{3}}, .name = "b", .task_state = TaskState::kSpawning};

// Looks in their order; the last one stays.
class Watched {
 public:
  explicit Watched(std::deque<Expected<audit::Beliefs>> looks) : looks_(std::move(looks)) {}

  Expected<CheckResult> check(Duration settle = {}) {
    CheckPorts ports{.look =
                         [this] {
                           Expected<audit::Beliefs> now = looks_.front();
                           if (looks_.size() > 1) looks_.pop_front();
                           ++count;
                           return now;
                         },
                     .sleep = [this](Duration pause) { now_ = now_ + pause; },
                     .now = [this] { return now_; }};
    return check_cloud(ports, settle);
  }

  int count = 0;

 private:
  std::deque<Expected<audit::Beliefs>> looks_;
  Instant now_;
};

TEST(CloudCheck, ACleanCloudIsLookedAtOnce) {
  Watched cloud({look()});
  EXPECT_TRUE(cloud.check()->clean());
  EXPECT_EQ(cloud.count, 1);
}

TEST(CloudCheck, WhatASecondLookDoesNotFindAgainWasOfTwoMoments) {
  Watched cloud({look({kOrphan}), look({kOther})});
  auto result = cloud.check();
  EXPECT_TRUE(result->clean());
  EXPECT_EQ(cloud.count, 2);
}

TEST(CloudCheck, WhatStaysIsWrong) {
  Watched cloud({look({kOrphan}), look({kOrphan, kOther})});
  auto result = cloud.check();
  EXPECT_FALSE(result->clean());
  ASSERT_EQ(result->findings.discrepancies.size(), 1u);
  EXPECT_EQ(result->findings.discrepancies[0].server, kOrphan.instance);
}

TEST(CloudCheck, AServerInMotionIsNothingWrongUnlessAskedToWaitForRest) {
  Watched busy({look({}, {kBuilding})});
  EXPECT_TRUE(busy.check()->clean());
  EXPECT_EQ(busy.count, 1);
  auto waited = busy.check(seconds(5));
  EXPECT_TRUE(waited->waited_in_vain);
  EXPECT_FALSE(waited->clean());
  EXPECT_EQ(waited->findings.in_motion.size(), 1u);
  EXPECT_EQ(busy.count, 7);
}

TEST(CloudCheck, WaitingEndsWhenTheCloudIsAtRest) {
  Watched cloud({look({}, {kBuilding}), look({kOrphan}), look()});
  auto result = cloud.check(seconds(60));
  EXPECT_TRUE(result->clean());
  EXPECT_FALSE(result->waited_in_vain);
  EXPECT_EQ(cloud.count, 3);
}

TEST(CloudCheck, WaitingForWhatNeverEndsEndsAtItsTime) {
  Watched cloud({look({kOrphan})});
  auto result = cloud.check(seconds(3));
  EXPECT_FALSE(result->clean());
  EXPECT_EQ(result->findings.discrepancies.size(), 1u);
  EXPECT_EQ(cloud.count, 4);
}

TEST(CloudCheck, ASilentDaemonMakesTheCheckIncompleteAndIsWaitedForWhenAsked) {
  audit::Beliefs incomplete = look();
  incomplete.silent = {{{Role::kCompute, 1}, "compute-1 is not connected"}};
  Watched cloud({incomplete, incomplete, look()});
  auto result = cloud.check();
  EXPECT_FALSE(result->clean());
  ASSERT_EQ(result->silent.size(), 1u);
  EXPECT_TRUE(cloud.check(seconds(60))->clean());
}

TEST(CloudCheck, ACloudThatCannotBeAskedIsAnErrorAtOnceOrAtTheEnd) {
  auto nobody = std::unexpected(Error{ErrorCode::kUnavailable, "the cloud does not answer"});
  Watched cloud({nobody});
  EXPECT_EQ(cloud.check().error().message, "the cloud does not answer");
  EXPECT_EQ(cloud.count, 1);
  EXPECT_EQ(cloud.check(seconds(2)).error().message, "the cloud does not answer");
  EXPECT_EQ(cloud.count, 4);
  Watched back({nobody, look()});
  EXPECT_TRUE(back.check(seconds(2))->clean());
}

}  // namespace
}  // namespace kilonova::cli
