#include "daemon/escape.h"
#include "domain/form_rules.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova {
namespace {

std::string in_quotes(std::string_view text) {
  LineBuffer out;
  append_quoted(out, text);
  return std::string(out.data(), out.size());
}

std::string word(std::string_view text) {
  LineBuffer out;
  append_word(out, text);
  return std::string(out.data(), out.size());
}

TEST(Escape, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(in_quotes("no valid host"), "\"no valid host\"");
  EXPECT_EQ(in_quotes("grüße 🚀"), "\"grüße 🚀\"");
  EXPECT_EQ(word("compute-0"), "compute-0");
}

TEST(Escape, QuotesWordsThatCouldForgeAField) {
  EXPECT_EQ(word(""), "\"\"");
  EXPECT_EQ(word("a b"), "\"a b\"");
  EXPECT_EQ(word("a=b"), "\"a=b\"");
  EXPECT_EQ(word("a\"b"), "\"a\\\"b\"");
}

TEST(Escape, NoControlCharacterSurvives) {
  for (int c = 0; c < 0x20; ++c) {
    std::string text = in_quotes(std::string(1, static_cast<char>(c)));
    for (char out : text) EXPECT_GE(out, 0x20) << "from control character " << c;
  }
  EXPECT_EQ(in_quotes("\x7f"), "\"\\u007f\"");
  EXPECT_EQ(in_quotes("\xc2\x9b"), "\"\\u009b\"");  // C1: a terminal's escape sequence introducer
  EXPECT_EQ(in_quotes("\xe2\x80\xa8"), "\"\\u2028\"");
}

TEST(Escape, ReplacesBrokenUtf8) {
  const std::string replacement = "\xef\xbf\xbd";
  EXPECT_EQ(in_quotes("\xff"), "\"" + replacement + "\"");
  EXPECT_EQ(in_quotes("\xc0\xaf"), "\"" + replacement + replacement + "\"");  // overlong '/'
  EXPECT_EQ(in_quotes("\xed\xa0\x80").size(), 2 + 3 * replacement.size());      // a surrogate
  EXPECT_EQ(in_quotes("a\xe2\x82"), "\"a" + replacement + replacement + "\"");   // cut
}

TEST(Escape, ReadsBackWhatItWrote) {
  for (std::string text : {"", "plain", "a \"b\" \\ c", "tab\tnewline\nreturn\r", "\x01\x1f\x7f", "grüße 🚀", "\xc2\x85"}) {
    size_t position = 0;
    std::string line = in_quotes(text);
    EXPECT_EQ(parse_quoted(line, position), text);
    EXPECT_EQ(position, line.size());
  }
}

TEST(Escape, ReadsOtherWritersJson) {
  size_t position = 0;
  EXPECT_EQ(parse_quoted(R"("\/\b\f\u00fc\ud83d\ude80")", position), "/\b\fü🚀");
}

TEST(Escape, RefusesWhatDoesNotEnd) {
  for (const char* text : {"", "x", "\"", "\"abc", "\"\\", "\"\\\"", "\"\\u12\"", "\"\\x41\"", "\"\\ud800\"", "\"\\udc00\""}) {
    size_t position = 0;
    EXPECT_EQ(parse_quoted(text, position), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace kilonova
