// Answers that Nova's and Placement's own classes gave on random clouds (nova-vectors: its README describes the forms),
// compared with ours to the last bit. The folder is no part of the repository: KILONOVA_TEST_DATA names its parent, the
// default is ../shared/data. What kilonova does not have (image properties, affinity, PCI, ...) is not compared.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "domain/resources.h"
#include "scheduler/core/filters/aggregate_instance_extra_specs_filter.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/weighers/cpu_weigher.h"
#include "scheduler/core/weighers/disk_weigher.h"
#include "scheduler/core/weighers/ram_weigher.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

using Json = nlohmann::json;

std::filesystem::path vectors_directory() {
  if (const char* data = std::getenv("KILONOVA_TEST_DATA")) return std::filesystem::path(data) / "nova-vectors";
  const char* source = std::getenv("KILONOVA_SOURCE_DIR");
  return std::filesystem::path(source == nullptr ? "." : source) / "../shared/data/nova-vectors";
}

struct NovaVectors : ::testing::Test {
  std::vector<Json> load(const char* file) {
    std::vector<Json> cases;
    std::ifstream input(vectors_directory() / file);
    for (std::string line; std::getline(input, line);) cases.push_back(Json::parse(line));
    return cases;
  }
  void SetUp() override {
    if (!std::filesystem::exists(vectors_directory()))
      GTEST_SKIP() << vectors_directory() << " is absent: set KILONOVA_TEST_DATA to the folder that holds nova-vectors";
  }
};

// A host's field: its own, else the base's, else the default.
template <class T>
T field(const Json& test, const Json& host, const char* name, T otherwise) {
  for (const Json* from : {&host, &test["base"]})
    if (from->contains(name) && !(*from)[name].is_null()) return (*from)[name].get<T>();
  return otherwise;
}

// A list parallel to `left`, or one number for all.
std::vector<double> column(const Json& value, size_t count) {
  if (value.is_array()) return value.get<std::vector<double>>();
  return std::vector<double>(count, value.get<double>());
}

std::optional<double> minval_of(const std::string& weigher) {
  static const std::set<std::string> from_zero = {"RAMWeigher", "CPUWeigher", "DiskWeigher", "IoOpsWeigher"};
  if (from_zero.contains(weigher)) return 0.0;
  return std::nullopt;
}

HostState host_state(const Json& test, const Json& host) {
  HostState state;
  state.name = host["name"];
  auto amount = [&](const char* name) { return field<int64_t>(test, host, name, 0); };
  state.total = {amount("vcpus"), amount("memory_mb"), amount("local_gb")};
  int64_t free_disk =
      std::min(amount("free_disk_gb"), field<int64_t>(test, host, "disk_available_least", amount("free_disk_gb")));
  state.reported = {amount("vcpus_used"), state.total.memory_mb - amount("free_ram_mb"),
                    state.total.disk_gb - free_disk};
  state.reported_instances = static_cast<uint32_t>(amount("num_instances"));
  return state;
}

// A record that never reported (free_disk_gb null): Nova takes nothing from it.
bool has_reported(const Json& test, const Json& host) {
  if (host.contains("free_disk_gb")) return !host["free_disk_gb"].is_null();
  return !test["base"].contains("free_disk_gb") || !test["base"]["free_disk_gb"].is_null();
}

TEST_F(NovaVectors, NormalizesAsNova) {
  size_t columns = 0;
  for (const Json& test : load("vectors.jsonl")) {
    const Json& answer = test["answer"];
    if (!answer.contains("weighers")) continue;
    size_t count = answer["left"].size();
    for (const Json& weigher : answer["weighers"]) {
      if (!weigher.contains("norm")) continue;
      std::vector<double> raw = column(weigher["raw"], count);
      EXPECT_EQ(normalize(raw, minval_of(weigher["w"])), column(weigher["norm"], count))
          << test["id"] << " " << weigher["w"];
      ++columns;
    }
  }
  EXPECT_GT(columns, 1000u);
}

TEST_F(NovaVectors, RamCpuDiskWeighAsNova) {
  size_t columns = 0;
  for (const Json& test : load("vectors.jsonl")) {
    const Json& answer = test["answer"];
    if (!answer.contains("weighers")) continue;
    bool all_reported = true;
    for (const Json& index : answer["left"])
      all_reported = all_reported && has_reported(test, test["hosts"][index.get<size_t>()]);
    if (!all_reported) continue;
    for (const Json& weigher : answer["weighers"]) {
      std::string name = weigher["w"];
      std::vector<double> raw;
      for (const Json& index : answer["left"]) {
        const Json& host = test["hosts"][index.get<size_t>()];
        HostState state = host_state(test, host);
        SchedulerOptions options;
        options.ratios.vcpus = field(test, host, "cpu_ratio", 4.0);
        if (name == "RAMWeigher") raw.push_back(RAMWeigher(options).raw(state));
        if (name == "DiskWeigher") raw.push_back(DiskWeigher(options).raw(state));
        if (name == "CPUWeigher") raw.push_back(CPUWeigher(options).raw(state));
      }
      if (raw.empty()) continue;
      EXPECT_EQ(normalize(raw, 0), column(weigher["norm"], raw.size())) << test["id"] << " " << name;
      ++columns;
    }
  }
  EXPECT_GT(columns, 400u);
}

// Gives the raw values and multipliers of a vector: so that the real ranking runs over all ten of Nova's weighers.
class RecordedWeigher final : public HostWeigher {
 public:
  RecordedWeigher(std::string name, std::map<std::string, double> multipliers, std::map<std::string, double> raw)
      : HostWeigher({}), name_(std::move(name)), multipliers_(std::move(multipliers)), raw_(std::move(raw)) {}
  std::string_view name() const override { return name_; }
  double raw(const HostState& host) const override { return raw_.at(host.name); }
  std::optional<double> minval() const override { return minval_of(name_); }
  // Each host has a zone of its own, whose name is the host's.
  double multiplier(const Attributes& attributes) const override { return multipliers_.at(attributes.zone); }

 private:
  std::string name_;
  std::map<std::string, double> multipliers_;
  std::map<std::string, double> raw_;
};

TEST_F(NovaVectors, RanksAsNova) {
  size_t compared = 0;
  const RequestSpec spec;
  for (const Json& test : load("vectors.jsonl")) {
    const Json& answer = test["answer"];
    if (!answer.contains("order")) continue;
    std::vector<size_t> left = answer["left"];
    HostManager hosts;
    for (size_t i = 0; i < test["hosts"].size(); ++i)
      add_host(hosts, static_cast<int64_t>(i), std::to_string(i), {1, 1, 1}, {}, std::to_string(i));
    std::vector<HostIndex> filtered(left.begin(), left.end());
    Weighers weighers;
    for (const Json& weigher : answer["weighers"]) {
      std::vector<double> values = column(weigher["raw"], left.size());
      std::vector<double> factors = column(weigher["mult"], left.size());
      std::map<std::string, double> raw, multipliers;
      for (size_t i = 0; i < left.size(); ++i) {
        raw[std::to_string(left[i])] = values[i];
        multipliers[std::to_string(left[i])] = factors[i];
      }
      weighers.push_back(std::make_unique<RecordedWeigher>(weigher["w"], multipliers, raw));
    }
    Decision decision;
    auto ranked = get_weighed_hosts(hosts, filtered, weighers, {spec, {}, {}, {}}, filtered.size(), decision);
    std::vector<size_t> order;
    std::vector<double> weights;
    for (const RankedHost& host : ranked) {
      order.push_back(host.host);
      weights.push_back(host.weight);
    }
    EXPECT_EQ(order, answer["order"].get<std::vector<size_t>>()) << test["id"];
    EXPECT_EQ(weights, answer["weight"].get<std::vector<double>>()) << test["id"];
    ++compared;
  }
  EXPECT_GT(compared, 200u);
}

Attributes attributes_of(const Json& test, const Json& host) {
  Attributes attributes;
  for (const Json& aggregate : test.value("aggs", Json::array())) {
    bool member = std::ranges::any_of(aggregate["hosts"], [&](const Json& name) { return name == host["name"]; });
    if (member) attributes.aggregates.push_back({aggregate["id"], aggregate["meta"]});
  }
  return attributes;
}

TEST_F(NovaVectors, AggregatesOverrideMultipliersAsInNova) {
  size_t compared = 0, overridden = 0;
  for (const Json& test : load("vectors.jsonl")) {
    const Json& answer = test["answer"];
    if (!answer.contains("weighers")) continue;
    SchedulerOptions options;
    options.cpu_weight_multiplier = test["options"].value("cpu_weight_multiplier", 1.0);
    options.ram_weight_multiplier = test["options"].value("ram_weight_multiplier", 1.0);
    options.disk_weight_multiplier = test["options"].value("disk_weight_multiplier", 1.0);
    options.soft_affinity_weight_multiplier = test["options"].value("soft_affinity_weight_multiplier", 1.0);
    options.soft_anti_affinity_weight_multiplier = test["options"].value("soft_anti_affinity_weight_multiplier", 1.0);
    for (const auto& ours : make_weighers(options))
      for (const Json& weigher : answer["weighers"]) {
        if (weigher["w"] != ours->name() || !weigher.contains("mult")) continue;
        std::vector<double> multipliers = column(weigher["mult"], answer["left"].size());
        for (size_t i = 0; i < multipliers.size(); ++i) {
          const Json& host = test["hosts"][answer["left"][i].get<size_t>()];
          EXPECT_EQ(ours->multiplier(attributes_of(test, host)), multipliers[i]) << test["id"] << " " << ours->name();
          ++compared;
          overridden += multipliers[i] != ours->multiplier({}) ? 1 : 0;
        }
      }
  }
  EXPECT_GT(compared, 1000u);
  EXPECT_GT(overridden, 20u);
}

// What entered the filter number `i` of the answer.
std::vector<size_t> before(const Json& test, size_t i) {
  const Json& answer = test["answer"];
  for (; i > 0; --i)
    if (answer["filters"][i - 1].contains("left")) return answer["filters"][i - 1]["left"];
  if (answer.contains("start")) return answer["start"];
  std::vector<size_t> all(test["hosts"].size());
  for (size_t k = 0; k < all.size(); ++k) all[k] = k;
  return all;
}

// The host's only zone; nothing when it has several.
std::optional<std::string> zone_of(const Json& test, const Json& host) {
  std::set<std::string> zones;
  for (const Json& aggregate : test.value("aggs", Json::array())) {
    bool member = false;
    for (const Json& name : aggregate["hosts"]) member = member || name == host["name"];
    if (member && aggregate["meta"].contains("availability_zone")) zones.insert(aggregate["meta"]["availability_zone"]);
  }
  if (zones.empty()) return test["options"].value("default_availability_zone", "nova");
  if (zones.size() > 1 || zones.begin()->find(',') != std::string::npos) return std::nullopt;
  return zones.begin()->substr(zones.begin()->find_first_not_of(' '));
}

TEST_F(NovaVectors, ZoneAndInstanceCountFilterAsNova) {
  std::map<std::string, size_t> compared;
  for (const Json& test : load("vectors.jsonl")) {
    const Json& answer = test["answer"];
    // A rebuild stays where it is: most filters let it pass.
    if (test["request"].value("hints", Json::object()).contains("_nova_check_type")) continue;
    SchedulerOptions options;
    options.max_instances_per_host = test["options"].value("max_instances_per_host", 50u);
    RequestSpec spec;
    if (test["request"].contains("az")) spec.availability_zone = test["request"]["az"].get<std::string>();
    SchedulingRequest request{spec, {}, {}, {}};
    for (size_t i = 0; i < answer["filters"].size(); ++i) {
      std::string name = answer["filters"][i]["f"];
      if (name != "AvailabilityZoneFilter" && name != "NumInstancesFilter") continue;
      std::vector<size_t> entered = before(test, i), left = before(test, i + 1);
      for (size_t index : entered) {
        const Json& host = test["hosts"][index];
        HostState state = host_state(test, host);
        if (!has_reported(test, host)) state.reported_instances = 0;
        auto zone = zone_of(test, host);
        if (name == "AvailabilityZoneFilter" && !zone) continue;
        state.attributes = std::make_shared<const Attributes>(Attributes{.zone = zone.value_or("")});
        bool expected = std::find(left.begin(), left.end(), index) != left.end();
        EXPECT_EQ(make_filter(name, options)->host_passes(state, 0, request), expected)
            << test["id"] << " " << name << " host " << index;
        ++compared[name];
      }
    }
  }
  EXPECT_GT(compared["AvailabilityZoneFilter"], 50u);
  EXPECT_GT(compared["NumInstancesFilter"], 50u);
}

TEST_F(NovaVectors, AggregatesMeetExtraSpecsAsInNova) {
  size_t passed = 0, refused = 0;
  for (const Json& test : load("vectors.jsonl")) {
    if (test["request"].value("hints", Json::object()).contains("_nova_check_type")) continue;
    const Json& filters = test["answer"]["filters"];
    std::vector<MetadataItem> extra_specs;
    for (const auto& [key, value] : test["request"]["flavor"].value("extra", Json::object()).items())
      extra_specs.push_back({key, value});
    for (size_t i = 0; i < filters.size(); ++i) {
      if (filters[i]["f"] != "AggregateInstanceExtraSpecsFilter") continue;
      std::vector<size_t> left = before(test, i + 1);
      for (size_t index : before(test, i)) {
        bool expected = std::ranges::find(left, index) != left.end();
        EXPECT_EQ(aggregates_meet_extra_specs(attributes_of(test, test["hosts"][index]).aggregates, extra_specs),
                  expected)
            << test["id"] << " host " << index;
        ++(expected ? passed : refused);
      }
    }
  }
  EXPECT_GT(passed, 20u);
  EXPECT_GT(refused, 20u);
}

// Hosts debited as Nova's; but we count swap as Placement does, and Nova's HostState does not.
TEST_F(NovaVectors, ConsumesAsNova) {
  size_t consumed = 0;
  for (const Json& test : load("consume.jsonl")) {
    HostManager hosts;
    size_t count = test["hosts"].size();
    std::vector<int64_t> swap(count, 0), start_vcpus, start_memory, start_disk;
    std::vector<uint64_t> start_instances;
    for (size_t i = 0; i < count; ++i) {
      HostState state = host_state(test, test["hosts"][i]);
      add_host(hosts, static_cast<int64_t>(i), std::to_string(i), state.total);
      start_vcpus.push_back(state.reported.vcpus);
      start_memory.push_back(field<int64_t>(test, test["hosts"][i], "free_ram_mb", 0));
      start_disk.push_back(1024 * (state.total.disk_gb - state.reported.disk_gb));
      start_instances.push_back(state.reported_instances);
    }
    uint64_t number = 0;
    for (const Json& step : test["steps"]) {
      const Json& wanted = step["request"]["flavor"];
      Flavor asked = flavor(wanted["vcpus"], wanted["ram"], wanted["root"]);
      asked.ephemeral_gb = wanted.value("eph", 0);
      asked.swap_mb = wanted.value("swap", 0);
      for (const Json& chosen : step["answer"]["chosen"]) {
        auto host = chosen[0].get<HostIndex>();
        hosts.consume_from_request(host, placement(++number), resources_of(asked), Instant{1});
        swap[host] += 1024 * ((asked.swap_mb + 1023) / 1024);
        ++consumed;
      }
    }
    for (size_t i = 0; i < count; ++i) {
      const HostState& host = hosts.host(static_cast<HostIndex>(i));
      const Json& end = test["end"][i];
      EXPECT_EQ(start_memory[i] - host.debited.memory_mb, end["free_ram_mb"].get<int64_t>()) << test["id"] << " " << i;
      EXPECT_EQ(start_vcpus[i] + host.debited.vcpus, end["vcpus_used"].get<int64_t>()) << test["id"] << " " << i;
      EXPECT_EQ(start_disk[i] - 1024 * host.debited.disk_gb + swap[i], end["free_disk_mb"].get<int64_t>())
          << test["id"] << " " << i;
      EXPECT_EQ(start_instances[i] + host.debited_instances, end["num_instances"].get<uint64_t>())
          << test["id"] << " " << i;
    }
  }
  EXPECT_GT(consumed, 500u);
}

// Our rule has no reserved amounts (they are taken off the total before), steps, or units below the total: providers
// whose units do not decide are compared.
TEST_F(NovaVectors, CapacityAsPlacement) {
  const std::array<std::string, 3> classes = {"VCPU", "MEMORY_MB", "DISK_GB"};
  size_t compared = 0, candidates = 0;
  for (const Json& test : load("placement.jsonl")) {
    const Json& request = test["request"];
    if (request.size() != 1) continue;  // traits or aggregates are asked for
    std::set<size_t> answer = test["answer"]["candidates"];
    for (size_t i = 0; i < test["rps"].size(); ++i) {
      const Json& inventory = test["rps"][i]["inv"];
      bool comparable = true;
      std::array<int64_t, 3> total{}, used{}, amount{};
      std::array<double, 3> ratio{1, 1, 1};
      for (const auto& [name, value] : request["resources"].items()) {
        auto at = std::find(classes.begin(), classes.end(), name);
        if (at == classes.end() || !inventory.contains(name)) {
          comparable = false;
          break;
        }
        auto k = static_cast<size_t>(at - classes.begin());
        const Json& row = inventory[name];
        total[k] = row["total"].get<int64_t>() - row.value("reserved", int64_t{0});
        used[k] = row.value("used", int64_t{0});
        amount[k] = value;
        ratio[k] = row.value("allocation_ratio", 1.0);
        comparable = comparable && amount[k] >= row.value("min_unit", int64_t{1}) &&
                     amount[k] % row.value("step_size", int64_t{1}) == 0 && amount[k] <= row["max_unit"] &&
                     amount[k] <= total[k];
      }
      if (!comparable) continue;
      bool ours = fits({total[0], total[1], total[2]}, {ratio[0], ratio[1], ratio[2]}, {used[0], used[1], used[2]},
                       {amount[0], amount[1], amount[2]});
      EXPECT_EQ(ours, answer.contains(i)) << test["id"] << " provider " << i;
      ++compared;
      candidates += ours ? 1 : 0;
    }
  }
  EXPECT_GT(compared, 20u);
  EXPECT_GT(candidates, 0u);
  EXPECT_LT(candidates, compared);
}

}  // namespace
}  // namespace kilonova::scheduler
