#include "domain/injected_fault.h"

#include <gtest/gtest.h>

#include "base/glob.h"

namespace kilonova {
namespace {

TEST(Glob, TruthTable) {
  struct Case {
    std::string_view pattern, text;
    bool matches;
  };
  for (const Case& c : std::initializer_list<Case>{{"", "anything", true},
                                                   {"", "", true},
                                                   {"*", "", true},
                                                   {"*", "host-1", true},
                                                   {"host-1", "host-1", true},
                                                   {"host-1", "host-12", false},
                                                   {"host-1", "host-", false},
                                                   {"host-?", "host-1", true},
                                                   {"host-?", "host-", false},
                                                   {"host-?", "host-12", false},
                                                   {"*-1", "host-1", true},
                                                   {"*-1", "a-1-1", true},
                                                   {"*-1", "a-1-2", false},
                                                   {"h*t*1", "host-1", true},
                                                   {"h*x*1", "host-1", false},
                                                   {"h**1", "h1", true},
                                                   {"?", "", false},
                                                   {"host*", "host", true},
                                                   {"a*b?c", "axxbxbyc", true},
                                                   {"[a]", "a", false},
                                                   {"*a*b*", "xxbxxa", false}}) {
    EXPECT_EQ(glob_matches(c.pattern, c.text), c.matches) << c.pattern << " on " << c.text;
  }
}

TEST(FaultsAt, PicksByStepAndHostInOrder) {
  std::vector<InjectedFault> faults{{.rule_id = 1, .step = LaunchStep::kClaimed, .host_pattern = "a*"},
                                    {.rule_id = 2, .step = LaunchStep::kImageReady},
                                    {.rule_id = 3, .step = LaunchStep::kClaimed},
                                    {.rule_id = 4, .step = LaunchStep::kClaimed, .host_pattern = "b*"},
                                    {.rule_id = 5, .step = LaunchStep::kClaimed, .daemon_pattern = "compute-1"}};
  auto picked = faults_at(faults, LaunchStep::kClaimed, "a1", "compute-0");
  ASSERT_EQ(picked.size(), 2U);
  EXPECT_EQ(picked[0].rule_id, 1U);
  EXPECT_EQ(picked[1].rule_id, 3U);
  EXPECT_EQ(faults_at(faults, LaunchStep::kClaimed, "a1", "compute-1").size(), 3U);
  EXPECT_TRUE(faults_at(faults, LaunchStep::kGuestDefined, "a1", "compute-0").empty());
}

}  // namespace
}  // namespace kilonova
