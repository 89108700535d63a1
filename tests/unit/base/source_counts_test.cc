#include "base/source_counts.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace kilonova {
namespace {

using Counts = SourceCounts<std::string>;

TEST(SourceCounts, NoSourceTakesAllAndAllTakeNoMore) {
  Counts counts({.all = 3, .of_source = 2});
  EXPECT_EQ(counts.take("a"), Counts::Admission::kTaken);
  EXPECT_EQ(counts.take("a"), Counts::Admission::kTaken);
  EXPECT_EQ(counts.take("a"), Counts::Admission::kSourceInUse);
  EXPECT_EQ(counts.take("b"), Counts::Admission::kTaken);
  EXPECT_EQ(counts.take("b"), Counts::Admission::kAllInUse);
  counts.give_back("a");
  EXPECT_EQ(counts.take("b"), Counts::Admission::kTaken);
  EXPECT_EQ(counts.of("a"), 1u);
  EXPECT_EQ(counts.all(), 3u);
  counts.give_back("nobody");
  EXPECT_EQ(counts.all(), 3u);
}

TEST(SourceCounts, CountsAmounts) {
  Counts counts({.all = 100, .of_source = 60});
  EXPECT_EQ(counts.take("a", 60), Counts::Admission::kTaken);
  EXPECT_EQ(counts.take("a", 0), Counts::Admission::kTaken);
  EXPECT_EQ(counts.take("b", 61), Counts::Admission::kSourceInUse);
  EXPECT_EQ(counts.take("b", SIZE_MAX), Counts::Admission::kSourceInUse);
  EXPECT_EQ(counts.take("b", 41), Counts::Admission::kAllInUse);
  EXPECT_EQ(counts.take("b", 40), Counts::Admission::kTaken);
}

TEST(SourceCounts, WhatWasCountedIsGivenBackOnce) {
  Counts counts({.all = 9, .of_source = 9});
  {
    (void)counts.take("a", 4);
    CountedSource<std::string> first(counts, "a", 4);
    CountedSource<std::string> second = std::move(first);
    EXPECT_EQ(counts.all(), 4u);
    (void)counts.take("b");
    CountedSource<std::string> third(counts, "b");
    third = {};
    EXPECT_EQ(counts.of("b"), 0u);
  }
  EXPECT_EQ(counts.all(), 0u);
}

}  // namespace
}  // namespace kilonova
