// cloud.json as `up`, `down` and `status` read it: of this version, of an earlier one, of a later one, and not whole.
#include "cli/up/state_dir.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/contract/controller_store/temporary_directory.h"

namespace kilonova::up {
namespace {

class StateDirTest : public testing::Test {
 protected:
  void write_file(const std::string& text) const { std::ofstream(directory_.file("cloud.json")) << text; }

  TemporaryDirectory directory_;
  StateDir state_{directory_.path()};
};

TEST_F(StateDirTest, WhatWasWrittenIsRead) {
  CloudFile cloud{.supervisor = 7, .supervisor_start_ticks = 8, .grpc = "127.0.0.1:1", .started_at_us = 9};
  cloud.command_line = {"kilonova", "up"};
  cloud.daemons = {{"compute-0", 10, 11, 3, 12, "was killed by signal 9 (Killed)"}};
  ASSERT_TRUE(state_.write(cloud).has_value());
  auto found = state_.read();
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->supervisor, 7);
  EXPECT_EQ((*found)->grpc, "127.0.0.1:1");
  ASSERT_EQ((*found)->daemons.size(), 1u);
  EXPECT_EQ((*found)->daemons[0].restarts, 3u);
  EXPECT_EQ((*found)->daemons[0].last_end, "was killed by signal 9 (Killed)");
}

TEST_F(StateDirTest, NoFileIsNoCloud) {
  auto found = state_.read();
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->has_value());
}

// The file is kept as that version wrote it.
TEST_F(StateDirTest, AFileOfVersion1IsRead) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::filesystem::copy(std::string(root == nullptr ? "." : root) + "/tests/contract/data/cloud_v1.json",
                        directory_.file("cloud.json"));
  auto found = state_.read();
  ASSERT_TRUE(found.has_value() && found->has_value());
  EXPECT_EQ((*found)->supervisor, 4711);
  EXPECT_EQ((*found)->daemons.at(0).name, "controller-0");
  EXPECT_EQ((*found)->daemons.at(0).restarts, 2u);
  EXPECT_EQ((*found)->daemons.at(0).last_end, "");
}

TEST_F(StateDirTest, ANewerVersionIsRefusedWithBoth) {
  write_file(R"({"version": 12, "whatever": []})");
  auto found = state_.read();
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().code, ErrorCode::kConflict);
  EXPECT_EQ(found.error().message,
            directory_.file("cloud.json") + " has version 12; this kilonova knows version 1: use a newer one");
}

TEST_F(StateDirTest, WhatIsNotWholeIsNamed) {
  for (const char* text : {"", "{", "[]", R"({"version": 1})", R"({"version": "x"})"}) {
    write_file(text);
    auto found = state_.read();
    ASSERT_FALSE(found.has_value()) << text;
    EXPECT_EQ(found.error().code, ErrorCode::kDataLoss) << text;
    EXPECT_NE(found.error().message.find("cloud.json"), std::string::npos) << found.error().message;
  }
}

}  // namespace
}  // namespace kilonova::up
