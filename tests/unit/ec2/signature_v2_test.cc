// Against requests that botocore signed: make_signature_vectors.py wrote them.
#include "api-server/front/ec2/signature_v2.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace kilonova::api::ec2 {
namespace {

struct Vector {
  std::string name;
  std::string secret;
  http::Request request;
  http::Target target;
  Form form;
};

std::vector<Vector> vectors() {
  std::ifstream file("tests/unit/ec2/signature_v2_vectors.json");
  std::vector<Vector> all;
  for (const auto& row : nlohmann::json::parse(file)) {
    Vector one{row["name"], row["secret"], {.method = "POST"}, {}, {}};
    one.request.target = row["target"];
    one.request.body = row["body"];
    one.request.headers.emplace_back("Host", row["host"]);
    one.target = http::parse_target(one.request.target).value();
    one.form = parse_form(one.request.body).value();
    all.push_back(std::move(one));
  }
  EXPECT_FALSE(all.empty());
  return all;
}

std::string& value(Form& form, std::string_view name) {
  for (auto& [key, value] : form)
    if (key == name) return value;
  throw std::out_of_range("no such parameter");
}

bool is_good(const Vector& vector) {
  auto authorization = read_authorization_v2(vector.form);
  return authorization && is_signed_with_v2(vector.request, vector.target, vector.form, *authorization, vector.secret);
}

TEST(SignatureV2, OfBotocoreIsGood) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    EXPECT_TRUE(says_signature_v2(vector.form));
    EXPECT_TRUE(is_good(vector));
    EXPECT_EQ(to_iso8601(read_authorization_v2(vector.form).value().signed_at), "2026-11-30T07:15:00.000000Z");
  }
}

TEST(SignatureV2, OfAnythingElseIsNot) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    Vector other = vector;
    other.secret += "x";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.form.emplace_back("DryRun", "true");
    EXPECT_FALSE(is_good(other));
    other = vector;
    value(other.form, "Timestamp") = "2026-11-30T07:15:01Z";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.request.headers.front().second = "elsewhere.example";
    EXPECT_FALSE(is_good(other));
    other = vector;
    other.target = http::parse_target("/other").value();
    EXPECT_FALSE(is_good(other));
  }
}

TEST(SignatureV2, WhatIsNoneIsRefused) {
  EXPECT_FALSE(says_signature_v2(parse_form("Action=DescribeInstances").value()));
  for (auto [name, text] :
       {std::pair("SignatureVersion", "1"), std::pair("SignatureMethod", "HmacSHA1"), std::pair("AWSAccessKeyId", ""),
        std::pair("Signature", ""), std::pair("Timestamp", "now")}) {
    Vector other = vectors().front();
    value(other.form, name) = text;
    EXPECT_EQ(read_authorization_v2(other.form).error().code, "IncompleteSignature") << name;
  }
}

}  // namespace
}  // namespace kilonova::api::ec2
