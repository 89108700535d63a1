#include "cli/load/failures.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

TEST(FailuresTest, MessagesThatDifferInNamesOnlyAreOneReason) {
  Failures failures;
  failures.add("server web-1 (5c1f0d6e-0000-4000-8000-00000000002a) is lost");
  failures.add("server web-22 (5c1f0d6e-0000-4000-8000-00000000002b) is lost");
  failures.add("quota of 10 instances exceeded", 3);
  EXPECT_EQ(failures.total(), 5u);
  EXPECT_EQ(render_failures(failures),
            "       3  quota of 10 instances exceeded\n"
            "       2  server web-N (UUID) is lost\n");
  EXPECT_EQ(failures_json(failures).dump(),
            R"([{"reason":"quota of 10 instances exceeded","count":3},{"reason":"server web-N (UUID) is lost","count":2}])");
}

TEST(FailuresTest, WantOfOneResourceIsOneReason) {
  Failures failures;
  failures.add("No host has 96 vcpus free (most free: 64, ratio 16)");
  failures.add("No host has 128 vcpus free (most free: 63, ratio 16)");
  failures.add("No host has 96 vcpus free (most free: 64), none 9 GiB of disk free (most free: 8)");
  EXPECT_EQ(render_failures(failures),
            "       2  No host has N vcpus free\n"
            "       1  No host has N vcpus free, none N GiB of disk free\n");
}

TEST(FailuresTest, NumbersThatAreNoNamesStayApart) {
  Failures failures;
  failures.add("10 instances");
  failures.add("20 instances");
  EXPECT_EQ(failures.by_reason().size(), 2u);
}

TEST(FailuresTest, NoneIsNothing) {
  EXPECT_EQ(render_failures(Failures()), "");
  EXPECT_EQ(failures_json(Failures()).dump(), "[]");
}

}  // namespace
}  // namespace kilonova::cli
