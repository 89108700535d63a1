#include "domain/ec2_id.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(Ec2Id, OfServersGoBothWays) {
  EXPECT_EQ(ec2_instance_id(42), "i-0000002a");
  EXPECT_EQ(row_of_ec2_instance_id("i-0000002a"), 42);
  EXPECT_EQ(row_of_ec2_instance_id(ec2_instance_id(0x1'0000'0000)), 0x1'0000'0000);
  for (const char* text : {"", "i-", "i-2a", "i-0000002A", "i-0000002g", "i-00000000", "I-0000002a", "i--0000001",
                           "i-00000002a", "i-0000002a ", "i-ffffffffffffffff", "i-fffffffffffffffff"})
    EXPECT_EQ(row_of_ec2_instance_id(text), std::nullopt) << text;
}

}  // namespace
}  // namespace kilonova
