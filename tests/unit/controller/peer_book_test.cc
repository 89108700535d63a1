// One identity, one process: which process of each identity is the newest is stored.
#include "domain/setting.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class PeerBookTest : public ControllerTest {};

// Frozen, replaced, and thawed when both its successor and the controller had died.
TEST_F(PeerBookTest, AProcessThatWasReplacedIsSentAwayAfterARestart) {
  connect_all();
  Instance server = create();
  make_active(server);
  transport->disconnect(*core, kCompute);
  connect_compute(2, {GuestInfo{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  settle();
  restart();
  EXPECT_TRUE(transport->forbids(kCompute, 1)) << "from the beginning";
  EXPECT_FALSE(transport->forbids(kCompute, 2));
  transport->connect(*core, kNetwork, lives);
  transport->clear();
  connect_compute(1);  // by a transport that lets it in
  for (int i = 0; i < 5; ++i) heartbeat({});
  EXPECT_EQ(transport->count<RegisterHostsAnswer>(), 0u);
  EXPECT_EQ(transport->count<ApiCall>(), 0u) << "nobody's journal is asked for its guests";
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
  transport->disconnect(*core, kCompute);
  connect_compute(2, {GuestInfo{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  EXPECT_EQ(transport->count<RegisterHostsAnswer>(), 1u) << "the newest is not refused";
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kActive);
}

TEST_F(PeerBookTest, AThirdOneReplacesTheSecond) {
  connect_all();
  for (Incarnation incarnation : {2, 3}) connect_compute(incarnation);
  settle();
  restart();
  EXPECT_TRUE(transport->forbids(kCompute, 1));
  EXPECT_TRUE(transport->forbids(kCompute, 2));
  EXPECT_FALSE(transport->forbids(kCompute, 3));
  connect_compute(4);
  EXPECT_TRUE(transport->forbids(kCompute, 3)) << "before it comes back";
  settle();
  restart();
  EXPECT_TRUE(transport->forbids(kCompute, 3));
}

TEST_F(PeerBookTest, WhatTheStoreRefusedIsStoredLater) {
  connect_all();
  disk.fail_from_now_on({ErrorCode::kUnavailable, "no space left on device"});
  transport->connect(*core, kCompute, 2);
  settle();
  disk.recover();
  pass(seconds(2));
  restart();
  EXPECT_TRUE(transport->forbids(kCompute, 1));
}

TEST_F(PeerBookTest, NoMoreIsKeptThanIsOfUse) {
  connect_all();
  for (Incarnation incarnation = 2; incarnation < 200; ++incarnation) transport->connect(*core, kCompute, incarnation);
  pass(seconds(1));
  ControllerState state = *image.state();
  for (const Setting& setting : state.of<Setting>()) EXPECT_LT(setting.value.size(), 2000u) << setting.name;
  restart();
  EXPECT_TRUE(transport->forbids(kCompute, 198));
  EXPECT_FALSE(transport->forbids(kCompute, 199));
}

// A setting that nobody can read says nothing.
TEST_F(PeerBookTest, OtherSettingsAreNoPeers) {
  Transaction rows;
  for (const char* name : {"peer ", "peer compute", "peer compute-x", "peer nobody-0", "peer compute-0"})
    rows.push_back(mutation::Put<Setting>{{name, "zz 0000 \xff 12"}});
  ASSERT_TRUE(image.apply(rows).has_value());
  restart();
  connect_all();
  EXPECT_TRUE(call(create_request()).has_value());
}

}  // namespace
}  // namespace kilonova::controller
