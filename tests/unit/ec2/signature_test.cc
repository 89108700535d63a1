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
  auto authorization = read_authorization(vector.request, vector.target);
  return authorization && is_signed_with(vector.request, vector.target, *authorization, vector.secret);
}

std::string code_of(const http::Request& request) {
  auto authorization = read_authorization(request, http::parse_target(request.target).value_or(http::Target()));
  return authorization ? "" : authorization.error().code;
}

TEST(Signature, OfBotocoreIsGood) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    auto authorization = read_authorization(vector.request, vector.target);
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
      EXPECT_EQ(read_authorization(vector.request, vector.target).value().access_key, "AKID/EXAMPLE");
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

TEST(Signature, OfAUrlThatWasSignedBeforehand) {
  const std::string scope = "K%2F20261130%2Fr%2Fec2%2Faws4_request", digits(64, '0');
  const std::string good =
      "/ec2?Action=DescribeRegions&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + scope +
      "&X-Amz-Date=20261130T071500Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + digits;
  auto read = [](const std::string& target) {
    const http::Request request{.method = "GET", .target = target, .headers = {{"Host", "h"}}};
    return read_authorization(request, http::parse_target(target).value());
  };
  auto authorization = read(good);
  ASSERT_TRUE(authorization) << authorization.error().message;
  EXPECT_EQ(authorization->access_key, "K");
  EXPECT_EQ(authorization->valid_for, seconds(60));
  const WallTime at = authorization->signed_at;
  EXPECT_TRUE(check_time(at, at + seconds(60), authorization->valid_for));
  EXPECT_FALSE(check_time(at, at + seconds(61), authorization->valid_for));
  const http::Request request{.method = "GET", .target = good, .headers = {{"Host", "h"}}};
  const std::string canonical = canonical_request(request, http::parse_target(good).value(), *authorization);
  EXPECT_EQ(canonical.find("X-Amz-Signature"), std::string::npos) << "what is signed has no signature yet";
  EXPECT_NE(canonical.find("X-Amz-Expires=60"), std::string::npos);
  for (auto [from, to] : {std::pair("Expires=60", "Expires=0"),
                          {"Expires=60", "Expires=604801"},
                          {"Expires=60", "Expires=-1"},
                          {"Expires=60", "Expires=6x"},
                          {"SHA256", "SHA1"},
                          {"20261130T", "20261129T"},
                          {"=host", "=date"},
                          {"ec2%2F", "s3%2F"},
                          {"Signature=0", "Signature="},
                          {"X-Amz-Date=", "X-Amz-Date=1&X-Amz-Date="}}) {
    std::string wrong = good;
    wrong.replace(wrong.find(from), std::string_view(from).size(), to);
    auto refused = read(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, "IncompleteSignature") << wrong;
  }
}

TEST(Signature, IsGoodForFiveMinutesAroundItsDate) {
  const Authorization authorization = read_authorization(vectors().front().request, vectors().front().target).value();
  const WallTime at = authorization.signed_at;
  EXPECT_EQ(to_iso8601(at), "2026-11-30T07:15:00.000000Z");
  EXPECT_TRUE(check_time(at, at + kClockSkew));
  EXPECT_TRUE(check_time(at, at + Duration{-kClockSkew.us}));
  EXPECT_EQ(check_time(at, at + kClockSkew + microseconds(1)).error().code, "RequestExpired");
  EXPECT_EQ(check_time(at, at + Duration{-kClockSkew.us - 1}).error().code, "RequestExpired");
}

}  // namespace
}  // namespace kilonova::api::ec2
