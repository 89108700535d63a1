// A build cancelled at every point of its life, in every way: nothing may leak.
#include <functional>

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

constexpr int kPoints = 40;  // of 100 ms: beyond the end of the build

// A build, another that waits for its image download and one for a build slot; `cancel` strikes the first.
void cancel_at(int point, const std::function<void(ComputeWorld&)>& cancel,
               const std::function<void(ComputeWorld&)>& expect) {
  SCOPED_TRACE("at " + std::to_string(point * 100) + " ms");
  ComputeWorld world(kSlowTiming, 1, {.max_concurrent_builds = 2});
  world.connect_all();
  for (uint64_t i = 1; i <= 3; ++i) world.cast(i, 1);
  for (int i = 0; i < point; ++i) {
    world.run(milliseconds(100));
    if (i != 2) world.answer_allocations();
  }
  cancel(world);
  for (int i = 0; i < 100; ++i) {
    world.run(milliseconds(100));
    world.answer_allocations();
  }
  expect(world);
}

void finish_others(ComputeWorld& world) {
  size_t others = 0;
  std::vector<InstanceReport> answered;
  for (const InstanceReport& report : world.terminal_reports()) {
    world.answer_report(report);
    if (report.placement.instance == uuid_of(1)) continue;
    bool repeat = false;
    for (const InstanceReport& earlier : answered) repeat = repeat || earlier == report;
    if (repeat) continue;
    answered.push_back(report);
    EXPECT_EQ(report.result, BuildResult::kActive);
    ++others;
  }
  EXPECT_EQ(others, 2U);
}

TEST(Cancel, ADeleteAtEveryPointOfABuild) {
  for (int point = 0; point < kPoints; ++point) {
    cancel_at(
        point, [](ComputeWorld& world) { world.deliver(kController, TerminateInstance{"c0", {uuid_of(1), 2}, {}}); },
        [](ComputeWorld& world) {
          EXPECT_EQ(world.transport->count<InstanceTerminated>(), 1U);
          finish_others(world);
          world.expect_quiet(2);
        });
  }
}

TEST(Cancel, AStaleAnswerAtEveryPointOfABuild) {
  for (int point = 0; point < kPoints; ++point) {
    cancel_at(
        point,
        [](ComputeWorld& world) {
          world.deliver(kController, ReportAnswer{"c0", {uuid_of(1), 1}, ReportAnswer::Verdict::kStale});
        },
        [](ComputeWorld& world) {
          EXPECT_TRUE(world.released(1, 1));
          finish_others(world);
          world.confirm_releases();
          EXPECT_EQ(world.core->counters().unconfirmed_releases, 0U);
          world.expect_quiet(2);
        });
  }
}

TEST(Cancel, ANewerPlacementAtEveryPointOfABuild) {
  for (int point = 0; point < kPoints; ++point) {
    cancel_at(
        point, [](ComputeWorld& world) { world.cast(1, 2); },
        [](ComputeWorld& world) {
          finish_others(world);
          bool active = false;
          for (const InstanceReport& report : world.terminal_reports())
            active =
                active || (report.placement == PlacementId{uuid_of(1), 2} && report.result == BuildResult::kActive);
          EXPECT_TRUE(active);
          world.expect_quiet(3);
        });
  }
}

TEST(Cancel, TheProcessDiesAtEveryPointOfABuild) {
  for (int point = 0; point < kPoints; ++point) {
    cancel_at(
        point,
        [](ComputeWorld& world) {
          world.boot();
          world.clear();
          world.connect_all();
        },
        [](ComputeWorld& world) {
          // What was built is kept; what was begun is reported lost; what was not begun is not known.
          for (const InstanceReport& report : world.terminal_reports()) {
            EXPECT_EQ(report.result, BuildResult::kLost);
            EXPECT_TRUE(world.released(report.placement.instance == uuid_of(1)   ? 1
                                       : report.placement.instance == uuid_of(2) ? 2
                                                                                 : 3,
                                       1));
            world.answer_report(report);
          }
          for (const auto& [key, record] : world.journal.records) EXPECT_TRUE(record.built);
          world.confirm_releases();
          world.expect_quiet(world.journal.records.size());
        });
  }
}

}  // namespace
}  // namespace kilonova::testing
