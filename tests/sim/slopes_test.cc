// A day of virtual time with a low load: what the cores hold does not grow. What is kept for a while (client tokens, fences,
// actions of servers that are gone) has reached its size within the first quarter, or the option says so here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "domain/stored_records.h"
#include "sim/checkers/checker_set.h"
#include "sim/client_history.h"
#include "sim/network/sim_transport.h"
#include "sim/workload.h"

namespace kilonova::sim {
namespace {

using Census = std::map<std::string, uint64_t>;

void count_controller(const SimCloud& cloud, Census& census) {
  const controller::ControllerCore& core = *cloud.controller().core();
  census["servers"] = core.instances().size();
  census["allocations"] = core.allocations().size();
  for_each_type(StoredRecords{}, [&]<class Row>() {
    // The book of faults has the other two, bounded by the rules' own counts.
    if constexpr (requires { core.records().of<Row>().size(); })
      census["rows of " + std::string(Row::kRecord.table)] = core.records().of<Row>().size();
  });
}

Census count(const SimCloud& cloud) {
  Census census;
  count_controller(cloud, census);
  for (const Node* node : cloud.nodes())
    census["messages queued at " + to_string(node->id())] = node->transport()->queued();
  for (const auto& node : cloud.computes()) {
    const compute::ComputeCounters counters = node->core()->counters();
    const std::string whose = " of " + to_string(node->id());
    census["guests" + whose] = counters.guests;
    census["claims" + whose] = counters.claims;
    census["fences" + whose] = counters.fences;
    census["locks" + whose] = counters.instance_locks;
    census["flows" + whose] = counters.building + counters.unanswered_reports + counters.unconfirmed_releases +
                              counters.image_downloads + counters.network_calls;
  }
  for (const auto& node : cloud.schedulers())
    census["debits of " + to_string(node->id())] = node->core()->core_state().hosts.debit_count();
  const network::NetworkCoreState network = cloud.network_controller().core()->core_state();
  census["holders of addresses"] = network.holdings.size();
  census["networks"] = network.networks.all().size();
  census["ports"] = network.ports.all().size();
  census["leases"] = cloud.ledger().leases().size();
  return census;
}

constexpr int kHours = 24;

// Each hour.
std::vector<Census> live_a_day() {
  CloudOptions options;
  options.seed = 5;
  options.hosts = 6;
  options.controller.client_token_lifetime = seconds(3600);
  options.compute.fence_retention = seconds(3600);
  options.network.fence_retention = seconds(3600);
  options.controller.deleted_servers_kept = 100;
  SimCloud cloud(options);
  CheckerSet checkers(cloud);
  ClientHistory history;
  WorkloadOptions work;
  work.launches = 1500;  // about one a minute
  work.duration = seconds(kHours * 3600);
  work.remove = 1;
  Workload workload(cloud, work, checkers.acknowledgements(), checkers.violations(), history);
  cloud.start();
  cloud.run_for(seconds(2));
  workload.start();
  std::vector<Census> hours;
  for (int hour = 0; hour < kHours && checkers.violations().empty(); ++hour) {
    cloud.run_for(seconds(3600));
    hours.push_back(count(cloud));
  }
  EXPECT_THAT(checkers.violations().found(), ::testing::IsEmpty());
  EXPECT_GT(workload.counters().servers_deleted, 1000u);
  return hours;
}

uint64_t most(const std::vector<Census>& hours, size_t from, size_t to, const std::string& what) {
  uint64_t most = 0;
  for (size_t hour = from; hour < to; ++hour) most = std::max(most, hours[hour].at(what));
  return most;
}

TEST(Slopes, NothingGrowsOverADay) {
  const std::vector<Census> hours = live_a_day();
  ASSERT_EQ(hours.size(), static_cast<size_t>(kHours));
  // The load is drawn: some more servers are there at one hour than at another.
  constexpr uint64_t kByChance = 20;
  for (const auto& [what, first] : hours.front()) {
    const uint64_t early = most(hours, kHours / 4, kHours / 2, what);
    const uint64_t late = most(hours, kHours * 3 / 4, kHours, what);
    EXPECT_LE(late, early + early / 4 + kByChance) << what << " grows";
  }
}

}  // namespace
}  // namespace kilonova::sim
