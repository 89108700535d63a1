// Request groups over trees of providers. Each expectation is what Placement's own get_by_requests gives.
#include "domain/granular_candidates.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace kilonova {
namespace {

class GranularTest : public ::testing::Test {
 protected:
  uint32_t add(std::string name, Amounts totals, uint32_t parent = kNoParent) {
    TreeProvider& provider = providers_.emplace_back();
    auto place = static_cast<uint32_t>(providers_.size() - 1);
    provider.name = std::move(name);
    provider.parent = parent;
    provider.root = parent == kNoParent ? place : providers_[parent].root;
    for (const auto& [resource_class, total] : totals)
      provider.inventories[resource_class] = {.total = total, .max_unit = total};
    return place;
  }
  // "cn1: VCPU 1 + pf1: VF 2", a line a candidate.
  std::vector<std::string> ask(CandidatesRequest request) {
    ProviderForest forest;
    for (const TreeProvider& provider : providers_) forest.push_back(&provider);
    last_ = granular_candidates(forest, request);
    std::vector<std::string> lines;
    for (const AllocationCandidate& candidate : last_.candidates) {
      std::string line;
      for (const auto& [place, amounts] : candidate.allocations) {
        line += (line.empty() ? "" : " + ") + providers_[place].name + ":";
        for (const auto& [name, amount] : amounts) line += " " + name + " " + std::to_string(amount);
      }
      lines.push_back(line);
    }
    return lines;
  }
  static RequestGroup group(std::string suffix, Amounts resources) {
    return {.suffix = std::move(suffix), .request = {.resources = std::move(resources)}, .tree = {}};
  }
  // A compute node with two physical functions below it.
  void add_node(std::string name) {
    uint32_t node = add(name, {{"VCPU", 4}});
    add(name + "a", {{"VF", 2}}, node);
    add(name + "b", {{"VF", 2}}, node);
  }
  using Lines = std::vector<std::string>;

  std::deque<TreeProvider> providers_;
  AllocationCandidates last_;
};

TEST_F(GranularTest, AnUnsuffixedGroupIsSpreadOverATree) {
  add_node("x");
  add_node("y");
  CandidatesRequest request{.groups = {group("", {{"VCPU", 1}, {"VF", 1}})}};
  EXPECT_EQ(ask(request),
            (Lines{"x: VCPU 1 + xa: VF 1", "x: VCPU 1 + xb: VF 1", "y: VCPU 1 + ya: VF 1", "y: VCPU 1 + yb: VF 1"}));
  EXPECT_EQ(last_.shown.size(), 6u);
  EXPECT_EQ(last_.candidates[0].mappings, (std::map<std::string, std::set<uint32_t>>{{"", {0, 1}}}));
  request.limit = 1;
  EXPECT_EQ(ask(request).size(), 1u);
  EXPECT_EQ(last_.shown, (std::set<uint32_t>{0, 1, 2}));
  request.limit = SIZE_MAX;
  request.knows_trees = false;
  EXPECT_EQ(ask(request), Lines{});
  request.groups[0].tree = 3;
  request.knows_trees = true;
  EXPECT_EQ(ask(request).size(), 2u);
  EXPECT_EQ(ask({.groups = {group("", {{"VF", 3}})}}), Lines{}) << "an amount is never split";
}

TEST_F(GranularTest, ASuffixedGroupComesFromOneProvider) {
  add_node("x");
  CandidatesRequest request{.groups = {group("", {{"VCPU", 1}}), group("1", {{"VF", 1}}), group("2", {{"VF", 1}})}};
  EXPECT_EQ(ask(request), (Lines{"x: VCPU 1 + xa: VF 2", "x: VCPU 1 + xa: VF 1 + xb: VF 1",
                                 "x: VCPU 1 + xa: VF 1 + xb: VF 1", "x: VCPU 1 + xb: VF 2"}));
  request.isolates = true;
  EXPECT_EQ(ask(request).size(), 2u);
  EXPECT_EQ(ask({.groups = {group("1", {{"VCPU", 1}, {"VF", 1}})}}), Lines{});
  // Together they are too much for one.
  EXPECT_EQ(ask({.groups = {group("1", {{"VF", 2}}), group("2", {{"VF", 1}})}}),
            (Lines{"xa: VF 2 + xb: VF 1", "xa: VF 1 + xb: VF 2"}));
}

TEST_F(GranularTest, TraitsOfASpreadGroupAreMetByAllTogether) {
  add_node("x");
  providers_[0].traits = {"AVX"};
  providers_[1].traits = {"GENEVE"};
  CandidatesRequest request{.groups = {group("", {{"VCPU", 1}, {"VF", 1}})}};
  request.groups[0].request.required = {{"AVX"}, {"GENEVE", "VXLAN"}};
  EXPECT_EQ(ask(request), (Lines{"x: VCPU 1 + xa: VF 1"}));
  request.groups[0].request = {.resources = {{"VCPU", 1}, {"VF", 1}}, .forbidden = {"GENEVE"}};
  EXPECT_EQ(ask(request), (Lines{"x: VCPU 1 + xb: VF 1"}));
  request.groups[0].request.forbidden = {};
  request.root_required = {"AVX"};
  EXPECT_EQ(ask(request).size(), 2u);
  request.root_forbidden = {"AVX"};
  EXPECT_EQ(ask(request), Lines{});
}

TEST_F(GranularTest, AnAggregateOfTheRootIsTheTreesForSpreadGroupsAlone) {
  add_node("x");
  add_node("y");
  providers_[0].aggregates = {1};
  CandidatesRequest spread{.groups = {group("", {{"VF", 1}})}}, suffixed{.groups = {group("1", {{"VF", 1}})}};
  for (CandidatesRequest* request : {&spread, &suffixed}) request->groups[0].request.member_of = {{1}};
  EXPECT_EQ(ask(spread), (Lines{"xa: VF 1", "xb: VF 1"}));
  EXPECT_EQ(ask(suffixed), Lines{});
  for (CandidatesRequest* request : {&spread, &suffixed})
    request->groups[0].request = {.resources = {{"VF", 1}}, .forbidden_aggregates = {1}};
  EXPECT_EQ(ask(spread), (Lines{"ya: VF 1", "yb: VF 1"}));
  EXPECT_EQ(ask(suffixed).size(), 4u);
}

TEST_F(GranularTest, ASharingProviderLendsToTheTreesOfItsAggregates) {
  uint32_t one = add("one", {{"VCPU", 2}}), two = add("two", {{"VCPU", 2}, {"DISK", 9}}),
           far = add("far", {{"VCPU", 2}});
  uint32_t nfs = add("nfs", {{"DISK", 100}});
  providers_[nfs].traits = {std::string(kSharesTrait)};
  for (uint32_t place : {one, two, nfs}) providers_[place].aggregates = {1};
  CandidatesRequest request{.groups = {group("", {{"VCPU", 1}, {"DISK", 5}})}};
  EXPECT_EQ(ask(request), (Lines{"one: VCPU 1 + nfs: DISK 5", "two: DISK 5 VCPU 1", "two: VCPU 1 + nfs: DISK 5"}));
  EXPECT_FALSE(last_.shown.contains(far));
  EXPECT_TRUE(last_.shown.contains(nfs));
  // Alone it is found once, whoever it lends to.
  EXPECT_EQ(ask({.groups = {group("1", {{"DISK", 50}})}}), (Lines{"nfs: DISK 50"}));
  EXPECT_EQ(ask({.groups = {group("1", {{"VCPU", 1}}), group("2", {{"DISK", 50}})}}),
            (Lines{"one: VCPU 1 + nfs: DISK 50", "two: VCPU 1 + nfs: DISK 50"}));
  request.groups[0].tree = one;
  EXPECT_EQ(ask(request), Lines{}) << "what is asked of a tree comes from it";
}

TEST_F(GranularTest, GroupsOfOneSubtreeLieBelowOneOfTheirProviders) {
  uint32_t root = add("cn", {{"VCPU", 8}});
  for (std::string numa : {"n0", "n1"}) {
    uint32_t node = add(numa, {{"MEM", 4}}, root);
    add(numa + "f", {{"FPGA", 1}}, node);
    providers_[node].traits = {"NUMA"};
  }
  CandidatesRequest request{.groups = {group("_m", {{"MEM", 1}}), group("_f", {{"FPGA", 1}})}};
  EXPECT_EQ(ask(request).size(), 4u);
  request.same_subtree = {{"_m", "_f"}};
  EXPECT_EQ(ask(request), (Lines{"n0: MEM 1 + n0f: FPGA 1", "n1: MEM 1 + n1f: FPGA 1"}));
  // A group that takes nothing: a node of its trait above the function.
  RequestGroup idle = group("_n", {});
  idle.request.required = {{"NUMA"}};
  request = {.groups = {idle, group("_f", {{"FPGA", 1}})}, .same_subtree = {{"_n", "_f"}}};
  EXPECT_EQ(ask(request), (Lines{"n0f: FPGA 1", "n1f: FPGA 1"}));
  EXPECT_EQ(last_.candidates[0].mappings.at("_n"), std::set<uint32_t>{1});
}

TEST_F(GranularTest, OfProvidersThatStandAloneTheFirstOnesAreTaken) {
  for (const char* name : {"a", "b", "c", "d", "e"}) add(name, {{"VCPU", *name == 'c' ? 1 : 4}});
  providers_[0].traits.insert("OLD");
  CandidatesRequest request{.groups = {group("", {{"VCPU", 2}})}, .root_forbidden = {"OLD"}, .limit = 2};
  EXPECT_EQ(ask(request), (Lines{"b: VCPU 2", "d: VCPU 2"}));
  EXPECT_EQ(last_.shown, (std::set<uint32_t>{1, 3}));
  request.groups.push_back(group("1", {{"VCPU", 1}}));
  EXPECT_EQ(ask(request).size(), 2u) << "of several groups each combination counts";
}

TEST_F(GranularTest, TooManyWaysAreCut) {
  uint32_t root = add("cn", {});
  for (int i = 0; i < 60; ++i) add("pf", {{"VF", 9}}, root);
  CandidatesRequest request;
  for (const char* suffix : {"1", "2", "3", "4", "5"}) request.groups.push_back(group(suffix, {{"VF", 1}}));
  ask(request);
  EXPECT_TRUE(last_.is_cut);
}

}  // namespace
}  // namespace kilonova
