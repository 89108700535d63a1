// Interned attributes: one set for all hosts that are alike, forgotten when nobody is.
#include "scheduler/core/attributes.h"

#include <gtest/gtest.h>

#include "tests/unit/scheduler/scheduler_fixture.h"

namespace kilonova::scheduler {
namespace {

Attributes in_aggregate(std::string zone, std::map<std::string, std::string, std::less<>> metadata) {
  return {.zone = std::move(zone), .aggregates = {{.id = 1, .metadata = std::move(metadata)}}};
}

TEST(AttributeTable, HoldsEachContentOnce) {
  AttributeTable table;
  AttributesRef first = table.intern(in_aggregate("az1", {{"ssd", "true"}}));
  EXPECT_EQ(first->zone, "az1");
  EXPECT_EQ(table.intern(in_aggregate("az1", {{"ssd", "true"}})), first);
  AttributesRef other = table.intern(in_aggregate("az1", {{"ssd", "false"}}));
  EXPECT_NE(other, first);
  EXPECT_NE(other->number, first->number);
  Attributes with_trait = in_aggregate("az1", {{"ssd", "true"}});
  with_trait.traits = {"HW_CPU_X86_AVX"};
  EXPECT_NE(table.intern(with_trait), first);
  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.intern({}), no_attributes());
  EXPECT_EQ(no_attributes()->number, 0u);
}

TEST(AttributeTable, ForgetsWhatNobodyHoldsAndNeverUsesANumberTwice) {
  AttributeTable table;
  AttributesRef kept = table.intern({.zone = "kept"});
  uint64_t last = kept->number;
  for (int i = 0; i < 10'000; ++i) {
    AttributesRef passing = table.intern({.zone = "zone-" + std::to_string(i)});
    EXPECT_GT(passing->number, last);
    last = passing->number;
    EXPECT_LE(table.size(), 64u);
  }
  EXPECT_EQ(table.intern({.zone = "kept"}), kept);
}

TEST(AttributeTable, GrowsWithWhatIsHeld) {
  AttributeTable table;
  std::vector<AttributesRef> held;
  for (int i = 0; i < 1000; ++i) held.push_back(table.intern({.zone = "zone-" + std::to_string(i)}));
  EXPECT_EQ(table.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(table.intern({.zone = "zone-" + std::to_string(i)}), held[i]);
}

TEST(AttributesOf, WhatTheControllerSaysOfAHost) {
  Attributes seen = attributes_of(HostStatus{
      .id = 1, .name = "h1", .zone = "az1", .aggregates = {{7, {{"ssd", "true"}}}, {3, {{"a", "1"}, {"b", ""}}}}});
  EXPECT_EQ(seen.zone, "az1");
  ASSERT_EQ(seen.aggregates.size(), 2u);
  EXPECT_EQ(seen.aggregates[0], (AggregateAttributes{3, {{"a", "1"}, {"b", ""}}}));
  EXPECT_EQ(seen.aggregates[1], (AggregateAttributes{7, {{"ssd", "true"}}}));
}

TEST(HostManagerAttributes, HostsThatAreAlikeShareThem) {
  HostManager hosts;
  for (int i = 0; i < 6; ++i)
    add_host(hosts, i, "h" + std::to_string(i), {8, 1000, 10}, {}, i % 2 == 0 ? "az1" : "az2");
  EXPECT_EQ(hosts.host(0).attributes->zone, "az1");
  EXPECT_EQ(hosts.host(0).attributes, hosts.host(4).attributes);
  EXPECT_EQ(hosts.host(1).attributes, hosts.host(3).attributes);
  EXPECT_NE(hosts.host(0).attributes, hosts.host(1).attributes);
  hosts.update_status({0, "h0", "az2", {Role::kCompute, 0}, true, true});
  EXPECT_EQ(hosts.host(0).attributes, hosts.host(1).attributes);
  hosts.update_status({0, "h0", "", {Role::kCompute, 0}, true, true});
  EXPECT_EQ(hosts.host(0).attributes, no_attributes());
}

}  // namespace
}  // namespace kilonova::scheduler
