// Each checker bites: a bug is planted in what the daemons hear, and the run must fail with that checker's name.
#include "tests/sim/planted_bugs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/api.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/server_actions.h"

namespace kilonova::sim {
namespace {

RunOptions with(SimNetwork::Tap tap, SimNetwork::Codec codec = {}) {
  RunOptions options = small_run();
  options.tap = std::move(tap);
  options.codec = std::move(codec);
  return options;
}

RunOptions with_lie(StoreLie lie) {
  RunOptions options = small_run();
  options.bugs.lie = std::move(lie);
  return options;
}

TEST(PlantedBugs, NoneIsCleanAndTheHarnessAddsNothing) {
  EXPECT_TRUE(run_of(with([](PeerId, PeerId, const Message&) { return true; })).ok());
}

TEST(PlantedBugs, DeletesThatNeverReachTheHost) {
  RunOptions options =
      with([](PeerId, PeerId, const Message& message) { return !holds_alternative<TerminateInstance>(message.body); });
  EXPECT_TRUE(is_caught(options, "stale guests", "still has a guest of epoch 1"));
}

TEST(PlantedBugs, ReleasesThatNeverReachTheNetworkController) {
  RunOptions options =
      with([](PeerId, PeerId, const Message& message) { return !holds_alternative<ReleaseAddresses>(message.body); });
  EXPECT_TRUE(is_caught(options, "recovery", "servers were not stable"));
}

TEST(PlantedBugs, AHostThatConfirmsDeletesItDidNotDo) {
  // TerminateInstance arrives with epoch 0, which destroys nothing; its confirmation is given the right epoch again.
  RunOptions options = with({}, [](Message message) {
    if (auto* terminate = get_if<TerminateInstance>(&message.body)) terminate->placement.epoch = 0;
    if (auto* done = get_if<InstanceTerminated>(&message.body)) done->placement.epoch = 2;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "settled", "guest-orphan"));
}

TEST(PlantedBugs, TwoServersWithOneAddress) {
  RunOptions options = with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        for (Address& address : update->row.current.addresses) address.ip = Ipv4{0x0a000064};
    return false;
  });
  EXPECT_TRUE(is_caught(options, "addresses", "share 10.0.0.100"));
}

// The network-controller hears of an epoch that holds nothing; what it confirms is given the right epoch again.
TEST(PlantedBugs, AReleaseThatIsConfirmedAndNotDone) {
  RunOptions options = with({}, [](Message message) {
    if (auto* release = get_if<ReleaseAddresses>(&message.body)) release->placement.epoch = 0;
    if (auto* done = get_if<AddressesReleased>(&message.body)) done->placement.epoch = 2;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "settled", "lease-orphan"));
}

TEST(PlantedBugs, TwoServersWithOneMac) {
  RunOptions options = with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        for (Address& address : update->row.current.addresses) address.mac = Mac{0xfa163e000001};
    return false;
  });
  EXPECT_TRUE(is_caught(options, "addresses", "share fa:16:3e:00:00:01"));
}

// The network-controller's store has for all leases what its daemon gave to one.
TEST(PlantedBugs, TwoLeasesWithOneAddressOrMac) {
  for (bool mac : {false, true}) {
    RunOptions options = small_run();
    options.network_lie = [mac](NetworkTransaction& transaction) {
      for (NetworkMutation& m : transaction)
        if (auto* put = get_if<network_mutation::PutLease>(&m)) {
          if (mac) put->row.address.mac = Mac{0xfa163e000001};
          if (!mac) put->row.address.ip = Ipv4{0x0a000064};
        }
      return false;
    };
    EXPECT_TRUE(is_caught(options, "addresses", "leases: servers "));
  }
}

// The fence is dropped: what is stale is told that it is welcome, and no audit finds it. Needs hosts that come back.
TEST(PlantedBugs, StaleGuestsThatMayStay) {
  auto codec = [](Message message) {
    if (auto* answer = get_if<ReportAnswer>(&message.body)) answer->verdict = ReportAnswer::Verdict::kAccepted;
    if (auto* owners = get_if<OwnershipAnswer>(&message.body)) owners->orphans.clear();
    return message;
  };
  RunOptions options;
  options.codec = codec;
  EXPECT_TRUE(is_caught(options, "crash", 20, "stale guests", "still has a guest of epoch"));
}

TEST(PlantedBugs, AnAnswerToACreateThatWasNotStored) {
  RunOptions options = with({}, [](Message message) {
    auto* reply = get_if<ApiReply>(&message.body);
    if (reply && reply->result)
      if (auto* created = get_if<CreateServersReply>(&*reply->result))
        for (Instance& server : created->servers) server.uuid.bytes[0] ^= 0xff;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "acknowledgements", "was acknowledged and is not stored"));
}

TEST(PlantedBugs, AnAnswerToADeleteThatWasNotDone) {
  RunOptions options = with({}, [](Message message) {
    auto* call = get_if<ApiCall>(&message.body);
    if (call && holds_alternative<DeleteServer>(call->request)) call->request = GetCloudStatus{};
    return message;
  });
  EXPECT_TRUE(is_caught(options, "acknowledgements", "was acknowledged, but it is active"));
}

// Answered before the commit, which then does not happen.
TEST(PlantedBugs, AnAnswerBeforeTheCommit) {
  RunOptions options = with_lie(
      [](Transaction& transaction) { return holds_alternative<mutation::InsertInstance>(transaction.front()); });
  EXPECT_TRUE(is_caught(options, "acknowledgements", "was acknowledged and is not stored"));
}

TEST(PlantedBugs, ARowThatSkipsAState) {
  RunOptions options = with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.vm_state == VmState::kActive) update->row.vm_state = VmState::kStopped;
    return false;
  });
  EXPECT_TRUE(is_caught(options, "transitions", "to stopped/-"));
}

TEST(PlantedBugs, AnEpochThatIsNotCounted) {
  RunOptions options = with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.task_state == TaskState::kDeleting) update->row.current.epoch -= 1;
    return false;
  });
  EXPECT_TRUE(is_caught(options, "transitions", "to active/deleting epoch 1"));
}

// Claims and schedulers believe in more room than the inventory has. Hosts have to be full to show it.
TEST(PlantedBugs, HostsThatAreGivenMoreThanTheyHave) {
  RunOptions options;
  options.hosts = 4;
  options.claimed_ratios = AllocationRatios{.vcpus = 160, .memory = 15, .disk = 10};
  EXPECT_TRUE(is_caught(options, "swarm", 50, "hosts", "is given more than it has"));
}

// The quota is checked against what the controller believes; what it stores is more.
TEST(PlantedBugs, AQuotaThatIsExceeded) {
  for (bool cores : {true, false}) {
    RunOptions options = with_lie([cores](Transaction& transaction) {
      for (Mutation& m : transaction) {
        if (auto* quota = get_if<mutation::Put<Quota>>(&m)) (cores ? quota->row.cores : quota->row.ram_mb) = 10'000;
        if (auto* insert = get_if<mutation::InsertInstance>(&m)) {
          insert->row.spec.flavor.vcpus *= 1'000;
          insert->row.spec.flavor.memory_mb *= 1'000;
        }
      }
      return false;
    });
    EXPECT_TRUE(is_caught(options, "quota", "exceeds the quota of project"));
  }
}

// Cast twice: what the network repeats goes to another host of the process.
TEST(PlantedBugs, APlacementThatIsCastToTwoHosts) {
  std::map<PlacementId, std::string> cast;
  auto codec = [&cast](Message message) {
    auto* run = get_if<BuildAndRunInstance>(&message.body);
    if (run == nullptr) return message;
    auto [first, is_first] = cast.try_emplace(run->placement, run->host);
    if (!is_first && first->second == run->host) run->host = run->host == "host-00000" ? "host-00001" : "host-00000";
    return message;
  };
  RunOptions options;
  options.codec = codec;
  EXPECT_TRUE(is_caught(options, "swarm", 20, "hosts", " is on host-"));
}

// The host that a server leaves is told to keep it running.
TEST(PlantedBugs, AServerThatRunsOnTwoHosts) {
  RunOptions options = with({}, [](Message message) {
    auto* action = get_if<ApplyServerAction>(&message.body);
    if (action != nullptr && action->action == ServerActionKind::kMoveOut) action->action = ServerActionKind::kMoveIn;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "swarm", 30, "moves", "runs on host-"));
}

// The host that a server comes to asks for addresses of its own.
TEST(PlantedBugs, AServerThatLosesItsAddressOnTheWay) {
  RunOptions options = with({}, [](Message message) {
    if (auto* allocate = get_if<AllocateAddresses>(&message.body)) allocate->shares_with = 0;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "swarm", 30, "moves", "has left server"));
}

TEST(PlantedBugs, AMoveThatIsOverTooEarly) {
  RunOptions options = with_lie([](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.move && update->row.move->stage == MoveStage::kArrived) {
          update->row.move.reset();
          update->row.other.reset();
          update->row.vm_state = VmState::kActive;
        }
    return false;
  });
  EXPECT_TRUE(is_caught(options, "swarm", 30, "transitions", "to active/-"));
}

TEST(PlantedBugs, ACallThatIsRefusedForNoReason) {
  RunOptions options = with({}, [](Message message) {
    auto* reply = get_if<ApiReply>(&message.body);
    if (reply && reply->result && holds_alternative<CreateServersReply>(*reply->result))
      reply->result = fail(ErrorCode::kInternal, "a bad day");
    return message;
  });
  EXPECT_TRUE(is_caught(options, "workload", "was refused: a bad day"));
}

TEST(PlantedBugs, ClientsThatGetNoAnswer) {
  RunOptions options = with([](PeerId, PeerId, const Message& message) {
    const auto* reply = get_if<ApiReply>(&message.body);
    return !(reply && reply->result && holds_alternative<CreateServersReply>(*reply->result));
  });
  EXPECT_TRUE(is_caught(options, "workload", "clients are still waiting"));
}

// They come through in the end: after almost half an hour.
TEST(PlantedBugs, ReleasesThatAreLostAgainAndAgain) {
  auto lost = std::make_shared<uint64_t>(0);
  RunOptions options = with([lost](PeerId, PeerId, const Message& message) {
    return !holds_alternative<ReleaseAddresses>(message.body) || ++*lost > 7'000;
  });
  EXPECT_TRUE(is_caught(options, "recovery", " s after the last fault "));
}

// The first answer about a server is given for ever.
TEST(PlantedBugs, AnOldStateThatIsReadAgain) {
  auto seen = std::make_shared<std::map<Uuid, Instance>>();
  RunOptions options = with({}, [seen](Message message) {
    auto* reply = get_if<ApiReply>(&message.body);
    if (reply && reply->result)
      if (auto* list = get_if<ServerList>(&*reply->result))
        for (Instance& server : list->servers) server = seen->try_emplace(server.uuid, server).first->second;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "network", 5, "reads", " was read as "));
}

// A member is shown what an administrator would be.
TEST(PlantedBugs, ServersOfAnotherProjectThatAreListed) {
  RunOptions options = with({}, [](Message message) {
    auto* call = get_if<ApiCall>(&message.body);
    if (auto* list = call != nullptr ? get_if<ListServers>(&call->request) : nullptr) {
      list->all_projects = true;
      call->context.role = UserRole::kAdmin;
    }
    return message;
  });
  EXPECT_TRUE(is_caught(options, "network", 3, "isolation", " was shown to project "));
}

// A change is lost on the way to the api-server, and nothing tells it so.
TEST(PlantedBugs, AChangeThatWatchersAreNotTold) {
  auto count = std::make_shared<uint64_t>(0);
  RunOptions options = with({}, [count](Message message) {
    if (auto* events = get_if<WatchEvents>(&message.body); events != nullptr && events->events.size() > 1)
      if (++*count % 5 == 0) events->events.erase(events->events.begin());
    return message;
  });
  EXPECT_TRUE(is_caught(options, "network", 10, "watch", "a watcher of all servers was told of revision "));
}

// It is told to those of another project, and not to its own.
TEST(PlantedBugs, AChangeThatWatchersOfItsProjectAreNotTold) {
  RunOptions options = with({}, [](Message message) {
    if (auto* events = get_if<WatchEvents>(&message.body))
      for (WatchEvent& event : events->events) event.project_id = {};
    return message;
  });
  EXPECT_TRUE(is_caught(options, "network", 10, "watch", "a watcher of "));
}

// A guest that runs, of a server that is STOPPED.
TEST(PlantedBugs, AStopThatIsConfirmedAndNotDone) {
  auto stops = std::make_shared<std::set<std::pair<PlacementId, uint64_t>>>();
  auto codec = [stops](Message message) {
    if (auto* action = get_if<ApplyServerAction>(&message.body)) {
      if (action->action == ServerActionKind::kStop) {
        stops->insert({action->placement, action->operation});
        action->action = ServerActionKind::kReboot;
      }
    }
    if (auto* done = get_if<ServerActionDone>(&message.body))
      if (stops->contains({done->placement, done->operation})) done->power_state = PowerState::kShutdown;
    return message;
  };
  RunOptions options;
  options.codec = codec;
  EXPECT_TRUE(is_caught(options, "network", 20, "settled", "power-state"));
}

// The report of a guest that is off is not heard: the row says ACTIVE for ever.
TEST(PlantedBugs, GuestsWithoutPowerThatNobodyStops) {
  auto codec = [](Message message) {
    if (auto* part = get_if<RegisterHosts>(&message.body))
      std::erase_if(part->guests, [](const GuestInfo& guest) { return guest.power_state == PowerState::kShutdown; });
    if (auto* query = get_if<OwnershipQuery>(&message.body); query != nullptr && !query->is_range)
      query->digests.clear();
    return message;
  };
  RunOptions options;
  options.codec = codec;
  EXPECT_TRUE(is_caught(options, "crash", 20, "settled", "power-state"));
}

// A profile in which stores go back and nothing else happens.
class GoBack : public ::testing::Test {
 protected:
  GoBack() { std::ofstream(path_) << "go_back = every 40s for 5s\n"; }
  ~GoBack() override { std::remove(path_.c_str()); }
  std::string path_ = ::testing::TempDir() + "planted_go_back." + std::to_string(::getpid()) + ".faults";
};

TEST_F(GoBack, IsCleanWithoutABug) {
  RunOptions options = small_run();
  options.faults = path_;
  for (options.seed = 1; options.seed <= 10; ++options.seed) {
    RunResult result = run_of(options);
    EXPECT_TRUE(result.ok()) << "seed " << options.seed << ": " << result.violations.front();
  }
}

// The network-controller is never told what it has lost.
TEST_F(GoBack, LeasesThatAreNotLearntAgain) {
  RunOptions options = with({}, [](Message message) {
    if (auto* answer = get_if<OwnershipAnswer>(&message.body)) answer->leases.clear();
    return message;
  });
  EXPECT_TRUE(is_caught(options, path_, 20, "settled", "which is not leased to it"));
}

// Nobody can tell one history from another: revisions alone say where somebody is, and those of the new history pass
// for ones that were heard.
TEST_F(GoBack, WatchersWhoseGenerationIsForgotten) {
  auto newest = std::make_shared<uint64_t>(0);
  RunOptions options = with({}, [newest](Message message) {
    if (auto* events = get_if<WatchEvents>(&message.body)) {
      events->generation = 0;
      if (!events->events.empty()) *newest = std::max(*newest, events->events.back().revision);
      events->after = std::max(events->after, std::min(*newest, events->after + 60));
    }
    if (auto* call = get_if<ApiCall>(&message.body))
      if (auto* read = get_if<ReadEvents>(&call->request)) read->generation = 0;
    return message;
  });
  EXPECT_TRUE(is_caught(options, path_, 20, "watch", ""));
}

// A row that has another server's address is committed all the same.
TEST_F(GoBack, AnAddressThatIsCommittedASecondTime) {
  RunOptions options = small_run();
  auto given = std::make_shared<std::vector<Address>>();
  options.bugs.lie = [given](Transaction& transaction) {
    for (Mutation& m : transaction) {
      auto* update = get_if<mutation::UpdateInstance>(&m);
      if (update == nullptr || update->row.current.addresses.empty()) continue;
      if (given->empty()) *given = update->row.current.addresses;
      update->row.current.addresses = *given;
    }
    return false;
  };
  EXPECT_TRUE(is_caught(options, path_, 3, "addresses", "rows: servers "));
}

// The store has a policy that forbids more than the controller's own.
TEST(PlantedBugs, AGroupWhosePolicyTheControllerDoesNotKeep) {
  for (auto [believed, meant] : {std::pair(GroupPolicy::kSoftAntiAffinity, GroupPolicy::kAffinity),
                                 std::pair(GroupPolicy::kSoftAffinity, GroupPolicy::kAntiAffinity)}) {
    RunOptions options = with_lie([believed, meant](Transaction& transaction) {
      for (Mutation& m : transaction)
        if (auto* put = get_if<mutation::Put<ServerGroup>>(&m); put && put->row.policy == believed)
          put->row.policy = meant;
      return false;
    });
    options.groups = 1;
    EXPECT_TRUE(is_caught(options, "server groups", "of its a"));
  }
}

// Schedulers that know of no group: the late check alone keeps the policies.
TEST(PlantedBugs, SchedulersThatAreToldOfNoGroupBreakNoPolicy) {
  RunOptions options = with({}, [](Message message) {
    if (auto* cast = get_if<SelectDestinations>(&message.body)) cast->group.reset();
    return message;
  });
  options.groups = 0.7;
  RunResult result = run_of(options);
  EXPECT_TRUE(result.ok()) << result.violations.front();
}

// The api-server takes who may only read for a member.
TEST(PlantedBugs, AReaderWhoMayChangeThings) {
  RunOptions options = with({}, [](Message message) {
    if (auto* reply = get_if<ApiReply>(&message.body); reply != nullptr && reply->result)
      if (auto* found = get_if<FoundUser>(&*reply->result); found != nullptr && found->role == UserRole::kReader)
        found->role = UserRole::kMember;
    return message;
  });
  EXPECT_TRUE(is_caught(options, "network", 3, "isolation", "a reader was answered that it had done"));
}

TEST(PlantedBugs, TimesThatNeverEnd) {
  RunOptions options = small_run();
  options.endless_windows = true;
  options.faults = "network";
  EXPECT_TRUE(is_caught(options, "network", 10, "windows", "were to end it"));
}

}  // namespace
}  // namespace kilonova::sim
