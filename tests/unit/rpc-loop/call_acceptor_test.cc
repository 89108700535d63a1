// Calls of a real client to a real server on a unix socket, served by the loop's thread.
#include "rpc/loop/call_acceptor.h"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "rpc/node/listener.h"
#include "runtime/real_loop.h"

namespace kilonova::rpc {
namespace {

grpc::ByteBuffer bytes_of(const std::string& text) {
  grpc::Slice slice(text);
  return {&slice, 1};
}

std::string text_of(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  return bytes.DumpToSingleSlice(&slice).ok() ? std::string(slice.begin(), slice.end()) : "not readable";
}

// Method "Echo" sends back every message until the client is done; "Silent" waits until the client is gone; "Refuse"
// answers UNAVAILABLE, as a service does that has stopped.
class EchoService final : public CallService {
 public:
  std::atomic<int> begun = 0;
  std::atomic<int> cancelled = 0;
  std::atomic<int> over = 0;

  void accept(std::string_view method, std::unique_ptr<ServerCall>& call) override {
    if (method != "Echo" && method != "Silent" && method != "Refuse") return;
    ++begun;
    auto* taken = new Call(*this, std::move(call), method == "Echo");
    if (method == "Refuse") taken->refuse();
  }

 private:
  class Call final : public ServerCall::Events {
   public:
    Call(EchoService& service, std::unique_ptr<ServerCall> call, bool reads)
        : service_(service), call_(std::move(call)) {
      call_->set_events(this);
      if (reads) call_->read(&bytes_);
    }
    void refuse() { call_->finish(grpc::Status(grpc::StatusCode::UNAVAILABLE, "stopped")); }

   private:
    void on_read(bool ok) override {
      if (ok)
        call_->write(bytes_);
      else
        call_->finish(grpc::Status::OK);
    }
    void on_written(bool ok) override {
      if (ok) return call_->read(&bytes_);
      call_->finish(grpc::Status::CANCELLED);
    }
    void on_cancelled() override {
      ++service_.cancelled;
      if (!call_->writing()) call_->finish(grpc::Status::CANCELLED);
    }
    void on_over() override {
      ++service_.over;
      delete this;
    }

    EchoService& service_;
    std::unique_ptr<ServerCall> call_;
    grpc::ByteBuffer bytes_;
  };
};

class CallAcceptorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "kilonova-calls-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
    address_ = "unix:" + directory_ + "/calls.sock";
    Expected<> listening = listener_.start({{address_, nullptr}}, {{&service_, "test.Echo"}});
    ASSERT_TRUE(listening) << listening.error().message;
    thread_ = std::thread([this] { loop_.run(); });
  }
  void TearDown() override {
    stop();
    std::filesystem::remove_all(directory_);
  }
  void stop() {
    if (!thread_.joinable()) return;
    loop_.stop();
    thread_.join();
    listener_.stop();
  }
  std::unique_ptr<grpc::ClientContext> context() {
    auto made = std::make_unique<grpc::ClientContext>();
    made->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
    return made;
  }
  // A stream of a client that polls by itself.
  struct Stream {
    grpc::CompletionQueue queue;
    std::unique_ptr<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
    bool wait() {
      void* tag = nullptr;
      bool ok = false;
      return queue.Next(&tag, &ok) && ok;
    }
    grpc::Status end() {
      grpc::Status status;
      call->Finish(&status, nullptr);
      wait();
      return status;
    }
  };
  std::unique_ptr<Stream> open(const std::string& method) {
    auto stream = std::make_unique<Stream>();
    stream->context = context();
    stream->call = stub_->PrepareCall(stream->context.get(), method, &stream->queue);
    stream->call->StartCall(nullptr);
    stream->wait();
    return stream;
  }
  void make_stub() {
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
  }

  std::string directory_;
  std::string address_;
  GrpcQueue queue_;
  RealLoop loop_{queue_};
  EchoService service_;
  Listener listener_{queue_};
  std::thread thread_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

TEST_F(CallAcceptorTest, MessagesGoBothWays) {
  make_stub();
  auto stream = open("/test.Echo/Echo");
  for (const std::string& text : {std::string("one"), std::string(), std::string(1 << 20, 'x')}) {
    stream->call->Write(bytes_of(text), nullptr);
    ASSERT_TRUE(stream->wait());
    grpc::ByteBuffer answer;
    stream->call->Read(&answer, nullptr);
    ASSERT_TRUE(stream->wait());
    EXPECT_EQ(text_of(answer), text);
  }
  stream->call->WritesDone(nullptr);
  stream->wait();
  EXPECT_TRUE(stream->end().ok());
}

TEST_F(CallAcceptorTest, WhatIsNotServedIsUnimplemented) {
  make_stub();
  for (const char* method : {"/test.Echo/Nothing", "/test.Nothing/Echo", "/", "//", "Echo", "/test.Echo"}) {
    grpc::Status status = open(method)->end();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << method;
  }
  EXPECT_EQ(service_.begun, 0);
}

TEST_F(CallAcceptorTest, ACancelledCallIsOver) {
  make_stub();
  auto stream = open("/test.Echo/Silent");
  while (service_.begun == 0) std::this_thread::yield();
  stream->context->TryCancel();
  EXPECT_EQ(stream->end().error_code(), grpc::StatusCode::CANCELLED);
  while (service_.over == 0) std::this_thread::yield();
  EXPECT_EQ(service_.cancelled, 1);
}

// The calls end by the queue, which stop() handles.
TEST_F(CallAcceptorTest, StoppingCancelsWhatIsUnderWay) {
  make_stub();
  auto silent = open("/test.Echo/Silent");
  auto echo = open("/test.Echo/Echo");
  while (service_.begun < 2) std::this_thread::yield();
  stop();
  EXPECT_EQ(service_.over, 2);
  EXPECT_FALSE(silent->end().ok());
  echo->end();  // may have been told of an orderly end before it was cancelled
}

// A client that has many calls under way, and a new one for each that ends, until it is told to end. Counts by status.
class BusyClient {
 public:
  explicit BusyClient(const std::string& address) {
    grpc::ChannelArguments own;
    own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = std::make_unique<grpc::GenericStub>(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), own));
    thread_ = std::thread([this] { run(); });
  }
  std::map<grpc::StatusCode, int> end() {
    ending_ = true;
    thread_.join();
    return statuses_;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer reply;
    grpc::Status status;
  };
  void begin() {
    auto* call = new Call;
    call->reader = stub_->PrepareUnaryCall(&call->context, "/test.Echo/Refuse", bytes_of("x"), &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
    ++open_;
  }
  void run() {
    for (int i = 0; i < 64; ++i) begin();
    void* tag = nullptr;
    for (bool ok = false; open_ > 0 && queue_.Next(&tag, &ok); --open_) {
      std::unique_ptr<Call> call(static_cast<Call*>(tag));
      ++statuses_[call->status.error_code()];
      if (!ending_) begin();
    }
  }

  std::unique_ptr<grpc::GenericStub> stub_;
  grpc::CompletionQueue queue_;
  std::atomic<bool> ending_ = false;
  int open_ = 0;
  std::map<grpc::StatusCode, int> statuses_;
  std::thread thread_;
};

// CANCELLED would be the client's own doing, which nobody asks again after.
TEST_F(CallAcceptorTest, WhoeverCallsWhileTheServerStopsIsToldThatItIsUnavailable) {
  std::vector<std::unique_ptr<BusyClient>> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(std::make_unique<BusyClient>(address_));
  while (service_.over < 500) std::this_thread::yield();
  stop();
  for (auto& client : clients)
    for (const auto& [status, times] : client->end())
      EXPECT_EQ(status, grpc::StatusCode::UNAVAILABLE) << times << " times";
}

}  // namespace
}  // namespace kilonova::rpc
