// Who is let in where the table of peers has forgotten whom it knew: a daemon that restarted while the controller was
// away.
#include "rpc/node/peer_table.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

v1::Hello hello_of(Incarnation incarnation) {
  v1::Hello hello;
  hello.set_role(static_cast<uint32_t>(Role::kCompute));
  hello.set_incarnation(incarnation);
  return hello;
}

// A process that was replaced came in between: the controller's directory says which one is the newest.
TEST(PeerTable, LetsTheNewestProcessInAgain) {
  const PeerId id{Role::kCompute, 0};
  PeerTable table(1, {.messages = 100});
  table.admit(hello_of(5));
  ASSERT_TRUE(table.admissible(hello_of(4)).has_value()) << "it was not heard that this one was replaced";
  table.admit(hello_of(4));
  ASSERT_FALSE(table.admissible(hello_of(5)).has_value());
  table.allow({id, 5});
  table.forbid(id, {4});
  EXPECT_TRUE(table.admissible(hello_of(5)).has_value());
  EXPECT_FALSE(table.admissible(hello_of(4)).has_value());
}

// And goes: nobody tells a directory again that has not changed.
TEST(PeerTable, LetsTheNewestProcessInAgainThatTheDirectoryHasNamedBefore) {
  const PeerId id{Role::kCompute, 0};
  PeerTable table(1, {.messages = 100});
  table.admit(hello_of(5));
  table.allow({id, 5});
  table.admit(hello_of(4));
  EXPECT_TRUE(table.admissible(hello_of(5)).has_value());
  table.admit(hello_of(5));
  EXPECT_FALSE(table.is_forbidden({id, 5}));
  EXPECT_FALSE(table.admissible(hello_of(4)).has_value());
  table.allow({id, 6});
  table.admit(hello_of(6));
  EXPECT_FALSE(table.admissible(hello_of(5)).has_value()) << "it is not the newest any more";
}

}  // namespace
}  // namespace kilonova
