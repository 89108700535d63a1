// Bugs planted in the controller's store: commits that come too early, get lost, or leave something out.
#include <gtest/gtest.h>

#include "domain/client_token.h"
#include "domain/nouns/image.h"
#include "sim/keepers.h"
#include "tests/sim/planted_bugs.h"

namespace kilonova::sim {
namespace {

template <class Row>
bool has(const Transaction& transaction) {
  return std::ranges::any_of(transaction, [](const Mutation& m) { return holds_alternative<Row>(m); });
}

// A create that is answered while its commit is on the way, which a crash then takes away.
TEST(PlantedStoreBugs, ACreateThatIsAnsweredBeforeItIsDurable) {
  RunOptions options;
  options.bugs.answers_early = has<mutation::InsertInstance>;
  EXPECT_TRUE(is_caught(options, "crash", 40, "acknowledgements", "was acknowledged and is not stored"));
}

TEST(PlantedStoreBugs, ADeleteThatIsAnsweredBeforeItIsDurable) {
  RunOptions options;
  options.bugs.answers_early = [](const Transaction& transaction) {
    return std::ranges::any_of(transaction, [](const Mutation& m) {
      const auto* update = get_if<mutation::UpdateInstance>(&m);
      return update != nullptr && update->row.task_state == TaskState::kDeleting;
    });
  };
  EXPECT_TRUE(is_caught(options, "swarm", 100, "acknowledgements", "was acknowledged, but it is"));
}

// The next try is cast, and watchers are told of it, while its commit is on the way; a crash takes the commit, and the
// next change has its revision.
TEST(PlantedStoreBugs, ANextTryThatIsCastBeforeItIsDurable) {
  RunOptions options;
  options.bugs.answers_early = [](const Transaction& transaction) {
    return std::ranges::any_of(transaction, [](const Mutation& m) {
      const auto* update = get_if<mutation::UpdateInstance>(&m);
      return update != nullptr && update->row.task_state == TaskState::kScheduling;
    });
  };
  EXPECT_TRUE(is_caught(options, "crash", 40, "watch", "was told of revision"));
}

// A restart after which a server that was committed is not there.
TEST(PlantedStoreBugs, AStoreThatForgetsAServer) {
  RunOptions options;
  options.bugs.forgets = [](ControllerState& state) {
    if (!state.instances.empty()) {
      std::erase_if(state.allocations,
                    [&](const Allocation& row) { return row.instance == state.instances.front().uuid; });
      state.instances.erase(state.instances.begin());
    }
  };
  EXPECT_TRUE(is_caught(options, "crash", 20, "reads", "was read as gone"));
}

TEST(PlantedStoreBugs, ARowThatIsStoredOtherwiseThanItIsKnown) {
  RunOptions options = small_run();
  options.bugs.lie = [](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        for (Address& address : update->row.current.addresses) address.ip.value += 100'000;
    return false;
  };
  EXPECT_TRUE(is_caught(options, "settled", "the controller does not know server "));
}

TEST(PlantedStoreBugs, LeasesThatAreStoredOtherwiseThanTheyAreKnown) {
  RunOptions options = small_run();
  options.network_lie = [](NetworkTransaction& transaction) {
    std::erase_if(transaction,
                  [](const NetworkMutation& m) { return holds_alternative<network_mutation::PutLease>(m); });
    return transaction.empty();
  };
  EXPECT_TRUE(is_caught(options, "settled", "holders of addresses, its store 0"));
  options.network_lie = [](NetworkTransaction& transaction) {
    for (NetworkMutation& m : transaction)
      if (auto* put = get_if<network_mutation::PutLease>(&m)) put->row.epoch += 1;
    return false;
  };
  EXPECT_TRUE(is_caught(options, "settled", "the network-controller does not know the lease of "));
}

TEST(PlantedStoreBugs, AChangeWithoutWhatIsCommittedWithIt) {
  auto without = [](auto unwanted) {
    RunOptions options = small_run();
    options.bugs.lie = [unwanted](Transaction& transaction) {
      std::erase_if(transaction, unwanted);
      return transaction.empty();
    };
    return options;
  };
  auto is = []<class Row>(Row) { return [](const Mutation& m) { return holds_alternative<Row>(m); }; };
  EXPECT_TRUE(is_caught(without(is(mutation::AppendEvent{})), "commits", "without its event"));
  EXPECT_TRUE(is_caught(without(is(mutation::PutAllocation{})), "commits", "without its allocation on host-"));
  EXPECT_TRUE(is_caught(without(is(mutation::AppendLaunchRecord{})), "commits", "without its launch record"));
  EXPECT_TRUE(is_caught(without(is(mutation::Put<ClientToken>{})), "commits", "without its client's token"));
  EXPECT_TRUE(is_caught(without(is(mutation::EraseAllocation{})), "swarm", 20, "commits",
                        "without giving back its allocation"));
}

TEST(PlantedStoreBugs, AStopThatIsAnsweredAndNotStored) {
  RunOptions options = small_run();
  options.bugs.lie = [](const Transaction& transaction) {
    return std::ranges::any_of(transaction, [](const Mutation& m) {
      const auto* update = get_if<mutation::UpdateInstance>(&m);
      return update != nullptr && update->row.task_state == TaskState::kPoweringOff;
    });
  };
  options.launches = 400;
  EXPECT_TRUE(is_caught(options, "none", 20, "acknowledgements", "an action of server"));
}

// Nova refuses it; here it is stored as if it had been accepted.
TEST(PlantedStoreBugs, AStartOfAServerThatRuns) {
  RunOptions options = small_run();
  options.bugs.lie = [](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.task_state == TaskState::kPoweringOff) update->row.task_state = TaskState::kPoweringOn;
    return false;
  };
  options.launches = 400;
  EXPECT_TRUE(is_caught(options, "none", 20, "transitions", "to active/powering-on"));
}

// Clients that make them are in worlds with faults only.
TEST(PlantedStoreBugs, ANetworkThatIsAnsweredAndNotStored) {
  RunOptions options;
  options.network_lie = [](NetworkTransaction& transaction) {
    return std::ranges::any_of(transaction, [](const NetworkMutation& m) {
      const auto* put = std::get_if<network_mutation::PutNetwork>(&m);
      return put != nullptr && put->row.name.starts_with(kKeptPrefix);
    });
  };
  EXPECT_TRUE(is_caught(options, "network", 3, "records", "was acknowledged and is not stored"));
}

TEST(PlantedStoreBugs, AnImageWhoseDeleteIsAnsweredAndNotStored) {
  RunOptions options;
  options.bugs.lie = has<mutation::Erase<Image>>;
  EXPECT_TRUE(is_caught(options, "network", 3, "records", "is there after its delete was acknowledged"));
}

// After the controller's death the same work would be struck once more.
TEST(PlantedStoreBugs, AFaultRuleWhoseAnswersAreNotStored) {
  RunOptions options;
  options.bugs.lie = [](Transaction& transaction) {
    std::erase_if(transaction, [](const Mutation& m) { return get_if<mutation::Put<FaultHit>>(&m) != nullptr; });
    return false;
  };
  EXPECT_TRUE(is_caught(options, "swarm", 10, "fault rules", "0 answers are stored with that"));
}

TEST(PlantedStoreBugs, AFaultRuleThatDoesNotCountItsStrikes) {
  RunOptions options;
  options.bugs.lie = [](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* put = get_if<mutation::Put<FaultRule>>(&m); put != nullptr && put->row.struck > 0)
        put->row.count += put->row.struck;
    return false;
  };
  EXPECT_TRUE(is_caught(options, "swarm", 10, "fault rules", "strikes left, and then has"));
}

}  // namespace
}  // namespace kilonova::sim
