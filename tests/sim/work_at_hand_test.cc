// Whom a fault strikes: which daemon has which launches at hand; and what became of launches.
#include "sim/work_at_hand.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/launch_outcomes.h"

namespace kilonova::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr PeerId kController{Role::kController, 0}, kScheduler{Role::kScheduler, 0};
constexpr PeerId kCompute{Role::kCompute, 0}, kOtherCompute{Role::kCompute, 1};

Instance new_server(uint8_t number) {
  Instance row;
  row.uuid.bytes[15] = number;
  row.vm_state = VmState::kBuilding;
  row.task_state = TaskState::kScheduling;
  row.current.epoch = row.attempt = 1;
  return row;
}

Message run_cast(const Instance& server, const std::string& host) {
  BuildAndRunInstance cast;
  cast.host = host;
  cast.placement = {server.uuid, server.current.epoch};
  return {.body = std::move(cast)};
}

Message schedule_cast(const Instance& server) {
  SelectDestinations cast;
  cast.requests.resize(1);
  cast.requests[0].placement = {server.uuid, server.current.epoch};
  return {.body = std::move(cast)};
}

StepRecord done(const Instance& server, LaunchStep step, const std::string& host) {
  StepRecord record;
  record.step = step;
  record.epoch = server.current.epoch;
  record.host = host;
  return record;
}

class WorkAtHandTest : public ::testing::Test {
 protected:
  WorkAtHandTest() { ledger_.add(work_); }

  void arrive(PeerId from, PeerId to, const Message& message) {
    work_.sent(from, to, message);
    work_.arrives(from, to, message);
    work_.handled();
  }
  void build(const Instance& server, PeerId compute, const std::string& host) {
    ledger_.on_controller({mutation::InsertInstance{server}});
    arrive(kController, kScheduler, schedule_cast(server));
    arrive(kScheduler, compute, run_cast(server, host));
  }

  History history_;
  Ledger ledger_{history_};
  std::vector<std::pair<std::string, LaunchStep>> struck_;
  WorkAtHand work_{ledger_, [this](std::string_view fault, PeerId, PeerId, LaunchStep step) {
                     struck_.emplace_back(std::string(fault), step);
                   }};
};

TEST_F(WorkAtHandTest, GoesFromDaemonToDaemon) {
  Instance server = new_server(1);
  ledger_.on_controller({mutation::InsertInstance{server}});
  EXPECT_THAT(work_.of(kController), ElementsAre(LaunchStep::kScheduleCast));
  work_.sent(kController, kScheduler, schedule_cast(server));
  EXPECT_THAT(work_.of(kController), ElementsAre(LaunchStep::kScheduleCast)) << "still in its queue";
  EXPECT_THAT(work_.of(kScheduler), ElementsAre(LaunchStep::kHostSelected));
  work_.arrives(kController, kScheduler, schedule_cast(server));
  EXPECT_THAT(work_.of(kController), IsEmpty());
  work_.sent(kScheduler, kCompute, run_cast(server, "a"));
  work_.handled();
  EXPECT_THAT(work_.of(kScheduler), ElementsAre(LaunchStep::kRunCast));
  work_.arrives(kScheduler, kCompute, run_cast(server, "a"));
  EXPECT_THAT(work_.of(kScheduler), IsEmpty());
  work_.logged(server.uuid, done(server, LaunchStep::kClaimed, "a"));
  EXPECT_THAT(work_.of(kCompute), ElementsAre(LaunchStep::kNetworkRequested));
}

TEST_F(WorkAtHandTest, IsOfOneHostAndOneProcess) {
  build(new_server(1), kCompute, "a");
  build(new_server(2), kCompute, "b");
  build(new_server(3), kOtherCompute, "c");
  EXPECT_EQ(work_.of(kCompute).size(), 2u);
  EXPECT_EQ(work_.of(kCompute, [](const std::string& host) { return host == "a"; }).size(), 1u);
  work_.host_died(kCompute, "a");
  EXPECT_EQ(work_.of(kCompute).size(), 1u);
  work_.died(kCompute);
  EXPECT_THAT(work_.of(kCompute), IsEmpty());
  EXPECT_EQ(work_.of(kOtherCompute).size(), 1u);
}

TEST_F(WorkAtHandTest, OfAPlacementThatIsOverIsNobodys) {
  Instance server = new_server(1);
  build(server, kCompute, "a");
  Instance again = server;
  again.current.epoch = again.attempt = 2;
  ledger_.on_controller({mutation::UpdateInstance{again}});
  EXPECT_THAT(work_.of(kCompute), IsEmpty());
  work_.logged(server.uuid, done(server, LaunchStep::kClaimed, "a"));
  EXPECT_THAT(work_.of(kCompute), IsEmpty()) << "its host does not know yet";
}

TEST_F(WorkAtHandTest, AnInjectedFaultIsAStrikeOfItsRule) {
  Instance server = new_server(1);
  build(server, kCompute, "a");
  StepRecord failed = done(server, LaunchStep::kImageReady, "a");
  failed.fault = "injected fault at image_ready";
  work_.logged(server.uuid, failed);
  EXPECT_THAT(struck_, ElementsAre(std::pair(std::string("fault rule"), LaunchStep::kImageReady)));
}

TEST(LaunchOutcomes, OneForEachLaunch) {
  LaunchOutcomes outcomes;
  auto end = [&](VmState vm_state, uint32_t attempt) {
    RowState first, last;
    first.epoch = first.attempt = last.epoch = last.attempt = 1;
    outcomes.on_row({}, nullptr, &first);
    if (attempt > 1) {
      RowState next = first;
      next.epoch = next.attempt = attempt;
      outcomes.on_row({}, &first, &next);
      first = next;
    }
    last = first;
    last.vm_state = vm_state;
    outcomes.on_row({}, &first, &last);
  };
  end(VmState::kActive, 1);
  end(VmState::kActive, 2);
  end(VmState::kError, 1);
  end(VmState::kBuilding, 1);
  RowState first;
  outcomes.on_row({}, nullptr, &first);
  outcomes.on_row({}, &first, nullptr);
  const LaunchOutcomes::Counts& counts = outcomes.counts();
  EXPECT_EQ(counts.stored, 5u);
  EXPECT_EQ(counts.active_at_first_host, 1u);
  EXPECT_EQ(counts.active_after_reschedule, 1u);
  EXPECT_EQ(counts.error, 1u);
  EXPECT_EQ(counts.deleted_while_building, 1u);
  EXPECT_EQ(counts.building(), 1u);
  EXPECT_EQ(counts.reschedules, 1u);
  EXPECT_EQ(counts.recasts, 0u);
}

}  // namespace
}  // namespace kilonova::sim
