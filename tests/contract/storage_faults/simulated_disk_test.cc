// The disk that the other tests rely on: what it forgets and what it must not.
#include "tests/support/store/simulated_disk.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;

class SimulatedDiskTest : public testing::Test {
 protected:
  void make(const std::string& path) { ASSERT_EQ(disk_.open(path, true, false, file_), 0); }
  void reopen(const std::string& path) { ASSERT_EQ(disk_.open(path, false, false, file_), 0); }

  SimulatedDisk disk_;
  SimulatedDisk::Handle file_;
  Random random_{1};
};

TEST_F(SimulatedDiskTest, PowerLossTakesWhatWasNotSynced) {
  make("a");
  ASSERT_EQ(disk_.write(file_, 0, "old"), 0);
  ASSERT_EQ(disk_.sync(file_), 0);
  ASSERT_EQ(disk_.sync_directory(), 0);
  ASSERT_EQ(disk_.write(file_, 0, "newer"), 0);
  EXPECT_EQ(disk_.contents("a"), "newer");
  disk_.revive(Kept::kSynced, random_);
  EXPECT_EQ(disk_.contents("a"), "old");
  EXPECT_EQ(disk_.write(file_, 0, "x"), EIO) << "a file that was open before";
}

TEST_F(SimulatedDiskTest, AKilledProcessLosesNothing) {
  make("a");
  ASSERT_EQ(disk_.write(file_, 0, "new"), 0);
  disk_.revive(Kept::kAll, random_);
  EXPECT_EQ(disk_.contents("a"), "new");
  disk_.revive(Kept::kSynced, random_);
  EXPECT_EQ(disk_.contents("a"), std::nullopt) << "its directory was never synced";
}

TEST_F(SimulatedDiskTest, ARenameIsUndoneAsLongAsItsDirectoryWasNotSynced) {
  make("a");
  ASSERT_EQ(disk_.sync_directory(), 0);
  ASSERT_EQ(disk_.rename("a", "b"), 0);
  disk_.revive(Kept::kSynced, random_);
  EXPECT_TRUE(disk_.exists("a"));
  ASSERT_EQ(disk_.rename("a", "b"), 0);
  ASSERT_EQ(disk_.sync_directory(), 0);
  disk_.revive(Kept::kSynced, random_);
  EXPECT_FALSE(disk_.exists("a"));
}

TEST_F(SimulatedDiskTest, SectorsArriveApart) {
  std::set<std::string> found;
  for (int i = 0; i < 200; ++i) {
    make("a");
    ASSERT_EQ(disk_.write(file_, 0, std::string(512, 'x')), 0);
    ASSERT_EQ(disk_.sync(file_), 0);
    ASSERT_EQ(disk_.sync_directory(), 0);
    ASSERT_EQ(disk_.write(file_, 0, std::string(1024, 'y')), 0);
    disk_.revive(Kept::kAnything, random_);
    std::string bytes = disk_.contents("a").value_or("");
    found.insert(std::string() + bytes[0] + (bytes.size() < 1024 ? '-' : bytes[512] == '\0' ? '0' : bytes[512]));
    ASSERT_EQ(disk_.remove("a"), 0);
  }
  EXPECT_EQ(found, (std::set<std::string>{"x-", "x0", "xy", "y-", "y0", "yy"}));
}

TEST_F(SimulatedDiskTest, WhatAFailedSyncMissedTheNextOneMissesToo) {
  make("a");
  ASSERT_EQ(disk_.sync_directory(), 0);
  ASSERT_EQ(disk_.write(file_, 0, "first"), 0);
  disk_.fail_syncs(EIO);
  ASSERT_EQ(disk_.sync(file_), EIO);
  disk_.repair();
  ASSERT_EQ(disk_.write(file_, 1024, "second"), 0);
  ASSERT_EQ(disk_.sync(file_), 0);
  disk_.revive(Kept::kSynced, random_);
  EXPECT_EQ(disk_.contents("a"), std::string(1024, '\0') + "second");
}

TEST_F(SimulatedDiskTest, AFullDiskTakesPartOfAWrite) {
  make("a");
  disk_.set_capacity(10);
  EXPECT_EQ(disk_.write(file_, 0, "12345678"), 0);
  EXPECT_EQ(disk_.write(file_, 8, "abcd"), ENOSPC);
  EXPECT_EQ(disk_.contents("a"), "12345678ab");
  EXPECT_EQ(disk_.write(file_, 0, "87654321"), 0) << "what is there can be written over";
  disk_.repair();
  EXPECT_EQ(disk_.write(file_, 8, "abcd"), 0);
}

TEST_F(SimulatedDiskTest, AStopTearsTheWriteAndEndsEverything) {
  make("a");
  disk_.stop_at(disk_.changes() + 2);
  ASSERT_EQ(disk_.write(file_, 0, "whole"), 0);
  EXPECT_EQ(disk_.write(file_, 5, "torn"), EIO);
  EXPECT_TRUE(disk_.stopped());
  EXPECT_EQ(disk_.sync(file_), EIO);
  disk_.revive(Kept::kAll, random_);
  EXPECT_EQ(disk_.contents("a"), "wholeto");
  reopen("a");
  EXPECT_EQ(disk_.sync(file_), 0);
}

}  // namespace
}  // namespace kilonova
