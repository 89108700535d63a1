// Nova's filters that look at the aggregates of a host, as the scheduler runs them. Their rules are held against Nova's
// answers in tests/unit/cli/schedule; here it is what of the scheduler's hosts and requests comes into them.
#include <gtest/gtest.h>

#include "scheduler/core/filters/aggregate_multi_tenancy_isolation.h"
#include "scheduler/core/filters/aggregate_num_instances_filter.h"
#include "scheduler/core/filters/aggregate_type_affinity_filter.h"
#include "scheduler/core/filters/all_hosts_filter.h"
#include "scheduler/core/filters/compute_filter.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

Attributes with(const std::string& key, const std::string& value) {
  return {.aggregates = {{.id = 1, .metadata = {{key, value}}}}};
}

TEST(AggregateMultiTenancyIsolation, TakesTheProjectsThatAreNamedInEitherSpelling) {
  RequestSpec spec;
  spec.project_id = uuid_of(7);
  const SchedulingRequest request{spec, {}, {}, {}};
  const AggregateMultiTenancyIsolation filter;
  EXPECT_TRUE(filter.passes({}, request));
  EXPECT_TRUE(filter.passes(with("filter_tenant_id", "x, " + to_hex(uuid_of(7))), request));
  EXPECT_TRUE(filter.passes(with("filter_tenant_id", to_string(uuid_of(7)) + ",x"), request));
  EXPECT_FALSE(filter.passes(with("filter_tenant_id", to_hex(uuid_of(8))), request));
  EXPECT_FALSE(filter.passes(with("filter_tenant_id", ""), request));
}

TEST(AggregateTypeAffinityFilter, TakesTheFlavorsThatAreNamed) {
  RequestSpec spec;
  spec.flavor.name = "m1.small";
  const SchedulingRequest request{spec, {}, {}, {}};
  const AggregateTypeAffinityFilter filter;
  EXPECT_TRUE(filter.passes({}, request));
  EXPECT_TRUE(filter.passes(with("instance_type", "m1.tiny,m1.small"), request));
  EXPECT_FALSE(filter.passes(with("instance_type", "m1.tiny"), request));
}

TEST(AggregateNumInstancesFilter, TheLeastOfTheAggregatesCountsMoreThanTheOption) {
  auto passes = [](uint32_t limit, const std::string& said) {
    SchedulerOptions options;
    options.max_instances_per_host = limit;
    HostState host;
    host.reported_instances = 3;
    host.debited_instances = 1;
    if (!said.empty()) host.attributes = std::make_shared<const Attributes>(with("max_instances_per_host", said));
    return AggregateNumInstancesFilter(options).passes(host);
  };
  EXPECT_TRUE(passes(0, ""));
  EXPECT_FALSE(passes(4, ""));
  EXPECT_TRUE(passes(5, ""));
  EXPECT_TRUE(passes(4, "5"));
  EXPECT_FALSE(passes(0, "4"));
  EXPECT_FALSE(passes(4, "many"));
  EXPECT_TRUE(passes(0, "many"));
}

TEST(ComputeFilter, IsUpFilterAndEnabledFilter) {
  HostState host;
  for (bool up : {false, true})
    for (bool enabled : {false, true}) {
      host.up = up;
      host.enabled = enabled;
      EXPECT_EQ(ComputeFilter().passes(host), up && enabled);
      EXPECT_TRUE(AllHostsFilter().passes(host));
    }
}

}  // namespace
}  // namespace kilonova::scheduler
