// Tokens that are good for nothing before their time, and where that is kept.
#include "api-server/core/revocations.h"

#include <gtest/gtest.h>

#include "domain/nouns/api_record.h"
#include "tests/unit/api-server/api_core_fixture.h"

namespace kilonova::api {
namespace {

Uuid id_of(uint8_t number) {
  Uuid id;
  id.bytes[15] = number;
  return id;
}

TEST(Revocations, CoverATokenADelegationAndAGeneration) {
  Revocations revocations;
  TokenClaims claims{.user_id = id_of(1), .audit_id = id_of(2)};
  EXPECT_FALSE(revocations.covers(claims));
  revocations.add(id_of(2), id_of(1), {});
  EXPECT_TRUE(revocations.covers(claims));
  EXPECT_EQ(revocations.count_of(id_of(1)), 1u);
  revocations.forget(id_of(2));
  EXPECT_FALSE(revocations.covers(claims));
  claims.delegation = Delegation::kTrust;
  claims.delegation_id = id_of(3);
  revocations.add(id_of(3), id_of(9), {});
  EXPECT_TRUE(revocations.covers(claims));
  claims.delegation = Delegation::kNone;
  EXPECT_FALSE(revocations.covers(claims));
  uint64_t before = revocations.changes();
  revocations.begin_generation(id_of(1), 4);
  EXPECT_TRUE(revocations.covers(claims));
  EXPECT_TRUE(revocations.has_changed(id_of(1), before));
  EXPECT_FALSE(revocations.has_changed(id_of(1), revocations.changes()));
  revocations.begin_generation(id_of(1), 2);
  EXPECT_EQ(revocations.generation_of(id_of(1)), 4u) << "it never goes down";
  claims.generation = 4;
  EXPECT_FALSE(revocations.covers(claims));
}

Task<void> run_read(ApiCore* core, std::optional<Expected<>>* done) { *done = co_await core->read_revocations(); }

ApiRecord record(std::string kind, const Uuid& id, const Uuid& owner, int64_t until, uint64_t revision = 1) {
  return {std::move(kind), to_hex(id), to_hex(owner), "", std::to_string(until), revision, {}, {}};
}

class ReadRevocations : public ApiCoreTest {
 protected:
  std::string token_of(TokenClaims claims) {
    TokenSigner signer(crypto_, std::string(32, 'k'));
    claims.user_id = user_;
    claims.project_id = project_;
    claims.role = UserRole::kMember;
    claims.issued_at = loop_.wall_now();
    claims.expires_at = {INT64_MAX};
    return signer.issue(claims);
  }
};

TEST_F(ReadRevocations, AnotherLifeKnowsWhatWasRevoked) {
  start();
  std::string one = token_of({.audit_id = id_of(1)});
  std::string old = token_of({.audit_id = id_of(3), .generation = 1});
  std::optional<Expected<>> done;
  scope_->spawn(run_read(&core_, &done));
  settle();
  EXPECT_EQ(get<ListApiRecords>(sent().request).kind, "token-generation");
  answer(ApiRecordList{{record("token-generation", user_, {}, 0, 2)}});
  EXPECT_EQ(get<ListApiRecords>(sent().request).kind, "revoked-token");
  int64_t now = loop_.wall_now().us;
  answer(ApiRecordList{{record("revoked-token", id_of(1), user_, now + 1'000'000),
                        record("revoked-token", id_of(2), user_, now - seconds(25 * 3600).us)}});
  ASSERT_TRUE(done && done->has_value());
  EXPECT_FALSE(core_.check_token(one));
  EXPECT_FALSE(core_.check_token(old));
  EXPECT_TRUE(core_.check_token(token_of({.audit_id = id_of(4), .generation = 2})));
}

// One clock of 400 days in the future, and every revoked token was good again.
TEST_F(ReadRevocations, WhatIsRevokedStaysSoForATokensLifetimeWhateverTheClockSays) {
  start();
  const std::string token = token_of({.audit_id = id_of(2)});
  const ApiRecordList kept{{record("revoked-token", id_of(2), user_, loop_.wall_now().us + 1'000'000)}};
  std::optional<Expected<>> done;
  auto read = [&] {
    done.reset();
    scope_->spawn(run_read(&core_, &done));
    settle();
    answer(ApiRecordList{});
    answer(kept);
  };
  read();
  ASSERT_TRUE(done && done->has_value());
  const Duration before = loop_.wall_offset();
  loop_.set_wall_offset(before + seconds(400 * 86'400));
  read();
  ASSERT_TRUE(done && done->has_value()) << "and nothing is asked for";
  loop_.set_wall_offset(before);
  EXPECT_FALSE(core_.check_token(token));
  loop_.run_until(loop_.now() + core_.token_lifetime());
  loop_.set_wall_offset(before + seconds(25 * 3600));
  read();
  EXPECT_EQ(get<DeleteApiRecord>(sent().request).id, to_hex(id_of(2))) << "it has expired, and a day more";
  answer(Empty{});
  ASSERT_TRUE(done && done->has_value());
}

Task<void> run_revoke(ApiCore* core, RequestMeta meta, TokenClaims claims, std::optional<Expected<>>* done) {
  *done = co_await core->revoke(std::move(meta), std::move(claims));
}

TEST_F(ReadRevocations, WhatTheControllerDidNotKeepIsNotRevoked) {
  start();
  TokenClaims claims{.user_id = user_, .audit_id = id_of(1)};
  std::optional<Expected<>> done;
  scope_->spawn(run_revoke(&core_, meta(""), claims, &done));
  settle();
  EXPECT_EQ(get<PutApiRecord>(sent().request).id, to_hex(id_of(1)));
  answer(fail(ErrorCode::kUnavailable, "full disk"));
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(core_.check_token(token_of({.audit_id = id_of(1)})));
}

TEST_F(ReadRevocations, ATokenThatIsForNoProjectHasNoRoleOutsideOfKeystone) {
  start();
  TokenSigner signer(crypto_, std::string(32, 'k'));
  TokenClaims claims{.user_id = user_, .role = UserRole::kAdmin, .issued_at = loop_.wall_now()};
  claims.expires_at = {INT64_MAX};
  claims.scope = TokenScope::kSystem;
  std::string system = signer.issue(claims);
  EXPECT_EQ(ask_refused(meta(system), GetCloudStatus{}).code, ErrorCode::kPermissionDenied);
  RequestMeta keystones = meta(system);
  keystones.takes_any_scope = true;
  EXPECT_FALSE(ask(keystones, GetCloudStatus{}).has_value()) << "it is asked";
  claims.scope = TokenScope::kProject;
  claims.delegation = Delegation::kApplicationCredential;
  claims.has_access_rules = true;
  EXPECT_EQ(ask_refused(meta(signer.issue(claims)), GetCloudStatus{}).code, ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace kilonova::api
