// traceparent and UTF-8, against the texts of their specifications.
#include <gtest/gtest.h>

#include "rpc/convert/trace_context.h"
#include "rpc/convert/utf8.h"

namespace kilonova::rpc {
namespace {

// The specification's own examples (section 3.2.4).
TEST(TraceParent, ReadsTheExamplesOfTheSpecification) {
  auto sampled = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  ASSERT_TRUE(sampled);
  EXPECT_EQ(to_hex(sampled->trace_id), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(sampled->span_id, 0x00f067aa0ba902b7u);
  EXPECT_EQ(sampled->flags, 1);
  EXPECT_EQ(format_traceparent(*sampled), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  auto not_sampled = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");
  ASSERT_TRUE(not_sampled);
  EXPECT_EQ(not_sampled->flags, 0);
}

TEST(TraceParent, RefusesWhatTheSpecificationCallsInvalid) {
  for (const char* text : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",      // no flags
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",    // one digit of flags
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",  // version 00 ends there
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-will-be-like",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",  // no trace
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",  // no span
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",  // upper case
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",  // dashes elsewhere
           "00.4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736.00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7.01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",  // the forbidden version
           " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "cc-12345678901234567890123456789012-1234567890123456-01.what-the-future-will-be-like",
           "cc-12345678901234567890123456789012-1234567890123456-0",
       })
    EXPECT_FALSE(parse_traceparent(text)) << text;
}

// From the specification's test suite: a higher version is read as far as this one knows it.
TEST(TraceParent, ReadsHigherVersions) {
  EXPECT_TRUE(parse_traceparent("cc-12345678901234567890123456789012-1234567890123456-01"));
  EXPECT_TRUE(parse_traceparent("cc-12345678901234567890123456789012-1234567890123456-01-"));
  auto later =
      parse_traceparent("cc-12345678901234567890123456789012-1234567890123456-01-what-the-future-will-be-like");
  ASSERT_TRUE(later);
  EXPECT_EQ(format_traceparent(*later), "00-12345678901234567890123456789012-1234567890123456-01");
}

TEST(TraceParent, SendsOnlyTheSampledFlag) {
  auto all_flags = parse_traceparent("00-12345678901234567890123456789012-1234567890123456-ff");
  ASSERT_TRUE(all_flags);
  EXPECT_EQ(format_traceparent(*all_flags), "00-12345678901234567890123456789012-1234567890123456-01");
}

TEST(Utf8, AcceptsTheFirstAndLastOfEachLength) {
  for (const char* text :
       {"", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "eight---\xc3\xa4", "seven--\xc3\xa4"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
    EXPECT_EQ(to_utf8(text), text);
  }
}

TEST(Utf8, RefusesAllElse) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf", "\xed\xa0\x80",
                           "\xed\xbf\xbf", "\xe1\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                           "\xff", "longer than 8 \xff", "12345678\x80", "1234567\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
    EXPECT_TRUE(is_utf8(to_utf8(text))) << text;
  }
  EXPECT_EQ(to_utf8("a\xff"
                    "b\xc3"),
            "a\xef\xbf\xbd"
            "b\xef\xbf\xbd");
}

}  // namespace
}  // namespace kilonova::rpc
