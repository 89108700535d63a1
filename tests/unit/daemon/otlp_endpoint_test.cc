#include "daemon/otlp_endpoint.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

TEST(OtlpEndpoint, HasOpenTelemetrysDefaults) {
  EXPECT_EQ(*OtlpEndpoint::parse("http://collector"), (OtlpEndpoint{false, "collector", "4318", "/v1/traces"}));
  EXPECT_EQ(*OtlpEndpoint::parse("https://collector:443/"), (OtlpEndpoint{true, "collector", "443", "/v1/traces"}));
  EXPECT_EQ(*OtlpEndpoint::parse("http://[::1]:9/a/b"), (OtlpEndpoint{false, "::1", "9", "/a/b"}));
  EXPECT_EQ(*OtlpEndpoint::parse("http://[::1]"), (OtlpEndpoint{false, "::1", "4318", "/v1/traces"}));
}

TEST(OtlpEndpoint, AnythingElseIsNamedAndRefused) {
  for (const char* wrong : {"", "collector:4318", "ftp://x", "http://", "http://:1", "http://h:", "http://h:port",
                            "http://h:123456", "http://u@h:1", "http://a b", "http://h/\n"}) {
    auto parsed = OtlpEndpoint::parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(parsed.error().message.starts_with("'" + std::string(wrong) + "' is no address")) << wrong;
  }
}

}  // namespace
}  // namespace kilonova
