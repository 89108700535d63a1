#include "sim/study/run_study.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kilonova::study {
namespace {

using testing::ElementsAre;
using testing::Pair;

constexpr ReadClock::result_type kNoTime = 0;

HostInfo host(const std::string& name, Resources total) { return {.name = name, .zone = "nova", .total = total}; }

Request request(Resources amount, int64_t arrival_s, std::optional<int64_t> departure_s = std::nullopt) {
  Request request{.amount = amount, .arrival = seconds(arrival_s), .departure = {}};
  if (departure_s) request.departure = seconds(*departure_s);
  return request;
}

RunOptions options_of(double multiplier = 1, uint64_t seed = 1) {
  RunOptions options{.scheduler = {}, .seed = seed};
  options.scheduler.ratios = {1, 1, 1};
  options.scheduler.cpu_weight_multiplier = options.scheduler.ram_weight_multiplier = multiplier;
  options.scheduler.disk_weight_multiplier = 0;
  return options;
}

RunResult run(const Workload& workload, const RunOptions& options) {
  return run_study(workload, options, [] { return kNoTime; });
}

Workload two_hosts(std::vector<Request> requests) {
  return {{host("a", {4, 4000, 0}), host("b", {4, 4000, 0})}, std::move(requests)};
}

TEST(EventsOfTest, WhatLeavesMakesRoomForWhatComes) {
  const auto events =
      events_of({request({1, 1, 0}, 0, 10), request({1, 1, 0}, 10, 10), request({1, 1, 0}, 10), request({1, 1, 0}, 5)});
  std::string order;
  for (const WorkloadEvent& event : events)
    order += (event.is_arrival ? "+" : "-") + std::to_string(event.request) + " ";
  EXPECT_EQ(order, "+0 +3 -0 +1 +2 -1 ");
}

TEST(RunStudyTest, SpreadTakesBothHostsAndPackOne) {
  const Workload workload = two_hosts({request({1, 1000, 0}, 0), request({1, 1000, 0}, 10)});
  const RunResult spread = run(workload, options_of(1));
  EXPECT_EQ(spread.placed, 2u);
  EXPECT_EQ(spread.samples.back().fleet.empty_hosts, 0);
  EXPECT_DOUBLE_EQ(spread.samples.back().fleet.packing[0], 0.25);
  const RunResult pack = run(workload, options_of(-1));
  EXPECT_EQ(pack.placed, 2u);
  EXPECT_EQ(pack.samples.back().fleet.empty_hosts, 0.5);
  EXPECT_DOUBLE_EQ(pack.samples.back().fleet.packing[0], 0.5);
}

// 0 to 100 s; the one server is there from 0 to 50.
TEST(RunStudyTest, SamplesAreEvenlyOverTimeAndDeparturesAreSeen) {
  const RunResult result = run(two_hosts({request({4, 4000, 0}, 0, 50), request({1, 1, 0}, 100)}), options_of());
  ASSERT_EQ(result.samples.size(), kSamples + 1);
  EXPECT_EQ(result.samples[10].time, seconds(10));
  EXPECT_EQ(result.samples[10].servers, 1u);
  EXPECT_DOUBLE_EQ(result.samples[10].fleet.allocated[0], 0.5);
  EXPECT_EQ(result.samples[60].servers, 0u);
  EXPECT_EQ(result.samples[60].fleet.empty_hosts, 1);
  EXPECT_EQ(result.samples.back().time, seconds(100));
  EXPECT_EQ(result.samples.back().servers, 1u);
}

TEST(RunStudyTest, AServerThatLeavesAsItComesIsPlacedAndGone) {
  const RunResult result =
      run(two_hosts({request({4, 4000, 0}, 0, 0), request({4, 4000, 0}, 1), request({4, 4000, 0}, 2)}), options_of());
  EXPECT_EQ(result.placed, 3u);
  EXPECT_EQ(result.refused, 0u);
  EXPECT_EQ(result.samples.back().servers, 2u);
}

TEST(RunStudyTest, ARefusalSaysWhatThereIsTooLittleOf) {
  const Workload workload = two_hosts({request({3, 1000, 0}, 0), request({1, 3500, 0}, 1), request({2, 2000, 0}, 2),
                                       request({4, 100, 0}, 3), request({1, 3600, 0}, 4)});
  // Afterwards one host has 1 vCPU and 3000 MiB, the other one 3 vCPUs and 500 MiB.
  const RunResult result = run(workload, options_of());
  EXPECT_EQ(result.placed, 2u);
  EXPECT_THAT(result.refusals,
              ElementsAre(Pair("no host has enough free memory", 1), Pair("no host has enough free vCPUs", 1),
                          Pair("no host has enough of everything at once", 1)));
}

TEST(RunStudyTest, TheThirdResourceIsGpusWhereTheyAreStudied) {
  const Workload workload{{host("a", {4, 4000, 1000})}, {request({1, 1, 600}, 0), request({1, 1, 600}, 1)}};
  RunOptions options = options_of();
  options.has_gpus = true;
  EXPECT_THAT(run(workload, options).refusals, ElementsAre(Pair("no host has enough free GPUs", 1)));
}

// All at one moment: two schedulers decide on the same view, and the fullest host is the same for both. 4 x 1 vCPU fit
// on each host; the claims beyond that are refused, and go to the alternate.
TEST(RunStudyTest, SchedulersWhoseViewsAreBehindMeet) {
  std::vector<Request> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(request({1, 1, 0}, 0));
  const Workload workload = two_hosts(requests);
  RunOptions options = options_of(-1);
  EXPECT_EQ(run(workload, options).conflicts, 0u);
  options.schedulers = 2;
  options.shuffle_hosts = false;
  options.latency_min = options.latency_max = milliseconds(1);
  const RunResult result = run(workload, options);
  EXPECT_GT(result.conflicts, 0u);
  EXPECT_EQ(result.placed + result.refused, 8u);
  EXPECT_GT(result.decisions, 8u);
}

TEST(RunStudyTest, WithoutRetriesAConflictIsARefusal) {
  Workload workload{{host("a", {1, 1, 0})}, {request({1, 1, 0}, 0), request({1, 1, 0}, 0)}};
  RunOptions options = options_of();
  options.schedulers = 2;
  options.scheduler.max_attempts = 1;
  EXPECT_THAT(run(workload, options).refusals, ElementsAre(Pair("refused by 1 host, and no other left to try", 1)));
}

TEST(RunStudyTest, TheSameSeedIsTheSameRunAndAnotherOneIsNot) {
  Workload workload{{}, {}};
  for (int i = 0; i < 20; ++i) workload.hosts.push_back(host("h" + std::to_string(i), {8, 8000, 0}));
  for (int i = 0; i < 200; ++i)
    workload.requests.push_back(request({1 + i % 4, 500 + i % 7 * 100, 0}, i / 3, i / 3 + 30));
  RunOptions options = options_of(1, 7);
  options.schedulers = 3;
  options.scheduler.host_subset_size = 3;
  const RunResult first = run(workload, options), second = run(workload, options);
  EXPECT_EQ(first.digest, second.digest);
  EXPECT_EQ(first.refusals, second.refusals);
  EXPECT_EQ(first.mean.stranded, second.mean.stranded);
  options.seed = 8;
  EXPECT_NE(run(workload, options).digest, first.digest);
}

TEST(RunStudyTest, DecisionTimesAreTheClocks) {
  int64_t now = 0;
  const RunResult result =
      run_study(two_hosts({request({1, 1, 0}, 0), request({1, 1, 0}, 1)}), options_of(), [&now] { return now += 250; });
  EXPECT_THAT(result.decision_ns, ElementsAre(250, 250));
}

}  // namespace
}  // namespace kilonova::study
