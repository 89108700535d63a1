#include "sim/study/fleet_measures.h"

#include <gtest/gtest.h>

namespace kilonova::study {
namespace {

constexpr AllocationRatios kNone{1, 1, 1};

std::vector<Request> requests_of(std::vector<Resources> amounts) {
  std::vector<Request> requests;
  for (const Resources& amount : amounts) requests.push_back({.amount = amount, .arrival = {}, .departure = {}});
  return requests;
}

TEST(FleetMeasuresTest, AnEmptyFleetIsEmpty) {
  FleetMeasures fleet({{4, 1000, 0}, {4, 1000, 0}}, kNone, requests_of({{1, 100, 0}}));
  const FleetReading reading = fleet.read();
  EXPECT_EQ(reading.empty_hosts, 1);
  EXPECT_EQ(reading.allocated, (PerResource{0, 0, 0}));
  EXPECT_EQ(reading.packing, (PerResource{0, 0, 0}));
  EXPECT_EQ(reading.stranded, (PerResource{0, 0, 0}));
}

TEST(FleetMeasuresTest, AllocatedIsOfAllHostsAndPackingOfThoseInUse) {
  FleetMeasures fleet({{4, 1000, 0}, {12, 3000, 0}}, kNone, requests_of({{1, 100, 0}}));
  fleet.update(0, {2, 1000, 0}, 1);
  const FleetReading reading = fleet.read();
  EXPECT_DOUBLE_EQ(reading.allocated[0], 2.0 / 16);
  EXPECT_DOUBLE_EQ(reading.allocated[1], 1000.0 / 4000);
  EXPECT_DOUBLE_EQ(reading.packing[0], 2.0 / 4);
  EXPECT_DOUBLE_EQ(reading.packing[1], 1);
  EXPECT_DOUBLE_EQ(reading.empty_hosts, 0.5);
}

TEST(FleetMeasuresTest, CapacityIsTheTotalTimesItsRatio) {
  FleetMeasures fleet({{4, 1000, 0}}, {16, 1.5, 1}, requests_of({{1, 100, 0}}));
  fleet.update(0, {32, 750, 0}, 8);
  const FleetReading reading = fleet.read();
  EXPECT_DOUBLE_EQ(reading.allocated[0], 0.5);
  EXPECT_DOUBLE_EQ(reading.allocated[1], 0.5);
}

// Host 0 has 2 free vCPUs and no memory: no request fits. Host 1 has 3 free vCPUs and 900 MiB: those of 4 vCPUs, which
// are one in four, do not.
TEST(FleetMeasuresTest, StrandedIsWhatIsFreeWhereARequestDoesNotFit) {
  FleetMeasures fleet({{4, 1000, 0}, {4, 1000, 0}}, kNone,
                      requests_of({{1, 100, 0}, {1, 100, 0}, {2, 100, 0}, {4, 100, 0}}));
  fleet.update(0, {2, 1000, 0}, 1);
  fleet.update(1, {1, 100, 0}, 1);
  const FleetReading reading = fleet.read();
  EXPECT_DOUBLE_EQ(reading.stranded[0], (2 + 3 * 0.25) / 8);
  EXPECT_DOUBLE_EQ(reading.stranded[1], (900 * 0.25) / 2000);
}

// Two GPUs are free where no vCPU is. Only who asks for GPUs is asked.
TEST(FleetMeasuresTest, WhoAsksForNoneOfAResourceSaysNothingOfIt) {
  FleetMeasures fleet({{4, 1000, 2000}}, kNone, requests_of({{0, 1, 0}, {1, 100, 500}, {1, 100, 500}, {1, 100, 0}}));
  fleet.update(0, {4, 500, 0}, 1);
  const FleetReading reading = fleet.read();
  EXPECT_DOUBLE_EQ(reading.stranded[2], 1);
  EXPECT_DOUBLE_EQ(reading.stranded[1], 0.5 * 0.75);
}

TEST(FleetMeasuresTest, WhatLeavesIsForgotten) {
  FleetMeasures fleet({{4, 1000, 0}}, kNone, requests_of({{2, 100, 0}}));
  fleet.update(0, {3, 100, 0}, 1);
  EXPECT_DOUBLE_EQ(fleet.read().stranded[0], 0.25);
  fleet.update(0, {0, 0, 0}, 0);
  EXPECT_EQ(fleet.read().stranded[0], 0);
  EXPECT_EQ(fleet.read().empty_hosts, 1);
}

}  // namespace
}  // namespace kilonova::study
