// The keys that tokens are signed with are replaced; tickets for addresses outlive that.
#include "domain/address_ticket.h"
#include "domain/nouns/token_key.h"
#include "domain/setting.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

std::string key_of(char c) { return std::string(32, c); }

class TokenKeysTest : public ControllerTest {
 protected:
  std::string told() {
    auto keys = transport->take<TokenKeys>();
    return keys.empty() ? "" : keys.back().signing_key;
  }
  uint32_t rotate(char c, bool revoke_older = false) {
    return get<TokenKeyCount>(*call(StoreTokenKey{key_of(c), revoke_older})).keys;
  }
};

TEST_F(TokenKeysTest, TheNewestSignsAndTwoBeforeItAreKept) {
  connect_all();
  const std::string first = told();
  ASSERT_EQ(first.size(), 32u);
  EXPECT_EQ(rotate('b'), 2u);
  EXPECT_EQ(told(), key_of('b') + first);
  EXPECT_EQ(rotate('c'), 3u);
  EXPECT_EQ(rotate('d'), 3u);
  EXPECT_EQ(told(), key_of('d') + key_of('c') + key_of('b'));
  restart();
  connect_all();
  EXPECT_EQ(told(), key_of('d') + key_of('c') + key_of('b'));
}

TEST_F(TokenKeysTest, OlderOnesCanBeRevoked) {
  connect_all();
  rotate('b');
  EXPECT_EQ(rotate('c', true), 1u);
  EXPECT_EQ(told(), key_of('c'));
}

TEST_F(TokenKeysTest, TicketsForAddressesStay) {
  connect_all();
  const TicketKey before = transport->take<AddressKey>().back().key;
  EXPECT_NE(before, TicketKey{});
  rotate('b', true);
  restart();
  connect_all();
  EXPECT_EQ(transport->take<AddressKey>().back().key, before);
  rotate('c');
  restart();
  connect_all();
  EXPECT_EQ(transport->take<AddressKey>().back().key, before);
}

TEST_F(TokenKeysTest, WhatTheStoreRefusesChangesNothing) {
  connect_all();
  const std::string first = told();
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  EXPECT_FALSE(call(StoreTokenKey{key_of('b')}).has_value());
  loop.run_until(loop.now() + seconds(1));
  EXPECT_EQ(told(), "") << "nobody is told of a key that is not stored";
  restart();
  connect_all();
  EXPECT_EQ(told(), first);
}

}  // namespace
}  // namespace kilonova::controller
