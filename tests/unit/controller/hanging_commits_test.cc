// A store that does not answer for a while: what finds a server lost, or its delete over, again and again meanwhile
// begins one flow for it, not one each time.
#include "domain/nouns/server.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class HangingCommitsTest : public ControllerTest {
 protected:
  size_t logged(std::string_view message) const {
    size_t count = 0;
    for (const auto& event : log.events) count += event.message == message ? 1 : 0;
    return count;
  }
  // Commits take this long from now on, and are refused in the end.
  void hang(Duration latency) {
    disk.commit_latency = latency;
    disk.fail_from_now_on({ErrorCode::kUnavailable, "the disk hangs"});
  }
};

TEST_F(HangingCommitsTest, ATryThatStaysLostIsRebuiltByOneFlow) {
  connect_all();
  Instance server = create();
  heartbeat({{"h1", {server.uuid, 1}}});
  transport->disconnect(*core, kCompute);
  hang(seconds(300));
  pass(seconds(300));  // the host is down after 60 s, and looked at each second from then on
  EXPECT_EQ(logged("a try was lost"), 1u);
  pass(seconds(100));
  EXPECT_LE(logged("the store refused a change"), 1u);
  EXPECT_LE(logged("a try was lost"), 2u);
  disk.recover();
  disk.commit_latency = {};
  pass(seconds(400));
  EXPECT_GE(row(server.uuid)->current.epoch, 2u) << "it is still found lost afterwards";
}

TEST_F(HangingCommitsTest, ADeleteWithoutItsHostIsFinishedByOneFlow) {
  connect_all();
  Instance server = create();
  make_active(server);
  transport->disconnect(*core, kCompute);
  pass(seconds(70));
  ASSERT_TRUE(call(DeleteServer{to_string(server.uuid), true}).has_value());
  hang(seconds(600));
  deliver(AddressesReleased{{server.uuid, row(server.uuid)->current.epoch}}, kNetwork);
  pass(seconds(700));  // told again each 10 s
  EXPECT_EQ(logged("the store refused a change"), 1u);
  pass(seconds(1200));
  EXPECT_LE(logged("the store refused a change"), 3u);
  disk.recover();
  disk.commit_latency = {};
  pass(seconds(700));
  EXPECT_EQ(row(server.uuid), nullptr);
}

}  // namespace
}  // namespace kilonova::controller
