#include "rpc/convert/field_count.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <gtest/gtest.h>

#include <string>

#include "kilonova/v1/cloud_servers.pb.h"

namespace kilonova::rpc {
namespace {

bool is_small(const std::string& bytes, size_t most = kMaxFields) {
  google::protobuf::io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  Expected<> counted = check_field_count(stream, *v1::CreateServersRequest::descriptor(), most);
  if (!counted) EXPECT_EQ(counted.error().code, ErrorCode::kInvalidArgument);
  return counted.has_value();
}

TEST(FieldCount, CountsFieldsWithinFields) {
  v1::CreateServersRequest request;
  request.set_name("web");
  for (int i = 0; i < 3; ++i) {
    auto* item = request.add_metadata();
    item->set_key("k");
    item->set_value("v");
  }
  std::string bytes = request.SerializeAsString();
  EXPECT_TRUE(is_small(bytes, 10));
  EXPECT_FALSE(is_small(bytes, 9));
}

TEST(FieldCount, EmptyOnesCountToo) {
  std::string bytes;
  for (size_t i = 0; i < kMaxFields; ++i) bytes += std::string("\x22\x00", 2);
  EXPECT_TRUE(is_small(bytes));
  EXPECT_FALSE(is_small(bytes + std::string("\x22\x00", 2)));
  // Of no field that there is, and in groups.
  std::string unknown;
  for (size_t i = 0; i <= kMaxFields; ++i) unknown += std::string("\xf8\x07\x00", 3);
  EXPECT_FALSE(is_small(unknown));
  EXPECT_FALSE(is_small(std::string(kMaxFields + 1, '\x0b')));
}

TEST(FieldCount, WhatIsNoMessageIsItsReadersAffair) {
  for (const std::string& bytes : {std::string("\x22"), std::string("\x22\xff"), std::string("\x5a\x05\x0a"),
                                   std::string(20, '\xff'), std::string("\x0c")})
    EXPECT_TRUE(is_small(bytes));
  EXPECT_FALSE(is_small(std::string(200, '\x0b'))) << "groups in groups, without an end";
}

}  // namespace
}  // namespace kilonova::rpc
