// GrpcNode beyond the contract: who is refused, what a server offers, and lifetimes.
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "base/random.h"
#include "domain/api.h"
#include "domain/nouns/image.h"
#include "grpc_world.h"
#include "kilonova/v1/cloud.grpc.pb.h"
#include "raw_client.h"
#include "rpc/loop/call_service.h"
#include "rpc/node/channel.h"
#include "tests/unit/rpc-link/link_messages.h"

namespace kilonova::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kScheduler{Role::kScheduler, 0};
constexpr PeerId compute(uint32_t index) { return {Role::kCompute, index}; }

class GrpcNodeTest : public ::testing::Test {
 protected:
  // Refusals that a process hears, under the world's mutex.
  std::function<void(const Error&)> keep(std::vector<Error>* refusals) {
    return [this, refusals](const Error& why) { world_.change([&] { refusals->push_back(why); }); };
  }
  bool joined(Peer peer) {
    return world_.run_until([&] { return world_.recorder(kController).is_up(peer); });
  }

  GrpcWorld world_;
};

TEST_F(GrpcNodeTest, ASecondProcessIsRefusedWhileTheFirstIsConnected) {
  world_.start(kController, 1, 100);
  world_.start(compute(0), 1, 100);
  ASSERT_TRUE(joined({compute(0), 1}));
  GrpcWorld elsewhere;  // the same index, but started for the same controller
  std::vector<Error> refusals;
  NodeOptions options = elsewhere.options(compute(0), 2);
  options.controller = world_.address(kController);
  options.on_refused = keep(&refusals);
  ASSERT_TRUE(elsewhere.start(options));
  ASSERT_TRUE(world_.run_until([&] { return !refusals.empty(); }));
  EXPECT_EQ(refusals.front().code, ErrorCode::kAlreadyExists);
  EXPECT_THAT(refusals.front().message, HasSubstr("another compute-0 is connected"));
  EXPECT_TRUE(world_.recorder(kController).is_up({compute(0), 1}));
  world_.kill(compute(0));
  EXPECT_TRUE(joined({compute(0), 2}));
}

TEST_F(GrpcNodeTest, APartitionKeepsTwoDaemonsApartUntilItHeals) {
  const std::string file = ::testing::TempDir() + "kilonova-partitions-" + std::to_string(::getpid());
  NodeOptions controller = world_.options(kController, 1);
  controller.partitions_file = file;
  ASSERT_TRUE(world_.start(controller));
  world_.start(compute(0), 1, 100);
  world_.start(compute(1), 1, 100);
  ASSERT_TRUE(joined({compute(0), 1}));
  ASSERT_TRUE(joined({compute(1), 1}));
  std::ofstream(file) << "compute-0 controller-0\nnot a pair\n";
  EXPECT_TRUE(world_.run_until([&] { return !world_.recorder(kController).is_up({compute(0), 1}); }));
  EXPECT_TRUE(world_.recorder(kController).is_up({compute(1), 1}));
  std::filesystem::remove(file);
  EXPECT_TRUE(joined({compute(0), 1}));
}

TEST_F(GrpcNodeTest, TheClusterSecretMustBeTheSame) {
  NodeOptions controller = world_.options(kController, 1);
  controller.cluster_secret = *ClusterSecret::parse("right");
  ASSERT_TRUE(world_.start(controller));
  std::vector<Error> refusals;
  for (const char* wrong : {"", "wrong"}) {
    refusals.clear();
    NodeOptions options = world_.options(compute(0), 1);
    options.cluster_secret = *ClusterSecret::parse(wrong);
    options.on_refused = keep(&refusals);
    ASSERT_TRUE(world_.start(options));
    ASSERT_TRUE(world_.run_until([&] { return !refusals.empty(); }));
    EXPECT_EQ(refusals.front().code, ErrorCode::kUnauthenticated);
    EXPECT_THAT(refusals.front().message, Not(HasSubstr("right")));
    world_.kill(compute(0));
  }
  NodeOptions options = world_.options(compute(1), 1);
  options.cluster_secret = *ClusterSecret::parse("right");
  ASSERT_TRUE(world_.start(options));
  EXPECT_TRUE(joined({compute(1), 1}));
}

// Who has the keys of one role cannot say that it is of another.
TEST_F(GrpcNodeTest, ARolesSecretIsGoodForThatRole) {
  const ClusterSecret whole = *ClusterSecret::parse("whole");
  NodeOptions controller = world_.options(kController, 1);
  controller.cluster_secret = whole;
  ASSERT_TRUE(world_.start(controller));
  NodeOptions options = world_.options(compute(0), 1);
  options.cluster_secret = *ClusterSecret::parse(whole.for_role(Role::kCompute));
  ASSERT_TRUE(world_.start(options));
  EXPECT_TRUE(joined({compute(0), 1}));
  // A compute process that says it is an api-server, with the only keys that it has.
  const std::string key = *options.cluster_secret.key_for(Role::kCompute, Role::kController);
  RawPeer liar(world_.address(kController), "kilonova-role-secret-1:api>controller=" + key);
  EXPECT_EQ(liar.join(good_hello({Role::kApi, 0}, 7)).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  RawPeer honest(world_.address(kController), whole.for_role(Role::kCompute));
  EXPECT_TRUE(honest.join(good_hello({Role::kCompute, 5}, 7)).ok());
}

// What the controller forbids is sent away, told why so that it can end, and let in nowhere.
TEST_F(GrpcNodeTest, AProcessThatWasReplacedIsSentAway) {
  const PeerId network{Role::kNetwork, 0};
  ASSERT_TRUE(world_.start(world_.options(kController, 1)));
  world_.start(network, 1, 100);
  std::vector<Error> refusals;
  NodeOptions options = world_.options(compute(0), 5);
  options.on_replaced = keep(&refusals);
  ASSERT_TRUE(world_.start(options));
  ASSERT_TRUE(joined({compute(0), 5}));
  ASSERT_TRUE(world_.run_until([&] { return world_.recorder(network).is_up({compute(0), 5}); }));
  world_.on(network, [&](Transport& transport) { transport.forbid(compute(0), {4, 5}); });
  ASSERT_TRUE(world_.run_until([&] { return !world_.recorder(network).is_up({compute(0), 5}); }));
  EXPECT_TRUE(refusals.empty()) << "only the controller is believed that";
  world_.on(kController, [&](Transport& transport) { transport.forbid(compute(0), {4, 5}); });
  ASSERT_TRUE(world_.run_until([&] { return !refusals.empty(); }));
  EXPECT_THAT(refusals.front().message, HasSubstr("was replaced by a newer one"));
  EXPECT_FALSE(world_.recorder(kController).is_up({compute(0), 5}));
  world_.kill(compute(0));
  world_.start(compute(0), 6, 100);
  EXPECT_TRUE(joined({compute(0), 6}));
  ASSERT_TRUE(world_.run_until([&] { return world_.recorder(network).is_up({compute(0), 6}); }));
  EXPECT_FALSE(world_.recorder(network).is_up({compute(0), 5}));
  world_.kill(compute(0));
  // The network-controller was told.
  ASSERT_TRUE(world_.run_until([&] { return !world_.recorder(network).is_up({compute(0), 6}); }));
  RawPeer zombie(world_.address(network));
  EXPECT_THAT(zombie.join(good_hello(compute(0), 5)).error_message(), HasSubstr("was replaced by a newer one"));
}

TEST_F(GrpcNodeTest, DaemonsDoNotComeThroughAPublicPort) {
  NodeOptions options = world_.options(kController, 1);
  LoopThread thread;
  std::recursive_mutex mutex;
  Recorder recorder(mutex, [] {});
  NoLog log;
  std::unique_ptr<GrpcNode> node;
  std::string port;
  thread.run([&] {
    node = std::make_unique<GrpcNode>(thread.loop(), thread.queue(), options, recorder, log);
    node->add_listen("127.0.0.1:0");
    ASSERT_TRUE(node->start());
    port = node->addresses().back();
  });
  grpc::Status status = raw_connect(port, {frame_with(good_hello(compute(0), 1))}).status;
  EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(status.error_message(), HasSubstr("daemons connect through unix:"));
  thread.run([&] { node.reset(); });
}

TEST_F(GrpcNodeTest, EverybodyKnowsTheDaemons) {
  world_.start(kController, 1, 100);
  world_.start(kScheduler, 2, 100);
  world_.start(compute(0), 3, 100);
  ASSERT_TRUE(world_.run_until([&] { return world_.recorder(compute(0)).is_up({kScheduler, 2}); }));
  std::vector<KnownDaemon> expected{{{kScheduler, 2}, world_.address(kScheduler), "here"},
                                    {{compute(0), 3}, world_.address(compute(0)), "here"}};
  for (PeerId id : {kController, compute(0)}) {
    world_.on_node(id, [&](GrpcNode& node) { EXPECT_EQ(node.daemons(), expected); });
  }
}

// The answer of the standard health service, by hand: field 1 of HealthCheckRequest is the service; field 1 of
// HealthCheckResponse: 1 is SERVING, 2 NOT_SERVING.
int health(const std::string& address, const std::string& service = "") {
  grpc::GenericStub stub(open_private_channel(address));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  grpc::ByteBuffer request, response;
  grpc::Slice asked(service.empty() ? "" : std::string{'\x0a', static_cast<char>(service.size())} + service);
  request = grpc::ByteBuffer(&asked, 1);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/grpc.health.v1.Health/Check", grpc::StubOptions{}, &request, &response,
                 [&done](grpc::Status status) { done.set_value(status); });
  grpc::Status status = done.get_future().get();
  EXPECT_TRUE(status.ok()) << status.error_message();
  grpc::Slice bytes;
  if (!response.DumpToSingleSlice(&bytes).ok() || bytes.size() != 2) return -1;
  return bytes.begin()[1];
}

TEST_F(GrpcNodeTest, HealthSaysWhatTheOwnerSays) {
  world_.start(kController, 1, 100);
  auto expect_all = [&](int status) {
    EXPECT_EQ(health(world_.address(kController)), status);
    EXPECT_EQ(health(world_.address(kController), "kilonova.v1.Peer"), status);
  };
  expect_all(2);
  world_.on_node(kController, [](GrpcNode& node) { node.set_serving(true); });
  expect_all(1);
  world_.on_node(kController, [](GrpcNode& node) { node.set_serving(false); });
  expect_all(2);
}

// Has no methods.
class EmptyService final : public rpc::CallService {
 public:
  void accept(std::string_view, std::unique_ptr<rpc::ServerCall>&) override {}
};

TEST_F(GrpcNodeTest, ReflectionListsWhatIsServed) {
  EmptyService cloud;
  LoopThread thread;
  std::recursive_mutex mutex;
  Recorder recorder(mutex, [] {});
  NoLog log;
  std::unique_ptr<GrpcNode> node;
  thread.run([&] {
    node = std::make_unique<GrpcNode>(thread.loop(), thread.queue(), world_.options(kController, 1), recorder, log);
    node->add_service(cloud, "kilonova.v1.Cloud");
    ASSERT_TRUE(node->start());
  });
  RawResult result =
      raw_stream(world_.address(kController), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                 {"\x3a\x01*"}, 1);  // ServerReflectionRequest.list_services
  ASSERT_EQ(result.responses.size(), 1u) << result.status.error_message();
  for (const char* name : {"kilonova.v1.Peer", "kilonova.v1.Cloud", "grpc.health.v1.Health"}) {
    EXPECT_THAT(result.responses.front(), HasSubstr(name));
  }
  // file_containing_symbol; the second time only what was not sent before.
  result = raw_stream(world_.address(kController), "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
                      {"\x22\x10kilonova.v1.Peer", "\x22\x10kilonova.v1.Peer", "\x22\x05ghost"}, 3);
  ASSERT_EQ(result.responses.size(), 3u) << result.status.error_message();
  EXPECT_THAT(result.responses[0], HasSubstr("kilonova/v1/peer.proto"));
  EXPECT_THAT(result.responses[0], HasSubstr("kilonova/v1/common.proto"));
  EXPECT_THAT(result.responses[1], Not(HasSubstr("kilonova/v1/peer.proto")));
  EXPECT_THAT(result.responses[2], HasSubstr("ghost is not known here"));
  thread.run([&] { node.reset(); });
}

TEST_F(GrpcNodeTest, AMessageThatIsTooLongIsDroppedAloneAndSaidSo) {
  world_.start(kController, 1, 100);
  world_.start(compute(0), 1, 100);
  ASSERT_TRUE(joined({compute(0), 1}));
  world_.on(kController, [](Transport& transport) {
    EXPECT_TRUE(transport.send(compute(0), numbered(1)));
    EXPECT_TRUE(transport.send(compute(0), Message{2, TokenKeys{std::string(16 << 20, 'x')}}));
    EXPECT_TRUE(transport.send(compute(0), Message{3, TokenKeys{std::string(14 << 20, 'x')}}));
    EXPECT_TRUE(transport.send(compute(0), numbered(4)));
  });
  ASSERT_TRUE(world_.run_until([&] { return world_.recorder(compute(0)).calls(kController).size() >= 3; }));
  EXPECT_EQ(world_.recorder(compute(0)).calls(kController), (std::vector<uint64_t>{1, 3, 4}));
}

TEST_F(GrpcNodeTest, AnAnswerThatIsTooLongBecomesOneThatSaysSo) {
  world_.start(kController, 1, 100);
  world_.start(compute(0), 1, 100);
  ASSERT_TRUE(joined({compute(0), 1}));
  world_.on(kController, [](Transport& transport) {
    ImageList list;
    list.images.emplace_back().name = std::string(16 << 20, 'i');
    EXPECT_TRUE(transport.send(compute(0), Message{7, ApiReply{ApiResponse{std::move(list)}}}));
  });
  ASSERT_TRUE(world_.run_until([&] { return !world_.recorder(compute(0)).calls(kController).empty(); }));
  Message heard = world_.recorder(compute(0)).events().back().message;
  EXPECT_EQ(heard.call, 7u);
  const auto* reply = get_if<ApiReply>(&heard.body);
  ASSERT_NE(reply, nullptr);
  ASSERT_FALSE(reply->result.has_value());
  EXPECT_EQ(reply->result.error().code, ErrorCode::kInternal);
  EXPECT_THAT(reply->result.error().message, HasSubstr("too long to send"));
  EXPECT_THAT(reply->result.error().message, HasSubstr("may have been done"));
}

TEST_F(GrpcNodeTest, AcknowledgementsComeWithoutDataToRideOn) {
  world_.start(kController, 1, 10);
  world_.start(compute(0), 1, 10);
  ASSERT_TRUE(joined({compute(0), 1}));
  for (uint64_t round = 0; round < 5; ++round) {
    // Ten fill the queue, so the next ten fit only if these were acknowledged.
    uint64_t queued = 0;
    while (queued < 10) {
      world_.on(kController, [&](Transport& transport) {
        while (queued < 10 && transport.send(compute(0), numbered(round * 10 + queued + 1))) ++queued;
      });
    }
    ASSERT_TRUE(
        world_.run_until([&] { return world_.recorder(compute(0)).calls(kController).size() >= round * 10 + 10; }));
  }
  EXPECT_EQ(world_.recorder(kController).count(PeerEvent::kDown, compute(0)), 0u);
}

TEST_F(GrpcNodeTest, AHandlerMayStopTheNode) {
  world_.start(kController, 1, 100);
  world_.start(compute(0), 1, 100);
  ASSERT_TRUE(joined({compute(0), 1}));
  ASSERT_TRUE(world_.run_until([&] { return world_.recorder(compute(0)).is_up({kController, 1}); }));
  world_.on_node(compute(0), [this](GrpcNode& node) {
    world_.recorder(compute(0)).answer = [&node](const Peer&, const Message& message) {
      if (message.call == 2) node.stop();
    };
  });
  world_.on(kController, [](Transport& transport) {
    for (uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(transport.send(compute(0), numbered(i)));
  });
  ASSERT_TRUE(world_.run_until([&] { return !world_.recorder(kController).is_up({compute(0), 1}); }));
  // Its loop has left the handler when it has run this.
  world_.on(compute(0), [](Transport& transport) { EXPECT_FALSE(transport.send(kController, numbered(1))); });
  EXPECT_EQ(world_.recorder(compute(0)).calls(kController), (std::vector<uint64_t>{1, 2}));
}

TEST_F(GrpcNodeTest, CanStopAtAnyMomentOfConnecting) {
  world_.start(kController, 1, 100);
  for (Incarnation incarnation = 1; incarnation <= 30; ++incarnation) {
    world_.start(compute(0), incarnation, 100);
    if (incarnation % 3 == 0) world_.on(compute(0), [](Transport& transport) { transport.peers(Role::kController); });
    if (incarnation % 5 == 0) ASSERT_TRUE(joined({compute(0), incarnation}));
    world_.kill(compute(0));
  }
  world_.start(compute(0), 100, 100);
  EXPECT_TRUE(joined({compute(0), 100}));
}

// Several threads of processes that come and go while messages fly both ways: for the sanitizers.
TEST(GrpcNodeStorm, ProcessesComeAndGoOnManyThreads) {
  GrpcWorld world;
  world.start(kController, 1, 1000);
  world.start(kScheduler, 1, 1000);
  std::vector<std::thread> threads;
  for (uint32_t index = 0; index < 3; ++index) {
    threads.emplace_back([&world, index] {
      LoopThread thread;
      std::recursive_mutex mutex;
      NoLog log;
      Random random(index);
      for (Incarnation incarnation = 1; incarnation <= 25; ++incarnation) {
        std::condition_variable_any changed;
        Recorder recorder(mutex, [&] { changed.notify_all(); });
        NodeOptions options = world.options(compute(index), incarnation);
        options.listen.clear();
        std::unique_ptr<GrpcNode> node;
        thread.run([&] {
          node = std::make_unique<GrpcNode>(thread.loop(), thread.queue(), options, recorder, log);
          EXPECT_TRUE(node->start());
        });
        if (random.chance(0.7)) {
          std::unique_lock lock(mutex);
          EXPECT_TRUE(
              changed.wait_for(lock, std::chrono::seconds(30), [&] { return recorder.is_up({kController, 1}); }));
        }
        thread.run([&] {
          for (uint64_t i = 1; i <= 200; ++i) node->send(kController, numbered(i));
          if (random.chance(0.5)) node->disconnect(kController);
        });
        thread.run([&] { node.reset(); });
      }
    });
  }
  for (int round = 0; round < 200; ++round) {
    world.on(kController, [](Transport& transport) {
      for (const Peer& peer : transport.peers(Role::kCompute)) transport.send(peer.id, numbered(1));
    });
    world.on_node(kController, [round](GrpcNode& node) { node.disconnect(compute(round % 3)); });
  }
  for (std::thread& thread : threads) thread.join();
  world.on(kController, [](Transport& transport) { EXPECT_EQ(transport.peers(Role::kScheduler).size(), 1u); });
}

}  // namespace
}  // namespace kilonova::testing
