// Which branches must be reached behind which kind of fault.
#include "sim/required_pairs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/branches.h"
#include "sim/strikes.h"

namespace kilonova::sim {
namespace {

TEST(RequiredPairs, AreUnmetBehindOtherFaultsAndInOtherBranches) {
  const std::vector<RequiredPair> pairs{{"cut", "a: one", ""}, {"clog", "a: one", ""}, {"cut", "b: two", ""}};
  const std::vector<RequiredPair> unmet =
      find_unmet(pairs, {{"a: one", {{"cut", 1}, {"skew", 9}}}, {"c: three", {{"clog", 1}}}});
  ASSERT_EQ(unmet.size(), 2u);
  EXPECT_EQ(unmet[0].fault, "clog");
  EXPECT_EQ(unmet[1].branch, "b: two");
  EXPECT_EQ(find_unmet(pairs, {}).size(), 3u);
}

// One that nothing is called would never be met, and would be found out after 10,000 seeds.
TEST(RequiredPairs, NameFaultsAndBranchesThatThereAre) {
  const std::vector<std::string> branches = branch_names();
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const RequiredPair& pair : required_pairs()) {
    EXPECT_TRUE(is_kind_of_fault(pair.fault)) << pair.fault;
    EXPECT_TRUE(std::ranges::binary_search(branches, pair.branch)) << pair.branch;
    EXPECT_TRUE(seen.emplace(pair.fault, pair.branch).second) << pair.fault << " twice at " << pair.branch;
    EXPECT_FALSE(pair.why.empty());
  }
}

}  // namespace
}  // namespace kilonova::sim
