#include "http/target.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace kilonova::http {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

TEST(Target, IsTakenApart) {
  auto target = parse_target("/compute/v2.1/servers?name=a+b%26&limit=&flag&x=1&x=2#f");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, (std::vector<std::string>{"compute", "v2.1", "servers"}));
  EXPECT_EQ(target->query, (Pairs{{"name", "a b&"}, {"limit", ""}, {"flag", ""}, {"x", "1"}, {"x", "2"}}));
  EXPECT_EQ(target->raw_path, "/compute/v2.1/servers");
  EXPECT_FALSE(target->ends_in_slash);
}

TEST(Target, SegmentsAreDecodedByThemselves) {
  auto target = parse_target("//os-keypairs///a%2Fb%20c+d/");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, (std::vector<std::string>{"os-keypairs", "a/b c+d"}));
  EXPECT_TRUE(target->ends_in_slash);
  EXPECT_TRUE(parse_target("/")->path.empty());
  EXPECT_FALSE(parse_target("/")->ends_in_slash);
}

TEST(Target, MayNameItsHost) {
  auto target = parse_target("http://cloud:8774/image?x=1");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, std::vector<std::string>{"image"});
  EXPECT_TRUE(parse_target("https://cloud")->path.empty());
}

TEST(Target, RefusesWhatIsNoText) {
  for (const char* bad : {"", "*", "image", "/a%", "/a%2", "/a%zz", "/a%00", "/%ff", "/?a=%c3%28", "/?%ed%a0%80=1",
                          "/%c0%af", "/%f4%90%80%80"})
    EXPECT_FALSE(parse_target(bad)) << bad;
  EXPECT_TRUE(parse_target("/%c3%a9%e2%82%ac%f0%9f%98%80"));
}

TEST(Encoding, IsReversible) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(percent_decode(percent_encode(all), true), all);
  EXPECT_EQ(percent_encode("a-b_c.~/ +", "/"), "a-b_c.~/%20%2B");
}

}  // namespace
}  // namespace kilonova::http
