// Against requests that keystoneclient signed: make_ec2_signature_vectors.py wrote them.
#include "api-server/front/openstack/identity/ec2_signature.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace kilonova::api::openstack {
namespace {

Json vectors() {
  std::ifstream file("tests/unit/openstack/ec2_signature_vectors.json");
  Json all = Json::parse(file);
  EXPECT_FALSE(all.empty());
  return all;
}

TEST(Ec2Signature, IsThatOfKeystonesClient) {
  for (const Json& one : vectors()) {
    const std::string secret = text_at(one, "secret");
    EXPECT_EQ(ec2_signature(one["request"], secret), text_at(one, "signature")) << one["name"];
    EXPECT_NE(ec2_signature(one["request"], secret + "x"), text_at(one, "signature")) << one["name"];
  }
}

TEST(S3Signature, IsThatOfItsStringToSign) {
  // printf 'GET\n/bucket' | openssl dgst -sha1 -hmac secret -binary | base64
  EXPECT_EQ(s3_signature({{"token", "R0VUCi9idWNrZXQ="}}, "secret"), "LHknHwQ7cwuiNegtVFjgOW9ANGg=");
  // "AWS4-HMAC-SHA256\n20261130T071500Z\n20261130/RegionOne/s3/aws4_request\n" and 64 zeros.
  const std::string scope =
      "QVdTNC1ITUFDLVNIQTI1NgoyMDI2MTEzMFQwNzE1MDBaCjIwMjYxMTMwL1JlZ2lvbk9uZS9zMy9hd3M0X3JlcXVlc3QK";
  std::string zeros;
  for (int i = 0; i < 21; ++i) zeros += "MDAw";
  EXPECT_EQ(s3_signature({{"token", scope + zeros + "MA=="}}, "secret"),
            "41c2ca81fe6914b6dd33c68895fd1ea23438fe8ea0f6c0bc590e89525ed70fb5");
  for (const char* none : {"", "*", "QVdTNAo=", "QVdTNC1ITUFDLVNIQTI1NgphCmIKYw=="}) {
    const Json request{{"token", none}};
    EXPECT_EQ(s3_signature(request, "secret").has_value(), std::string_view(none).empty()) << none;
  }
}

TEST(Ec2Signature, IsThereForWholeRequestsAlone) {
  Json request = vectors().back()["request"];
  EXPECT_EQ(ec2_timestamp(request), "2026-11-30T07:15:00Z");
  request["params"].erase("Timestamp");
  EXPECT_EQ(ec2_timestamp(request), "20261130T071500Z");
  for (const char* scope : {"", "key", "key/20261130", "key/20261130/region", "key/20261130/region/ec2",
                            "key/20261129/region/ec2/aws4_request"}) {
    request["params"]["X-Amz-Credential"] = scope;
    EXPECT_EQ(ec2_signature(request, "secret"), std::nullopt) << scope;
  }
  for (const Json& none :
       {Json::object(), Json{{"params", 7}}, Json{{"params", {{"SignatureVersion", "3"}}}}, Json()}) {
    EXPECT_EQ(ec2_signature(none, "secret"), std::nullopt) << none;
    EXPECT_EQ(ec2_timestamp(none), "");
  }
}

}  // namespace
}  // namespace kilonova::api::openstack
