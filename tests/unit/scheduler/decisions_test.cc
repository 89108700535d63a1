// Filters by truth table, weighers and normalisation by hand-computed values, options.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "scheduler/core/weighers/weigher.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

AttributesRef in_zone(const std::string& zone) { return std::make_shared<const Attributes>(Attributes{.zone = zone}); }

HostState host_with(Resources total, Resources used) {
  HostState host;
  host.name = "h";
  host.status_heard = host.usage_heard = host.up = host.enabled = true;
  host.attributes = in_zone("nova");
  host.total = total;
  host.reported = used;
  return host;
}

bool passes(std::string_view filter, const HostState& host, const RequestSpec& spec,
            const SchedulerOptions& options = {}) {
  SchedulingRequest request{spec, resources_of(spec.flavor), {}, {}};
  return make_filter(filter, options)->host_passes(host, 0, request);
}

TEST(Filters, UpAndEnabledLookAtOneFlagEach) {
  RequestSpec spec;
  for (bool up : {false, true})
    for (bool enabled : {false, true}) {
      HostState host = host_with({1, 1, 1}, {});
      host.up = up;
      host.enabled = enabled;
      EXPECT_EQ(passes("UpFilter", host, spec), up);
      EXPECT_EQ(passes("EnabledFilter", host, spec), enabled);
    }
}

TEST(Filters, ZoneMustMatchWhenOneIsAskedFor) {
  struct Row {
    const char *host, *asked;
    bool passes;
  };
  for (const Row& row : {Row{"nova", "", true}, Row{"nova", "nova", true}, Row{"nova", "az2", false},
                         Row{"", "nova", false}, Row{"nova", "Nova", false}}) {
    HostState host = host_with({1, 1, 1}, {});
    host.attributes = in_zone(row.host);
    RequestSpec spec;
    spec.availability_zone = row.asked;
    EXPECT_EQ(passes("AvailabilityZoneFilter", host, spec), row.passes) << row.host << " asked " << row.asked;
  }
}

TEST(Filters, CapacityIsPlacementsRuleInEachClass) {
  struct Row {
    Resources used, asked;
    bool passes;
  };
  // Of 2 vcpus (16.0), 1000 MiB (1.5), 10 GiB (1.0).
  for (const Row& row :
       {Row{{0, 0, 0}, {1, 512, 1}, true}, Row{{31, 0, 0}, {1, 1, 1}, true}, Row{{32, 0, 0}, {1, 1, 1}, false},
        Row{{0, 0, 0}, {3, 1, 1}, false},  // never more than the host has, whatever the ratio
        Row{{0, 500, 0}, {1, 1000, 1}, true}, Row{{0, 501, 0}, {1, 1000, 1}, false}, Row{{0, 0, 9}, {1, 1, 1}, true},
        Row{{0, 0, 10}, {1, 1, 1}, false}, Row{{0, 0, 10}, {1, 1, 0}, true},  // zero always fits
        Row{{40, 0, 0}, {0, 1, 1}, true}}) {
    RequestSpec spec;
    spec.flavor = flavor(row.asked.vcpus, row.asked.memory_mb, row.asked.disk_gb);
    EXPECT_EQ(passes("CapacityFilter", host_with({2, 1000, 10}, row.used), spec), row.passes)
        << row.used.vcpus << " " << row.used.memory_mb << " " << row.used.disk_gb;
  }
}

TEST(Filters, CapacityCountsDebits) {
  RequestSpec spec;
  spec.flavor = flavor(1, 600, 1);
  HostState host = host_with({2, 1000, 10}, {0, 500, 0});
  EXPECT_TRUE(passes("CapacityFilter", host, spec));
  host.debited.memory_mb = 500;
  EXPECT_FALSE(passes("CapacityFilter", host, spec));
}

TEST(Filters, NumInstancesCountsReportedAndDebited) {
  SchedulerOptions options;
  options.max_instances_per_host = 2;
  RequestSpec spec;
  HostState host = host_with({1, 1, 1}, {});
  host.reported_instances = 1;
  EXPECT_TRUE(passes("NumInstancesFilter", host, spec, options));
  host.debited_instances = 1;
  EXPECT_FALSE(passes("NumInstancesFilter", host, spec, options));
  options.max_instances_per_host = 0;
  EXPECT_TRUE(passes("NumInstancesFilter", host, spec, options));
}

TEST(Filters, MaxCoresIgnoresTheHostsOwnSize) {
  RequestSpec spec;
  spec.flavor = flavor(4, 1, 1);
  EXPECT_TRUE(passes("MaxCoresFilter", host_with({1, 1, 1}, {12, 0, 0}), spec));
  EXPECT_FALSE(passes("MaxCoresFilter", host_with({64, 1, 1}, {13, 0, 0}), spec));
}

TEST(Filters, CountsHostsLeftAfterEachAndStopsAtNone) {
  HostManager hosts;
  add_host(hosts, 1, "a", {8, 1000, 10});
  add_host(hosts, 2, "b", {8, 1000, 10});
  add_host(hosts, 3, "c", {8, 100, 10});
  hosts.update_status({2, "b", "nova", {Role::kCompute, 0}, true, false});
  Filters filters;
  SchedulerOptions options;
  for (const auto& name : options.enabled_filters) filters.push_back(make_filter(name, options));
  RequestSpec spec;
  spec.flavor = flavor(1, 512, 1);
  Decision decision;
  SchedulingRequest request{spec, resources_of(spec.flavor), {}, {}};
  EXPECT_EQ(get_filtered_hosts(hosts, filters, request, decision), std::vector<HostIndex>{0});
  EXPECT_EQ(decision.hosts_total, 3u);
  EXPECT_EQ(decision.filters,
            (std::vector<FilterCount>{
                {"UpFilter", 2}, {"EnabledFilter", 2}, {"AvailabilityZoneFilter", 2}, {"CapacityFilter", 1}}));
  decision = {};
  spec.availability_zone = "elsewhere";
  EXPECT_TRUE(get_filtered_hosts(hosts, filters, request, decision).empty());
  EXPECT_EQ(decision.filters.size(), 3u);
  EXPECT_EQ(decision.filters.back(), (FilterCount{"AvailabilityZoneFilter", 0}));
}

TEST(Filters, ExcludedHostsGoFirstAndAreCounted) {
  HostManager hosts;
  add_host(hosts, 1, "a", {8, 1000, 10});
  add_host(hosts, 2, "b", {8, 1000, 10}, {}, "nova", {Role::kCompute, 1});
  add_host(hosts, 3, "c", {8, 1000, 10});
  RequestSpec spec;
  Decision decision;
  SchedulingRequest request{spec, {1, 1, 1}, {0}, {PeerId{Role::kCompute, 1}}};
  EXPECT_EQ(get_filtered_hosts(hosts, {}, request, decision), std::vector<HostIndex>{2});
  EXPECT_EQ(decision.filters, (std::vector<FilterCount>{{"ExcludedHostsFilter", 1}}));
}

std::vector<double> normalized(std::vector<double> raw, std::optional<double> minval) { return normalize(raw, minval); }

TEST(Normalize, AsNovaDoes) {
  EXPECT_TRUE(normalized({}, 0).empty());
  EXPECT_EQ(normalized({1, 2, 3}, std::nullopt), (std::vector<double>{0, 0.5, 1}));
  EXPECT_EQ(normalized({1, 2, 4}, 0), (std::vector<double>{0.25, 0.5, 1}));
  // All equal: 0 without minval; with it, equal and above it is 1.
  EXPECT_EQ(normalized({5, 5}, std::nullopt), (std::vector<double>{0, 0}));
  EXPECT_EQ(normalized({5, 5}, 0), (std::vector<double>{1, 1}));
  EXPECT_EQ(normalized({0, 0}, 0), (std::vector<double>{0, 0}));
  EXPECT_EQ(normalized({-3, -7}, 0), (std::vector<double>{0, 0}));
  EXPECT_EQ(normalized({-3, 10}, 0), (std::vector<double>{0, 1}));
  EXPECT_EQ(normalized({-3, 1}, std::nullopt), (std::vector<double>{0, 1}));
}

std::vector<RankedHost> weigh_all(const HostManager& hosts, const Weighers& weighers, size_t wanted,
                                  Decision& decision) {
  const RequestSpec spec;
  return get_weighed_hosts(hosts, hosts.registered(), weighers, {spec, {}, {}, {}}, wanted, decision);
}

double raw_of(const Weigher& weigher, const HostState& host) {
  const RequestSpec spec;
  return weigher.weigh_host(host, 0, {spec, {}, {}, {}});
}

TEST(Weighers, RawValues) {
  SchedulerOptions options;
  Weighers weighers = make_weighers(options);
  HostState host = host_with({4, 1000, 100}, {6, 1200, 30});
  ASSERT_EQ(weighers.size(), 5u);
  EXPECT_EQ(weighers[0]->name(), "CPUWeigher");
  EXPECT_EQ(raw_of(*weighers[0], host), 4 * 16.0 - 6);
  EXPECT_EQ(weighers[1]->name(), "RAMWeigher");
  EXPECT_EQ(raw_of(*weighers[1], host), -200);  // physical memory: normalisation makes it 0
  EXPECT_EQ(weighers[2]->name(), "DiskWeigher");
  EXPECT_EQ(raw_of(*weighers[2], host), 70);
}

TEST(Weighers, ScoresAddUpAndTiesKeepRegistrationOrder) {
  HostManager hosts;
  // Arrival order differs from registration order on purpose.
  add_host(hosts, 3, "c", {8, 1000, 100});
  add_host(hosts, 1, "a", {8, 1000, 100}, {0, 500, 0});
  add_host(hosts, 2, "b", {8, 1000, 100});
  SchedulerOptions options;
  Weighers weighers = make_weighers(options);
  Decision decision;
  auto ranked = weigh_all(hosts, weighers, 3, decision);
  ASSERT_EQ(ranked.size(), 3u);
  EXPECT_EQ(hosts.host(ranked[0].host).name, "b");
  EXPECT_EQ(hosts.host(ranked[1].host).name, "c");
  EXPECT_EQ(hosts.host(ranked[2].host).name, "a");
  EXPECT_EQ(ranked[0].weight, 3.0);
  EXPECT_EQ(ranked[2].weight, 2.5);
  ASSERT_EQ(decision.weighed.size(), 3u);
  EXPECT_EQ(decision.weighed[2].host, "a");
  EXPECT_EQ(decision.weighed[2].scores,
            (std::vector<WeigherScore>{{"CPUWeigher", 128, 1}, {"RAMWeigher", 500, 0.5}, {"DiskWeigher", 100, 1}}));
}

TEST(Weighers, MultiplierTurnsSpreadIntoPacking) {
  HostManager hosts;
  add_host(hosts, 1, "empty", {8, 1000, 100});
  add_host(hosts, 2, "fuller", {8, 1000, 100}, {0, 500, 0});
  SchedulerOptions options;
  options.ram_weight_multiplier = -1;
  Decision decision;
  auto ranked = weigh_all(hosts, make_weighers(options), 1, decision);
  EXPECT_EQ(hosts.host(ranked.at(0).host).name, "fuller");
}

TEST(Weighers, OneHostIsNotWeighed) {
  HostManager hosts;
  add_host(hosts, 1, "only", {8, 1000, 100});
  Decision decision;
  auto ranked = weigh_all(hosts, make_weighers({}), 1, decision);
  ASSERT_EQ(ranked.size(), 1u);
  EXPECT_EQ(ranked[0].weight, 0);
  EXPECT_TRUE(decision.weighed.at(0).scores.empty());
}

TEST(Weighers, PartialRankingIsThePrefixOfAFullOne) {
  Random random(5);
  for (int round = 0; round < 50; ++round) {
    HostManager hosts;
    size_t count = 1 + random.below(40);
    for (size_t i = 0; i < count; ++i) {
      auto used = static_cast<int64_t>(random.below(4));
      add_host(hosts, static_cast<int64_t>(i), "h" + std::to_string(i), {8, 1000, 100}, {used, used * 100, 0});
    }
    Decision ignored;
    auto full = weigh_all(hosts, make_weighers({}), count, ignored);
    for (size_t i = 1; i < full.size(); ++i)
      EXPECT_TRUE(full[i - 1].weight > full[i].weight ||
                  (full[i - 1].weight == full[i].weight && full[i - 1].host < full[i].host));
    auto best = weigh_all(hosts, make_weighers({}), 3, ignored);
    ASSERT_EQ(best.size(), std::min<size_t>(3, count));
    for (size_t i = 0; i < best.size(); ++i) EXPECT_EQ(best[i].host, full[i].host);
  }
}

TEST(Options, EveryBadValueIsNamed) {
  struct Row {
    const char* expected;
    void (*spoil)(SchedulerOptions&);
  };
  EXPECT_TRUE(validate({}).has_value());
  for (const Row& row : {
           Row{"scheduler driver 'bogus'", [](SchedulerOptions& o) { o.driver = "bogus"; }},
           Row{"filter 'NoFilter'", [](SchedulerOptions& o) { o.enabled_filters = {"UpFilter", "NoFilter"}; }},
           Row{"weigher 'NoWeigher'", [](SchedulerOptions& o) { o.enabled_weighers = {"RAMWeigher", "NoWeigher"}; }},
           Row{"cpu_weight_multiplier", [](SchedulerOptions& o) { o.cpu_weight_multiplier = std::nan(""); }},
           Row{"ram_allocation_ratio", [](SchedulerOptions& o) { o.ratios.memory = 0; }},
           Row{"disk_allocation_ratio",
               [](SchedulerOptions& o) { o.ratios.disk = std::numeric_limits<double>::infinity(); }},
           Row{"host_subset_size", [](SchedulerOptions& o) { o.host_subset_size = 0; }},
           Row{"max_attempts", [](SchedulerOptions& o) { o.max_attempts = 0; }},
           Row{"max_cores", [](SchedulerOptions& o) { o.max_cores = 0; }},
           Row{"debit_expiry", [](SchedulerOptions& o) { o.debit_expiry = seconds(0); }},
       }) {
    SchedulerOptions options;
    row.spoil(options);
    auto result = validate(options);
    ASSERT_FALSE(result.has_value()) << row.expected;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(result.error().message.find(row.expected), std::string::npos) << result.error().message;
  }
}

}  // namespace
}  // namespace kilonova::scheduler
