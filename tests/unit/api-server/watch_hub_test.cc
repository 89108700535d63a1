#include "api-server/core/watch_hub.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/nouns/server.h"
#include "domain/watch_event.h"
#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/virtual_loop.h"

namespace kilonova::api {
namespace {

const Uuid kDemo = *parse_uuid("00000000000000000000000000000001");
const Uuid kOther = *parse_uuid("00000000000000000000000000000002");

// The controller's side: all events ever, pages of them after a delay, and pushes that a test may lose or repeat.
class Controller {
 public:
  Controller(VirtualLoop& loop, uint64_t seed) : loop_(loop), random_(seed) {}

  WatchEvent commit() {
    WatchEvent event;
    revision_ += 1 + (random_.chance(0.1) ? random_.below(5) : 0);  // a failed commit leaves a gap
    event.revision = revision_;
    event.project_id = random_.chance(0.5) ? kDemo : kOther;
    event.instance.bytes[0] = static_cast<uint8_t>(random_.below(4));
    event.task_state = random_.chance(0.5) ? TaskState::kNone : TaskState::kSpawning;
    events_.push_back(event);
    return event;
  }
  Task<Expected<EventList>> read_page(uint64_t since, uint32_t limit, uint64_t named) {
    ++pages;
    co_await sleep_for(loop_, milliseconds(2));
    if (std::ranges::find(lost_generations, named) != lost_generations.end())
      co_return fail(ErrorCode::kOutOfRange, std::string(kWentBack) + ": so it is");
    if (since < dropped_up_to) co_return fail(ErrorCode::kOutOfRange, "dropped");
    EventList list;
    list.revision = revision_;
    list.generation = generation;
    for (const WatchEvent& event : events_)
      if (event.revision > since && list.events.size() < limit) list.events.push_back(event);
    co_return list;
  }
  uint64_t revision() const { return revision_; }
  std::vector<uint64_t> revisions(const WatchFilter& filter, uint64_t since) const {
    std::vector<uint64_t> result;
    for (const WatchEvent& event : events_)
      if (event.revision > since && filter.passes(event)) result.push_back(event.revision);
    return result;
  }

  int pages = 0;
  uint64_t dropped_up_to = 0;
  uint64_t generation = 0;
  std::vector<uint64_t> lost_generations;
  // The newest are gone.
  void go_back(uint64_t revision) {
    std::erase_if(events_, [&](const WatchEvent& event) { return event.revision > revision; });
    revision_ = revision;
  }

 private:
  VirtualLoop& loop_;
  Random random_;
  std::vector<WatchEvent> events_;
  uint64_t revision_ = 0;
};

struct Watcher {
  WatchFilter filter;
  WatchPosition position;
  Duration pause;  // between batches
  std::vector<uint64_t> got;
  std::vector<CloudEvent> cloud_events = {};
  std::optional<Error> ended;
};

Task<void> watch(VirtualLoop* loop, WatchHub* hub, Watcher* watcher) {
  while (!watcher->ended) {
    auto batch = co_await hub->next(watcher->filter, watcher->position, seconds(1));
    if (!batch) {
      watcher->ended = batch.error();
      co_return;
    }
    watcher->position = batch->position;
    for (const WatchEvent& event : batch->events) watcher->got.push_back(event.revision);
    for (const CloudEvent& event : batch->cloud_events) watcher->cloud_events.push_back(event);
    if (watcher->pause > Duration{}) co_await sleep_for(*loop, watcher->pause);
  }
}

class Hub : public ::testing::Test {
 protected:
  void open(size_t capacity = WatchHub::kCapacity, uint64_t seed = 1) {
    controller_ = std::make_unique<Controller>(loop_, seed);
    hub_ = std::make_unique<WatchHub>(
        loop_,
        [this](uint64_t since, uint32_t limit, uint64_t generation) {
          return controller_->read_page(since, limit, generation);
        },
        capacity);
    scope_ = std::make_unique<Scope>(loop_);
  }
  ~Hub() override {
    scope_.reset();
    hub_.reset();
  }
  void push(int n) {
    WatchEvents message{controller_->revision(), {}};
    message.generation = controller_->generation;
    for (int i = 0; i < n; ++i) message.events.push_back(controller_->commit());
    hub_->add(message);
  }
  void commit_unheard(int n) {
    for (int i = 0; i < n; ++i) controller_->commit();
  }
  Watcher& watcher(WatchFilter filter, uint64_t since = 0, Duration pause = {}) {
    watchers_.push_back(std::make_unique<Watcher>(Watcher{filter, {since, false}, pause, {}, {}, {}}));
    scope_->spawn(watch(&loop_, hub_.get(), watchers_.back().get()));
    return *watchers_.back();
  }
  void run(Duration time) { loop_.run_until(loop_.now() + time); }

  VirtualLoop loop_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<WatchHub> hub_;
  std::unique_ptr<Scope> scope_;
  std::vector<std::unique_ptr<Watcher>> watchers_;
};

const WatchFilter kAll{.all_projects = true};

TEST_F(Hub, StreamsWhatIsPushed) {
  open();
  push(0);
  Watcher& all = watcher(kAll);
  Watcher& demo = watcher({.project_id = kDemo});
  Watcher& stable = watcher({.project_id = kDemo, .stable_only = true});
  Watcher& one = watcher({.project_id = kOther, .instance = Uuid{}});
  for (int i = 0; i < 20; ++i) {
    push(7);
    run(milliseconds(1));
  }
  for (Watcher* w : {&all, &demo, &stable, &one}) EXPECT_EQ(w->got, controller_->revisions(w->filter, 0));
  EXPECT_LT(stable.got.size(), demo.got.size());
  EXPECT_EQ(controller_->pages, 0) << "memory alone suffices";
}

TEST_F(Hub, CloudEventsGoOnceToWhoAsksForThem) {
  open();
  push(0);
  Watcher& plain = watcher(kAll);
  Watcher& asks = watcher({.all_projects = true, .cloud_events = true});
  run(milliseconds(1));
  CloudEvent down{.time = {}, .host = "h1"};
  CloudEvent struck{.time = {}, .fault_rule = 3, .struck = 2};
  hub_->add({controller_->revision(), {}, {down}});
  run(milliseconds(1));
  push(2);
  hub_->add({controller_->revision(), {}, {struck}});
  run(seconds(3));
  EXPECT_EQ(asks.cloud_events, (std::vector<CloudEvent>{down, struck}));
  EXPECT_EQ(asks.got, controller_->revisions(kAll, 0));
  EXPECT_TRUE(plain.cloud_events.empty());
  EXPECT_EQ(plain.got, asks.got);
}

TEST_F(Hub, WhoIsFarBehindWithCloudEventsLosesTheOldest) {
  open();
  push(0);
  Watcher& slow = watcher({.all_projects = true, .cloud_events = true}, 0, seconds(1));
  run(milliseconds(1));
  WatchEvents many{controller_->revision(), {}, {}};
  for (size_t i = 0; i < WatchHub::kCloudEventsKept + 5; ++i) many.cloud_events.push_back({.time = {}, .struck = int64_t(i)});
  hub_->add(many);
  run(seconds(30));
  ASSERT_EQ(slow.cloud_events.size(), WatchHub::kCloudEventsKept);
  EXPECT_EQ(slow.cloud_events.front().struck, 5);
}

TEST_F(Hub, CatchesUpByPages) {
  open();
  commit_unheard(3500);
  Watcher& all = watcher(kAll);
  run(milliseconds(100));
  EXPECT_EQ(all.got, controller_->revisions(kAll, 0));
  EXPECT_GE(controller_->pages, 4);
  push(0);  // the controller tells its revision
  push(5);
  run(milliseconds(100));
  EXPECT_EQ(all.got, controller_->revisions(kAll, 0));
}

TEST_F(Hub, ALostPushIsReadFromTheController) {
  open();
  push(3);
  Watcher& all = watcher(kAll);
  run(milliseconds(10));
  commit_unheard(10);
  push(2);  // its `after` shows the gap
  run(milliseconds(10));
  EXPECT_EQ(all.got, controller_->revisions(kAll, 0));
  EXPECT_FALSE(all.ended);
}

TEST_F(Hub, RepeatedPushesAreSkipped) {
  open();
  Watcher& all = watcher(kAll);
  WatchEvents message{0, {}};
  for (int i = 0; i < 5; ++i) message.events.push_back(controller_->commit());
  hub_->add(message);
  hub_->add(message);
  run(milliseconds(10));
  EXPECT_EQ(all.got, controller_->revisions(kAll, 0));
}

// A restart of the controller alone: nobody misses anything.
TEST_F(Hub, AnotherGenerationOfTheSameHistoryGoesOn) {
  open();
  controller_->generation = 1;
  push(3);
  Watcher& one = watcher({.all_projects = true}, 0);
  loop_.run_until(loop_.now() + seconds(2));
  controller_->generation = 2;
  push(2);
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_FALSE(one.ended);
  EXPECT_EQ(one.position.generation, 2u);
  EXPECT_EQ(one.position.revision, controller_->revision());
}

// The controller's store went back below what was told already: nobody stays deaf.
TEST_F(Hub, AStoreThatWentBackIsAGap) {
  open();
  controller_->generation = 1;
  push(20);
  const uint64_t told = controller_->revision();
  Watcher& one = watcher({.all_projects = true}, 1);
  loop_.run_until(loop_.now() + seconds(2));
  ASSERT_EQ(one.position.revision, told);
  controller_->go_back(5);
  controller_->generation = 2;
  controller_->lost_generations = {1};
  push(1);
  loop_.run_until(loop_.now() + seconds(2));
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.ended->code, ErrorCode::kOutOfRange);
  EXPECT_TRUE(one.ended->message.starts_with(kWentBack)) << one.ended->message;
  Watcher& two = watcher({.all_projects = true}, 0);
  loop_.run_until(loop_.now() + seconds(1));
  push(2);
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_EQ(two.got, controller_->revisions({.all_projects = true}, 0));
}

// Before it has committed anything new.
TEST_F(Hub, ANewLifeThatKnowsLessIsAGap) {
  open();
  controller_->generation = 1;
  push(20);
  Watcher& one = watcher({.all_projects = true}, 1);
  loop_.run_until(loop_.now() + seconds(2));
  hub_->on_new_life();
  push(0);
  loop_.run_until(loop_.now() + seconds(2));
  ASSERT_FALSE(one.ended) << "a life that knows as much";
  controller_->go_back(5);
  hub_->on_new_life();
  push(0);
  loop_.run_until(loop_.now() + seconds(2));
  ASSERT_TRUE(one.ended);
  EXPECT_EQ(one.ended->code, ErrorCode::kOutOfRange);
  EXPECT_TRUE(one.ended->message.starts_with(kWentBack)) << one.ended->message;
}

TEST_F(Hub, StartsAfterTheRevisionGiven) {
  open();
  push(50);
  uint64_t since = controller_->revisions(kAll, 0)[20];
  Watcher& late = watcher(kAll, since);
  run(milliseconds(10));
  EXPECT_EQ(late.got, controller_->revisions(kAll, since));
}

TEST_F(Hub, AFutureRevisionIsRefusedByWhatTheControllerSays) {
  open();
  push(5);
  Watcher& future = watcher(kAll, controller_->revision() + 100);
  run(milliseconds(10));
  ASSERT_TRUE(future.ended);
  EXPECT_EQ(future.ended->code, ErrorCode::kOutOfRange);
  EXPECT_NE(future.ended->message.find("in the future"), std::string::npos);
}

TEST_F(Hub, ARevisionThatTheEventsHaveNotReachedYetIsGood) {
  open();
  push(5);
  WatchEvents late{controller_->revision(), {}};
  late.events = {controller_->commit(), controller_->commit()};
  Watcher& ahead = watcher(kAll, controller_->revision());  // a create's answer overtook its events
  run(milliseconds(10));
  hub_->add(late);
  push(1);
  run(milliseconds(10));
  EXPECT_EQ(ahead.got, (std::vector<uint64_t>{controller_->revision()}));
}

TEST_F(Hub, WhatIsNoLongerKeptIsRefused) {
  open();
  commit_unheard(10);
  push(1);
  controller_->dropped_up_to = 5;
  Watcher& old = watcher(kAll, 1);
  run(milliseconds(10));
  ASSERT_TRUE(old.ended);
  EXPECT_EQ(old.ended->code, ErrorCode::kOutOfRange);
  EXPECT_NE(old.ended->message.find("resume from revision"), std::string::npos);
}

TEST_F(Hub, ASlowWatcherIsToldWhereToResume) {
  open(100);
  push(1);
  Watcher& slow = watcher(kAll, 0, seconds(10));
  run(milliseconds(10));
  uint64_t seen = slow.position.revision;
  for (int i = 0; i < 30; ++i) push(10);
  run(seconds(20));
  ASSERT_TRUE(slow.ended);
  EXPECT_EQ(slow.ended->code, ErrorCode::kOutOfRange);
  EXPECT_NE(slow.ended->message.find("resume from revision " + std::to_string(seen)), std::string::npos);
  // And resuming there loses nothing.
  Watcher& again = watcher(kAll, seen);
  run(seconds(1));
  EXPECT_EQ(again.got, controller_->revisions(kAll, seen));
}

TEST_F(Hub, SilenceIsAnEmptyBatch) {
  open();
  push(0);
  Watcher& all = watcher(kAll);
  run(seconds(10));
  EXPECT_TRUE(all.got.empty());
  EXPECT_FALSE(all.ended);
  push(1);
  run(milliseconds(1));
  EXPECT_EQ(all.got.size(), 1u);
}

// Pushes of random size, lost or repeated at random, a controller that restarts, watchers that come at random times and
// pause at random: everyone still alive has everything, once, in order.
TEST_F(Hub, NoGapAndNoRepeatUnderRandomPushes) {
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    scope_.reset();
    watchers_.clear();
    open(2000, seed);
    Random random(seed, "test", "pushes");
    std::vector<std::pair<Watcher*, uint64_t>> opened;
    WatchEvents last;
    for (int round = 0; round < 200; ++round) {
      switch (random.below(6)) {
        case 0: commit_unheard(static_cast<int>(random.below(20))); break;
        case 1: hub_->add(last); break;
        case 2: {
          const WatchFilter filter{.project_id = kDemo, .all_projects = random.chance(0.5), .stable_only = random.chance(0.3)};
          uint64_t since = random.below(controller_->revision() + 1);
          opened.emplace_back(&watcher(filter, since, milliseconds(static_cast<int64_t>(random.below(3)))), since);
          break;
        }
        default: {
          last = {controller_->revision(), {}};
          for (uint64_t n = random.below(30); n > 0; --n) last.events.push_back(controller_->commit());
          hub_->add(last);
        }
      }
      run(microseconds(static_cast<int64_t>(random.below(5000))));
    }
    push(1);
    run(seconds(5));
    for (auto [w, since] : opened) {
      ASSERT_FALSE(w->ended) << "seed " << seed << ": " << w->ended->message;
      ASSERT_EQ(w->got, controller_->revisions(w->filter, since)) << "seed " << seed << ", since " << since;
    }
  }
}

}  // namespace
}  // namespace kilonova::api
