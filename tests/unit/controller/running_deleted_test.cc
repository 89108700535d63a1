// Guests whose servers are deleted: running_deleted_instance_action and its two times.
#include "controller/core/running_deleted.h"

#include <algorithm>

#include "domain/nouns/server.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class RunningDeletedTest : public ControllerTest {
 protected:
  // The host comes back with the guest of a server that was deleted while it was down.
  PlacementId returns() {
    restart();
    connect_all();
    Instance server = create();
    make_active(server);
    guest = server.placement_id();
    EXPECT_TRUE(call(DeleteServer{"web"}).has_value());
    deliver(InstanceTerminated{"h1", {server.uuid, 2}});
    deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
    EXPECT_EQ(row(server.uuid), nullptr);
    transport->clear();
    connect_compute(2, {{"h1", guest, PowerState::kRunning, true}});
    return guest;
  }
  size_t destroyed() {
    size_t count = 0;
    for (const ReportAnswer& answer : transport->take<ReportAnswer>())
      if (answer.verdict == ReportAnswer::Verdict::kStale && answer.placement == guest) ++count;
    return count;
  }
  // As an audit of its host names it.
  size_t orphans() {
    transport->take<OwnershipAnswer>();
    deliver(OwnershipQuery{.held = {guest}, .digests = {static_cast<uint64_t>(PowerState::kRunning)}});
    const auto answers = transport->take<OwnershipAnswer>();
    return answers.empty() ? 0 : answers.back().orphans.size();
  }

  PlacementId guest;
};

TEST_F(RunningDeletedTest, IsReapedWhenItsHostNamesIt) {
  returns();
  EXPECT_EQ(destroyed(), 1u);
  EXPECT_EQ(orphans(), 1u);
}

TEST_F(RunningDeletedTest, IsLeftAloneWhereNothingIsToBeDone) {
  options.running_deleted_instance_action = RunningDeletedAction::kNoop;
  returns();
  pass(seconds(60));
  EXPECT_EQ(destroyed(), 0u);
  EXPECT_EQ(orphans(), 0u);
}

TEST_F(RunningDeletedTest, IsOnlyLogged) {
  options.running_deleted_instance_action = RunningDeletedAction::kLog;
  returns();
  pass(seconds(60));
  EXPECT_EQ(destroyed(), 0u);
  EXPECT_EQ(orphans(), 0u);
  EXPECT_TRUE(std::ranges::count(log.events, "a server is deleted, and its guest is still on a host",
                                 &testing::LoggedEvent::message) > 0);
}

TEST_F(RunningDeletedTest, IsPoweredOff) {
  options.running_deleted_instance_action = RunningDeletedAction::kShutdown;
  returns();
  pass(seconds(30));
  const auto told = transport->take<ApplyServerAction>();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].action, ServerActionKind::kStop);
  EXPECT_EQ(told[0].placement, guest);
  deliver(ServerActionDone{"h1", guest, told[0].operation, PowerState::kShutdown, {ErrorCode::kInternal, ""}});
  EXPECT_EQ(destroyed(), 0u) << "it is kept to be looked at";
}

TEST_F(RunningDeletedTest, IsReapedWhenItsTimeIsOver) {
  options.running_deleted_instance_timeout = seconds(100);
  options.running_deleted_instance_poll_interval = seconds(30);
  returns();
  pass(seconds(90));
  EXPECT_EQ(destroyed(), 0u);
  EXPECT_EQ(orphans(), 0u);
  pass(seconds(60));
  EXPECT_EQ(destroyed(), 1u);
}

TEST_F(RunningDeletedTest, AnOlderGuestIsReapedAtOnce) {
  options.running_deleted_instance_timeout = seconds(100);
  returns();
  guest.epoch = 0;
  EXPECT_EQ(orphans(), 1u) << "its server had another one after it, on a host of its own";
}

TEST_F(RunningDeletedTest, OneThatAnAuditNamesIsReapedByAnAudit) {
  options.running_deleted_instance_timeout = seconds(100);
  restart();
  connect_all();
  Instance server = create();
  make_active(server);
  guest = server.placement_id();
  EXPECT_TRUE(call(DeleteServer{"web"}).has_value());
  deliver(InstanceTerminated{"h1", {server.uuid, 2}});
  deliver(AddressesReleased{{server.uuid, 2}}, kNetwork);
  EXPECT_EQ(orphans(), 0u);
  pass(seconds(99));
  EXPECT_EQ(orphans(), 0u);
  pass(seconds(1));
  EXPECT_EQ(orphans(), 1u) << "audits do not say on which host it is";
}

}  // namespace
}  // namespace kilonova::controller
