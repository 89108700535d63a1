// A daemon that dies again while it recovers, at every point of its recovery: after each turn of the cloud until nothing of
// the recovery is left. All that was under way ends as it should, and the audit finds nothing.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "domain/nouns/server.h"
#include "sim/checkers/settled.h"
#include "sim/scenario_clients.h"

namespace kilonova::sim {
namespace {

using ::testing::IsEmpty;

// After it runs again: the daemon has met the others, what it found is driven on, and the first answers are in.
constexpr Duration kRecovery = seconds(2);
constexpr uint64_t kMostPoints = 5'000;

struct Death {
  PeerId of;
  bool keeps = false;  // what was not answered yet is durable all the same
};

class RecoveryPoints : public ::testing::TestWithParam<Death> {
 protected:
  // Servers that are built, deleted, stopped and moved when the daemon dies for the first time.
  void begin() {
    CloudOptions options{.hosts = 4, .compute_processes = 2, .schedulers = 1};
    options.timing = *compute::TimingModel::realistic().times(1);
    options.compute.audit_interval = options.network.audit_interval = seconds(60);
    cloud_ = std::make_unique<SimCloud>(options);
    if (GetParam().keeps) keep_all();
    checkers_ = std::make_unique<CheckerSet>(*cloud_);
    clients_ = std::make_unique<ScenarioClients>(*cloud_, *checkers_);
    cloud_->start();
    cloud_->run_for(seconds(2));
    create("old", 4);
    cloud_->run_for(seconds(30));
    std::vector<Uuid> servers;
    for (const auto& [uuid, row] : cloud_->ledger().rows()) servers.push_back(uuid);
    ASSERT_EQ(servers.size(), 4u);
    clients_->call(ResizeServer{to_string(servers[0]), "m1.small"}, servers[0]);
    clients_->call(ServerAction{to_string(servers[1]), ServerActionKind::kStop}, servers[1]);
    cloud_->run_for(milliseconds(400));
    create("new", 3);
    clients_->call(DeleteServer{to_string(servers[2])}, servers[2]);
    cloud_->run_for(milliseconds(300));
    node().kill();
    cloud_->run_for(milliseconds(200));
    node().start();
  }
  void end() {
    clients_.reset();
    cloud_.reset();
    checkers_.reset();
  }

  void create(const std::string& name, uint32_t count) {
    CreateServers request;
    request.name = name;
    request.flavor = "m1.tiny";
    request.image = "cirros";
    request.min_count = request.max_count = count;
    request.client_token = "servers-" + name;
    clients_->call(std::move(request));
  }
  Node& node() { return cloud_->node(GetParam().of); }
  void keep_all() {
    const auto all = [](size_t unanswered) { return unanswered; };
    cloud_->controller().disk().kept_on_crash = cloud_->network_controller().disk().kept_on_crash = all;
    for (const auto& compute : cloud_->computes()) compute->disk().kept_on_crash = all;
  }

  // Kills it after so many turns. False when its recovery was over before.
  bool die_at(uint64_t point) {
    begin();
    const Instant recovered = cloud_->loop().now() + kRecovery;
    for (uint64_t turn = 0; turn < point; ++turn) {
      if (cloud_->loop().now() >= recovered) return false;
      cloud_->loop().step();
    }
    node().kill();
    cloud_->run_for(milliseconds(50));
    node().start();
    cloud_->run_for(seconds(420));
    EXPECT_EQ(clients_->waiting(), 0u);
    check_settled(*cloud_, checkers_->violations());
    EXPECT_THAT(checkers_->violations().found(), IsEmpty());
    return true;
  }

  std::unique_ptr<CheckerSet> checkers_;
  std::unique_ptr<ScenarioClients> clients_;
  std::unique_ptr<SimCloud> cloud_;
};

TEST_P(RecoveryPoints, EachIsAsGoodAsAnother) {
  uint64_t point = 0;
  for (bool dies = true; dies && point < kMostPoints && !HasFailure(); ++point) {
    SCOPED_TRACE(fmt::format("after {} turns", point));
    dies = die_at(point);
    end();
  }
  EXPECT_GT(point, 40u) << "there is hardly anything to recover";
  EXPECT_LT(point, kMostPoints);
}

INSTANTIATE_TEST_SUITE_P(All, RecoveryPoints,
                         ::testing::Values(Death{{Role::kController, 0}}, Death{{Role::kController, 0}, true},
                                           Death{{Role::kNetwork, 0}}, Death{{Role::kNetwork, 0}, true},
                                           Death{{Role::kCompute, 0}}, Death{{Role::kScheduler, 0}},
                                           Death{{Role::kApi, 0}}),
                         [](const auto& info) {
                           return std::string(to_string(info.param.of.role)) + (info.param.keeps ? "Keeps" : "");
                         });

}  // namespace
}  // namespace kilonova::sim
