// The rows that a controller commits before it serves: whole or not at all, once, and never over a password that was
// set.
#include "controller/core/first_rows.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "controller/core/bootstrap.h"
#include "runtime/node_loop.h"
#include "runtime/run_task.h"
#include "store/memory_controller_store.h"
#include "tests/support/fake_crypto.h"

namespace kilonova::controller {
namespace {

using testing::FakeCrypto;

class FirstRows : public ::testing::Test {
 protected:
  FirstRows() { disk_.commit_latency = milliseconds(1); }

  // One life of a controller, from its birth to the end of its first flow.
  Expected<ControllerState> start(FirstPasswords passwords = {}) {
    NodeLoop node(loop_);
    MemoryControllerStore store(node, *image_, disk_);
    return run_task(loop_, commit_first_rows({node, store, crypto_, random_}, *store.load(), std::move(passwords)));
  }
  // A life that ends so long after its birth.
  void die_after(Duration age) {
    NodeLoop node(loop_);
    MemoryControllerStore store(node, *image_, disk_);
    Scope scope(node);
    scope.spawn(begin({node, store, crypto_, random_}, *store.load()));
    loop_.run_until(loop_.now() + age);
  }
  static Task<> begin(FirstRowsPorts ports, ControllerState state) {
    (void)co_await commit_first_rows(ports, std::move(state), {});
  }
  ControllerState stored() {
    NodeLoop node(loop_);
    return *MemoryControllerStore(node, *image_, disk_).load();
  }
  static std::string hash_of(const ControllerState& state, std::string_view name) {
    for (const User& user : state.of<User>())
      if (user.name == name) return user.password_hash;
    return "no such user";
  }

  VirtualLoop loop_;
  Random random_{7};
  FakeCrypto crypto_{loop_};
  std::optional<MemoryControllerImage> image_{std::in_place};
  MemoryDisk disk_;
};

TEST_F(FirstRows, AnEmptyCloudGetsItsRowsAndTheStateIsWhatIsStored) {
  auto state = start({"one", "two"});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(*state, stored());
  EXPECT_EQ(state->of<Project>().size(), 3U);
  EXPECT_EQ(state->of<Flavor>().size(), 8U);
  EXPECT_EQ(hash_of(*state, "admin"), "scrypt$fake$one");
  EXPECT_EQ(hash_of(*state, "demo"), "scrypt$fake$two");
  EXPECT_TRUE(token_signing_key(*state).has_value());
}

TEST_F(FirstRows, PasswordsThatWereChosenHaveHashesOfTheirOwn) {
  auto state = start({"same", "same"});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(crypto_.costly, 2);
}

TEST_F(FirstRows, ASecondStartChangesNothing) {
  ASSERT_TRUE(start().has_value());
  const ControllerState first = stored();
  auto again = start();
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, first);
  EXPECT_EQ(stored(), first);
}

TEST_F(FirstRows, APasswordReplacesTheDefaultOneOnly) {
  ASSERT_TRUE(start({"mine", std::string(kDefaultPassword)}).has_value());
  auto state = start({"another", "new"});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(hash_of(*state, "admin"), "scrypt$fake$mine");
  EXPECT_EQ(hash_of(*state, "demo"), "scrypt$fake$new");
  EXPECT_EQ(*state, stored());
}

// The flow takes 81 ms: two hashes and a commit. Whenever it dies, the store has all of it or nothing.
TEST_F(FirstRows, ACrashLeavesAllOrNothing) {
  for (bool kept : {false, true}) {
    for (Duration age = milliseconds(0); age <= milliseconds(85); age = age + microseconds(500)) {
      image_.emplace();
      disk_.kept_on_crash = [kept](size_t waiting) { return kept ? waiting : 0; };
      die_after(age);
      const ControllerState left = stored();
      const bool whole =
          left.of<Project>().size() == 3 && left.of<Flavor>().size() == 8 && token_signing_key(left).has_value();
      EXPECT_TRUE(whole || left == ControllerState()) << age.us;
      auto state = start();
      ASSERT_TRUE(state.has_value());
      EXPECT_EQ(state->of<User>().size(), 3U);
      if (whole) EXPECT_EQ(*state, left);
    }
  }
}

TEST_F(FirstRows, AFullDiskStoresNothing) {
  disk_.fail_next({ErrorCode::kUnavailable, "the disk is full"});
  auto state = start();
  ASSERT_FALSE(state.has_value());
  EXPECT_EQ(stored(), ControllerState());
  EXPECT_TRUE(start().has_value());
}

TEST_F(FirstRows, DefaultPasswordsAreRefusedByName) {
  auto state = start({"mine", std::string(kDefaultPassword)});
  auto refused = run_task(loop_, refuse_default_passwords(state->of<User>(), &crypto_));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(refused.error().message.find("user demo"), std::string::npos) << refused.error().message;
  state = start({"mine", "too"});
  EXPECT_TRUE(run_task(loop_, refuse_default_passwords(state->of<User>(), &crypto_)).has_value());
}

}  // namespace
}  // namespace kilonova::controller
