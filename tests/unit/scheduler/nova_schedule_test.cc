// Decisions on random clouds against a slow and obvious scheduler: it asks each host by itself, writes each rule out in
// the simplest words, and finds the best host by looking at all of them. Wherever the two differ, one of them is wrong.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "scheduler/core/nova/schedule.h"

namespace kilonova::scheduler::nova {
namespace {

constexpr std::array<const char*, 3> kZones = {"az1", "az2", "nova"};
constexpr std::array<const char*, 3> kProjects = {"p1", "p2", "p3"};
constexpr std::array<const char*, 4> kPolicies = {"affinity", "anti-affinity", "soft-affinity", "soft-anti-affinity"};
constexpr std::array<const char*, 11> kFilters = {"ComputeFilter",
                                                  "IoOpsFilter",
                                                  "NumInstancesFilter",
                                                  "AggregateIoOpsFilter",
                                                  "AvailabilityZoneFilter",
                                                  "DifferentHostFilter",
                                                  "SameHostFilter",
                                                  "AggregateMultiTenancyIsolation",
                                                  "IsolatedHostsFilter",
                                                  "ServerGroupAffinityFilter",
                                                  "ServerGroupAntiAffinityFilter"};

template <size_t N>
std::string any(Random& random, const std::array<const char*, N>& words) {
  return words[random.below(N)];
}

struct RandomCase {
  std::vector<HostState> hosts;
  RequestSpec spec;
  Options options;

  explicit RandomCase(Random& random) : random_(random) {
    const uint64_t count = random.below(12);
    for (uint64_t i = 0; i < count; ++i) hosts.push_back(host(i));
    request();
    options.enabled_filters.clear();
    for (uint64_t i = random.below(5); i > 0; --i) options.enabled_filters.push_back(any(random, kFilters));
    while (random.chance(0.4) && !options.weighers.empty()) options.weighers.erase(options.weighers.begin());
    options.ram_weight_multiplier = random.chance(0.3) ? -0.7 : 1.0;
    options.io_ops_weight_multiplier = random.chance(0.3) ? 0.3 : -1.0;
    options.max_io_ops_per_host = static_cast<int64_t>(1 + random.below(4));
    options.max_instances_per_host = static_cast<int64_t>(1 + random.below(5));
    if (random.chance(0.3)) options.isolated_hosts = {"h1", "h2"};
    if (random.chance(0.3)) options.isolated_images = {"img1"};
    options.restrict_isolated_hosts_to_isolated_images = random.chance(0.5);
  }

 private:
  int64_t small() { return static_cast<int64_t>(random_.below(4)); }
  std::string id() { return "i" + std::to_string(random_.below(8)); }

  HostState host(uint64_t number) {
    HostState made;
    made.has_reported = true;
    made.host = made.nodename = "h" + std::to_string(random_.chance(0.05) ? number / 2 : number);
    made.cell_uuid = random_.chance(0.3) ? "c2" : "c1";
    made.service = {random_.chance(0.1), random_.chance(0.1), std::nullopt, static_cast<double>(small() * 20) + 0.5};
    if (random_.chance(0.8)) made.service.last_seen_up_age = static_cast<double>(small() * 30) - 20;
    made.free_ram_mb = small() * 1000 - 500;
    made.free_disk_mb = small() * 1024;
    made.vcpus_total = 4 + small();
    made.vcpus_used = 4 * small();
    made.cpu_allocation_ratio = random_.chance(0.5) ? 1.5 : 4.0;
    made.num_io_ops = small();
    made.num_instances = small();
    made.failed_builds = small() / 3;
    made.pci_stats.emplace();
    made.metrics.emplace();
    for (int64_t i = small(); i > 0; --i) made.instances.add(id());
    for (int64_t i = 0; i < small(); ++i) made.aggregates.push_back({i, metadata()});
    return made;
  }

  std::map<std::string, std::string, std::less<>> metadata() {
    std::map<std::string, std::string, std::less<>> made;
    if (random_.chance(0.4)) made["availability_zone"] = any(random_, kZones);
    if (random_.chance(0.2)) made["filter_tenant_id"] = any(random_, kProjects);
    if (random_.chance(0.3)) made["max_io_ops_per_host"] = random_.chance(0.2) ? "x" : std::to_string(small());
    if (random_.chance(0.3)) made["ram_weight_multiplier"] = random_.chance(0.2) ? "x" : std::to_string(small() - 1);
    return made;
  }

  void request() {
    spec.instance_uuid = id();
    spec.project_id = any(random_, kProjects);
    spec.flavor.memory_mb = 500;
    spec.flavor.root_gb = 1;
    if (random_.chance(0.7)) spec.image.emplace().id = "img" + std::to_string(random_.below(2));
    if (random_.chance(0.3)) spec.availability_zone = any(random_, kZones);
    for (const char* hint : {"different_host", "same_host"})
      if (random_.chance(0.2)) spec.scheduler_hints[hint] = {id(), id()};
    if (random_.chance(0.1)) spec.scheduler_hints["_nova_check_type"] = {"rebuild"};
    if (random_.chance(0.6)) spec.instance_group = {"g", any(random_, kPolicies), {id(), id(), id()}, {}, std::nullopt};
    if (spec.instance_group && random_.chance(0.5)) spec.instance_group->hosts = {"h1", "h3"};
    if (random_.chance(0.2)) spec.ignore_hosts = {"H1", "h4"};
    if (random_.chance(0.1)) spec.force_hosts = {"h2", "H3"};
  }

  Random& random_;
};

// ---- the slow scheduler

bool has_any(const HostState& host, const std::vector<std::string>& ids) {
  for (const std::string& one : host.instances.ids())
    for (const std::string& other : ids)
      if (one == other) return true;
  return false;
}

int64_t members(const HostState& host, const RequestSpec& spec) {
  int64_t count = 0;
  for (const std::string& one : host.instances.ids()) {
    bool is_member = false;
    for (const std::string& member : spec.instance_group->members) is_member = is_member || member == one;
    count += is_member ? 1 : 0;
  }
  return count;
}

std::vector<std::string> said(const HostState& host, const std::string& key) {
  std::vector<std::string> values;
  for (const AggregateAttributes& aggregate : host.aggregates)
    if (aggregate.metadata.contains(key)) values.push_back(aggregate.metadata.at(key));
  return values;
}

bool is_one_of(const std::string& value, const std::vector<std::string>& values) {
  for (const std::string& one : values)
    if (one == value) return true;
  return false;
}

int64_t io_limit(const HostState& host, const Options& options) {
  int64_t least = -1;
  for (const std::string& value : said(host, "max_io_ops_per_host")) {
    if (value == "x") return options.max_io_ops_per_host;
    if (least < 0 || std::stoll(value) < least) least = std::stoll(value);
  }
  return least < 0 ? options.max_io_ops_per_host : least;
}

bool slow_group_pass(const std::string& policy, const HostState& host, const RequestSpec& spec) {
  if (!spec.instance_group || spec.instance_group->policy != policy) return true;
  const InstanceGroup& group = *spec.instance_group;
  if (policy == "affinity") return group.hosts.empty() || is_one_of(host.host, group.hosts);
  return is_one_of(spec.instance_uuid, host.instances.ids()) || members(host, spec) == 0;
}

bool slow_isolated_pass(const HostState& host, const RequestSpec& spec, const Options& options) {
  const bool isolated_host = is_one_of(host.host, options.isolated_hosts);
  const bool isolated_image = spec.image && is_one_of(*spec.image->id, options.isolated_images);
  const bool restrict = options.restrict_isolated_hosts_to_isolated_images;
  if (options.isolated_images.empty() && !restrict) return true;
  if (isolated_image && !isolated_host) return false;
  return !(restrict && isolated_host && !isolated_image);
}

bool slow_pass(const std::string& filter, const HostState& host, const RequestSpec& spec, const Options& options) {
  if (filter == "IsolatedHostsFilter") return slow_isolated_pass(host, spec, options);
  if (spec.scheduler_hints.contains("_nova_check_type")) return true;
  if (filter == "ComputeFilter") {
    const double age = host.service.last_seen_up_age ? *host.service.last_seen_up_age : host.service.created_age;
    return !host.service.disabled && !host.service.forced_down && age <= 60 && age >= -60;
  }
  if (filter == "IoOpsFilter") return host.num_io_ops < options.max_io_ops_per_host;
  if (filter == "AggregateIoOpsFilter") return host.num_io_ops < io_limit(host, options);
  if (filter == "NumInstancesFilter") return host.num_instances < options.max_instances_per_host;
  if (filter == "AvailabilityZoneFilter") {
    if (!spec.availability_zone) return true;
    const std::vector<std::string> zones = said(host, "availability_zone");
    return zones.empty() ? *spec.availability_zone == "nova" : is_one_of(*spec.availability_zone, zones);
  }
  if (filter == "AggregateMultiTenancyIsolation") {
    const std::vector<std::string> projects = said(host, "filter_tenant_id");
    return projects.empty() || is_one_of(spec.project_id, projects);
  }
  const auto& hints = spec.scheduler_hints;
  if (filter == "DifferentHostFilter")
    return !hints.contains("different_host") || !has_any(host, hints.find("different_host")->second);
  if (filter == "SameHostFilter") return !hints.contains("same_host") || has_any(host, hints.find("same_host")->second);
  return slow_group_pass(filter == "ServerGroupAffinityFilter" ? "affinity" : "anti-affinity", host, spec);
}

bool is_named(const HostState& host, const std::vector<std::string>& names) {
  std::string upper = host.host;
  upper[0] = 'H';
  return is_one_of(host.host, names) || is_one_of(upper, names);
}

// Then no filter runs, whatever is forced.
bool all_are_ignored(const RandomCase& test) {
  if (test.spec.ignore_hosts.empty()) return false;
  for (const HostState& host : test.hosts)
    if (!is_named(host, test.spec.ignore_hosts)) return false;
  return true;
}

std::vector<size_t> slow_start(const RandomCase& test) {
  const RequestSpec& spec = test.spec;
  std::vector<size_t> start;
  for (size_t i = 0; i < test.hosts.size(); ++i) {
    if (is_named(test.hosts[i], spec.ignore_hosts)) continue;
    if (!spec.force_hosts.empty() && !is_named(test.hosts[i], spec.force_hosts)) continue;
    start.push_back(i);
  }
  if (spec.ignore_hosts.empty() && spec.force_hosts.empty()) return start;
  // Of two of one name the later one counts, where the earlier one stood.
  std::vector<size_t> once;
  for (size_t place : start) {
    bool known = false;
    for (size_t& other : once)
      if (test.hosts[other].host == test.hosts[place].host) {
        other = place;
        known = true;
      }
    if (!known) once.push_back(place);
  }
  return once;
}

double slow_multiplier(const std::string& weigher, const HostState& host, const Options& options) {
  if (weigher == "BuildFailureWeigher") return -1000000.0;
  if (weigher == "CrossCellWeigher") return 1000000.0;
  if (weigher == "IoOpsWeigher") return options.io_ops_weight_multiplier;
  if (weigher != "RAMWeigher") return 1.0;
  const std::vector<std::string> values = said(host, "ram_weight_multiplier");
  if (values.empty() || is_one_of("x", values)) return options.ram_weight_multiplier;
  double least = std::stod(values[0]);
  for (const std::string& value : values) least = std::min(least, std::stod(value));
  return least;
}

double slow_raw(const std::string& weigher, const HostState& host, const RequestSpec& spec) {
#pragma clang fp contract(off)
  const std::string policy = spec.instance_group ? spec.instance_group->policy : "";
  if (weigher == "RAMWeigher") return std::max<double>(0, static_cast<double>(host.free_ram_mb));
  if (weigher == "DiskWeigher") return std::max<double>(0, static_cast<double>(host.free_disk_mb));
  if (weigher == "IoOpsWeigher") return static_cast<double>(host.num_io_ops);
  if (weigher == "BuildFailureWeigher") return static_cast<double>(host.failed_builds);
  if (weigher == "CPUWeigher")
    return std::max(
        0.0, static_cast<double>(host.vcpus_total) * *host.cpu_allocation_ratio - static_cast<double>(host.vcpus_used));
  if (weigher == "ServerGroupSoftAffinityWeigher" && policy == "soft-affinity")
    return static_cast<double>(members(host, spec));
  if (weigher == "ServerGroupSoftAntiAffinityWeigher" && policy == "soft-anti-affinity")
    return -static_cast<double>(members(host, spec));
  return weigher == "PCIWeigher" ? 100 : 0;
}

std::vector<double> slow_weights(const RandomCase& test, const std::vector<size_t>& left) {
#pragma clang fp contract(off)
  std::vector<double> totals(left.size(), 0.0);
  if (left.size() < 2) return totals;
  for (const std::string& weigher : test.options.weighers) {
    const bool from_zero =
        weigher == "RAMWeigher" || weigher == "CPUWeigher" || weigher == "DiskWeigher" || weigher == "IoOpsWeigher";
    std::vector<double> raw;
    for (size_t place : left) raw.push_back(slow_raw(weigher, test.hosts[place], test.spec));
    const double low = from_zero ? 0.0 : *std::min_element(raw.begin(), raw.end());
    const double high = *std::max_element(raw.begin(), raw.end());
    for (size_t i = 0; i < left.size(); ++i) {
      const double normalised = low == high ? 0.0 : (raw[i] - low) / (high - low);
      totals[i] += slow_multiplier(weigher, test.hosts[left[i]], test.options) * normalised;
    }
  }
  return totals;
}

// ---- the comparison

void compare_filters(const RandomCase& test, const FilteredHosts& filtered) {
  std::vector<size_t> left = slow_start(test);
  EXPECT_TRUE(std::ranges::equal(filtered.start, left));
  const bool forced = !test.spec.force_hosts.empty() && !test.spec.scheduler_hints.contains("_nova_check_type");
  size_t runs = 0;
  for (const std::string& filter : test.options.enabled_filters) {
    if (all_are_ignored(test) || forced || (runs > 0 && left.empty())) break;
    std::erase_if(left, [&](size_t place) { return !slow_pass(filter, test.hosts[place], test.spec, test.options); });
    ASSERT_LT(runs, filtered.runs.size()) << filter;
    EXPECT_EQ(filtered.runs[runs].filter, filter);
    EXPECT_TRUE(std::ranges::equal(filtered.runs[runs++].left, left)) << filter;
  }
  EXPECT_EQ(filtered.runs.size(), runs);
  EXPECT_TRUE(std::ranges::equal(filtered.left, left));
}

TEST(NovaSchedule, DecidesAsASlowScheduler) {
  for (uint64_t seed = 1; seed <= 4000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const RandomCase test(random);
    Places all(test.hosts.size());
    std::iota(all.begin(), all.end(), uint32_t{0});
    const FilteredHosts filtered = get_filtered_hosts(test.hosts, all, test.spec, test.options);
    ASSERT_FALSE(filtered.failure);
    compare_filters(test, filtered);
    const WeighedHosts weighed = get_weighed_hosts(test.hosts, filtered.left, test.spec, test.options);
    ASSERT_FALSE(weighed.failure);
    std::vector<size_t> left(filtered.left.begin(), filtered.left.end());
    std::vector<double> weights = slow_weights(test, left);
    for (size_t i = 0; i < weighed.order.size(); ++i) {
      size_t best = 0;
      for (size_t other = 1; other < left.size(); ++other)
        if (weights[other] > weights[best]) best = other;
      ASSERT_EQ(weighed.order[i], left[best]);
      ASSERT_EQ(weighed.weights[i], weights[best]);
      left.erase(left.begin() + static_cast<ptrdiff_t>(best));
      weights.erase(weights.begin() + static_cast<ptrdiff_t>(best));
    }
    EXPECT_TRUE(left.empty());
    if (HasFailure()) return;
  }
}

TEST(NovaSchedule, EachServerTakesFromTheHostThatItWasGiven) {
  for (uint64_t seed = 1; seed <= 1000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomCase test(random);
    const std::vector<HostState> before = test.hosts;
    const FoundHosts found = find_hosts(test.hosts, test.spec, {"n1", "n2", "n3"}, test.options);
    EXPECT_EQ(found.no_valid_host, found.chosen.size() < 3);
    EXPECT_EQ(found.alternates.size(), found.no_valid_host ? 0 : 3);
    for (uint32_t place = 0; place < before.size(); ++place) {
      const auto servers = std::ranges::count(found.chosen, place, &ChosenHost::host);
      EXPECT_EQ(test.hosts[place].free_ram_mb, before[place].free_ram_mb - 500 * servers);
      EXPECT_EQ(test.hosts[place].free_disk_mb, before[place].free_disk_mb - 1024 * servers);
      EXPECT_EQ(test.hosts[place].num_instances, before[place].num_instances + servers);
      EXPECT_EQ(test.hosts[place].instances.ids().size(),
                before[place].instances.ids().size() + (test.spec.instance_group ? static_cast<size_t>(servers) : 0));
    }
    for (size_t i = 0; i < found.alternates.size(); ++i) {
      EXPECT_LE(found.alternates[i].size(), 2u);
      for (uint32_t alternate : found.alternates[i]) {
        EXPECT_EQ(std::ranges::count(found.chosen, alternate, &ChosenHost::host), 0);
        EXPECT_EQ(test.hosts[alternate].cell_uuid, test.hosts[found.chosen[i].host].cell_uuid);
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace kilonova::scheduler::nova
