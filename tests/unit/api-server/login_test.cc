#include "api-server/core/login.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "api-server/core/login_limiter.h"
#include "domain/api.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_crypto.h"

namespace kilonova::api {
namespace {

using testing::FakeCrypto;

// ---- the buckets

// Only the first kind matters.
LoginLimiter::Limits narrow(int burst, Duration interval) {
  return {{burst, interval}, {1000, milliseconds(1)}, {1000, milliseconds(1)}};
}

TEST(LoginLimiter, LetsABurstThroughThenOneEachInterval) {
  LoginLimiter limiter(narrow(3, seconds(10)), 1);
  Instant now{5};
  auto wait = [&](Instant when) { return limiter.charge("u", "home", when).wait; };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(now), Duration{});
  EXPECT_EQ(wait(now), seconds(10));
  EXPECT_EQ(wait(now + seconds(4)), seconds(6));
  EXPECT_EQ(wait(now + seconds(10)), Duration{});
  EXPECT_EQ(wait(now + seconds(10)), seconds(10));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(wait(now + seconds(1000)), Duration{});
  EXPECT_NE(wait(now + seconds(1000)), Duration{});
}

TEST(LoginLimiter, UsersAndSourcesDoNotShareABucket) {
  LoginLimiter limiter(narrow(1, seconds(10)), 1);
  EXPECT_EQ(limiter.charge("a", "home", {}).wait, Duration{});
  EXPECT_EQ(limiter.charge("a", "home", {}).whom, LoginLimiter::Whom::kUserAtSource);
  EXPECT_NE(limiter.charge("a", "home", {}).wait, Duration{});
  EXPECT_EQ(limiter.charge("b", "home", {}).wait, Duration{});
  EXPECT_EQ(limiter.charge("a", "elsewhere", {}).wait, Duration{}) << "who guesses elsewhere locks nobody out at home";
  EXPECT_EQ(limiter.charge("ah", "ome", {}).wait, Duration{});
}

TEST(LoginLimiter, AUserAtManySourcesIsBoundedAndSoIsASourceWithManyUsers) {
  LoginLimiter limiter({{10, seconds(10)}, {5, seconds(10)}, {5, seconds(10)}}, 1);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limiter.charge("u", "s" + std::to_string(i), {}).wait, Duration{});
  EXPECT_EQ(limiter.charge("u", "s3", {}).whom, LoginLimiter::Whom::kUser);
  EXPECT_EQ(limiter.charge("u", "home", {}).wait, Duration{}) << "the user comes in from where nobody has failed";
  EXPECT_EQ(limiter.charge("u", "home", {}).whom, LoginLimiter::Whom::kUser);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(limiter.charge("v" + std::to_string(i), "t", {}).wait, Duration{});
  EXPECT_EQ(limiter.charge("v9", "t", {}).whom, LoginLimiter::Whom::kSource);
  EXPECT_EQ(limiter.charge("v9", "home", {}).wait, Duration{});
}

TEST(LoginLimiter, ARefundUndoesACharge) {
  LoginLimiter limiter(narrow(2, seconds(10)), 1);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(limiter.charge("u", "home", {}).wait, Duration{});
    limiter.refund("u", "home");
  }
}

TEST(LoginLimiter, WhoSharesABucketDependsOnTheSeed) {
  std::vector<std::string> found[2];
  for (uint64_t seed : {1, 2}) {
    LoginLimiter limiter({{1, seconds(10)}, {1000, milliseconds(1)}, {100'000, milliseconds(1)}}, seed);
    (void)limiter.charge("a", "", {});
    for (int i = 0; i < 3 * static_cast<int>(LoginLimiter::kBuckets); ++i) {
      std::string name = "n" + std::to_string(i);
      if (limiter.charge(name, "", {}).wait > Duration{})
        found[seed - 1].push_back(name);
      else
        limiter.refund(name, "");
    }
    EXPECT_FALSE(found[seed - 1].empty());
  }
  EXPECT_NE(found[0], found[1]);
}

// ---- the guard

FoundUser known_user() {
  FoundUser found;
  found.user.name = "demo";
  found.user.password_hash = "scrypt$fake$right";
  found.project.name = "demo";
  found.role = UserRole::kMember;
  return found;
}

Task<void> accept(LoginGuard* guard, LoginRequest request, Expected<ApiResponse> found,
                  std::optional<Expected<FoundUser>>* result) {
  *result = co_await guard->accept(std::move(request), std::move(found));
}

class Guard : public ::testing::Test {
 protected:
  Expected<FoundUser> log_in(std::string password, Expected<ApiResponse> found) {
    LoginRequest request{"demo", std::move(password), ""};
    if (auto begun = guard_.begin(request); !begun) return std::unexpected(begun.error());
    std::optional<Expected<FoundUser>> result;
    scope_.spawn(accept(&guard_, request, std::move(found), &result));
    loop_.run_until_idle();
    return *result;
  }

  VirtualLoop loop_;
  FakeCrypto crypto_{loop_};
  LoginGuard guard_{loop_, crypto_, {.limits = narrow(3, seconds(10)), .max_checks = 2}};
  Scope scope_{loop_};
};

TEST_F(Guard, TheRightPasswordIsTheUser) { EXPECT_EQ(log_in("right", known_user()), known_user()); }

TEST_F(Guard, WhatIsWrongCannotBeTold) {
  FoundUser disabled = known_user();
  disabled.user.enabled = false;
  FoundUser disabled_project = known_user();
  disabled_project.project.enabled = false;
  FoundUser no_role = known_user();
  no_role.role = UserRole::kNone;
  std::vector<std::pair<std::string, Expected<ApiResponse>>> tries{
      {"wrong", known_user()},
      {"right", disabled},
      {"right", disabled_project},
      {"right", no_role},
      {"right", fail(ErrorCode::kNotFound, "no user 'demo'")},
      {"right", fail(ErrorCode::kPermissionDenied, "no role in 'x'")}};
  std::optional<Error> first;
  for (auto& [password, found] : tries) {
    int costly = crypto_.costly;
    Instant start = loop_.now();
    auto result = log_in(password, found);
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kUnauthenticated);
    if (!first) first = result.error();
    EXPECT_EQ(result.error(), *first);
    EXPECT_EQ(crypto_.costly, costly + 1) << "the same work for all";
    EXPECT_EQ(loop_.now() - start, milliseconds(40));
    loop_.run_until(loop_.now() + seconds(100));
  }
}

TEST_F(Guard, TheDummyHashIsMadeOnceAndNeverMatches) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(log_in("x", fail(ErrorCode::kNotFound, "")).has_value());
  EXPECT_EQ(crypto_.costly, 3);
}

TEST_F(Guard, FailuresAreBounded) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(log_in("wrong", known_user()).error().code, ErrorCode::kUnauthenticated);
  auto refused = log_in("right", known_user());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message.find("too many failed or undecided log-ins of user 'demo'; try again in 10 s"),
            std::string::npos)
      << refused.error().message;
  loop_.run_until(loop_.now() + seconds(10));
  EXPECT_TRUE(log_in("right", known_user()).has_value());
}

TEST_F(Guard, TheDefaultPasswordIsRefusedWhereAnybodyMayCome) {
  LoginGuard open_guard(loop_, crypto_, {.refuse_default = true});
  auto refused = open_guard.begin({"demo", "kilonova", ""});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(refused.error().message.find("OS_PASSWORD"), std::string::npos);
  EXPECT_TRUE(open_guard.begin({"demo", "another", ""}).has_value());
  EXPECT_TRUE(guard_.begin({"demo", "kilonova", ""}).has_value());
}

TEST_F(Guard, TheDefaultPasswordIsGoodForTheCloudsOwnUserOnly) {
  const TcpEnd own{"127.0.0.1", 4711};
  const TcpEnd others{"127.0.0.1", 4712};
  LoginGuard guard(loop_, crypto_, {.is_own_client = [&](const TcpEnd& client) { return client == own; }});
  EXPECT_TRUE(guard.begin({"demo", "kilonova", "", "", own}).has_value());
  EXPECT_TRUE(guard.begin({"demo", "another", "", "", others}).has_value());
  auto refused = guard.begin({"demo", "kilonova", "", "", others});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(refused.error().message.find("--admin-password-file"), std::string::npos);
  // Where nobody says whose a client is, it is another's.
  EXPECT_FALSE(guard_.begin({"demo", "kilonova", "", "", own}).has_value());
}

TEST_F(Guard, SuccessesAreNotCounted) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(log_in("right", known_user()).has_value());
}

TEST_F(Guard, AFailureOfTheControllerIsNotTheUsers) {
  for (int i = 0; i < 20; ++i) {
    auto result = log_in("right", fail(ErrorCode::kUnavailable, "away"));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(crypto_.costly, 0);
}

TEST_F(Guard, TriesAtTheSameTimeCountToo) {
  LoginRequest request{"demo", "wrong", ""};
  std::optional<Expected<FoundUser>> results[3];
  for (auto& result : results) {
    ASSERT_TRUE(guard_.begin(request).has_value());
    scope_.spawn(accept(&guard_, request, known_user(), &result));
  }
  auto fourth = guard_.begin(request);
  ASSERT_FALSE(fourth.has_value());
  EXPECT_EQ(fourth.error().code, ErrorCode::kResourceExhausted);
  loop_.run_until_idle();
}

TEST_F(Guard, ChecksAtOnceAreBounded) {
  std::optional<Expected<FoundUser>> results[2];
  for (int i = 0; i < 2; ++i) {
    LoginRequest request{"user" + std::to_string(i), "x", ""};
    ASSERT_TRUE(guard_.begin(request).has_value());
    scope_.spawn(accept(&guard_, request, known_user(), &results[i]));
  }
  loop_.run_until(loop_.now() + milliseconds(1));
  auto refused = guard_.begin({"user9", "x", ""});
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("too many log-ins at once"), std::string::npos);
  loop_.run_until_idle();
  EXPECT_TRUE(guard_.begin({"user9", "x", ""}).has_value());
}

TEST_F(Guard, AbsurdTextsAreRefusedAtOnce) {
  EXPECT_EQ(guard_.begin({"", "x", ""}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(guard_.begin({std::string(300, 'u'), "x", ""}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(guard_.begin({"u", "", ""}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(guard_.begin({"u", std::string(2000, 'p'), ""}).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(guard_.begin({"u", "x", "a\nb"}).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace kilonova::api
