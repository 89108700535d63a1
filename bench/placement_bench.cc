// What one scheduling decision costs at fleet size: the index of driver `filter`, and, as its pair in the same run, the
// same decision by asking every host. The two must choose the same host each time.
//
//   placement_bench [HOSTS ...]          (1000 10000 100000)
//
// Hosts of three sizes in two zones are half full of servers of the five flavors, in two ways: even (each within a
// tenth of half, as spreading leaves them) and uneven (each from empty to full). The weighers are ours, three, or as
// many as Nova enables, ten, of which the others are played: few hosts whose builds failed, a handful of operations on
// each, a cell, hosts of a group, metrics that nobody set up. A decision is the hosts chosen with the record that
// `kilonova explain` shows, and the debit; between two decisions the host's own report settles the debit.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "scheduler/core/index/placement_index.h"

namespace kilonova::scheduler {
namespace {

constexpr std::array<Resources, 5> kFlavors = {
    Resources{1, 512, 1}, {1, 2048, 20}, {2, 4096, 40}, {4, 8192, 80}, {8, 16384, 160}};
constexpr std::array<Resources, 3> kSizes = {Resources{32, 131'072, 2000}, {64, 262'144, 4000}, {96, 393'216, 6000}};
constexpr PeerId kProcess{Role::kCompute, 0};

double microseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

struct Times {
  std::vector<double> all;
  double quantile(double q) {
    std::sort(all.begin(), all.end());
    return all.empty() ? 0 : all[static_cast<size_t>(q * static_cast<double>(all.size() - 1))];
  }
};

class Fleet {
 public:
  Fleet(size_t hosts, bool even) : random_(hosts) {
    for (size_t i = 0; i < hosts; ++i) {
      std::string name = fmt::format("host-{:06}", i);
      manager.update_status({static_cast<int64_t>(i), name, i % 2 == 0 ? "nova" : "az2", kProcess, true, true});
      HostUsage usage{.host = name, .version = 1, .total = kSizes[random_.below(kSizes.size())]};
      double full = even ? 0.45 + random_.uniform() * 0.1 : random_.uniform();
      while (static_cast<double>(usage.used.memory_mb) < full * static_cast<double>(usage.total.memory_mb)) {
        usage.used += kFlavors[random_.below(kFlavors.size())];
        ++usage.instances;
      }
      manager.update_usage({kProcess, 1}, usage);
    }
  }

  // The host's report: the last debit is in its usage.
  void settle(HostIndex host, const PlacementId& placement) {
    const HostState& state = manager.host(host);
    manager.update_usage({kProcess, 1}, {state.name,
                                         state.usage_version + 1,
                                         state.total,
                                         state.used(),
                                         static_cast<uint32_t>(state.instances()),
                                         {placement}});
  }

  HostManager manager;

 private:
  Random random_;
};

// One of Nova's weighers, played: a raw value from the host's place in the cloud and its load.
class PlayedWeigher final : public HostWeigher {
 public:
  PlayedWeigher(double multiplier, std::optional<double> minval, double (*raw)(const HostState&))
      : HostWeigher({.value = multiplier}), minval_(minval), raw_(raw) {}
  std::string_view name() const override { return "PlayedWeigher"; }
  std::optional<double> minval() const override { return minval_; }
  double raw(const HostState& host) const override { return raw_(host); }

 private:
  std::optional<double> minval_;
  double (*raw_)(const HostState&);
};

class CellWeigher final : public AttributesWeigher {
 public:
  CellWeigher() : AttributesWeigher({.value = 1e6}) {}
  std::string_view name() const override { return "CellWeigher"; }
  double raw(const Attributes&, const SchedulingRequest&) const override { return 0; }
};

class GroupWeigher final : public NamedHostsWeigher {
 public:
  GroupWeigher() : NamedHostsWeigher({}) {}
  std::string_view name() const override { return "GroupWeigher"; }
  void name_hosts(const HostManager&, const SchedulingRequest&, std::vector<HostIndex>&) const override {}
  double others_raw(const SchedulingRequest&) const override { return 0; }
  double weigh_host(const HostState&, HostIndex, const SchedulingRequest&) const override { return 0; }
};

// In Nova's order: cross cell, metrics, CPU, build failures, soft affinity and anti-affinity, RAM, disk, PCI,
// operations.
Weighers ten_weighers(const SchedulerOptions& options) {
  Weighers ours = make_weighers(options), ten;
  auto play = [&](double multiplier, std::optional<double> minval, double (*raw)(const HostState&)) {
    ten.push_back(std::make_unique<PlayedWeigher>(multiplier, minval, raw));
  };
  ten.push_back(std::make_unique<CellWeigher>());
  play(1, std::nullopt, [](const HostState&) { return 0.0; });
  ten.push_back(std::move(ours[0]));
  play(-1e6, std::nullopt, [](const HostState& host) { return host.id % 100 == 7 ? 1.0 : 0.0; });
  ten.push_back(std::make_unique<GroupWeigher>());
  ten.push_back(std::make_unique<GroupWeigher>());
  ten.push_back(std::move(ours[1]));
  ten.push_back(std::move(ours[2]));
  play(1, std::nullopt, [](const HostState&) { return 100.0; });
  play(-1, 0, [](const HostState& host) { return static_cast<double>(host.instances() % 5); });
  return ten;
}

void measure(size_t hosts, bool even, bool ten) {
  Fleet fleet(hosts, even);
  SchedulerOptions options;
  Filters filters;
  for (const std::string& name : options.enabled_filters) filters.push_back(make_filter(name, options));
  Weighers weighers = ten ? ten_weighers(options) : make_weighers(options);
  PlacementIndex index(filters, weighers, options.ratios);
  Random random(1);
  constexpr size_t kDecisions = 10'000;
  size_t every = std::max<size_t>(kDecisions * hosts / 20'000'000, 1);  // asking every host takes its time
  Times indexed, asking_all;
  double first = 0;
  for (size_t i = 0; i <= kDecisions; ++i) {
    RequestSpec spec;
    if (random.chance(0.2)) spec.availability_zone = "az2";
    SchedulingRequest request{spec, kFlavors[random.below(kFlavors.size())], {}, {}};
    PlacementId placement{random_uuid(random), 1};
    HostIndex expected = kNoIndex;
    if (i % every == 0) {
      auto start = std::chrono::steady_clock::now();
      Decision decision;
      auto filtered = get_filtered_hosts(fleet.manager, filters, request, decision);
      auto ranked = get_weighed_hosts(fleet.manager, filtered, weighers, request, 3, decision);
      asking_all.all.push_back(microseconds_since(start));
      if (!ranked.empty()) expected = ranked.front().host;
    }
    auto start = std::chrono::steady_clock::now();
    KN_CHECK(index.serves(request), "or every host would be asked");
    Decision decision;
    auto best = index.select(fleet.manager, request, 3, decision);
    KN_CHECK(!best.empty(), "a half full cloud has room");
    HostIndex chosen = best.front().host;
    fleet.manager.consume_from_request(chosen, placement, request.amount, Instant{1});
    double took = microseconds_since(start);
    (i == 0 ? first : indexed.all.emplace_back()) = took;
    KN_CHECK(expected == kNoIndex || expected == chosen, "the index chose another host");
    fleet.settle(chosen, placement);
  }
  fmt::print("{:>8} {:<7} {:>8} {:>9.1f} {:>9.1f} {:>9.1f} {:>12.0f} {:>14.1f} {:>8.0f}\n", hosts,
             even ? "even" : "uneven", weighers.size(), indexed.quantile(0.5), indexed.quantile(0.99),
             indexed.quantile(1), first, asking_all.quantile(0.5), asking_all.quantile(0.5) / indexed.quantile(0.5));
}

}  // namespace
}  // namespace kilonova::scheduler

int main(int argc, char** argv) {
  std::vector<size_t> sizes;
  for (int i = 1; i < argc; ++i) sizes.push_back(std::max<size_t>(std::strtoull(argv[i], nullptr, 10), 10));
  if (sizes.empty()) sizes = {1000, 10'000, 100'000};
  fmt::print("one decision, microseconds; the first builds the index\n");
  fmt::print("{:>8} {:<7} {:>8} {:>9} {:>9} {:>9} {:>12} {:>14} {:>8}\n", "hosts", "fill", "weighers", "p50", "p99",
             "most", "first", "every host p50", "ratio");
  for (size_t hosts : sizes)
    for (bool ten : {false, true})
      for (bool even : {true, false}) kilonova::scheduler::measure(hosts, even, ten);
  return 0;
}
