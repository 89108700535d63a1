#include "compute-node/hypervisor/simulated_hypervisor.h"

#include <gtest/gtest.h>

#include "domain/server_actions.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"

namespace kilonova::compute {
namespace {

Task<void> note_end(Loop* loop, Task<void> work, Instant* ended) {
  co_await std::move(work);
  *ended = loop->now();
}

// How long the work takes from now.
template <class Work>
Duration time_of(std::string_view timing, Work work) {
  VirtualLoop loop;
  SimulatedHypervisor hypervisor(loop, *TimingModel::parse(timing, "test"), Random(1));
  Scope scope(loop);
  Instant ended{-1};
  scope.spawn(note_end(&loop, work(hypervisor), &ended));
  loop.run_until_idle();
  return ended - Instant{};
}

TEST(SimulatedHypervisor, EachWorkTakesItsTime) {
  constexpr std::string_view kTiming =
      "claim = 1s\nblock_device = 2s\nimage_setup = 3s\nimage_bandwidth = 1\ndefine = 4s\nvif_plug = 5s\nstart = 6s\n"
      "destroy = 7s\npower_off = 8s\npower_on = 9s\n";
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.claim_resources(); }), seconds(1));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.create_disks(3); }), seconds(6));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.download_image(2 << 20); }), seconds(5));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.define_guest(); }), seconds(4));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.start_guest(); }), seconds(11));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.destroy_guest(); }), seconds(7));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.work_on_guest(GuestWork::kPowerOff, 0); }), seconds(8));
  EXPECT_EQ(time_of(kTiming, [](auto& h) { return h.work_on_guest(GuestWork::kPowerOn, 0); }), seconds(9));
}

TEST(SimulatedHypervisor, ARunningGuestIsNoticedAtThePoll) {
  auto start = [](auto& h) { return h.start_guest(); };
  EXPECT_EQ(time_of("start = 501ms\npoll_interval = 500ms", start), seconds(1));
  EXPECT_EQ(time_of("start = 500ms\npoll_interval = 500ms", start), milliseconds(500));
  EXPECT_EQ(time_of("poll_interval = 500ms", start), milliseconds(0));
}

TEST(SimulatedHypervisor, AnInstantOneSetsNoTimer) {
  VirtualLoop loop;
  SimulatedHypervisor hypervisor(loop, TimingModel::instant(), Random(1));
  Scope scope(loop);
  Instant ended{-1};
  scope.spawn(note_end(&loop, hypervisor.start_guest(), &ended));
  EXPECT_TRUE(loop.step());  // the flow's start, and its end
  EXPECT_EQ(ended, Instant{});
  EXPECT_FALSE(loop.step());
}

}  // namespace
}  // namespace kilonova::compute
