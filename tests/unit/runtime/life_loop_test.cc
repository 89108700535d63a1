// A life that ends before its loop: nothing that it left there runs.
#include "runtime/life_loop.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "runtime/virtual_loop.h"

namespace kilonova {
namespace {

class LifeLoopTest : public ::testing::Test {
 protected:
  void leave_one_of_each() {
    life_->post([this] { ran_ += "post "; });
    life_->at_drain([this] { ran_ += "drain "; });
    life_->call_after(seconds(1), [this] { ran_ += "timer "; });
  }

  VirtualLoop loop_;
  std::optional<LifeLoop> life_{std::in_place, loop_};
  std::string ran_;
};

TEST_F(LifeLoopTest, WhileItLivesAllRuns) {
  leave_one_of_each();
  TimerId cancelled = life_->call_after(seconds(1), [this] { ran_ += "cancelled "; });
  life_->cancel(cancelled);
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_EQ(ran_, "post drain timer ");
  EXPECT_EQ(life_->now(), loop_.now());
  EXPECT_EQ(life_->wall_now(), loop_.wall_now());
}

TEST_F(LifeLoopTest, OnceItIsGoneNothingRunsThatItLeft) {
  leave_one_of_each();
  life_.emplace(loop_);
  life_->post([this] { ran_ += "next "; });
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_EQ(ran_, "next ");
}

TEST_F(LifeLoopTest, ItMayEndByACallbackOfItsOwn) {
  life_->post([this] {
    life_->at_drain([this] { ran_ += "drain "; });
    loop_.post([this] { life_.reset(); });
  });
  loop_.run_until(loop_.now() + seconds(2));
  EXPECT_EQ(ran_, "");
}

}  // namespace
}  // namespace kilonova
