// A server that waits for its user to confirm its move, and whose guest its new host has lost: it stays so, as in Nova, and
// its old host gives it back.
#include "domain/api.h"
#include "domain/beliefs.h"
#include "tests/unit/controller/moves_fixture.h"

namespace kilonova::controller {
namespace {

class LostResizedGuestsTest : public MovesTest {
 protected:
  Instance lost() {
    Instance server = active();
    EXPECT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
    arrive(server);
    EXPECT_TRUE(call(ServerAction{"web", ServerActionKind::kCrashDump}).has_value());
    done(told(), PowerState::kNoState, "Instance could not be found.");
    ask_journals();
    return server;
  }
  // They are empty.
  void ask_journals() {
    transport->clear();
    heartbeat({});
    for (const testing::SentMessage& sent : std::vector(transport->sent()))
      if (holds_alternative<ApiCall>(sent.message.body) && sent.to.role == Role::kCompute)
        transport->deliver(*core, sent.to, ApiReply{BeliefPage{}}, sent.message.call);
    settle();
  }
};

TEST_F(LostResizedGuestsTest, ItStaysResizedAndKeepsBothHosts) {
  Instance server = lost();
  EXPECT_EQ(now(server).vm_state, VmState::kResized);
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  EXPECT_EQ(now(server).power_state, PowerState::kNoState);
  EXPECT_EQ(allocations(server), 2u);
  EXPECT_EQ(migration().status, "finished");
  EXPECT_TRUE(last_action(server).failed);
}

TEST_F(LostResizedGuestsTest, ARevertBringsItBack) {
  Instance server = lost();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRevertResize}).has_value());
  forgotten();
  done(told(), PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).current.host, "h1");
  EXPECT_EQ(now(server).spec.flavor.name, "m1.tiny");
  EXPECT_EQ(allocations(server), 1u);
  EXPECT_EQ(migration().status, "reverted");
}

TEST_F(LostResizedGuestsTest, AConfirmLeavesNothingOfIt) {
  Instance server = lost();
  transport->clear();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kConfirmResize}).has_value());
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kError);
  EXPECT_EQ(now(server).fault.message, "The guest of instance " + to_string(server.uuid) + " was lost.");
  EXPECT_EQ(now(server).current.host, "");
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_FALSE(now(server).move.has_value());
  EXPECT_EQ(allocations(server), 0u);
  EXPECT_EQ(migration().status, "confirmed");
  EXPECT_TRUE(last_action(server).failed);
  EXPECT_EQ(transport->all_to<ReleaseAddresses>(kNetwork).size(), 2u) << "of both placements";
}

}  // namespace
}  // namespace kilonova::controller
