// Each checker bites: a bug is planted in what the daemons hear, and the run must fail with that checker's name.
#include <gtest/gtest.h>

#include <map>
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
  EXPECT_TRUE(caught_by(result, "stale guests"));
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
    caught = caught_by(*run_simulation(options), "stale guests");
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

RunResult run_with_lie(StoreLie lie, uint64_t seed = 1) {
  RunOptions options;
  options.seed = seed;
  options.launches = 40;
  options.lie = std::move(lie);
  return *run_simulation(options);
}

// Answered before the commit, which then does not happen.
TEST(PlantedBugs, AnAnswerBeforeTheCommit) {
  RunResult result = run_with_lie(
      [](Transaction& transaction) { return std::holds_alternative<mutation::InsertInstance>(transaction.front()); });
  EXPECT_TRUE(caught_by(result, "acknowledgements"));
}

TEST(PlantedBugs, ARowThatSkipsAState) {
  RunResult result = run_with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = std::get_if<mutation::UpdateInstance>(&m))
        if (update->row.vm_state == VmState::kActive) update->row.vm_state = VmState::kStopped;
    return false;
  });
  EXPECT_TRUE(caught_by(result, "transitions"));
}

TEST(PlantedBugs, AnEpochThatIsNotCounted) {
  RunResult result = run_with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = std::get_if<mutation::UpdateInstance>(&m))
        if (update->row.task_state == TaskState::kDeleting) update->row.epoch -= 1;
    return false;
  });
  EXPECT_TRUE(caught_by(result, "transitions"));
}

// Claims and schedulers believe in more room than the inventory has. Hosts have to be full to show it.
TEST(PlantedBugs, HostsThatAreGivenMoreThanTheyHave) {
  bool caught = false;
  for (uint64_t seed = 1; seed <= 50 && !caught; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.hosts = 4;
    options.faults = "swarm";
    options.claimed_ratios = AllocationRatios{.vcpus = 160, .memory = 15, .disk = 10};
    caught = caught_by(*run_simulation(options), "hosts");
  }
  EXPECT_TRUE(caught);
}

// The quota is checked against what the controller believes; what it stores is more.
TEST(PlantedBugs, AQuotaThatIsExceeded) {
  for (bool cores : {true, false}) {
    RunResult result = run_with_lie([cores](Transaction& transaction) {
      for (Mutation& m : transaction) {
        if (auto* quota = std::get_if<mutation::PutQuota>(&m)) (cores ? quota->row.cores : quota->row.ram_mb) = 10'000;
        if (auto* insert = std::get_if<mutation::InsertInstance>(&m)) {
          insert->row.spec.flavor.vcpus *= 1'000;
          insert->row.spec.flavor.memory_mb *= 1'000;
        }
      }
      return false;
    });
    EXPECT_TRUE(caught_by(result, "quota"));
  }
}

// Cast twice: what the network repeats goes to another host of the process.
TEST(PlantedBugs, APlacementThatIsCastToTwoHosts) {
  std::map<PlacementId, std::string> cast;
  auto codec = [&cast](Message message) {
    auto* run = std::get_if<BuildAndRunInstance>(&message.body);
    if (run == nullptr) return message;
    auto [first, is_first] = cast.try_emplace(run->placement, run->host);
    if (!is_first && first->second == run->host) run->host = run->host == "host-00000" ? "host-00001" : "host-00000";
    return message;
  };
  bool caught = false;
  for (uint64_t seed = 1; seed <= 20 && !caught; ++seed) {
    cast.clear();
    RunOptions options;
    options.seed = seed;
    options.faults = "swarm";
    options.codec = codec;
    caught = caught_by(*run_simulation(options), "hosts");
  }
  EXPECT_TRUE(caught);
}

TEST(PlantedBugs, ACallThatIsRefusedForNoReason) {
  RunResult result = run_with({}, [](Message message) {
    auto* reply = std::get_if<ApiReply>(&message.body);
    if (reply && reply->result && std::holds_alternative<CreateServersReply>(*reply->result))
      reply->result = fail(ErrorCode::kInternal, "a bad day");
    return message;
  });
  EXPECT_TRUE(caught_by(result, "workload"));
}

TEST(PlantedBugs, ClientsThatGetNoAnswer) {
  RunResult result = run_with([](PeerId, PeerId, const Message& message) {
    const auto* reply = std::get_if<ApiReply>(&message.body);
    return !(reply && reply->result && std::holds_alternative<CreateServersReply>(*reply->result));
  });
  EXPECT_TRUE(caught_by(result, "workload"));
}

// A guest that runs, of a server that is STOPPED.
TEST(PlantedBugs, AStopThatIsConfirmedAndNotDone) {
  auto codec = [](Message message) {
    if (auto* action = std::get_if<ApplyPowerAction>(&message.body))
      if (action->action == PowerAction::kStop) action->action = PowerAction::kReboot;
    if (auto* done = std::get_if<PowerActionDone>(&message.body)) done->power_state = PowerState::kShutdown;
    return message;
  };
  bool caught = false;
  for (uint64_t seed = 1; seed <= 20 && !caught; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.faults = "network";
    options.codec = codec;
    caught = caught_by(*run_simulation(options), "settled");
  }
  EXPECT_TRUE(caught);
}

// The report of a guest that is off is not heard: the row says ACTIVE for ever.
TEST(PlantedBugs, GuestsWithoutPowerThatNobodyStops) {
  auto codec = [](Message message) {
    if (auto* part = std::get_if<RegisterHosts>(&message.body))
      for (GuestInfo& guest : part->guests) guest.power_state = PowerState::kRunning;
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

}  // namespace
}  // namespace kilonova::sim
