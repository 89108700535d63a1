// What checkers require some time after the last fault: of watchers a bound, and of guests what stores that went back had
// excused.
#include <gtest/gtest.h>

#include <string>

#include "sim/checkers/hosts.h"
#include "sim/checkers/moves.h"
#include "sim/checkers/records.h"
#include "sim/checkers/watch.h"

namespace kilonova::sim {
namespace {

Uuid uuid(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

WatchEvent event(uint64_t revision) {
  WatchEvent event;
  event.revision = revision;
  event.instance = uuid(1);
  return event;
}

TEST(WatchChecker, AWatcherIsToldWithinFiveSeconds) {
  Violations violations;
  WatchChecker checker(violations);
  checker.began(0);
  checker.on_commit({mutation::AppendEvent{event(1)}});
  checker.look(Instant{} + seconds(10));
  checker.told({event(1)});
  checker.on_commit({mutation::AppendEvent{event(2)}});
  checker.look(Instant{} + seconds(15));
  EXPECT_TRUE(violations.empty()) << "one was told, the other is new";
  checker.look(Instant{} + seconds(19));
  EXPECT_TRUE(violations.empty());
  checker.look(Instant{} + seconds(20));
  ASSERT_FALSE(violations.empty());
  EXPECT_EQ(violations.found().front(), "watch: the watcher was not told of revision 2 within 5 s");
}

TEST(WatchChecker, OneThatIsToldOfAGapWaitsForNothing) {
  Violations violations;
  WatchChecker checker(violations);
  checker.began(0);
  checker.on_commit({mutation::AppendEvent{event(1)}});
  checker.look(Instant{} + seconds(1));
  checker.gap();
  checker.look(Instant{} + seconds(20));
  EXPECT_TRUE(violations.empty());
}

class Guests : public ::testing::Test {
 protected:
  static GuestRecord guest(const std::string& host, uint64_t epoch) {
    return {.host = host, .placement = {uuid(1), epoch}, .resources = {1, 512, 1}, .power_state = PowerState::kRunning};
  }

  History history_;
  Ledger ledger_{history_};
  Violations violations_;
};

TEST_F(Guests, ThatAStoreWhichWentBackExcusedCountAgainInTheEnd) {
  HostChecker checker(violations_, {4, 4096, 40}, {1, 1, 1});
  ledger_.add(checker);
  checker.on_went_back({.of = Role::kController, .lost = {}, .revived = {}});
  ledger_.put_guest(guest("a", 1));
  ledger_.put_guest(guest("b", 1));
  EXPECT_TRUE(violations_.empty());
  checker.reconciled();
  ASSERT_EQ(violations_.found().size(), 1u) << "it is still on both";
  EXPECT_NE(violations_.found().front().find("on a and on b"), std::string::npos);
  checker.reconciled();
  EXPECT_EQ(violations_.found().size(), 1u);
  ledger_.erase_guest("b", uuid(1));
  ledger_.put_guest(guest("c", 1));
  EXPECT_EQ(violations_.found().size(), 2u) << "from then on at once";
}

class Records : public Guests {
 protected:
  Records() { ledger_.add(checker_); }
  static Image image(uint8_t n) {
    Image row;
    row.id = uuid(n);
    return row;
  }
  std::string first_violation() const { return violations_.empty() ? "" : violations_.found().front(); }

  RecordChecker checker_{violations_, ledger_};
  const std::string id_ = to_string(uuid(1));
};

TEST_F(Records, ThatWereAcknowledgedAreStored) {
  checker_.create_acknowledged(RecordKind::kImage, id_);
  EXPECT_NE(first_violation().find("was acknowledged and is not stored"), std::string::npos);
}

TEST_F(Records, StayUntilSomebodyDeletesThem) {
  ledger_.on_controller({mutation::Put<Image>{image(1)}});
  checker_.create_acknowledged(RecordKind::kImage, id_);
  checker_.looked(RecordKind::kImage, id_, true);
  EXPECT_TRUE(violations_.empty());
  ledger_.on_controller({mutation::Erase<Image>{uuid(1)}});
  EXPECT_NE(first_violation().find("nobody asked for it"), std::string::npos);
}

TEST_F(Records, ThatWereDeletedStayAway) {
  ledger_.on_controller({mutation::Put<Image>{image(1)}});
  checker_.create_acknowledged(RecordKind::kImage, id_);
  checker_.delete_asked(RecordKind::kImage, id_);
  ledger_.on_controller({mutation::Erase<Image>{uuid(1)}});
  checker_.delete_acknowledged(RecordKind::kImage, id_);
  checker_.looked(RecordKind::kImage, id_, false);
  EXPECT_TRUE(violations_.empty());
  ledger_.on_controller({mutation::Put<Image>{image(1)}});
  EXPECT_NE(first_violation().find("came back after its delete"), std::string::npos);
}

TEST_F(Records, OfAnEarlierAgeArePromisedToNobody) {
  ledger_.on_controller({mutation::Put<Image>{image(1)}});
  checker_.create_acknowledged(RecordKind::kImage, id_);
  checker_.on_went_back({.of = Role::kController, .lost = {}, .revived = {}});
  EXPECT_EQ(checker_.age(RecordKind::kImage), 1u);
  EXPECT_EQ(checker_.age(RecordKind::kNetwork), 0u);
  checker_.looked(RecordKind::kImage, id_, false);
  EXPECT_TRUE(violations_.empty());
}

}  // namespace
}  // namespace kilonova::sim
