#include "domain/address_ticket.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kilonova {
namespace {

// The vectors of the authors: key 00 01 .. 0f, messages "", 00, 00 01, ...
TEST(AddressTicket, SipHashIsTheAuthors) {
  const TicketKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const uint64_t expected[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
                               0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d,
                               0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462};
  std::string message;
  for (uint64_t value : expected) {
    EXPECT_EQ(sip_hash(message, key), value) << message.size();
    message.push_back(static_cast<char>(message.size()));
  }
}

TEST(AddressTicket, EachPlacementHasItsOwn) {
  const TicketKey key{1, 2};
  std::set<uint64_t> tickets;
  for (uint8_t server = 0; server < 10; ++server)
    for (uint64_t epoch : {uint64_t{0}, uint64_t{1}, uint64_t{2}, uint64_t{256}, UINT64_MAX}) {
      Uuid uuid;
      uuid.bytes[0] = server;
      tickets.insert(ticket_for({uuid, epoch}, key));
    }
  EXPECT_EQ(tickets.size(), 50u);
  EXPECT_FALSE(tickets.contains(0));
  EXPECT_NE(ticket_for({Uuid{}, 1}, key), ticket_for({Uuid{}, 1}, TicketKey{2, 1}));
}

TEST(AddressTicket, TheKeyHangsOnEveryPartOfTheTokenKey) {
  std::string token_key(32, 'k');
  const TicketKey key = ticket_key_of(token_key);
  EXPECT_NE(key, TicketKey{});
  for (size_t at = 0; at < token_key.size(); ++at) {
    std::string other = token_key;
    other[at] = 'x';
    EXPECT_NE(ticket_key_of(other), key) << at;
  }
  EXPECT_EQ(ticket_key_of("short"), TicketKey{});
}

}  // namespace
}  // namespace kilonova
