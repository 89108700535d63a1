#include "cli/output/table.h"

#include <gtest/gtest.h>

#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({{"Name"}, {"VCPUs", Align::kRight}});
  table.add_row({"m1.tiny", "1"});
  table.add_row({"m1.xlarge", "8"});
  EXPECT_EQ(table.render(0),
            "Name       VCPUs\n"
            "m1.tiny        1\n"
            "m1.xlarge      8\n");
}

TEST(TableTest, ATableWithoutRowsHasItsTitles) { EXPECT_EQ(Table({{"ID"}, {"Name"}}).render(80), "ID  Name\n"); }

TEST(TableTest, WideCharactersCountTwoAndCombiningMarksNone) {
  Table table({{"Name"}, {"X"}});
  table.add_row({"\u6771\u4eac", "a"});    // two characters, four columns
  table.add_row({"e\u0301toi", "b"});  // five code points, four columns
  EXPECT_EQ(table.render(0),
            "Name  X\n"
            "\u6771\u4eac  a\n"
            "e\u0301toi  b\n");
}

TEST(TableTest, TheWidestColumnIsCutFirst) {
  Table table({{"ID"}, {"Name"}});
  table.add_row({"42", "a-name-that-is-far-too-long"});
  std::string text = table.render(14);
  EXPECT_EQ(text,
            "ID  Name\n"
            "42  a-name-th…\n");
}

TEST(TableTest, NoLineIsWiderThanAskedForWhateverTheCells) {
  for (size_t width = 20; width < 80; ++width) {
    Table table({{"One"}, {"Two"}, {"Three", Align::kRight}});
    table.add_row({"\u6771\u4eac\u6771\u4eac\u6771\u4eac\u6771\u4eac\u6771\u4eac", std::string(40, 'x'), "12345678901234567890"});
    std::string text = table.render(width);
    for (size_t begin = 0; begin < text.size();) {
      size_t end = text.find('\n', begin);
      EXPECT_LE(display_width(text.substr(begin, end - begin)), width) << text;
      begin = end + 1;
    }
  }
}

TEST(TableTest, ACellCannotBreakTheTableOrDriveTheTerminal) {
  Table table({{"Name"}});
  table.add_row({"a\nb\x1b[31m"});
  EXPECT_EQ(table.render(0), "Name\na b?[31m\n");
}

TEST(RenderFieldsTest, NamesLineUp) {
  EXPECT_EQ(render_fields({{"id", "1"}, {"name", "web1"}}, 0), "id    1\nname  web1\n");
}

}  // namespace
}  // namespace kilonova::cli
