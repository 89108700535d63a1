// The placement index against asking every host: the same hosts, the same decision, over random clouds. And its parts.
#include "scheduler/core/index/placement_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "scheduler/core/drivers/filter.h"
#include "tests/unit/scheduler/random_cloud.h"
#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

void expect_the_same(RandomCloud& cloud, FilterDriver& driver, Random& random) {
  RequestSpec spec;
  spec.availability_zone = cloud.zone();
  SchedulingRequest request{spec, cloud.amount(), {}, {}};
  if (random.chance(0.2))
    for (int i = 0; i < 3; ++i) request.excluded.push_back(static_cast<HostIndex>(random.below(cloud.manager.size())));
  std::sort(request.excluded.begin(), request.excluded.end());
  size_t wanted = 1 + random.below(random.chance(0.1) ? 200 : 8);

  Filters filters;
  for (const std::string& name : cloud.options.enabled_filters) filters.push_back(make_filter(name, cloud.options));
  if (cloud.options.max_instances_per_host > 0) filters.push_back(make_filter("NumInstancesFilter", cloud.options));
  Decision expected, decision;
  std::vector<HostIndex> best;
  auto filtered = get_filtered_hosts(cloud.manager, filters, request, expected);
  for (const RankedHost& host :
       get_weighed_hosts(cloud.manager, filtered, make_weighers(cloud.options), request, wanted, expected))
    best.push_back(host.host);
  EXPECT_EQ(driver.select_hosts(cloud.manager, request, wanted, random, decision), best);
  EXPECT_EQ(decision, expected);
}

TEST(PlacementIndex, GivesWhatAskingEveryHostGives) {
  for (uint64_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomCloud cloud(random, random.chance(0.5) ? 12 : 400);
    FilterDriver driver(cloud.options);
    for (int round = 0; round < 25; ++round) {
      expect_the_same(cloud, driver, random);
      for (uint64_t changes = random.below(5); changes > 0; --changes) cloud.change();
    }
    if (HasFailure()) return;
  }
}

TEST(PlacementIndex, GivesItForManyHostsToo) {
  for (uint64_t seed = 1000; seed < 1004; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RandomCloud cloud(random, 20'000);
    FilterDriver driver(cloud.options);
    for (int round = 0; round < 40; ++round) {
      expect_the_same(cloud, driver, random);
      for (uint64_t changes = random.below(200); changes > 0; --changes) cloud.change();
    }
    if (HasFailure()) return;
  }
}

TEST(PlacementIndex, ServesAllButWhatLooksAtTheRequestAndAtEachHost) {
  SchedulerOptions options;
  Weighers weighers = make_weighers(options);
  RequestSpec spec;
  for (std::string_view name : filter_names()) {
    Filters filters;
    filters.push_back(make_filter(name, options));
    bool looks_at_each = filters.front()->basis() == Basis::kEachHost;
    PlacementIndex index(filters, weighers, options.ratios);
    EXPECT_EQ(index.serves({spec, {}, {}, {}}), !looks_at_each) << name;
    EXPECT_EQ(index.serves({spec, {}, {1, 2}, {}}), !looks_at_each) << name;
    EXPECT_FALSE(index.serves({spec, {}, {}, {PeerId{Role::kCompute, 0}}})) << name;
  }
}

TEST(PlacementIndex, ADriverWithAFilterItDoesNotKnowAsksEveryHost) {
  HostManager hosts;
  add_host(hosts, 1, "a", {64, 65536, 1000});
  add_host(hosts, 2, "b", {32, 32768, 1000}, {16, 0, 0});
  SchedulerOptions options;
  options.enabled_filters.push_back("MaxCoresFilter");
  options.ram_weight_multiplier = -10;
  RequestSpec spec;
  Random random(1);
  Decision decision;
  SchedulingRequest request{spec, {1, 1, 1}, {}, {}};
  EXPECT_EQ(FilterDriver(options).select_hosts(hosts, request, 2, random, decision), std::vector<HostIndex>{0});
  EXPECT_EQ(decision.filters.back(), (FilterCount{"MaxCoresFilter", 1}));
}

TEST(HostPoint, RoomIsTheMostThatFits) {
  Random random(3);
  auto amount = [&random](uint64_t shift) { return static_cast<int64_t>(random.next() >> (63 - random.below(shift))); };
  for (int i = 0; i < 20'000; ++i) {
    Resources total = clamp_amounts({amount(41), amount(41), amount(41)});
    Resources used{amount(60), amount(44), amount(20)};  // debits may add up to more than any report
    AllocationRatios ratios{random.uniform() * 20, 1 + random.uniform(), i % 2 == 0 ? 1.0 : 1e300};
    Resources room = room_of(total, ratios, used);
    EXPECT_TRUE(fits(total, ratios, used, room));
    EXPECT_FALSE(fits(total, ratios, used, {room.vcpus + 1, 0, 0}));
    EXPECT_FALSE(fits(total, ratios, used, {0, room.memory_mb + 1, 0}));
    EXPECT_FALSE(fits(total, ratios, used, {0, 0, room.disk_gb + 1}));
  }
}

void expect_sound(const PointBlocks& points, const RawTable& raw,
                  const std::set<std::tuple<uint64_t, int64_t, HostIndex>>& expected) {
  std::vector<std::tuple<uint64_t, int64_t, HostIndex>> found;
  for (const Chunk& chunk : points.chunks()) {
    Box around_chunk;
    ASSERT_EQ(chunk.boxes.size(), chunk.blocks.size());
    for (size_t b = 0; b < chunk.blocks.size(); ++b) {
      Box around;
      const Block& block = chunk.blocks[b];
      for (size_t i = 0; i < block.points.size(); ++i) {
        EXPECT_TRUE(std::ranges::equal(block.raw_of(i, raw.axes()), raw.of(block.points[i].host)));
        around.add(block.points[i], raw.of(block.points[i].host));
        found.push_back(block.points[i].key());
      }
      EXPECT_FALSE(block.points.empty());
      EXPECT_EQ(block.raw.size(), block.points.size() * raw.axes());
      EXPECT_EQ(chunk.boxes[b], around);
      around_chunk.add(around);
    }
    EXPECT_EQ(chunk.box, around_chunk);
  }
  EXPECT_EQ(points.size(), expected.size());
  EXPECT_TRUE(std::ranges::equal(found, expected));
}

TEST(PointBlocks, KeepsOrderAndLeastBoxes) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    RawTable raw(3);
    raw.resize(15'000);
    PointBlocks points(raw);
    std::vector<HostPoint> kept;
    std::set<std::tuple<uint64_t, int64_t, HostIndex>> keys;
    for (HostIndex next = 0; next < 15'000; ++next) {
      bool grows = next < 9000 ? random.chance(0.8) : random.chance(0.2);
      if (grows || kept.empty()) {
        HostPoint point{.code = random.below(seed % 2 == 0 ? 5 : 100'000), .id = next, .host = next};
        // Values that many points share keep boxes as they are when one goes; values of one point do not.
        if (seed % 2 == 0) {
          std::ranges::copy(std::array{random.uniform() - 0.5, static_cast<double>(random.below(9)), 1.0},
                            raw.of(next).begin());
          point.room = {static_cast<int64_t>(random.below(100)), static_cast<int64_t>(random.below(3)), 7};
        } else {
          std::ranges::generate(raw.of(next), [&] { return random.uniform() - 0.5; });
          auto amount = [&] { return static_cast<int64_t>(random.below(1'000'000)); };
          point.room = {amount(), amount(), amount()};
        }
        points.insert(point);
        keys.insert(point.key());
        kept.push_back(point);
      } else {
        std::swap(kept[random.below(kept.size())], kept.back());
        points.erase(kept.back());
        keys.erase(kept.back().key());
        kept.pop_back();
      }
      if (next % 500 == 0) expect_sound(points, raw, keys);
      if (HasFatalFailure()) return;
    }
    expect_sound(points, raw, keys);
    PointBlocks assigned(raw);
    assigned.assign(kept);
    expect_sound(assigned, raw, keys);
    // Blocks do not stay thin.
    size_t blocks = 0;
    for (const Chunk& chunk : points.chunks()) blocks += chunk.blocks.size();
    EXPECT_LE(blocks, kept.size() / 8 + 2);
  }
}

TEST(HostManagerChanges, NamesEachChangedHostOnceLatestFirst) {
  HostManager hosts;
  for (int i = 0; i < 4; ++i) add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 10});
  auto changed_after = [&](uint64_t change) {
    std::vector<HostIndex> result;
    hosts.for_each_changed_after(change, [&](HostIndex host) { result.push_back(host); });
    return result;
  };
  EXPECT_EQ(changed_after(0), (std::vector<HostIndex>{3, 2, 1, 0}));
  uint64_t seen = hosts.last_change();
  EXPECT_TRUE(changed_after(seen).empty());
  hosts.consume_from_request(1, placement(1), {1, 1, 1}, Instant{1});
  hosts.consume_from_request(2, placement(2), {1, 1, 1}, Instant{1});
  hosts.end_debit(placement(1));
  EXPECT_EQ(changed_after(seen), (std::vector<HostIndex>{1, 2}));
  hosts.reset_usage({Role::kCompute, 0});
  EXPECT_EQ(changed_after(seen).size(), 4u);
}

}  // namespace
}  // namespace kilonova::scheduler
