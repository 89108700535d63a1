#include "daemon/otlp_endpoint.h"

#include <gtest/gtest.h>

namespace kilonova {
namespace {

constexpr auto kHttp = OtlpEndpoint::Protocol::kHttpJson, kGrpc = OtlpEndpoint::Protocol::kGrpc;

TEST(OtlpEndpoint, HasOpenTelemetrysDefaults) {
  EXPECT_EQ(*OtlpEndpoint::parse("grpc://collector"), (OtlpEndpoint{kGrpc, false, "collector", "4317", ""}));
  EXPECT_EQ(*OtlpEndpoint::parse("grpcs://[::1]:9/"), (OtlpEndpoint{kGrpc, true, "::1", "9", ""}));
  EXPECT_EQ(*OtlpEndpoint::parse("http://collector"), (OtlpEndpoint{kHttp, false, "collector", "4318", "/v1/traces"}));
  EXPECT_EQ(*OtlpEndpoint::parse("https://collector:443/"),
            (OtlpEndpoint{kHttp, true, "collector", "443", "/v1/traces"}));
  EXPECT_EQ(*OtlpEndpoint::parse("http://[::1]:9/a/b"), (OtlpEndpoint{kHttp, false, "::1", "9", "/a/b"}));
  EXPECT_EQ(*OtlpEndpoint::parse("http://[::1]"), (OtlpEndpoint{kHttp, false, "::1", "4318", "/v1/traces"}));
}

TEST(OtlpEndpoint, AnythingElseIsNamedAndRefused) {
  for (const char* wrong :
       {"", "collector:4318", "ftp://x", "http://", "grpc://", "grpc://h/path", "http://:1",
        "http://h:", "http://h:port", "http://h:123456", "http://u@h:1", "http://a b", "http://h/\n"}) {
    auto parsed = OtlpEndpoint::parse(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_TRUE(parsed.error().message.starts_with("'" + std::string(wrong) + "' is no address")) << wrong;
  }
}

}  // namespace
}  // namespace kilonova
