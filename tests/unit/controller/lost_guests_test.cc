// Guests that a power loss took from the hypervisors' journals.
#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/nouns/server.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class LostGuestsTest : public ControllerTest {
 protected:
  // Answers what the controller asked of the journals, in pages of one guest.
  void answer(const std::vector<GuestBelief>& journal) {
    std::vector<testing::SentMessage> batch = transport->sent();
    transport->clear();
    for (bool asked = true; std::exchange(asked, false); batch = transport->sent(), transport->clear()) {
      for (const testing::SentMessage& sent : batch) {
        const auto* call = get_if<ApiCall>(&sent.message.body);
        if (call == nullptr || sent.to.role != Role::kCompute) continue;
        asked = true;
        const auto& request = get<ReadBeliefs>(call->request);
        EXPECT_EQ(request.kind, BeliefKind::kGuests);
        EXPECT_EQ(request.daemon, sent.to);
        size_t at = request.after.empty() ? 0 : std::stoul(request.after);
        BeliefPage page;
        if (at < journal.size()) page.guests.push_back(journal[at]);
        if (at + 1 < journal.size()) page.next = std::to_string(at + 1);
        transport->deliver(*core, sent.to, ApiReply{page}, sent.message.call);
        settle();
      }
    }
  }
  // The next heartbeat makes the controller ask, and this is what the journals have.
  void heartbeat_and_answer(const std::vector<GuestBelief>& journal) {
    transport->clear();
    heartbeat({});
    answer(journal);
  }
  // A host says that it builds what the row knows nothing of.
  void build_another(const Instance& server) {
    InstanceReport other = report(server, BuildResult::kProgress);
    other.placement.epoch = 5;
    deliver(other, kCompute);
  }
  GuestInfo guest(const Instance& server) { return {"h1", {server.uuid, 1}, PowerState::kRunning, true}; }
  static GuestBelief belief(const Instance& server) {
    return {.host = "h1", .instance = server.uuid, .epoch = 1, .power_state = PowerState::kRunning, .built = true};
  }
  Instance active(std::string name) {
    Instance server = create(std::move(name));
    make_active(server);
    return server;
  }
};

TEST_F(LostGuestsTest, AServerWhoseGuestNoJournalHasGoesToError) {
  connect_all();
  Instance kept = active("kept"), lost = active("lost");
  transport->clear();
  connect_compute(2, {guest(kept)});
  ASSERT_EQ(row(lost.uuid)->vm_state, VmState::kActive) << "before the journals are asked";
  answer({belief(kept)});
  const Instance& now = *row(lost.uuid);
  EXPECT_EQ(now.vm_state, VmState::kError);
  EXPECT_EQ(now.fault.message, "The guest of instance " + to_string(lost.uuid) + " was lost.");
  EXPECT_TRUE(now.fault.details.starts_with("host h1 does not have it any more")) << now.fault.details;
  EXPECT_TRUE(now.current.host.empty());
  EXPECT_EQ(core->allocations().find(PlacementId{lost.uuid, 1}), nullptr);
  EXPECT_EQ(row(kept.uuid)->vm_state, VmState::kActive);
  restart();
  EXPECT_EQ(row(lost.uuid)->vm_state, VmState::kError) << "it was committed";
}

TEST_F(LostGuestsTest, ItsAddressesAreReleased) {
  connect_all();
  Instance lost = active("lost");
  transport->clear();
  connect_compute(2);
  for (const testing::SentMessage& sent : std::vector(transport->sent()))
    if (holds_alternative<ApiCall>(sent.message.body))
      transport->deliver(*core, sent.to, ApiReply{BeliefPage{}}, sent.message.call);
  settle();
  auto released = transport->all_to<ReleaseAddresses>(kNetwork);
  ASSERT_EQ(released.size(), 1u);
  EXPECT_EQ(released[0].placement, (PlacementId{lost.uuid, 1}));
}

// In ERROR nobody would delete it any more, and its project would pay for it.
TEST_F(LostGuestsTest, ASoftDeletedServerStaysSoAndGoesAtItsTime) {
  options.reclaim_instance_interval = seconds(100);
  restart();
  connect_all();
  Instance server = active("web");
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kShutdown, {ErrorCode::kInternal, ""}});
  ASSERT_EQ(row(server.uuid)->vm_state, VmState::kSoftDelete);
  transport->clear();
  connect_compute(2);
  answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kSoftDelete);
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kNone);
  for (int i = 0; i < 12; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kDeleting);
}

TEST_F(LostGuestsTest, APartOfARegistrationThatWasLostHarmsNobody) {
  connect_all();
  Instance server = active("web");
  transport->clear();
  connect_compute(2);
  answer({belief(server)});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  heartbeat({});
  EXPECT_EQ(transport->count<ApiCall>(), 0u) << "that is settled";
}

// What an earlier life of the controller ordered, before its store went back, is done after the registration.
TEST_F(LostGuestsTest, AGuestThatIsEndedBehindItsRegistrationIsMissed) {
  connect_all();
  Instance server = active("web");
  transport->connect(*core, kCompute, 2);
  transport->deliver(*core, kCompute, RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}}}, {guest(server)}, true});
  settle();
  transport->deliver(*core, kCompute, InstanceTerminated{"h1", {server.uuid, 1}});
  settle();
  heartbeat_and_answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

// A scheduler that lies can have a host build over a guest.
TEST_F(LostGuestsTest, AGuestThatAnotherBuildHasReplacedIsMissed) {
  connect_all();
  Instance server = active("web");
  build_another(server);
  heartbeat_and_answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

// Its registration names it: it was not whole in the journal that went back.
TEST_F(LostGuestsTest, AGuestThatItsHostHasEndedAsHalfBuiltIsMissed) {
  connect_all();
  Instance server = active("web");
  transport->connect(*core, kCompute, 2);
  InstanceReport lost = report(server, BuildResult::kLost);
  lost.placement.epoch = 1;
  transport->deliver(*core, kCompute, lost);
  GuestInfo half = guest(server);
  half.built = false;
  transport->deliver(*core, kCompute, RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}}}, {half}, true});
  settle();
  heartbeat_and_answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

TEST_F(LostGuestsTest, AGuestThatIsThereIsNotMissedForAnotherBuildsSake) {
  connect_all();
  Instance server = active("web");
  build_another(server);
  heartbeat_and_answer({belief(server)});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

// What was ended before its registration, and is there again in a row of the past, is missed when something is to be done
// with it.
TEST_F(LostGuestsTest, AGuestThatAHostCannotActOnIsMissed) {
  connect_all();
  Instance server = active("web");
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kNoState, {ErrorCode::kNotFound, "no such guest"}},
          kCompute);
  heartbeat_and_answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_TRUE(row(server.uuid)->current.host.empty());
}

TEST_F(LostGuestsTest, NobodyIsAskedWhereEveryGuestIsNamed) {
  connect_all();
  Instance server = active("web");
  connect_compute(2, {guest(server)});
  EXPECT_EQ(transport->count<ApiCall>(), 0u);
}

TEST_F(LostGuestsTest, JournalsThatDoNotAnswerAreAskedAgain) {
  connect_all();
  Instance server = active("web");
  connect_compute(2);
  for (int i = 0; i < 7; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive) << "silence proves nothing";
  transport->clear();
  pass(seconds(10));
  heartbeat({});
  pass(seconds(10));
  answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

TEST_F(LostGuestsTest, AStoreThatRefusesIsAskedAgain) {
  connect_all();
  Instance server = active("web");
  transport->clear();
  connect_compute(2);
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  heartbeat({});
  answer({});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

TEST_F(LostGuestsTest, AServerThatIsDeletedMeanwhileIsDeleted) {
  connect_all();
  Instance server = active("web");
  transport->clear();
  connect_compute(2);
  ASSERT_TRUE(call(DeleteServer{to_string(server.uuid)}).has_value());
  answer({});
  EXPECT_EQ(row(server.uuid)->task_state, TaskState::kDeleting);
}

TEST_F(LostGuestsTest, GuestsOfAHostThatMovedToAnotherProcessAreNotLost) {
  connect_all();
  Instance server = active("web");
  transport->disconnect(*core, kCompute);
  transport->clear();
  PeerId other{Role::kCompute, 1};
  transport->connect(*core, other, 1);
  transport->deliver(*core, other, RegisterHosts{{{"h1", "nova", {64, 65'536, 1'000}}}, {}, true});
  settle();
  transport->deliver(*core, other, ComputeHeartbeat{});
  settle();
  EXPECT_EQ(transport->count<ApiCall>(), 0u);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

}  // namespace
}  // namespace kilonova::controller
