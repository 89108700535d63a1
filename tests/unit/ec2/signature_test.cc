// Against requests that botocore signed: make_signature_vectors.py wrote them.
#include "api-server/front/ec2/signature.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace kilonova::api::ec2 {
namespace {

struct Vector {
  std::string name;
  std::string secret;
  std::string string_to_sign;
  http::Request request;
  http::Target target;
};

std::vector<Vector> vectors() {
  std::ifstream file("tests/unit/ec2/signature_vectors.json");
  std::vector<Vector> all;
  for (const auto& row : nlohmann::json::parse(file)) {
    Vector one{row["name"], row["secret"], row["string_to_sign"], {}, {}};
    one.request.method = row["method"];
    one.request.target = row["target"];
    one.request.body = row["body"];
    for (const auto& header : row["headers"]) one.request.headers.emplace_back(header[0], header[1]);
    one.target = http::parse_target(one.request.target).value();
    all.push_back(std::move(one));
  }
  EXPECT_FALSE(all.empty());
  return all;
}

std::string& header(http::Request& request, std::string_view name) {
  for (auto& [key, value] : request.headers)
    if (key == name) return value;
  throw std::out_of_range("no such header");
}

bool is_good(const Vector& vector) {
  auto authorization = read_authorization(vector.request);
  return authorization && is_signed_with(vector.request, vector.target, *authorization, vector.secret);
}

std::string code_of(const http::Request& request) {
  auto authorization = read_authorization(request);
  return authorization ? "" : authorization.error().code;
}

TEST(Signature, OfBotocoreIsGood) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    auto authorization = read_authorization(vector.request);
    ASSERT_TRUE(authorization) << authorization.error().message;
    EXPECT_EQ(string_to_sign(*authorization, canonical_request(vector.request, vector.target, *authorization)),
              vector.string_to_sign);
    EXPECT_TRUE(is_good(vector));
  }
}

TEST(Signature, OfAnythingElseIsNot) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    Vector other = vector;
    other.secret += "x";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.request.body += "&DryRun=true";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.request.method = "PUT";
    EXPECT_FALSE(is_good(other));
    other = vector;
    header(other.request, "Host") = "elsewhere.example";
    EXPECT_FALSE(is_good(other));
    other = vector;
    header(other.request, "X-Amz-Date") = "20261130T071501Z";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.target = http::parse_target("/ec2?Action=TerminateInstances").value();
    EXPECT_FALSE(is_good(other));
    other = vector;
    header(other.request, "Authorization").back() ^= 1;
    EXPECT_FALSE(is_good(other));
  }
}

TEST(Signature, AKeyMayHaveSlashes) {
  for (const Vector& vector : vectors())
    if (vector.name.ends_with("AKID/EXAMPLE"))
      EXPECT_EQ(read_authorization(vector.request).value().access_key, "AKID/EXAMPLE");
}

TEST(Signature, WhatIsNoneIsRefused) {
  const http::Request good = vectors().front().request;
  EXPECT_EQ(code_of(http::Request{.method = "POST"}), "MissingAuthenticationToken");
  const std::string scope = "K/20261130/r/ec2/aws4_request";
  const std::string headers = "SignedHeaders=host;x-amz-date", digits = "Signature=" + std::string(64, '0');
  auto code_with = [&](const std::string& text) {
    http::Request request = good;
    header(request, "Authorization") = text;
    return code_of(request);
  };
  const std::string v4 = "AWS4-HMAC-SHA256 ";
  EXPECT_EQ(code_with(v4 + "Credential=" + scope + ", " + headers + ", " + digits), "");
  for (const std::string& text :
       {std::string("Basic abc"), std::string("AWS4-HMAC-SHA256"), v4 + "Credential=" + scope + ", " + headers,
        v4 + "Credential=" + scope + ", " + digits, v4 + headers + ", " + digits,
        v4 + "Credential=K/20261129/r/ec2/aws4_request, " + headers + ", " + digits,
        v4 + "Credential=K/20261130/r/s3/aws4_request, " + headers + ", " + digits,
        v4 + "Credential=K/20261130/r/ec2, " + headers + ", " + digits,
        v4 + "Credential=/20261130/r/ec2/aws4_request, " + headers + ", " + digits,
        v4 + "Credential=" + scope + ", SignedHeaders=host, " + digits,
        v4 + "Credential=" + scope + ", SignedHeaders=x-amz-date, " + digits,
        v4 + "Credential=" + scope + ", " + headers + ", " + digits + "0",
        v4 + "Credential=" + scope + ", " + headers + ", " + digits + ", More=1", v4 + std::string(3'000, 'x')})
    EXPECT_EQ(code_with(text), "IncompleteSignature") << text.substr(0, 200);
}

TEST(Signature, DatesAreWhole) {
  for (const char* text : {"", "20261130", "2026-11-30T07:15:00Z", "20261330T071500Z", "20261131T071500Z",
                           "20261130T241500Z", "20261130T076000Z", "20261130T071560Z", "20261130T071500+"}) {
    http::Request request = vectors().front().request;
    header(request, "X-Amz-Date") = text;
    EXPECT_EQ(code_of(request), "IncompleteSignature") << text;
  }
}

TEST(Signature, IsGoodForFiveMinutesAroundItsDate) {
  const Authorization authorization = read_authorization(vectors().front().request).value();
  const WallTime at = authorization.signed_at;
  EXPECT_EQ(to_iso8601(at), "2026-11-30T07:15:00.000000Z");
  EXPECT_TRUE(check_time(at, at + kClockSkew));
  EXPECT_TRUE(check_time(at, at + Duration{-kClockSkew.us}));
  EXPECT_EQ(check_time(at, at + kClockSkew + microseconds(1)).error().code, "RequestExpired");
  EXPECT_EQ(check_time(at, at + Duration{-kClockSkew.us - 1}).error().code, "RequestExpired");
}

}  // namespace
}  // namespace kilonova::api::ec2
