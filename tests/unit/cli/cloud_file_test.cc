#include "cli/client/cloud_file.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

TEST(CloudFileTest, WhatACommandNeedsOfIt) {
  auto cloud = parse_cloud_file(
      R"({"version":1,"pid":7,"grpc":"127.0.0.1:8775","state_dir":"/x","daemons":[{"name":"controller-0","pid":123}]})", "c");
  ASSERT_TRUE(cloud) << cloud.error().message;
  EXPECT_EQ(cloud->supervisor, 7);
  EXPECT_EQ(cloud->grpc, "127.0.0.1:8775");
  EXPECT_EQ(cloud->http, "");
  ASSERT_EQ(cloud->daemons.size(), 1u);
  EXPECT_EQ(cloud->daemons[0].name, "controller-0");
  EXPECT_EQ(cloud->daemons[0].pid, 123);
}

TEST(CloudFileTest, AnythingElseIsRefusedByName) {
  for (const char* text : {"", "[]", "{}", "{\"version\":2}", "{\"version\":1,\"pid\":\"x\"}", "{\"version\":1,"}) {
    auto cloud = parse_cloud_file(text, "/s/cloud.json");
    ASSERT_FALSE(cloud) << text;
    EXPECT_EQ(cloud.error().code, ErrorCode::kDataLoss);
    EXPECT_TRUE(cloud.error().message.starts_with("/s/cloud.json")) << cloud.error().message;
  }
}

TEST(CloudFileTest, NoFileIsNoCloud) {
  auto cloud = read_cloud_file("/no/such/state");
  ASSERT_FALSE(cloud);
  EXPECT_EQ(cloud.error().message, "no cloud is running in /no/such/state: kilonova up");
}

}  // namespace
}  // namespace kilonova::cli
