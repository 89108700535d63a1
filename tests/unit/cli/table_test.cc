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
  table.add_row({"\u6771\u4eac", "a"});  // two characters, four columns
  table.add_row({"e\u0301toi", "b"});    // five code points, four columns
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
    table.add_row(
        {"\u6771\u4eac\u6771\u4eac\u6771\u4eac\u6771\u4eac\u6771\u4eac", std::string(40, 'x'), "12345678901234567890"});
    std::string text = table.render(width);
    for (size_t begin = 0; begin < text.size();) {
      size_t end = text.find('\n', begin);
      EXPECT_LE(display_width(text.substr(begin, end - begin)), width) << text;
      begin = end + 1;
    }
  }
}

TEST(TableTest, ANarrowTableShortensIdsThenLeavesColumnsOutByRankAndCutsNoTitle) {
  Table table(
      {{"ID", Align::kLeft, 0, CellKind::kId}, {"Name"}, {"Status", Align::kLeft, 2}, {"Attempt", Align::kRight, 1}});
  table.add_row({"5c1f0d6e-0000-4000-8000-00000000002a", "web1", "ACTIVE", "1"});
  EXPECT_EQ(table.render(60).substr(0, 60), "ID                                    Name  Status  Attempt\n");
  EXPECT_EQ(table.render(50),
            "ID         Name  Status  Attempt\n"
            "5c1f0d6e\u2026  web1  ACTIVE        1\n");
  EXPECT_EQ(table.render(28),
            "ID         Name  Attempt\n"
            "5c1f0d6e\u2026  web1        1\n"
            "(left out: Status;\n"
            "--no-trunc shows all)\n");
  EXPECT_EQ(table.render(16).substr(0, 16), "ID         Name\n");
}

TEST(TableTest, StatusIsColouredAndNoWider) {
  Table table({{"Name"}, {"Status", Align::kLeft, 0, CellKind::kStatus}, {"X"}});
  table.add_row({"a", "ACTIVE", "1"});
  table.add_row({"b", "ERROR", "2"});
  EXPECT_EQ(table.render(0, true),
            "\x1b[1mName\x1b[0m  \x1b[1mStatus\x1b[0m  \x1b[1mX\x1b[0m\n"
            "a     \x1b[32mACTIVE\x1b[0m  1\n"
            "b     \x1b[31mERROR\x1b[0m   2\n");
}

TEST(TableTest, ACellCannotBreakTheTableOrDriveTheTerminal) {
  Table table({{"Name"}});
  table.add_row({"a\nb\x1b[31m"});
  EXPECT_EQ(table.render(0), "Name\na b?[31m\n");
}

TEST(RenderFieldsTest, NamesLineUp) {
  EXPECT_EQ(render_fields({{"id", "1"}, {"name", "web1"}}, 0), "id    1\nname  web1\n");
}

TEST(RenderFieldsTest, LongValuesGoOnBelow) {
  EXPECT_EQ(render_fields({{"id", "1"}, {"fault", "Exceeded maximum number of retries"}}, 27),
            "id     1\n"
            "fault  Exceeded maximum\n"
            "       number of retries\n");
}

}  // namespace
}  // namespace kilonova::cli
