#include "scheduler/core/host_manager.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

#include "base/random.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

constexpr PeerId kProcess{Role::kCompute, 0};
constexpr Instant kLater{1'000'000};

struct HostManagerTest : ::testing::Test {
  const HostState& host(const std::string& name) { return hosts.host(*hosts.find(name)); }
  HostManager hosts;
};

TEST_F(HostManagerTest, CandidateOnceBothSidesWereHeard) {
  hosts.update_status({1, "a", "nova", kProcess, true, true});
  EXPECT_FALSE(host("a").is_candidate());
  hosts.update_usage({kProcess, 1}, {"a", 1, {1, 1, 1}, {}, 0, {}});
  EXPECT_TRUE(host("a").is_candidate());
  hosts.update_usage({kProcess, 1}, {"b", 1, {1, 1, 1}, {}, 0, {}});
  EXPECT_FALSE(host("b").is_candidate());
  EXPECT_EQ(hosts.registered().size(), 1u);
}

TEST_F(HostManagerTest, UsageOfAnotherProcessThanTheControllerNamesDoesNotCount) {
  hosts.update_usage({{Role::kCompute, 7}, 1}, {"a", 1, {99, 99, 99}, {}, 0, {}});
  hosts.update_status({1, "a", "nova", kProcess, true, true});
  EXPECT_FALSE(host("a").is_candidate());
  hosts.update_usage({kProcess, 1}, {"a", 1, {1, 1, 1}, {}, 0, {}});
  EXPECT_TRUE(host("a").is_candidate());
  hosts.update_usage({{Role::kCompute, 7}, 1}, {"a", 5, {99, 99, 99}, {}, 0, {}});
  EXPECT_EQ(host("a").total.vcpus, 1);
}

TEST_F(HostManagerTest, RegistrationOrderWhateverTheOrderOfArrival) {
  add_host(hosts, 30, "z", {1, 1, 1});
  add_host(hosts, 10, "y", {1, 1, 1});
  add_host(hosts, 20, "x", {1, 1, 1});
  auto names = [&] {
    std::string all;
    for (HostIndex index : hosts.registered()) all += hosts.host(index).name;
    return all;
  };
  EXPECT_EQ(names(), "yxz");
  hosts.update_status({40, "y", "nova", kProcess, true, true});
  EXPECT_EQ(names(), "xzy");
  hosts.update_status({20, "y", "nova", kProcess, true, false});  // the same id twice: by name
  EXPECT_EQ(names(), "xyz");
}

TEST_F(HostManagerTest, ADeletedHostIsNoCandidateUntilItsStatusIsHeardAgain) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  add_host(hosts, 2, "b", {8, 1000, 100});
  hosts.forget_status("a");
  hosts.forget_status("a");
  hosts.forget_status("nobody");
  EXPECT_FALSE(host("a").is_candidate());
  EXPECT_EQ(hosts.registered().size(), 1u);
  EXPECT_EQ(hosts.awaiting_usage(), 0u);
  hosts.update_status({7, "a", "nova", kProcess, true, true});
  EXPECT_TRUE(host("a").is_candidate());
  EXPECT_EQ(hosts.registered().size(), 2u);
}

TEST_F(HostManagerTest, AnOlderVersionChangesNothingButSettles) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  hosts.update_usage({kProcess, 1}, {"a", 5, {8, 1000, 100}, {2, 0, 0}, 2, {}});
  hosts.consume_from_request(0, placement(1), {1, 1, 1}, kLater);
  hosts.update_usage({kProcess, 1}, {"a", 4, {8, 1000, 100}, {7, 0, 0}, 7, {placement(1)}});
  EXPECT_EQ(host("a").reported.vcpus, 2);
  EXPECT_EQ(hosts.debit_count(), 0u);
  hosts.update_usage({kProcess, 2},
                     {"a", 1, {8, 1000, 100}, {3, 0, 0}, 3, {}});  // versions restart with an incarnation
  EXPECT_EQ(host("a").reported.vcpus, 3);
}

TEST_F(HostManagerTest, DebitsEndAsTheProtocolSays) {
  struct Row {
    const char* what;
    const char* host;
    uint64_t epoch;
    bool ends;
  };
  // The debit: instance 1, epoch 5, on host a.
  for (const Row& row : {Row{"settled there", "a", 5, true}, Row{"settled elsewhere", "b", 5, false},
                         Row{"an earlier epoch", "a", 4, false}, Row{"a later epoch", "a", 6, true},
                         Row{"a later epoch elsewhere", "b", 6, true}}) {
    HostManager manager;
    add_host(manager, 1, "a", {8, 1000, 100});
    add_host(manager, 2, "b", {8, 1000, 100});
    manager.consume_from_request(0, placement(1, 5), {2, 20, 3}, kLater);
    EXPECT_EQ(manager.host(0).used(), (Resources{2, 20, 3}));
    manager.update_usage({kProcess, 1}, {row.host, 2, {8, 1000, 100}, {}, 0, {placement(1, row.epoch)}});
    EXPECT_EQ(manager.debit_count(), row.ends ? 0u : 1u) << row.what;
    EXPECT_EQ(manager.host(0).used().vcpus, row.ends ? 0 : 2) << row.what;
  }
}

TEST_F(HostManagerTest, AHigherEpochMovesTheDebit) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  add_host(hosts, 2, "b", {8, 1000, 100});
  hosts.consume_from_request(0, placement(1, 1), {2, 20, 3}, kLater);
  hosts.consume_from_request(1, placement(1, 2), {2, 20, 3}, kLater);
  EXPECT_EQ(host("a").used(), Resources{});
  EXPECT_EQ(host("a").instances(), 0u);
  EXPECT_EQ(host("b").used().vcpus, 2);
  EXPECT_FALSE(hosts.end_debit(placement(1, 1)));
  EXPECT_TRUE(hosts.end_debit(placement(1, 2)));
}

TEST_F(HostManagerTest, DebitsExpireAtTheirInstant) {
  add_host(hosts, 1, "a", {8, 1000, 100});
  for (uint64_t i = 0; i < 3; ++i)
    hosts.consume_from_request(0, placement(i), {1, 1, 1}, Instant{100 + static_cast<int64_t>(i)});
  EXPECT_EQ(hosts.expire_debits(Instant{99}), 0u);
  EXPECT_EQ(hosts.expire_debits(Instant{101}), 2u);
  EXPECT_EQ(host("a").instances(), 1u);
  EXPECT_NE(hosts.find_debit(uuid_of(2)), nullptr);
}

TEST_F(HostManagerTest, ANewComputeIncarnationEndsItsDebitsOnly) {
  add_host(hosts, 1, "a", {8, 1000, 100}, {1, 1, 1});
  add_host(hosts, 2, "b", {8, 1000, 100}, {}, "nova", {Role::kCompute, 1});
  hosts.consume_from_request(0, placement(1), {1, 1, 1}, kLater);
  hosts.consume_from_request(0, placement(2), {1, 1, 1}, kLater);
  hosts.consume_from_request(1, placement(3), {1, 1, 1}, kLater);
  hosts.reset_usage(kProcess);
  EXPECT_FALSE(host("a").is_candidate());
  EXPECT_TRUE(host("b").is_candidate());
  EXPECT_EQ(hosts.debit_count(), 1u);
  hosts.update_usage({kProcess, 2}, {"a", 1, {8, 1000, 100}, {2, 2, 2}, 2, {}});
  EXPECT_EQ(host("a").used(), (Resources{2, 2, 2}));
}

TEST_F(HostManagerTest, NonsenseIsClamped) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min(), kMost = std::numeric_limits<int64_t>::max();
  hosts.update_status({-1, "", "", {}, true, true});
  hosts.update_usage({{}, 0}, {"", 0, {kMost, kLeast, -1}, {kLeast, kMost, kMost}, UINT32_MAX, {placement(9)}});
  HostState state = host("");
  EXPECT_EQ(state.total, (Resources{kMaxAmount, 0, 0}));
  EXPECT_EQ(state.used(), (Resources{0, kMaxAmount, kMaxAmount}));
}

// The table's lists against a plain model.
TEST_F(HostManagerTest, RandomDebitsMatchAModel) {
  struct Model {
    uint64_t epoch;
    HostIndex host;
    int64_t vcpus;
    int64_t expires;
  };
  Random random(11);
  for (int i = 0; i < 5; ++i) add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 100});
  std::map<uint64_t, Model> model;
  int64_t now = 0;
  for (int round = 0; round < 20000; ++round) {
    uint64_t instance = random.below(40), epoch = random.below(5);
    auto index = static_cast<HostIndex>(random.below(5));
    switch (random.below(5)) {
      case 0:
      case 1: {
        auto vcpus = static_cast<int64_t>(random.below(4));
        hosts.consume_from_request(index, placement(instance, epoch), {vcpus, 0, 0}, Instant{now + 50});
        model[instance] = {epoch, index, vcpus, now + 50};
        break;
      }
      case 2: {
        hosts.update_usage({kProcess, 1},
                           {"h" + std::to_string(index), 2, {8, 1000, 100}, {}, 0, {placement(instance, epoch)}});
        auto it = model.find(instance);
        if (it != model.end() && (it->second.epoch < epoch || (it->second.epoch == epoch && it->second.host == index)))
          model.erase(it);
        break;
      }
      case 3:
        now += static_cast<int64_t>(random.below(10));
        hosts.expire_debits(Instant{now});
        std::erase_if(model, [&](const auto& entry) { return entry.second.expires <= now; });
        break;
      default:
        if (random.below(100) == 0) {
          hosts.reset_usage(kProcess);
          model.clear();
          for (int i = 0; i < 5; ++i) add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 100});
        } else {
          auto it = model.find(instance);
          bool there = it != model.end() && it->second.epoch == epoch;
          EXPECT_EQ(hosts.end_debit(placement(instance, epoch)), there);
          if (there) model.erase(it);
        }
    }
    ASSERT_EQ(hosts.debit_count(), model.size());
    if (round % 50 != 0) continue;
    std::map<HostIndex, std::pair<int64_t, uint64_t>> sums;
    for (const auto& [number, entry] : model) {
      sums[entry.host].first += entry.vcpus;
      ++sums[entry.host].second;
    }
    for (HostIndex i = 0; i < 5; ++i) {
      ASSERT_EQ(hosts.host(i).debited.vcpus, sums[i].first);
      ASSERT_EQ(hosts.host(i).debited_instances, sums[i].second);
    }
  }
}

}  // namespace
}  // namespace kilonova::scheduler
