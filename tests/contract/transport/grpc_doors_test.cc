// What comes in through the daemons' service and should not: each gets its status, and the daemon goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "grpc_world.h"
#include "raw_client.h"
#include "rpc/node/limits.h"

namespace kilonova::testing {
namespace {

using ::testing::HasSubstr;

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kCompute{Role::kCompute, 0};

class Doors : public ::testing::Test {
 protected:
  Doors() { world_.start(kController, 1, 100); }

  // Whatever was tried, a true daemon is still welcome.
  ~Doors() override {
    world_.start(kCompute, 1, 100);
    EXPECT_TRUE(world_.run_until([&] { return world_.recorder(kController).is_up({kCompute, 1}); }));
  }

  grpc::Status say(const std::string& bytes) { return raw_connect(world_.address(kController), {bytes}).status; }
  grpc::Status greet(const v1::Hello& hello) { return say(frame_with(hello)); }

  GrpcWorld world_;
};

TEST_F(Doors, AnotherProtocolVersion) {
  v1::Hello hello = good_hello(kCompute, 5);
  hello.set_protocol_version(kProtocolVersion + 1);
  grpc::Status status = greet(hello);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr("protocol version 4 is not spoken here, but 3"));
}

TEST_F(Doors, AHelloThatCannotBe) {
  v1::Hello role = good_hello(kCompute, 5);
  role.set_role(99);
  v1::Hello incarnation = good_hello(kCompute, 0);
  v1::Hello nonce = good_hello(kCompute, 5);
  nonce.set_nonce("short");
  v1::Hello resume = good_hello(kCompute, 5);
  resume.set_resume_incarnation(1);
  resume.set_resume_number(17);
  for (const v1::Hello& hello : {role, incarnation, nonce, resume}) {
    grpc::Status status = greet(hello);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << hello.ShortDebugString();
    EXPECT_FALSE(status.error_message().empty());
  }
}

TEST_F(Doors, ARoleThatDoesNotDial) {
  EXPECT_EQ(greet(good_hello(kController, 5)).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  world_.start({Role::kScheduler, 0}, 1, 100);
  RawResult api = raw_connect(world_.address({Role::kScheduler, 0}), {frame_with(good_hello({Role::kApi, 0}, 5))});
  EXPECT_EQ(api.status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(api.status.error_message(), HasSubstr("api-0 does not dial scheduler-0"));
}

TEST_F(Doors, DataBeforeTheHello) {
  v1::Frame frame;
  frame.set_ack(1);
  EXPECT_EQ(say(frame.SerializeAsString()).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Doors, AWrongProof) {
  RawPeer peer(world_.address(kController), "another secret");
  grpc::Status status = peer.join(good_hello(kCompute, 5));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_THAT(status.error_message(), HasSubstr("cluster secret"));
}

TEST_F(Doors, BytesThatAreNoFrame) {
  grpc::Status status = say("\xff\xff\xff\xff not protobuf");
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("kilonova.v1.Frame"));
}

TEST_F(Doors, RandomBytes) {
  Random random(7);
  std::string good = frame_with(good_hello(kCompute, 5));
  for (int i = 0; i < 100; ++i) {
    std::string bytes = good;
    for (uint64_t flips = 1 + random.below(10); flips > 0; --flips) {
      bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    if (random.chance(0.3)) bytes.resize(random.below(bytes.size()));
    RawResult result = raw_stream(world_.address(kController), "/kilonova.v1.Peer/Connect", {bytes, bytes}, 1);
    EXPECT_NE(result.status.error_code(), grpc::StatusCode::UNAVAILABLE) << "the daemon is gone";
    EXPECT_FALSE(result.status.ok());
  }
}

TEST_F(Doors, AFrameThatIsTooLong) {
  v1::Frame frame;
  frame.set_proof(std::string(17 << 20, 'x'));
  EXPECT_EQ(say(frame.SerializeAsString()).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(Doors, TooManyMessagesAndEmptyOnes) {
  v1::Frame many;
  for (int i = 0; i < kMaxFrameMessages + 1; ++i) many.add_messages();
  grpc::Status status = say(many.SerializeAsString());
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("at most 8192 bytes")) << "of a stranger, before it is decoded";
  RawPeer known(world_.address(kController));
  ASSERT_TRUE(known.join(good_hello({Role::kCompute, 9}, 5)).ok());
  known.write(many);
  EXPECT_THAT(known.wait_for_end().error_message(), HasSubstr("4096"));
  v1::Frame empty;
  empty.add_messages()->set_call(1);
  EXPECT_EQ(say(empty.SerializeAsString()).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Doors, NumbersWithAGapAndAcknowledgementsOfNothing) {
  v1::Frame frame;
  frame.set_first_number(5);
  frame.add_messages()->mutable_token_keys();
  RawPeer gap(world_.address(kController));
  ASSERT_TRUE(gap.join(good_hello({Role::kCompute, 7}, 5)).ok());
  gap.write(frame);
  EXPECT_EQ(gap.wait_for_end().error_code(), grpc::StatusCode::DATA_LOSS);
  frame.Clear();
  frame.set_ack(99);
  RawPeer ack(world_.address(kController));
  ASSERT_TRUE(ack.join(good_hello({Role::kCompute, 8}, 5)).ok());
  ack.write(frame);
  EXPECT_EQ(ack.wait_for_end().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Doors, ADirectoryFromWhoHasNone) {
  v1::Frame frame;
  frame.mutable_directory()->add_entries()->set_address("unix:/evil");
  RawPeer peer(world_.address(kController));
  ASSERT_TRUE(peer.join(good_hello({Role::kCompute, 7}, 5)).ok());
  peer.write(frame);
  EXPECT_EQ(peer.wait_for_end().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(Doors, SilenceInsteadOfAHandshake) {
  EXPECT_EQ(raw_connect(world_.address(kController), {}).status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(Doors, AReplacedProcessThatReturns) {
  PeerId id{Role::kCompute, 7};
  for (Incarnation incarnation : {5, 6}) {
    {
      RawPeer peer(world_.address(kController));
      ASSERT_TRUE(peer.join(good_hello(id, incarnation)).ok());
      RawPeer second(world_.address(kController));
      grpc::Status refused = second.join(good_hello(id, incarnation + 2));
      EXPECT_EQ(refused.error_code(), grpc::StatusCode::ALREADY_EXISTS);
      EXPECT_THAT(refused.error_message(), HasSubstr("another compute-7 is connected"));
      // The same process may come again before its last connection is known to be broken.
      RawPeer again(world_.address(kController));
      EXPECT_TRUE(again.join(good_hello(id, incarnation)).ok());
      EXPECT_EQ(peer.wait_for_end().error_code(), grpc::StatusCode::UNAVAILABLE);
    }
    ASSERT_TRUE(world_.run_until([&] { return !world_.recorder(kController).is_up({id, incarnation}); }));
  }
  RawPeer zombie(world_.address(kController));
  grpc::Status status = zombie.join(good_hello(id, 5));
  EXPECT_EQ(status.error_code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_THAT(status.error_message(), HasSubstr("was replaced by a newer one"));
}

}  // namespace
}  // namespace kilonova::testing
