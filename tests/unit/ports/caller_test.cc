// Calls: what a caller learns, and when it asks again, by docs/protocol.md ("Calls").
#include "ports/caller.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <vector>

#include "domain/api.h"
#include "ports/call_number.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_transport.h"

namespace kilonova {
namespace {

using testing::FakeTransport;

constexpr PeerId kNetwork{Role::kNetwork, 0};
constexpr PeerId kController{Role::kController, 0};

using Result = std::optional<Expected<ApiReply>>;

Task<> ask_once(Caller* caller, ApiRequest request, Duration timeout, Result* result) {
  result->emplace(co_await caller->call<ApiReply>(kController, ApiCall{{}, {}, std::move(request)}, timeout));
}

Task<> ask_often(Caller* caller, Duration timeout, Random* random,
                 std::optional<Expected<AllocateAddressesReply>>* result) {
  result->emplace(
      co_await caller->call_repeatedly<AllocateAddressesReply>(kNetwork, AllocateAddresses{}, timeout, *random));
}

class CallerTest : public ::testing::Test, public PeerHandler {
 protected:
  CallerTest() { flows_.emplace(loop_); }
  ~CallerTest() override { flows_.reset(); }

  void on_peer_up(const Peer& peer) override { caller_.on_peer_up(peer); }
  void on_peer_down(const Peer& peer) override { caller_.on_peer_down(peer); }
  void on_message(const Peer& from, Message message) override {
    caller_.complete(from.id, message.call, std::move(message.body));
  }

  Result& once(ApiRequest request, Duration timeout = seconds(10)) {
    results_.push_back(std::make_unique<Result>());
    flows_->spawn(ask_once(&caller_, std::move(request), timeout, results_.back().get()));
    settle();
    return *results_.back();
  }
  void often(Duration timeout = seconds(60)) {
    flows_->spawn(ask_often(&caller_, timeout, &random_, &allocated_));
    settle();
  }
  void settle() { run(milliseconds(1)); }
  void run(Duration duration) { loop_.run_until(loop_.now() + duration); }
  uint64_t last_call() { return transport_.sent().back().message.call; }
  size_t asked() { return transport_.count<AllocateAddresses>(); }

  VirtualLoop loop_;
  FakeTransport transport_{{Role::kCompute, 0}, 5};
  Caller caller_{loop_, transport_};
  Random random_{1};
  std::vector<std::unique_ptr<Result>> results_;
  std::optional<Expected<AllocateAddressesReply>> allocated_;
  std::optional<Scope> flows_;
};

TEST_F(CallerTest, AReplyEndsTheCall) {
  transport_.connect(*this, kController);
  Result& result = once(GetQuota{});
  EXPECT_EQ(caller_.open(), 1U);
  transport_.deliver(*this, kController, ApiReply{HostList{}}, last_call());
  settle();
  ASSERT_TRUE(result && *result);
  EXPECT_EQ(caller_.open(), 0U);
}

TEST_F(CallerTest, WhatIsNotConnectedIsNotAsked) {
  EXPECT_EQ(once(GetQuota{})->error().code, ErrorCode::kUnavailable);
  transport_.connect(*this, kController);
  transport_.disconnect(*this, kController);
  EXPECT_EQ(once(GetQuota{})->error().message, "controller-0 is not connected");
  EXPECT_EQ(transport_.count<ApiCall>(), 0U);
}

TEST_F(CallerTest, AFullQueueIsUnavailable) {
  transport_.connect(*this, kController);
  transport_.set_refusing(kController, true);
  EXPECT_EQ(once(GetQuota{})->error().code, ErrorCode::kUnavailable);
}

TEST_F(CallerTest, AMissedDeadlineIsUnknown) {
  transport_.connect(*this, kController);
  Result& result = once(GetQuota{}, seconds(2));
  run(seconds(2));
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_FALSE(caller_.complete(kController, last_call(), ApiReply{HostList{}})) << "nobody waits any more";
}

TEST_F(CallerTest, NothingIsSentOnceTheTimeIsUp) {
  transport_.connect(*this, kController);
  EXPECT_EQ(once(GetQuota{}, Duration{})->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(transport_.count<ApiCall>(), 0U);
}

TEST_F(CallerTest, ARestartEndsCallsThatAreAskedOnce) {
  transport_.connect(*this, kController, 7);
  Result& read = once(GetQuota{});
  Result& write = once(DeleteFlavor{"1"});
  transport_.disconnect(*this, kController);
  transport_.connect(*this, kController, 7);
  settle();
  EXPECT_FALSE(read) << "only the connection was lost";
  transport_.connect(*this, kController, 8);
  settle();
  ASSERT_TRUE(read && write);
  EXPECT_EQ(read->error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(write->error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(transport_.count<ApiCall>(), 2U) << "neither was asked again";
}

TEST_F(CallerTest, OfAnotherTypeIsNoReply) {
  transport_.connect(*this, kController);
  Result& result = once(GetQuota{});
  transport_.deliver(*this, kController, AllocateAddressesReply{}, last_call());
  settle();
  ASSERT_TRUE(result);
  EXPECT_EQ(result->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(CallerTest, AReplyOfSomebodyElseIsNobodys) {
  transport_.connect(*this, kController);
  transport_.connect(*this, kNetwork);
  Result& result = once(GetQuota{});
  transport_.deliver(*this, kNetwork, ApiReply{HostList{}}, last_call());
  settle();
  EXPECT_FALSE(result);
  transport_.deliver(*this, kController, ApiReply{HostList{}}, last_call());
  settle();
  ASSERT_TRUE(result);
}

TEST_F(CallerTest, AReplyToAnEarlierLifeIsNobodys) {
  transport_.connect(*this, kController);
  Result& result = once(GetQuota{});
  uint64_t count = *own_call(transport_.incarnation(), last_call());
  EXPECT_FALSE(caller_.complete(kController, call_number(transport_.incarnation() + 1, count), ApiReply{HostList{}}));
  settle();
  EXPECT_FALSE(result);
}

TEST_F(CallerTest, ARepeatedCallGoesToWhoeverComes) {
  often();
  EXPECT_EQ(asked(), 0U);
  transport_.connect(*this, kNetwork, 1);
  EXPECT_EQ(asked(), 1U) << "at once";
  const uint64_t number = last_call();
  transport_.disconnect(*this, kNetwork);
  transport_.connect(*this, kNetwork, 1);
  EXPECT_EQ(asked(), 1U) << "the same one has the question";
  transport_.connect(*this, kNetwork, 2);
  EXPECT_EQ(asked(), 2U);
  EXPECT_EQ(last_call(), number) << "one call, one number";
  transport_.deliver(*this, kNetwork, AllocateAddressesReply{}, number);
  settle();
  ASSERT_TRUE(allocated_);
  EXPECT_TRUE(allocated_->has_value());
}

TEST_F(CallerTest, ARepeatedCallIsSentAgainUntilItsDeadline) {
  transport_.connect(*this, kNetwork);
  often(seconds(60));
  run(seconds(59));
  EXPECT_GE(asked(), 8U);
  EXPECT_LE(asked(), 12U);
  EXPECT_FALSE(allocated_);
  run(seconds(2));
  ASSERT_TRUE(allocated_);
  EXPECT_EQ(allocated_->error().code, ErrorCode::kDeadlineExceeded);
}

TEST_F(CallerTest, ARepeatedCallThatNeverLeftDidNothing) {
  often(seconds(5));
  run(seconds(5));
  ASSERT_TRUE(allocated_);
  EXPECT_EQ(allocated_->error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace kilonova
