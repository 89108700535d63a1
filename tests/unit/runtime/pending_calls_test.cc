#include "runtime/pending_calls.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/unit/runtime/probe.h"

namespace kilonova {
namespace {

using Calls = PendingCalls<std::string>;

Task<void> asks(Calls& calls, std::vector<uint64_t>& ids, Log& log) {
  auto call = calls.open();
  ids.push_back(call.id());
  std::optional<std::string> answer = co_await call.wait_for(seconds(60));
  log.push_back(answer.value_or("nothing"));
}

TEST(PendingCalls, AnAnswerFindsItsFlow) {
  VirtualLoop loop;
  Calls calls(loop);
  std::vector<uint64_t> ids;
  Log log;
  Scope scope(loop);
  scope.spawn(asks(calls, ids, log));
  scope.spawn(asks(calls, ids, log));
  loop.run_until(Instant{});
  ASSERT_EQ(ids.size(), 2u);
  EXPECT_NE(ids[0], 0u);
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(calls.size(), 2u);
  EXPECT_TRUE(calls.complete(ids[1], "second"));
  EXPECT_TRUE(calls.complete(ids[0], "first"));
  EXPECT_TRUE(log.empty());
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"second", "first"}));
  EXPECT_EQ(calls.size(), 0u);
  EXPECT_EQ(loop.now(), Instant{});
}

TEST(PendingCalls, AnAnswerToNobodyIsToldSo) {
  VirtualLoop loop;
  Calls calls(loop);
  std::vector<uint64_t> ids;
  Log log;
  Scope scope(loop);
  EXPECT_FALSE(calls.complete(0, "x"));
  EXPECT_FALSE(calls.complete(1, "x"));
  FlowId flow = scope.spawn(asks(calls, ids, log));
  loop.run_until(Instant{});
  EXPECT_TRUE(calls.complete(ids[0], "x"));
  EXPECT_FALSE(calls.complete(ids[0], "again"));
  scope.cancel(flow);
  EXPECT_FALSE(calls.complete(ids[0], "x"));
  EXPECT_FALSE(loop.step());
  EXPECT_TRUE(log.empty());
}

TEST(PendingCalls, AnAnswerTooLateIsToldSo) {
  VirtualLoop loop;
  Calls calls(loop);
  std::vector<uint64_t> ids;
  Log log;
  Scope scope(loop);
  scope.spawn(asks(calls, ids, log));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"nothing"}));
  EXPECT_FALSE(calls.complete(ids[0], "late"));
}

TEST(PendingCalls, IdsAreNotReused) {
  VirtualLoop loop;
  Calls calls(loop);
  uint64_t first = calls.open().id();
  uint64_t second = calls.open().id();
  EXPECT_NE(first, second);
}

TEST(PendingCalls, AMovedCallIsStillFound) {
  VirtualLoop loop;
  Calls calls(loop);
  Log log;
  Scope scope(loop);
  auto waits = [](Calls::Call call, Log& log) -> Task<void> {
    std::optional<std::string> answer = co_await call.wait_for(seconds(1));
    log.push_back(answer.value_or("nothing"));
  };
  auto call = calls.open();
  uint64_t id = call.id();
  scope.spawn(waits(std::move(call), log));
  EXPECT_TRUE(calls.complete(id, "early"));
  loop.run_until_idle();
  EXPECT_EQ(log, (Log{"early"}));
  EXPECT_EQ(calls.size(), 0u);
}

}  // namespace
}  // namespace kilonova
