#include "network-controller/core/network_rules.h"

#include <gtest/gtest.h>

#include "domain/nouns/network.h"
#include "tests/unit/network-controller/network_fixture.h"

namespace kilonova::network {
namespace {

TEST(NetworkRules, AcceptsWhatIsRight) {
  struct Row {
    const char *cidr, *gateway, *expected;
  };
  for (const Row& row : {Row{"10.0.0.0/8", "", "10.0.0.1"}, Row{"192.168.1.0/24", "192.168.1.254", "192.168.1.254"},
                         Row{"10.1.1.4/30", "", "10.1.1.5"}, Row{"10.1.1.4/30", "10.1.1.6", "10.1.1.6"}}) {
    auto shape = validate(member(1), CreateNetwork{"n", row.cidr, row.gateway, false, false});
    ASSERT_TRUE(shape.has_value()) << row.cidr << ": " << shape.error().message;
    EXPECT_EQ(to_string(shape->cidr), row.cidr);
    EXPECT_EQ(to_string(shape->gateway), row.expected);
  }
}

TEST(NetworkRules, NamesWhatIsWrongAndWhatWouldBeRight) {
  struct Row {
    const char *cidr, *gateway, *expected;
  };
  for (const Row& row :
       {Row{"10.0.0.5/24", "", "cidr '10.0.0.5/24' has host bits set; '10.0.0.0/24' would be right"},
        Row{"10.0.0.0/7", "", "n from 8 to 30"}, Row{"10.0.0.0/31", "", "n from 8 to 30"},
        Row{"10.0.0.0/33", "", "n from 8 to 30"}, Row{"10.0.0.0", "", "n from 8 to 30"}, Row{"", "", "n from 8 to 30"},
        Row{"fd00::/8", "", "n from 8 to 30"}, Row{"10.0.0.0/", "", "n from 8 to 30"},
        Row{"10.0.0.0/24x", "", "n from 8 to 30"}, Row{"10.0.0.0/99999999999", "", "n from 8 to 30"},
        Row{"10.0.0.0/24", "x", "gateway 'x' is not an IPv4 address such as 10.0.0.1"},
        Row{"10.0.0.0/24", "10.0.1.1",
            "gateway '10.0.1.1' is not in 10.0.0.0/24; it must be from 10.0.0.1 to 10.0.0.254"},
        Row{"10.0.0.0/24", "10.0.0.0", "it must be from"}, Row{"10.0.0.0/24", "10.0.0.255", "it must be from"}}) {
    auto shape = validate(admin(), CreateNetwork{"n", row.cidr, row.gateway, false, false});
    ASSERT_FALSE(shape.has_value()) << row.cidr;
    EXPECT_EQ(shape.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(shape.error().message.find(row.expected), std::string::npos) << shape.error().message;
  }
  for (const std::string& name : {std::string(), std::string(256, 'x'), std::string("a\nb")})
    EXPECT_FALSE(validate(admin(), CreateNetwork{name, "10.0.0.0/24", "", false, false}).has_value());
}

TEST(NetworkRules, OnlyAdminsShare) {
  for (bool shared : {false, true})
    for (bool external : {false, true}) {
      CreateNetwork request{"n", "10.0.0.0/24", "", shared, external};
      EXPECT_TRUE(validate(admin(), request).has_value());
      auto shape = validate(member(1), request);
      EXPECT_EQ(shape.has_value(), !shared && !external);
      if (!shape) EXPECT_EQ(shape.error().code, ErrorCode::kPermissionDenied);
    }
}

}  // namespace
}  // namespace kilonova::network
