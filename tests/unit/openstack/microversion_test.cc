#include "api-server/front/openstack/microversion.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::api::openstack {
namespace {

std::expected<Minor, VersionRefusal> asked(http::Headers headers, Minor last = kLastMinor) {
  return negotiate(http::Request{.headers = std::move(headers)}, last);
}
std::expected<Minor, VersionRefusal> new_header(std::string value) {
  return asked({{"OpenStack-API-Version", std::move(value)}});
}
std::expected<Minor, VersionRefusal> nova_header(std::string value) {
  return asked({{"X-OpenStack-Nova-API-Version", std::move(value)}});
}

TEST(Microversion, IsTheFirstWithoutAHeader) { EXPECT_EQ(asked({}), Minor{1}); }

TEST(Microversion, IsTakenFromEitherHeader) {
  EXPECT_EQ(new_header("compute 2.79"), Minor{79});
  EXPECT_EQ(nova_header("2.79"), Minor{79});
  EXPECT_EQ(nova_header("latest"), Minor{93});
  EXPECT_EQ(new_header("compute latest"), Minor{93});
  EXPECT_EQ(asked({{"OpenStack-API-Version", "compute latest"}}, 65), Minor{65});
  EXPECT_EQ(asked({{"X-OpenStack-Nova-API-Version", "2.3"}, {"openstack-api-version", "compute 2.5"}}), Minor{5});
}

TEST(Microversion, OfOtherServicesDoesNotCount) {
  EXPECT_EQ(new_header("volume 3.1, compute 2.61 ,image 2.0"), Minor{61});
  EXPECT_EQ(new_header("volume 3.1"), Minor{1});
  EXPECT_EQ(new_header("2.61"), Minor{1}) << "without a service";
}

TEST(Microversion, OutOfRangeIsNotAcceptable) {
  for (const char* bad : {"2.94", "2.0", "1.1", "3.0", "2.999"}) {
    auto refused = nova_header(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().status, 406u);
    EXPECT_EQ(refused.error().asked, bad);
    EXPECT_EQ(refused.error().message,
              std::string("Version ") + bad + " is not supported by the API. Minimum is 2.1 and maximum is 2.93.");
  }
}

TEST(Microversion, OfAnotherFormIsMalformed) {
  for (const char* bad : {"2", "2.05", "abc", "2.1.1", "2.", ".1", "-2.1", "2.99999999999999999999", "02.1", "2.1x"}) {
    auto refused = nova_header(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().status, 400u) << bad;
    EXPECT_EQ(refused.error().asked, "");
  }
}

}  // namespace
}  // namespace kilonova::api::openstack
