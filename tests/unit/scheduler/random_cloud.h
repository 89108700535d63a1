// A random cloud and one scheduler's picture of it, for tests that compare ways to decide.
#pragma once

#include <algorithm>
#include <array>
#include <string>

#include "base/random.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {

inline constexpr std::array<const char*, 4> kZones = {"nova", "az2", "az3", ""};

template <size_t N>
double one_of(Random& random, const std::array<double, N>& values) {
  return values[random.below(N)];
}

// The picture changes as pictures do.
class RandomCloud {
 public:
  RandomCloud(Random& random, size_t most_hosts) : random_(random), hosts_(1 + random.below(most_hosts)) {
    options.cpu_weight_multiplier = one_of<4>(random, {1, 1, -1, 0});
    options.ram_weight_multiplier = one_of<5>(random, {1, 1, -0.7, 0, 1.3});
    options.disk_weight_multiplier = one_of<4>(random, {1, 1, -1, 0.1});
    if (random.chance(0.3)) {
      auto& weighers = options.enabled_weighers;
      std::swap(weighers[0], weighers[random.below(weighers.size())]);
      if (random.chance(0.5)) weighers.pop_back();
    }
    options.ratios = {one_of<3>(random, {16, 1, 0.7}), one_of<3>(random, {1.5, 1, 2.3}), one_of<2>(random, {1, 1.1})};
    options.max_instances_per_host = random.chance(0.2) ? 3 : 0;
    if (random.chance(0.3)) {
      auto& filters = options.enabled_filters;
      for (size_t i = filters.size(); i > 1; --i) std::swap(filters[i - 1], filters[random.below(i)]);
      if (random.chance(0.5)) filters.pop_back();
      if (random.chance(0.2)) filters.push_back("CapacityFilter");
    }
    alike_ = random.chance(0.4);
    zones_ = 1 + random.below(kZones.size());
    for (uint64_t i = 0; i < hosts_; ++i) {
      status(i);
      usage(i);
    }
  }

  void change() {
    uint64_t number = random_.below(hosts_);
    switch (random_.below(40)) {
      case 0: return manager.reset_usage({Role::kCompute, static_cast<uint32_t>(random_.below(3))});
      case 1: return random_.chance(0.2) ? manager.reset_statuses() : status(number);
      case 2:
      case 3:
      case 4: return status(number);
      case 5:
      case 6: manager.expire_debits(Instant{now_ - 30}); return;
      case 7:
      case 8:
      case 9: manager.end_debit(placement(random_.below(60))); return;
      default: break;
    }
    if (random_.chance(0.5)) return usage(number);
    if (auto host = manager.find(name(number)))
      manager.consume_from_request(*host, placement(random_.below(60)), amount(), Instant{now_++});
  }

  Resources amount() {
    int64_t size = int64_t{1} << random_.below(5);
    if (random_.chance(0.7)) return {size, size * 512, size * 10};
    return {static_cast<int64_t>(random_.below(20)), static_cast<int64_t>(random_.below(9000)),
            static_cast<int64_t>(random_.below(90))};
  }

  std::string zone() { return random_.chance(0.6) ? "" : kZones[random_.below(kZones.size())]; }
  uint64_t size() const { return hosts_; }

  SchedulerOptions options;
  HostManager manager;

 private:
  static std::string name(uint64_t number) { return "h" + std::to_string(number); }
  static PeerId process(uint64_t number) { return {Role::kCompute, static_cast<uint32_t>(number % 3)}; }

  void status(uint64_t number) {
    // Ids that two hosts share are a controller's mistake: then the name decides.
    auto id = static_cast<int64_t>(random_.chance(0.1) ? random_.below(hosts_) : number);
    manager.update_status(
        {id, name(number), kZones[number % zones_], process(number), random_.chance(0.9), random_.chance(0.95)});
  }

  void usage(uint64_t number) {
    Resources total{64, 65536, 1000};
    if (!alike_) total = {8 << number % 3, 16384 << number % 4, 200 + static_cast<int64_t>(number % 7) * 50};
    auto n = static_cast<int64_t>(random_.below(alike_ ? 3 : 12));
    Resources used{n * 2, n * 2048, n * 20};
    if (random_.chance(0.1)) used.vcpus = total.vcpus * 20;  // over any ratio: raw values below minval
    if (random_.chance(0.01)) total = clamp_amounts({INT64_MAX, INT64_MAX, INT64_MAX});
    manager.update_usage(
        {process(number), 1},
        {name(number), ++version_, total, used, static_cast<uint32_t>(n), {placement(random_.below(60))}});
  }

  Random& random_;
  uint64_t hosts_;
  bool alike_ = false;
  uint64_t zones_ = 1;
  uint64_t version_ = 0;
  int64_t now_ = 0;
};

}  // namespace kilonova::scheduler
