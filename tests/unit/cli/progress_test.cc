#include "cli/output/progress.h"

#include <gtest/gtest.h>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

TEST(BarTest, EighthsOfAColumn) {
  EXPECT_EQ(bar(0), "");
  EXPECT_EQ(bar(1), "▏");
  EXPECT_EQ(bar(8), "█");
  EXPECT_EQ(bar(20), "██▌");
}

TEST(ProgressTest, TheLineHasOneWidthAtEveryPoint) {
  size_t width = display_width(Progress::line("launching", 1000, 1000));
  for (size_t done = 100; done <= 1000; ++done) {
    std::string line = Progress::line("launching", done, 1000);
    size_t end = line.find("]  ");
    ASSERT_NE(end, std::string::npos);
    EXPECT_EQ(display_width(line.substr(0, end)), std::string("launching  [").size() + 30)
        << line;
    EXPECT_LE(display_width(line), width);
  }
}

TEST(ProgressTest, MoreThanAllIsAll) {
  EXPECT_EQ(Progress::line("x", 7, 5), Progress::line("x", 5, 5));
  EXPECT_NE(Progress::line("x", 5, 5).find("100 %  5 of 5"), std::string::npos);
}

}  // namespace
}  // namespace kilonova::cli
