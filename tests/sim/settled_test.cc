// What the look at the end says of a cloud that is not settled: one that is caught in the middle of its work.
#include "sim/checkers/settled.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "domain/nouns/server.h"
#include "sim/scenario_clients.h"

namespace kilonova::sim {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Settled : public ::testing::Test {
 protected:
  Settled() {
    CloudOptions options{.hosts = 2, .compute_processes = 1, .schedulers = 1};
    options.timing = *compute::TimingModel::realistic().times(1);
    cloud_ = std::make_unique<SimCloud>(options);
    checkers_ = std::make_unique<CheckerSet>(*cloud_);
    clients_ = std::make_unique<ScenarioClients>(*cloud_, *checkers_);
    cloud_->network().set_tap(
        [this](PeerId, PeerId, const Message& message) { return message_name(message) != lost_; });
    cloud_->start();
    cloud_->run_for(seconds(2));
  }
  ~Settled() override { cloud_.reset(); }

  std::vector<std::string> after_a_launch_and(Duration time) {
    CreateServers request;
    request.name = "server";
    request.flavor = "m1.tiny";
    request.image = "cirros";
    request.client_token = "token";
    request.min_count = request.max_count = 1;
    clients_->call(std::move(request));
    cloud_->run_for(time);
    Violations violations;
    check_settled(*cloud_, violations);
    return violations.found();
  }

  std::string lost_;  // messages of this name
  std::unique_ptr<CheckerSet> checkers_;
  std::unique_ptr<ScenarioClients> clients_;
  std::unique_ptr<SimCloud> cloud_;
};

TEST_F(Settled, NothingIsSaidOfALaunchThatIsDone) { EXPECT_THAT(after_a_launch_and(seconds(60)), IsEmpty()); }

TEST_F(Settled, AServerThatIsBuiltIsNotStableAndItsHostHasWork) {
  auto found = after_a_launch_and(milliseconds(1500));
  EXPECT_THAT(found, Contains(HasSubstr("is not stable: building/")));
  EXPECT_THAT(found, Contains(HasSubstr("compute-0 still has 1 builds")));
  EXPECT_THAT(found, Contains(HasSubstr("is still in motion")));
}

TEST_F(Settled, ACastThatIsLostLeavesADebit) {
  lost_ = "BuildAndRunInstance";
  EXPECT_THAT(after_a_launch_and(milliseconds(500)), Contains("settled: scheduler-0 still has 1 debits"));
}

TEST_F(Settled, AReportThatIsNotAnsweredIsLeft) {
  lost_ = "ReportAnswer";
  EXPECT_THAT(after_a_launch_and(seconds(20)), Contains(HasSubstr("compute-0 still has 0 builds, 1 reports")));
}

TEST_F(Settled, ADeadDaemonIsNotSettled) {
  cloud_->computes().front()->kill();
  Violations violations;
  check_settled(*cloud_, violations);
  EXPECT_THAT(violations.found(), testing::ElementsAre("settled: compute-0 is dead"));
}

}  // namespace
}  // namespace kilonova::sim
