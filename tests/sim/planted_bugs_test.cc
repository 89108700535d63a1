// Each checker bites: a bug is planted in what the daemons hear, and the run must fail with that checker's name.
#include <gtest/gtest.h>

#include <string>

#include "sim/run.h"

namespace kilonova::sim {
namespace {

RunResult run_with(SimNetwork::Tap tap, SimNetwork::Codec codec = {}) {
  RunOptions options;
  options.launches = 40;
  options.faults = "none";
  options.tap = std::move(tap);
  options.codec = std::move(codec);
  auto result = run_simulation(options);
  EXPECT_TRUE(result.has_value());
  return *std::move(result);
}

bool caught_by(const RunResult& result, std::string_view checker) {
  for (const std::string& violation : result.violations)
    if (violation.starts_with(checker)) return true;
  return false;
}

TEST(PlantedBugs, NoneIsCleanAndTheHarnessAddsNothing) {
  EXPECT_TRUE(run_with([](PeerId, PeerId, const Message&) { return true; }).ok());
}

TEST(PlantedBugs, DeletesThatNeverReachTheHost) {
  RunResult result = run_with(
      [](PeerId, PeerId, const Message& message) { return !std::holds_alternative<TerminateInstance>(message.body); });
  EXPECT_TRUE(caught_by(result, "settled"));
}

TEST(PlantedBugs, ReleasesThatNeverReachTheNetworkController) {
  RunResult result = run_with(
      [](PeerId, PeerId, const Message& message) { return !std::holds_alternative<ReleaseAddresses>(message.body); });
  EXPECT_TRUE(caught_by(result, "settled"));
}

TEST(PlantedBugs, AHostThatConfirmsDeletesItDidNotDo) {
  // TerminateInstance arrives with epoch 0, which destroys nothing; its confirmation is given the right epoch again.
  RunResult result = run_with({}, [](Message message) {
    if (auto* terminate = std::get_if<TerminateInstance>(&message.body)) terminate->placement.epoch = 0;
    if (auto* done = std::get_if<InstanceTerminated>(&message.body)) done->placement.epoch = 2;
    return message;
  });
  EXPECT_TRUE(caught_by(result, "settled"));
}

TEST(PlantedBugs, TwoServersWithOneAddress) {
  RunResult result = run_with({}, [](Message message) {
    if (auto* reply = std::get_if<AllocateAddressesReply>(&message.body))
      for (Address& address : reply->addresses) address.ip = Ipv4{0x0a000064};
    return message;
  });
  EXPECT_TRUE(caught_by(result, "addresses"));
}

// The fence is dropped: what is stale is told that it is welcome, and no audit finds it. Needs hosts that come back.
TEST(PlantedBugs, StaleGuestsThatMayStay) {
  auto codec = [](Message message) {
    if (auto* answer = std::get_if<ReportAnswer>(&message.body)) answer->verdict = ReportAnswer::Verdict::kAccepted;
    if (auto* owners = std::get_if<OwnershipAnswer>(&message.body)) owners->orphans.clear();
    return message;
  };
  bool caught = false;
  for (uint64_t seed = 1; seed <= 20 && !caught; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.faults = "crash";
    options.codec = codec;
    caught = caught_by(*run_simulation(options), "settled");
  }
  EXPECT_TRUE(caught);
}

TEST(PlantedBugs, AnAnswerToACreateThatWasNotStored) {
  RunResult result = run_with({}, [](Message message) {
    auto* reply = std::get_if<ApiReply>(&message.body);
    if (reply && reply->result)
      if (auto* created = std::get_if<CreateServersReply>(&*reply->result))
        for (Instance& server : created->servers) server.uuid.bytes[0] ^= 0xff;
    return message;
  });
  EXPECT_TRUE(caught_by(result, "acknowledgements"));
}

TEST(PlantedBugs, AnAnswerToADeleteThatWasNotDone) {
  RunResult result = run_with({}, [](Message message) {
    auto* call = std::get_if<ApiCall>(&message.body);
    if (call && std::holds_alternative<DeleteServer>(call->request)) call->request = GetCloudStatus{};
    return message;
  });
  EXPECT_TRUE(caught_by(result, "acknowledgements"));
}

}  // namespace
}  // namespace kilonova::sim
