// Named cases with golden transcripts of the launch steps (tests/sim/scenarios). After a wanted change of a transcript:
// KILONOVA_UPDATE_GOLDEN=1 sim_scenario_test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "sim/checkers/settled.h"
#include "sim/cloud.h"

namespace kilonova::sim {
namespace {

CloudOptions scenario_options() {
  CloudOptions options;
  options.hosts = 4;
  options.compute_processes = 2;
  options.timing = *compute::TimingModel::realistic().times(1);
  options.compute.audit_interval = options.network.audit_interval = seconds(60);
  return options;
}

Task<> create(SimCloud* cloud, CreateServers request) {
  auto login = co_await cloud->api().core()->login({}, {.user = "admin", .password = "kilonova", .project = ""});
  api::RequestMeta meta;
  meta.token = login ? login->token : "";
  meta.received_at = cloud->loop().now();
  api::ClientRequest wanted;
  wanted.request = std::move(request);
  co_await cloud->api().core()->handle(std::move(meta), std::move(wanted));
}

class Scenario : public ::testing::Test {
 protected:
  Scenario() : cloud_(scenario_options()) {
    cloud_.history().keep_steps = true;
    cloud_.start();
    cloud_.run_for(seconds(1));
  }

  void launch(uint32_t count = 1) {
    CreateServers request;
    request.name = "server";
    request.flavor = "m1.tiny";
    request.image = "cirros";
    request.client_token = "token";
    request.min_count = request.max_count = count;
    cloud_.api().clients().spawn(create(&cloud_, request));
  }
  // Until a step is logged for any server; false when ten minutes pass without it.
  bool run_until(LaunchStep step) {
    size_t seen = cloud_.history().steps.size();
    Instant end = cloud_.loop().now() + seconds(600);
    while (cloud_.loop().now() < end && cloud_.loop().step())
      for (; seen < cloud_.history().steps.size(); ++seen)
        if (cloud_.history().steps[seen].record.step == step) return true;
    return false;
  }
  void settle() {
    cloud_.run_for(seconds(900));
    Violations violations;
    check_settled(cloud_, violations);
    for (const std::string& violation : violations.found()) ADD_FAILURE() << violation;
    EXPECT_FALSE(cloud_.ledger().rows().empty());
    for (const auto& [uuid, row] : cloud_.ledger().rows()) EXPECT_EQ(row.vm_state, VmState::kActive);
  }
  void expect_transcript(const std::string& name) {
    std::map<Uuid, int> numbers;
    std::string transcript;
    for (const auto& [instance, record] : cloud_.history().steps) {
      int number = numbers.try_emplace(instance, static_cast<int>(numbers.size()) + 1).first->second;
      transcript += fmt::format("server {} {:>2} {:<20} epoch {} attempt {} {} {}{}\n", number,
                                static_cast<int>(record.step), to_string(record.step), record.epoch, record.attempt,
                                record.daemon, record.host.empty() ? "-" : record.host,
                                record.fault.empty() ? "" : " FAULT");
    }
    const char* root = std::getenv("KILONOVA_SOURCE_DIR");
    std::string path = fmt::format("{}/tests/sim/scenarios/{}.txt", root == nullptr ? "." : root, name);
    if (std::getenv("KILONOVA_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << transcript;
    std::ifstream file(path);
    std::ostringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(transcript, golden.str()) << path;
  }

  SimCloud cloud_;
};

TEST_F(Scenario, NothingHappens) {
  launch();
  settle();
  expect_transcript("nothing-happens");
}

// Its casts are lost with it; who was not listed by any host is cast again, at no cost of attempts.
TEST_F(Scenario, SchedulersRestartInMidBatch) {
  cloud_.network().set_tap([](PeerId, PeerId, const Message& message) {
    return !std::holds_alternative<BuildAndRunInstance>(message.body);
  });
  launch(2);
  ASSERT_TRUE(run_until(LaunchStep::kRunCast));
  for (const auto& scheduler : cloud_.schedulers()) {
    scheduler->kill();
    scheduler->start();
  }
  cloud_.network().set_tap({});
  settle();
  expect_transcript("schedulers-restart-in-mid-batch");
}

// The row is the outbox: what was committed is cast after the restart.
TEST_F(Scenario, ControllerDiesBetweenCommitAndCast) {
  cloud_.network().set_tap([](PeerId, PeerId, const Message& message) {
    return !std::holds_alternative<SelectDestinations>(message.body);
  });
  launch();
  ASSERT_TRUE(run_until(LaunchStep::kScheduleCast));
  cloud_.controller().kill();
  cloud_.network().set_tap({});
  cloud_.controller().start();
  settle();
  expect_transcript("controller-dies-between-commit-and-cast");
}

// Cut off for less than rpc_response_timeout: the call waits, and the launch goes on.
TEST_F(Scenario, NetworkControllerIsAwayDuringAllocation) {
  launch();
  ASSERT_TRUE(run_until(LaunchStep::kClaimed));
  cloud_.network_controller().kill();
  cloud_.run_for(seconds(20));
  cloud_.network_controller().start();
  settle();
  expect_transcript("network-controller-is-away-during-allocation");
}

// Its hosts come back with a guest of a placement that is over: it goes, and never was the server's second.
TEST_F(Scenario, AZombieHostReturns) {
  launch();
  ASSERT_TRUE(run_until(LaunchStep::kGuestDefined));
  PeerId zombie{Role::kCompute, 0};
  for (const auto& node : cloud_.computes())
    if (node->core()->counters().guests > 0) zombie = node->id();
  cloud_.network().cut(zombie, {Role::kController, 0});
  cloud_.network().cut({Role::kController, 0}, zombie);
  cloud_.run_for(seconds(200));
  EXPECT_EQ(cloud_.ledger().guests().size(), 2u) << "the zombie's and the new one";
  cloud_.network().heal_all();
  settle();
  EXPECT_EQ(cloud_.ledger().guests().size(), 1u);
  expect_transcript("a-zombie-host-returns");
}

}  // namespace
}  // namespace kilonova::sim
