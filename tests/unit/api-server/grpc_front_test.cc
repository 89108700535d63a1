// The public service in one process: a real gRPC server and client on a unix socket, the core on a real loop, and a
// controller that answers what the test says.
#include "api-server/front/grpc/grpc_front.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "domain/api.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "domain/watch_event.h"
#include "kilonova/v1/cloud.grpc.pb.h"
#include "rpc/convert/operations.h"
#include "rpc/convert/status.h"
#include "rpc/node/listener.h"
#include "runtime/real_loop.h"
#include "tests/support/fake_crypto.h"
#include "tests/support/recording_log.h"

namespace kilonova::api {
namespace {

using testing::FakeCrypto;
using testing::RecordingLog;

constexpr PeerId kController{Role::kController, 0};

// Answers each ApiCall by a function, or not at all. Loop thread only.
class AnsweringTransport final : public Transport {
 public:
  using Answer = std::function<std::optional<Expected<ApiResponse>>(const ApiCall&)>;

  explicit AnsweringTransport(Loop& loop) : loop_(loop) {}
  PeerId self() const override { return {Role::kApi, 0}; }
  Incarnation incarnation() const override { return 1; }
  std::vector<Peer> peers(Role) const override { return {{kController, 1}}; }
  void forbid(PeerId, const std::vector<Incarnation>&) override {}
  bool send(PeerId, Message message) override {
    calls.push_back(get<ApiCall>(message.body));
    auto result = answer(calls.back());
    if (!result) return true;
    loop_.post([this, call = message.call, reply = ApiReply{std::move(*result)}]() mutable {
      handler->on_message({kController, 1}, Message{call, std::move(reply)});
    });
    return true;
  }

  PeerHandler* handler = nullptr;
  Answer answer = [](const ApiCall&) { return std::nullopt; };
  std::vector<ApiCall> calls;

 private:
  Loop& loop_;
};

class GrpcFrontTest : public ::testing::Test {
 protected:
  void SetUp() override { start({}); }
  void TearDown() override { shut_down(); }

  void start(GrpcFrontOptions options) {
    shut_down();
    std::string pattern = ::testing::TempDir() + "kilonova-front-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    queue_ = std::make_unique<rpc::GrpcQueue>();
    loop_ = std::make_unique<RealLoop>(*queue_);
    crypto_ = std::make_unique<FakeCrypto>(*loop_);
    transport_ = std::make_unique<AnsweringTransport>(*loop_);
    core_ = std::make_unique<ApiCore>(*loop_, *transport_, log_, Random(1), *crypto_, ApiOptions{});
    transport_->handler = core_.get();
    core_->on_peer_up({kController, 1});
    core_->on_message({kController, 1}, Message{0, TokenKeys{std::string(32, 'k')}});
    core_->on_message({kController, 1}, Message{0, WatchEvents{}});
    front_ = std::make_unique<GrpcFront>(*loop_, *core_, options);
    std::string address = "unix:" + directory_ + "/api.sock";
    listener_ = std::make_unique<Listener>(*queue_);
    Expected<> listening = listener_->start({{address, nullptr}}, {{&front_->service(), GrpcFront::service_name()}});
    ASSERT_TRUE(listening) << listening.error().message;
    thread_ = std::thread([this] { loop_->run(); });
    stub_ = v1::Cloud::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  }
  void end_loop() {
    loop_->stop();
    if (thread_.joinable()) thread_.join();
  }
  void shut_down() {
    if (!listener_) return;
    end_loop();
    front_->stop();
    listener_->stop();
    EXPECT_EQ(front_->open_calls(), 0u) << "the server waits for its calls";
    listener_.reset();
    front_.reset();
    core_.reset();
    transport_.reset();
    crypto_.reset();
    loop_.reset();
    queue_.reset();
    std::filesystem::remove_all(directory_);
  }

  // Runs the function on the loop and waits for it.
  template <class Function>
  auto on_loop(Function function) {
    using Result = decltype(function());
    std::packaged_task<Result()> task(std::move(function));
    auto done = task.get_future();
    loop_->post_from_any_thread([task = std::move(task)]() mutable { task(); });
    return done.get();
  }
  void answer_with(AnsweringTransport::Answer answer) {
    on_loop([&] { transport_->answer = std::move(answer); });
  }
  std::vector<ApiCall> calls() {
    return on_loop([&] { return transport_->calls; });
  }
  // Waits until the core was asked so often.
  void wait_for_calls(size_t n) {
    while (calls().size() < n) std::this_thread::yield();
  }
  void wait_for_open(size_t n) {
    while (on_loop([&] { return front_->open_calls(); }) != n) std::this_thread::yield();
  }
  std::string token(UserRole role) {
    return on_loop([&] {
      TokenSigner signer(*crypto_, std::string(32, 'k'));
      return signer.issue({{}, project_, role, loop_->wall_now(), loop_->wall_now() + seconds(600), {}});
    });
  }
  std::unique_ptr<grpc::ClientContext> context(const std::string& token, int seconds_left = 20) {
    auto made = std::make_unique<grpc::ClientContext>();
    if (!token.empty()) made->AddMetadata("authorization", "Bearer " + token);
    made->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds_left));
    return made;
  }
  static std::string initial(const grpc::ClientContext& context, const std::string& key) {
    auto entry = context.GetServerInitialMetadata().find(key);
    return entry == context.GetServerInitialMetadata().end() ? ""
                                                             : std::string(entry->second.data(), entry->second.size());
  }

  std::string directory_;
  Uuid project_ = *parse_uuid("0000000000000000000000000000000b");
  RecordingLog log_;
  std::unique_ptr<rpc::GrpcQueue> queue_;
  std::unique_ptr<RealLoop> loop_;
  std::unique_ptr<FakeCrypto> crypto_;
  std::unique_ptr<AnsweringTransport> transport_;
  std::unique_ptr<ApiCore> core_;
  std::unique_ptr<GrpcFront> front_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<v1::Cloud::Stub> stub_;
  std::thread thread_;
};

TEST_F(GrpcFrontTest, EveryMethodWantsAToken) {
#define KN_EXPECT_UNAUTHENTICATED(Name)                                                              \
  {                                                                                                  \
    v1::Name##Request request;                                                                       \
    v1::Name##Reply reply;                                                                           \
    auto ctx = context("");                                                                          \
    EXPECT_EQ(stub_->Name(ctx.get(), request, &reply).error_code(), grpc::UNAUTHENTICATED) << #Name; \
    EXPECT_TRUE(initial(*ctx, "x-openstack-request-id").starts_with("req-")) << #Name;               \
  }
  KN_OPERATIONS(METHODS, KN_EXPECT_UNAUTHENTICATED)
#undef KN_EXPECT_UNAUTHENTICATED
  auto ctx = context("");
  auto stream = stub_->Watch(ctx.get(), v1::WatchRequest());
  v1::WatchReply reply;
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::UNAUTHENTICATED);
  EXPECT_TRUE(calls().empty());
}

TEST_F(GrpcFrontTest, ALogInsTokenOpensTheDoor) {
  answer_with([&](const ApiCall& call) -> std::optional<Expected<ApiResponse>> {
    if (!holds_alternative<FindUser>(call.request)) return CloudStatus{.servers = 5};
    FoundUser found;
    found.user.password_hash = "scrypt$fake$kilonova";
    found.project = {project_, "demo", "", true};
    found.role = UserRole::kMember;
    return found;
  });
  v1::LoginRequest login;
  login.set_user("demo");
  login.set_password("kilonova");
  v1::LoginReply token;
  grpc::Status status = stub_->Login(context("").get(), login, &token);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(token.project(), "demo");
  EXPECT_EQ(token.project_id(), to_hex(project_));
  EXPECT_EQ(token.role(), v1::USER_ROLE_MEMBER);
  EXPECT_GT(token.expires_at_us(), 0);
  v1::GetCloudStatusReply reply;
  ASSERT_TRUE(stub_->GetCloudStatus(context(token.token()).get(), {}, &reply).ok());
  EXPECT_EQ(reply.status().servers(), 5u);
  EXPECT_EQ(calls().back().context.project_id, project_);

  login.set_password("wrong");
  status = stub_->Login(context("").get(), login, &token);
  EXPECT_EQ(status.error_code(), grpc::UNAUTHENTICATED);
  EXPECT_EQ(status.error_message().find("kilonova"), std::string::npos);
}

TEST_F(GrpcFrontTest, ARequestGoesThroughWithItsIds) {
  answer_with([](const ApiCall& call) -> std::optional<Expected<ApiResponse>> {
    CreateServersReply created;
    created.servers.resize(1);
    created.servers[0].name = get<CreateServers>(call.request).name;
    created.servers[0].trace = call.context.trace;
    created.revision = 42;
    return created;
  });
  auto ctx = context(token(UserRole::kMember));
  ctx->AddMetadata("x-openstack-request-id", "req-f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  ctx->AddMetadata("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  v1::CreateServersRequest request;
  request.set_name("web1");
  request.set_flavor("m1.tiny");
  request.set_image("cirros");
  v1::CreateServersReply reply;
  grpc::Status status = stub_->CreateServers(ctx.get(), request, &reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(reply.servers(0).name(), "web1");
  EXPECT_EQ(reply.revision(), 42u);
  EXPECT_EQ(initial(*ctx, "x-openstack-request-id"), "req-f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  ApiCall call = calls().back();
  EXPECT_EQ(to_string(call.context.trace.request_id), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
  EXPECT_EQ(to_hex(call.context.trace.trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(get<CreateServers>(call.request).max_count, 1u);
  EXPECT_EQ(call.accepted.step, LaunchStep::kRequestAccepted);
  EXPECT_EQ(on_loop([&] { return log_.steps.size(); }), 1u);
}

// What protobuf cannot read is no reason for silence: the field is named.
TEST_F(GrpcFrontTest, TextThatIsNotUtf8IsRefusedByTheNameOfItsField) {
  auto call_raw = [&](const std::string& method, std::string bytes, const std::string& token) {
    grpc::GenericStub stub(grpc::CreateChannel("unix:" + directory_ + "/api.sock", grpc::InsecureChannelCredentials()));
    auto ctx = context(token);
    grpc::Slice slice(bytes);
    grpc::ByteBuffer request(&slice, 1), response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(ctx.get(), "/kilonova.v1.Cloud/" + method, grpc::StubOptions{}, &request, &response,
                   [&done](grpc::Status status) { done.set_value(status); });
    return done.get_future().get();
  };
  v1::CreateServersRequest good;
  good.set_name("caf_");
  good.set_flavor("m1.tiny");
  std::string bytes = good.SerializeAsString();
  bytes[bytes.find('_')] = '\xe9';
  grpc::Status status = call_raw("CreateServers", bytes, token(UserRole::kMember));
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "CreateServersRequest: the text of field 'name' is not UTF-8");
  EXPECT_EQ(call_raw("CreateServers", bytes, "").error_code(), grpc::UNAUTHENTICATED)
      << "who may not ask hears no more";
  EXPECT_TRUE(calls().empty());

  status = call_raw("CreateServers", good.SerializeAsString().substr(0, 3), token(UserRole::kMember));
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "the bytes are no CreateServersRequest: they are cut off, or of another message");
  status = call_raw("Login", std::string("\x0a\x01\xff", 3), "");
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "LoginRequest: the text of field 'user' is not UTF-8");
}

TEST_F(GrpcFrontTest, ErrorsKeepTheirCodeAndMessage) {
  answer_with([](const ApiCall&) -> std::optional<Expected<ApiResponse>> {
    return fail(ErrorCode::kQuotaExceeded,
                "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances");
  });
  v1::CreateServersRequest request;
  request.set_name("web1");
  request.set_flavor("m1.tiny");
  request.set_image("cirros");
  v1::CreateServersReply reply;
  grpc::Status status = stub_->CreateServers(context(token(UserRole::kMember)).get(), request, &reply);
  EXPECT_EQ(rpc::from_status(status).code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(status.error_message(), "Quota exceeded for instances: Requested 1, but already used 10 of 10 instances");

  request.set_max_count(1'000'000);
  status = stub_->CreateServers(context(token(UserRole::kMember)).get(), request, &reply);
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);
  EXPECT_NE(status.error_message().find("1000000"), std::string::npos);
}

TEST_F(GrpcFrontTest, SecretsTakeTheirOwnWay) {
  answer_with([](const ApiCall& call) -> std::optional<Expected<ApiResponse>> {
    if (const auto* key = get_if<StoreKeyPair>(&call.request)) return KeyPairList{{key->key_pair}};
    if (holds_alternative<ListKeyPairs>(call.request)) return KeyPairList{};
    return UserList{{User{.name = "u"}}, {}};
  });
  v1::CreateKeyPairRequest key;
  key.set_name("k");
  key.set_type("ed25519");
  v1::CreateKeyPairReply key_reply;
  grpc::Status status = stub_->CreateKeyPair(context(token(UserRole::kMember)).get(), key, &key_reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(key_reply.private_key(), "PRIVATE ed25519");
  EXPECT_EQ(key_reply.key_pair().name(), "k");
  v1::CreateUserRequest user;
  user.set_name("u");
  user.set_password("secret");
  v1::CreateUserReply user_reply;
  status = stub_->CreateUser(context(token(UserRole::kAdmin)).get(), user, &user_reply);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(get<StoreUser>(calls().back().request).password_hash, "scrypt$fake$secret");
}

TEST_F(GrpcFrontTest, AClientsDeadlineEndsItsCall) {
  v1::GetCloudStatusReply reply;
  grpc::Status status = stub_->GetCloudStatus(context(token(UserRole::kReader), 1).get(), {}, &reply);
  EXPECT_EQ(status.error_code(), grpc::DEADLINE_EXCEEDED);
  wait_for_open(0);
}

TEST_F(GrpcFrontTest, CallsAreAdmittedUpToTheLimit) {
  start({.max_calls = 2});
  std::string reader = token(UserRole::kReader);
  std::vector<std::thread> clients;
  std::vector<grpc::Status> statuses(2);
  for (grpc::Status& status : statuses)
    clients.emplace_back([&, this] {
      v1::GetCloudStatusReply reply;
      status = stub_->GetCloudStatus(context(reader, 3).get(), {}, &reply);
    });
  wait_for_calls(2);
  v1::GetCloudStatusReply reply;
  EXPECT_EQ(stub_->GetCloudStatus(context(reader).get(), {}, &reply).error_code(), grpc::RESOURCE_EXHAUSTED);
  for (std::thread& client : clients) client.join();
  for (const grpc::Status& status : statuses) EXPECT_EQ(status.error_code(), grpc::DEADLINE_EXCEEDED);
}

TEST_F(GrpcFrontTest, AStopEndsCallsAndWatches) {
  std::string reader = token(UserRole::kReader);
  grpc::Status call_status, watch_status;
  std::promise<void> watching;
  std::thread caller([&] {
    v1::GetCloudStatusReply reply;
    call_status = stub_->GetCloudStatus(context(reader).get(), {}, &reply);
  });
  std::thread watcher([&] {
    auto ctx = context(reader);
    auto stream = stub_->Watch(ctx.get(), v1::WatchRequest());
    v1::WatchReply reply;
    bool first = stream->Read(&reply);
    EXPECT_TRUE(first);
    watching.set_value();
    while (stream->Read(&reply)) continue;
    watch_status = stream->Finish();
  });
  wait_for_calls(1);
  watching.get_future().wait();
  end_loop();
  front_->stop();
  caller.join();
  watcher.join();
  EXPECT_EQ(call_status.error_code(), grpc::UNAVAILABLE);
  EXPECT_EQ(call_status.error_message(), "the api-server is shutting down");
  EXPECT_EQ(watch_status.error_code(), grpc::UNAVAILABLE);
  thread_ = std::thread([this] { loop_->run(); });
  v1::GetCloudStatusReply reply;
  EXPECT_EQ(stub_->GetCloudStatus(context(reader).get(), {}, &reply).error_code(), grpc::UNAVAILABLE) << "new ones too";
}

TEST_F(GrpcFrontTest, AWatchStreamsAndEndsWhenItsClientGoes) {
  auto ctx = context(token(UserRole::kReader));
  auto stream = stub_->Watch(ctx.get(), v1::WatchRequest());
  v1::WatchReply reply;
  ASSERT_TRUE(stream->Read(&reply));
  EXPECT_EQ(reply.events_size(), 0) << "the first one comes at once";
  uint64_t revision = 0;
  for (int round = 0; round < 50; ++round) {
    WatchEvents events{revision, {}};
    for (int i = 0; i < 10; ++i) events.events.push_back(WatchEvent{.revision = ++revision, .project_id = project_});
    on_loop([&] { core_->on_message({kController, 1}, Message{0, events}); });
  }
  uint64_t seen = 0;
  while (seen < revision) {
    ASSERT_TRUE(stream->Read(&reply));
    for (const v1::WatchEvent& event : reply.events()) ASSERT_EQ(event.revision(), ++seen);
    EXPECT_EQ(reply.revision(), seen);
  }
  EXPECT_TRUE(initial(*ctx, "x-openstack-request-id").starts_with("req-"));
  ctx->TryCancel();
  EXPECT_FALSE(stream->Read(&reply));
  EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  wait_for_open(0);
}

TEST_F(GrpcFrontTest, WatchesAreLimited) {
  start({.max_watches = 1});
  std::string reader = token(UserRole::kReader);
  auto first_context = context(reader);
  auto first = stub_->Watch(first_context.get(), v1::WatchRequest());
  v1::WatchReply reply;
  ASSERT_TRUE(first->Read(&reply));
  auto second_context = context(reader);
  auto second = stub_->Watch(second_context.get(), v1::WatchRequest());
  EXPECT_FALSE(second->Read(&reply));
  EXPECT_EQ(second->Finish().error_code(), grpc::RESOURCE_EXHAUSTED);
  first_context->TryCancel();
  first->Finish();
}

TEST_F(GrpcFrontTest, OneUserLeavesWatchesToOthers) {
  start({.max_watches = 4, .max_watches_of_user = 2, .max_watches_of_project = 3});
  std::string reader = token(UserRole::kReader);
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::WatchReply>>> streams;
  auto open = [&](const std::string& text) {
    contexts.push_back(context(text));
    streams.push_back(stub_->Watch(contexts.back().get(), v1::WatchRequest()));
    v1::WatchReply reply;
    return streams.back()->Read(&reply);
  };
  EXPECT_TRUE(open(reader));
  EXPECT_TRUE(open(reader));
  EXPECT_FALSE(open(reader));
  grpc::Status refused = streams.back()->Finish();
  EXPECT_EQ(refused.error_code(), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(refused.error_message(), "the user has 2 watches open, as many as are allowed");
  streams.pop_back();
  for (auto& one : contexts) one->TryCancel();
  for (auto& one : streams) one->Finish();
  wait_for_open(0);
}

TEST_F(GrpcFrontTest, OfACallWithoutATokenNothingIsRead) {
  v1::CreateServersRequest request;
  request.set_user_data(std::string(400 << 10, 'a'));
  v1::CreateServersReply reply;
  EXPECT_EQ(stub_->CreateServers(context("").get(), request, &reply).error_code(), grpc::UNAUTHENTICATED);
  request.set_user_data(std::string(600 << 10, 'a'));
  grpc::Status status = stub_->CreateServers(context(token(UserRole::kMember)).get(), request, &reply);
  EXPECT_EQ(status.error_code(), grpc::RESOURCE_EXHAUSTED) << status.error_message();
  wait_for_open(0);
}

// Clients that call, cancel and vanish at random, while the loop answers some calls and not others.
TEST_F(GrpcFrontTest, SurvivesClientsThatComeAndGo) {
  answer_with([n = 0](const ApiCall&) mutable -> std::optional<Expected<ApiResponse>> {
    if (++n % 3 == 0) return std::nullopt;
    return CloudStatus{};
  });
  std::string reader = token(UserRole::kReader);
  std::vector<std::thread> clients;
  for (uint64_t seed = 0; seed < 4; ++seed)
    clients.emplace_back([&, seed] {
      Random random(seed);
      for (int i = 0; i < 50; ++i) {
        grpc::ClientContext ctx;
        ctx.AddMetadata("authorization", "bearer " + reader);
        ctx.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(random.below(20)));
        if (random.chance(0.5)) {
          v1::GetCloudStatusReply reply;
          stub_->GetCloudStatus(&ctx, {}, &reply);
        } else {
          auto stream = stub_->Watch(&ctx, v1::WatchRequest());
          v1::WatchReply reply;
          if (random.chance(0.5)) stream->Read(&reply);
          if (random.chance(0.5)) ctx.TryCancel();
          stream->Finish();
        }
      }
    });
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace kilonova::api
