// The fault proxy (tests/tools/proxy) between two nodes: it does to messages and frames what its rules say, and what the link
// between daemons promises holds through it.
#include "tests/tools/proxy/fault_proxy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "grpc_world.h"
#include "tests/unit/rpc-link/link_messages.h"

namespace kilonova::testing {
namespace {

using proxy::Counts;
using proxy::FaultProxy;
using proxy::FaultRules;

constexpr PeerId kTheController{Role::kController, 0};
constexpr PeerId kTheCompute{Role::kCompute, 0};
constexpr uint64_t kMessages = 3'000;
constexpr size_t kQueue = 100'000;

class FaultProxyTest : public ::testing::Test {
 protected:
  FaultProxyTest() : proxy_(std::make_unique<FaultProxy>(loop_.loop(), queues_, 7)) {}
  ~FaultProxyTest() override {
    loop_.run([&] { proxy_.reset(); });
  }

  void start(const std::string& rules) {
    set_rules(rules);
    std::string door = "unix:" + directory_.path() + "/door.sock";
    loop_.run([&] {
      auto started = proxy_->start({{door, world_.address(kTheController)}});
      EXPECT_TRUE(started.has_value()) << started.error().message;
    });
    world_.start(kTheController, 11, kQueue);
    NodeOptions compute = world_.options(kTheCompute, 12);
    compute.queue_limit = kQueue;
    compute.controller = door;
    EXPECT_TRUE(world_.start(compute).has_value());
    EXPECT_TRUE(world_.run_until([&] {
      return world_.recorder(kTheController).is_up({kTheCompute, 12}) &&
             world_.recorder(kTheCompute).is_up({kTheController, 11});
    }));
  }

  void set_rules(const std::string& text) {
    auto rules = FaultRules::parse(text);
    ASSERT_TRUE(rules.has_value()) << rules.error().message;
    loop_.run([&] { proxy_->set_rules(*rules); });
  }

  // A few a frame, so that there are many frames.
  void send(PeerId from, PeerId to, uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count;) {
      world_.on(from, [&](Transport& transport) {
        for (int few = 0; few < 5 && i < first + count; ++few) EXPECT_TRUE(transport.send(to, numbered(i++)));
      });
    }
  }

  // Waits until so many were received, whichever.
  std::vector<uint64_t> received(PeerId at, PeerId from, size_t count) {
    EXPECT_TRUE(world_.run_until([&] { return world_.recorder(at).calls(from).size() >= count; }));
    return world_.recorder(at).calls(from);
  }

  Counts counts(const std::string& direction) {
    Counts counts;
    loop_.run([&] { counts = proxy_->counts().at(direction); });
    return counts;
  }

  TemporaryDirectory directory_;
  GrpcWorld world_;
  proxy::ManyQueues queues_;
  LoopThread loop_{queues_};
  std::unique_ptr<FaultProxy> proxy_;
};

std::vector<uint64_t> one_to(uint64_t last) {
  std::vector<uint64_t> numbers(last);
  for (uint64_t i = 0; i < last; ++i) numbers[i] = i + 1;
  return numbers;
}

TEST_F(FaultProxyTest, LetsEverythingThroughWithoutRules) {
  start("");
  send(kTheCompute, kTheController, 1, kMessages);
  send(kTheController, kTheCompute, 1, kMessages);
  EXPECT_EQ(received(kTheController, kTheCompute, kMessages), one_to(kMessages));
  EXPECT_EQ(received(kTheCompute, kTheController, kMessages), one_to(kMessages));
}

TEST_F(FaultProxyTest, LinksMendWhatHappensToFrames) {
  start("*>*:* drop-frame=0.1,repeat-frame=0.3,break=0.03\n");
  // How many frames the messages make depends on the machine: send until each of the three has happened.
  auto all_happened = [&] {
    size_t downs = 0;
    world_.change([&] { downs = world_.recorder(kTheCompute).count(PeerEvent::kDown, kTheController); });
    Counts there = counts("compute-0>controller-0");
    return there.frames_dropped > 0 && there.frames_repeated > 0 && downs > 0;
  };
  uint64_t sent = 0;
  while (sent < kMessages || !all_happened()) {
    if (sent == kQueue / 2) {  // nothing is lost for want of room; the frames on their way are enough
      std::this_thread::yield();
      continue;
    }
    send(kTheCompute, kTheController, sent + 1, 100);
    send(kTheController, kTheCompute, sent + 1, 100);
    sent += 100;
  }
  set_rules("");
  // What a lost last frame held is asked for by the gap before the next.
  ++sent;
  send(kTheCompute, kTheController, sent, 1);
  send(kTheController, kTheCompute, sent, 1);
  EXPECT_EQ(received(kTheController, kTheCompute, sent), one_to(sent));
  EXPECT_EQ(received(kTheCompute, kTheController, sent), one_to(sent));
}

TEST_F(FaultProxyTest, MessagesAreLostAndRepeatedOnAStandingConnection) {
  start("*>*:* drop=0.2,repeat=0.2,reorder=0.1,delay=0.1,longest-delay=20\n");
  send(kTheCompute, kTheController, 1, kMessages);
  // A last one, before which everything else has met its fate.
  while (counts("compute-0>controller-0").passed + counts("compute-0>controller-0").dropped < kMessages)
    std::this_thread::yield();
  set_rules("");
  std::vector<uint64_t> arrived;
  send(kTheCompute, kTheController, kMessages + 1, 1);
  EXPECT_TRUE(world_.run_until([&] {
    arrived = world_.recorder(kTheController).calls(kTheCompute);
    return std::ranges::count(arrived, kMessages + 1) == 1;
  }));
  Counts there = counts("compute-0>controller-0");
  EXPECT_EQ(there.passed + there.dropped, kMessages + 1);
  arrived = received(kTheController, kTheCompute, there.passed + there.repeated);
  EXPECT_EQ(arrived.size(), there.passed + there.repeated);
  EXPECT_EQ(std::set<uint64_t>(arrived.begin(), arrived.end()).size(), there.passed);
  for (uint64_t part : {there.dropped, there.repeated}) {
    EXPECT_GT(part, kMessages / 10);
    EXPECT_LT(part, kMessages / 3);
  }
  EXPECT_GT(there.reordered, 0u);
  EXPECT_GT(there.delayed, 0u);
  EXPECT_FALSE(std::ranges::is_sorted(arrived));
  EXPECT_EQ(world_.recorder(kTheCompute).count(PeerEvent::kDown, kTheController), 0u);
}

TEST_F(FaultProxyTest, CutsOneWayAndHeals) {
  start("compute-*>controller-0:* drop=1\n");
  send(kTheCompute, kTheController, 1, 10);
  send(kTheController, kTheCompute, 1, 10);
  EXPECT_EQ(received(kTheCompute, kTheController, 10), one_to(10));
  // No event tells of what does not arrive: each look is a round trip to the proxy's loop.
  for (int looks = 0; looks < 100'000 && counts("compute-0>controller-0").dropped < 10; ++looks)
    std::this_thread::yield();
  EXPECT_EQ(counts("compute-0>controller-0").dropped, 10u);
  set_rules("");
  send(kTheCompute, kTheController, 11, 1);
  EXPECT_EQ(received(kTheController, kTheCompute, 1), std::vector<uint64_t>{11});
}

TEST(FaultRulesTest, TheFirstThatFitsCounts) {
  auto rules = FaultRules::parse("# cut\ncompute-1>*:InstanceReport drop=1\n\n*>*:* repeat=0.25,longest-delay=3\n");
  ASSERT_TRUE(rules.has_value()) << rules.error().message;
  EXPECT_EQ(rules->of_message({Role::kCompute, 1}, kTheController, "InstanceReport").drop, 1);
  EXPECT_EQ(rules->of_message({Role::kCompute, 1}, kTheController, "UsageUpdate").repeat, 0.25);
  EXPECT_EQ(rules->of_message({Role::kCompute, 0}, kTheController, "InstanceReport").drop, 0);
  EXPECT_EQ(rules->of_frame(kTheController, kTheCompute).longest_delay, milliseconds(3));
}

TEST(FaultRulesTest, NonsenseIsNamed) {
  for (const char* wrong : {"*>*:* drop=2", "*>*:* lose=1", "*>* drop=1", "*>*:* drop=x", "*>*:* drop"}) {
    auto rules = FaultRules::parse(std::string("*>*:* drop=1\n") + wrong);
    ASSERT_FALSE(rules.has_value()) << wrong;
    EXPECT_THAT(rules.error().message, ::testing::HasSubstr("line 2"));
  }
}

}  // namespace
}  // namespace kilonova::testing
