// A launch whose request vanishes each time ends, with a reason; restarts, however many, end none.
#include "domain/nouns/host.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class LostCastsTest : public ControllerTest {
 protected:
  // The scheduler says that it has worked all casts off; no host ever hears of them.
  void lose_cast() {
    casts_ += transport->take<SelectDestinations>().size();
    deliver(SchedulerHeartbeat{casts_, casts_, 0}, kScheduler);
    for (int i = 0; i < 3; ++i) {
      pass(seconds(10));
      heartbeat({});
    }
  }

  uint64_t casts_ = 0;
};

TEST_F(LostCastsTest, WhatVanishesTenTimesInARowEndsInErrorWithAReason) {
  connect_all();
  Instance server = create();
  for (int i = 1; i < 10; ++i) {
    lose_cast();
    ASSERT_EQ(row(server.uuid)->vm_state, VmState::kBuilding) << i;
    ASSERT_EQ(row(server.uuid)->current.epoch, static_cast<uint64_t>(i) + 1);
  }
  lose_cast();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message,
            "Build of instance " + to_string(server.uuid) +
                " aborted: 10 times in a row its request was lost before any host had heard of it.");
  EXPECT_EQ(transport->count<SelectDestinations>(), 0u);
}

TEST_F(LostCastsTest, AHostThatHeardOfItBeginsTheCountAnew) {
  options.max_lost_casts = 2;
  restart();
  connect_all();
  Instance server = create();
  lose_cast();
  heartbeat({{"h1", {server.uuid, row(server.uuid)->current.epoch}}});
  heartbeat({});  // lost with its host: that costs an attempt
  EXPECT_EQ(row(server.uuid)->attempt, 2u);
  lose_cast();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  lose_cast();
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
}

TEST_F(LostCastsTest, ARestartStormEndsNoLaunch) {
  options.max_lost_casts = 2;
  restart();
  connect_all();
  Instance server = create();
  for (int life = 0; life < 20; ++life) {
    restart();
    connect_all();
    for (int i = 0; i < 3; ++i) {
      pass(seconds(10));
      heartbeat({});
    }
    ASSERT_EQ(row(server.uuid)->vm_state, VmState::kBuilding) << life;
  }
  Incarnation scheduler = 1;
  for (int life = 0; life < 20; ++life) {
    transport->disconnect(*core, kScheduler);
    transport->connect(*core, kScheduler, ++scheduler);
    for (int i = 0; i < 3; ++i) {
      pass(seconds(10));
      heartbeat({});
    }
    ASSERT_EQ(row(server.uuid)->vm_state, VmState::kBuilding) << life;
  }
  EXPECT_EQ(row(server.uuid)->attempt, 1u);
  make_active(server);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(LostCastsTest, AHostThatNobodyCouldNameIsNotRegistered) {
  connect_all();
  transport->take<RegisterHostsAnswer>();
  deliver(RegisterHosts{{{"caf\xef\xbf\xbd", "nova", {1, 1, 1}},
                         {"tab\there", "nova", {1, 1, 1}},
                         {"caf\xe9", "nova", {1, 1, 1}},
                         {"good", "zo\nne", {1, 1, 1}},
                         {"caf\xc3\xa9", "nova", {1, 1, 1}}},
                        {},
                        true});
  auto answers = transport->take<RegisterHostsAnswer>();
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0].refused.size(), 4u);
  EXPECT_TRUE(core->records().of<Host>().contains("caf\xc3\xa9"));
  EXPECT_EQ(core->records().of<Host>().size(), 4u);
  EXPECT_EQ(answers[0].refused[0].reason, "the host's name 'caf\xef\xbf\xbd' had bytes that are not UTF-8");
}

}  // namespace
}  // namespace kilonova::controller
