// What one tenant may take of the api-server, so that the others are served.
#include <gtest/gtest.h>

#include <string>

#include "domain/key_pair_rule.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/service.h"
#include "domain/user_role.h"
#include "tests/unit/api-server/api_core_fixture.h"

namespace kilonova::api {
namespace {

// A key costs a tenth of a second of a processor: nobody has one made for nothing.
TEST_F(ApiCoreTest, WhatCannotBeStoredIsNotMade) {
  start();
  auto& taken = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "k"});
  EXPECT_EQ(sent().context.user_id, user_);
  answer(KeyPairList{{{.name = "k"}}});
  ASSERT_TRUE(taken.has_value());
  EXPECT_EQ(taken->result.error(), (Error{ErrorCode::kAlreadyExists, "key pair 'k' already exists"}));
  auto& one_more = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "new"});
  KeyPairList full;
  for (size_t i = 0; i < 100; ++i) full.key_pairs.push_back({.name = "k" + std::to_string(i)});
  answer(full);
  ASSERT_TRUE(one_more.has_value());
  EXPECT_EQ(one_more->result.error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(crypto_.costly, 0);
}

TEST_F(ApiCoreTest, AProjectHasSoManyKeyPairsMadeAtOnce) {
  start();
  for (const char* name : {"a", "b"}) {
    ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = name});
    answer(KeyPairList{});
  }
  auto& third = ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "c"});
  answer(KeyPairList{});
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->result.error().code, ErrorCode::kResourceExhausted);
  loop_.run_until(loop_.now() + milliseconds(200));  // they are made
  ask(meta(token(UserRole::kMember)), CreateKeyPair{.name = "c"});
  answer(KeyPairList{});
  EXPECT_EQ(crypto_.costly, 3);
}

TEST_F(ApiCoreTest, TheBytesOfAProjectsCallsAreBounded) {
  start();
  RequestMeta large = meta(token(UserRole::kReader));
  large.bytes = 20 << 20;
  ask(large, GetCloudStatus{});
  EXPECT_EQ(ask_refused(large, GetCloudStatus{}).code, ErrorCode::kResourceExhausted);
  large.bytes = 10 << 20;
  ask(large, GetCloudStatus{});
  EXPECT_EQ(transport_.count<ApiCall>(), 2u);
}

}  // namespace
}  // namespace kilonova::api
