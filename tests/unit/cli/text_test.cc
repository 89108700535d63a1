#include "cli/output/text.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

TEST(OneLineTest, BrokenUtf8AndControlsAreReplaced) {
  EXPECT_EQ(one_line("plain"), "plain");
  EXPECT_EQ(one_line("caf\u00e9 \u6771\u4eac"), "caf\u00e9 \u6771\u4eac");
  EXPECT_EQ(one_line("a\xff"
                     "b"),
            "a?b");
  EXPECT_EQ(one_line("\xe6\x9d"), "??");   // cut off
  EXPECT_EQ(one_line("\xc0\xaf"), "??");   // an overlong slash
  EXPECT_EQ(one_line("x\u202ey"), "x?y");  // turns the direction of writing
  EXPECT_EQ(one_line("two\nlines\n"), "two lines");
}

TEST(CutToWidthTest, CutsWholeCharacters) {
  EXPECT_EQ(cut_to_width("short", 5), "short");
  EXPECT_EQ(cut_to_width("longer", 5), "long…");
  EXPECT_EQ(cut_to_width("\u6771\u4eac\u6771", 4), "\u6771…");  // a half character is none
  EXPECT_EQ(cut_to_width("ab", 1), "…");
  EXPECT_EQ(cut_to_width("ab", 0), "");
}

TEST(FormatDurationTest, ThreeDigitsThatCount) {
  EXPECT_EQ(format_duration(microseconds(56)), "0.056 ms");
  EXPECT_EQ(format_duration(microseconds(12'345)), "12.35 ms");
  EXPECT_EQ(format_duration(milliseconds(250)), "250.0 ms");
  EXPECT_EQ(format_duration(milliseconds(2500)), "2.50 s");
  EXPECT_EQ(format_duration(seconds(3600)), "3600 s");
}

TEST(FormatBytesTest, BinaryUnits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(512ull << 20), "512 MiB");
  EXPECT_EQ(format_bytes(13'287'936), "12.7 MiB");
}

TEST(ParseDurationTest, UnitsAndFractions) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds(250));
  EXPECT_EQ(parse_duration("2s"), seconds(2));
  EXPECT_EQ(parse_duration("1.5m"), seconds(90));
  EXPECT_EQ(parse_duration("1h"), seconds(3600));
  EXPECT_EQ(parse_duration("0us"), Duration{});
}

TEST(ParseDurationTest, WhatIsNoneSaysWhatIs) {
  for (const char* text : {"", "5", "ms", "-1s", "2 s", "2sec", "nan s", "1e300h", "2s "}) {
    auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(parsed.error().message.find("250ms, 2s or 1m"), std::string::npos) << parsed.error().message;
  }
}

TEST(FormatTimeTest, SecondsOfUtc) {
  EXPECT_EQ(format_time(WallTime{}), "-");
  EXPECT_EQ(format_time(WallTime{1'795'442'709'123'456}),
            to_iso8601(WallTime{1'795'442'709'123'456}).substr(0, 10) + " " +
                to_iso8601(WallTime{1'795'442'709'123'456}).substr(11, 8));
}

TEST(WrappedTest, BreaksAtBlanksAndLongWordsWhereItMust) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("abcdefgh ij", 3), (Lines{"abc", "def", "gh", "ij"}));
  EXPECT_EQ(wrapped("", 10), (Lines{""}));
  EXPECT_EQ(wrapped("\u6771\u4eac\u6771", 4), (Lines{"\u6771\u4eac", "\u6771"}));
}

TEST(WhyNoTextTest, NamesByteAndPosition) {
  EXPECT_EQ(why_no_text("caf\u00e9 \u6771"), "");
  EXPECT_EQ(why_no_text("caf\xe9"), "is not UTF-8 (byte 0xe9 at position 4)");
  EXPECT_EQ(why_no_text("a\x1b[1m"), "has a control character (0x1b at position 2)");
  EXPECT_EQ(why_no_text("a\nb"), "has a control character (0x0a at position 2)");
  EXPECT_EQ(why_no_text("\xc3"), "is not UTF-8 (byte 0xc3 at position 1)");
}

TEST(ParseSizeTest, UnitsOf1024) {
  EXPECT_EQ(parse_size("4G"), uint64_t{4} << 30);
  EXPECT_EQ(parse_size("300M"), uint64_t{300} << 20);
  EXPECT_EQ(parse_size("512MiB"), uint64_t{512} << 20);
  EXPECT_EQ(parse_size("1.5k"), 1536u);
  EXPECT_EQ(parse_size("17"), 17u);
  EXPECT_EQ(parse_size("17B"), 17u);
  for (const char* wrong : {"", "G", "4X", "4GG", "-1", "1e99", "4 G", "99999999T"})
    EXPECT_FALSE(parse_size(wrong)) << wrong;
  EXPECT_NE(parse_size("4X").error().message.find("4G"), std::string::npos);
}

TEST(ParseAmountTest, NumbersAreOfTheUnitAndSizesAreConverted) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  EXPECT_EQ(parse_amount("512", kMiB), 512);
  EXPECT_EQ(parse_amount("-1", kMiB), -1);
  EXPECT_EQ(parse_amount("4G", kMiB), 4096);
  EXPECT_EQ(parse_amount("100K", kMiB).error().message, "'100K' is no whole number of MiB");
  EXPECT_FALSE(parse_amount("many", kMiB));
}

}  // namespace
}  // namespace kilonova::cli
