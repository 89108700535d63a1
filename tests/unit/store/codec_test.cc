#include "store/codec.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "store/launch_record_codec.h"
#include "store/visit.h"
#include "tests/contract/controller_store/sample_rows.h"

namespace kilonova {
namespace {

using namespace std::string_literals;

TEST(CodecTest, FieldsAreReadable) {
  TextWriter writer;
  writer("plain"s, 42, -7, true, 1.5, WallTime{9}, std::vector<std::string>{"a", "b"}, Uuid{});
  EXPECT_EQ(writer.text(), "plain\t42\t-7\t1\t1.5\t9\t2\ta\tb\t\t");
  EXPECT_EQ(encode_text("a\tb\nc\\d\0"s), "a\\tb\\nc\\\\d\\0\t");
}

TEST(CodecTest, EveryTextReadsBack) {
  for (const std::string& text : hostile_texts()) {
    std::string encoded = encode_text(text);
    EXPECT_EQ(decode_text<std::string>(encoded), text);
    EXPECT_EQ(encoded.find('\t'), encoded.size() - 1);
    EXPECT_EQ(encoded.find('\n'), std::string::npos);
    EXPECT_EQ(encoded.find('\0'), std::string::npos);
  }
}

TEST(CodecTest, EveryNumberReadsBack) {
  for (double value : {0.0, -0.0, 0.1, 1e300, -5e-324, 1.0 / 3, std::numeric_limits<double>::infinity()}) {
    auto read = decode_text<double>(encode_text(value));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, value);
    EXPECT_EQ(std::signbit(*read), std::signbit(value));
  }
  EXPECT_EQ(decode_text<uint64_t>(encode_text(UINT64_MAX)), UINT64_MAX);
  EXPECT_EQ(decode_text<int64_t>(encode_text(INT64_MIN)), INT64_MIN);
}

TEST(CodecTest, RandomRowsReadBack) {
  Random random(1);
  for (int i = 0; i < 500; ++i) {
    Instance row = sample_instance(random, i);
    ASSERT_EQ(decode_text<Instance>(encode_text(row)), row);
  }
}

template <class T>
void expect_refused(const std::string& text) {
  auto read = decode_text<T>(text);
  ASSERT_FALSE(read.has_value()) << text;
  EXPECT_EQ(read.error().code, ErrorCode::kDataLoss);
  EXPECT_FALSE(read.error().message.empty());
}

TEST(CodecTest, WhatIsNotWrittenIsRefused) {
  for (const std::string& text : {""s, "x"s, "a\\\t"s, "a\\x\t"s, "a\tb\t"s}) expect_refused<std::string>(text);
  for (const std::string& text : {"\t"s, "1x\t"s, " 1\t"s, "+1\t"s, "256\t"s, "-1\t"s, "1"s}) {
    expect_refused<uint8_t>(text);
  }
  for (const std::string& text : {"2\t"s, "true\t"s, "\t"s}) expect_refused<bool>(text);
  for (const std::string& text : {"0\t"s, "99\t"s, "active\t"s}) expect_refused<VmState>(text);
  expect_refused<PowerState>("2\t");
  expect_refused<double>("1,5\t");
  expect_refused<Uuid>("0123\t");
  expect_refused<Uuid>("0123456789abcdef0123456789abcdeF\t");
  expect_refused<Uuid>("0123456789abcdef0123456789abcdeg\t");
  // A length that the text has no room for is refused before anything is allocated.
  expect_refused<std::vector<std::string>>("18446744073709551615\t");
  expect_refused<std::vector<Address>>("1000000\tx\t");
  expect_refused<std::vector<std::string>>("2\ta\t");
}

// A struct before and after two fields were added to it.
struct Before {
  std::string name;
  uint32_t size = 0;
};
struct After {
  std::string name;
  uint32_t size = 0;
  std::vector<std::string> labels{"none"};
  std::optional<Before> next;
};
template <class Io, RowOf<Before> Row>
void visit(Io& io, Row& row) {
  io(row.name, row.size);
}
template <class Io, RowOf<After> Row>
void visit(Io& io, Row& row) {
  io(row.name, row.size, row.labels);
  io(row.next);
}

TEST(CodecTest, AFieldThatWasAddedIsItsDefaultInAnOldText) {
  std::string old_text = encode_text(std::vector<Before>{{"a", 1}, {"b", 2}});
  EXPECT_EQ(old_text, "2\t2\ta\t1\t2\tb\t2\t");
  auto read = decode_text<std::vector<After>>(old_text);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 2u);
  EXPECT_EQ(read->at(1).name, "b");
  EXPECT_EQ(read->at(1).size, 2u);
  EXPECT_EQ(read->at(1).labels, std::vector<std::string>{"none"});
  EXPECT_FALSE(read->at(1).next.has_value());
}

TEST(CodecTest, AFieldThatIsNotKnownIsRefused) {
  std::string newer = encode_text(After{"a", 1, {}, Before{"b", 2}});
  EXPECT_EQ(newer, "4\ta\t1\t0\t1\t2\tb\t2\t");
  EXPECT_EQ(decode_text<After>(newer)->next->name, "b");
  auto read = decode_text<Before>(newer);
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().message.find("expected a struct of at most 2 fields, found \"4\""), std::string::npos)
      << read.error().message;
  expect_refused<Before>("18446744073709551615\ta\t1\t");
}

TEST(CodecTest, TheErrorNamesThePlace) {
  EXPECT_EQ(decode_text<std::vector<uint32_t>>("2\t17\tseventeen\t").error().message,
            "byte 15 of 15: expected a whole number in range, found \"seventeen\"");
}

// Random damage either reads as some row or is refused; it never crashes and never hangs.
TEST(CodecTest, DamageIsHarmless) {
  Random random(2);
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text = encode_text(sample_instance(random, i));
    for (uint64_t j = 1 + random.below(3); j > 0; --j) {
      size_t at = random.below(text.size());
      if (random.chance(0.3)) {
        text.erase(at, 1 + random.below(20));
      } else {
        text[at] = static_cast<char>(random.next());
      }
      if (text.empty()) break;
    }
    refused += !decode_text<Instance>(text).has_value();
  }
  EXPECT_GT(refused, 300);
}

TEST(LaunchRecordCodecTest, RandomRecordsReadBackAlsoWhenJoined) {
  Random random(3);
  LaunchRecordRows expected;
  std::string joined;
  for (int i = 0; i < 300; ++i) {
    auto record = sample_launch_record(random, Uuid{});
    std::string text = encode_launch_record(record);
    LaunchRecordRows rows;
    ASSERT_TRUE(decode_launch_record(text, rows).has_value());
    ASSERT_EQ(rows, (LaunchRecordRows{record.steps, record.decisions}));
    joined += text;
    expected.steps.insert(expected.steps.end(), record.steps.begin(), record.steps.end());
    expected.decisions.insert(expected.decisions.end(), record.decisions.begin(), record.decisions.end());
  }
  LaunchRecordRows rows;
  ASSERT_TRUE(decode_launch_record(joined, rows).has_value());
  EXPECT_EQ(rows, expected);
}

TEST(LaunchRecordCodecTest, AWholeLaunchIsShort) {
  mutation::AppendLaunchRecord record;
  for (int step = 1; step <= 13; ++step) {
    record.steps.push_back({static_cast<LaunchStep>(step),
                            1,
                            1,
                            step < 4 ? "controller-0" : "compute-0",
                            step < 4 ? "" : "host-00017",
                            {1'795'444'444'123'456 + 100 * step},
                            {25},
                            ""});
  }
  EXPECT_LT(encode_launch_record(record).size(), 300u);
}

TEST(LaunchRecordCodecTest, DamageIsHarmless) {
  Random random(4);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    std::string text = encode_launch_record(sample_launch_record(random, Uuid{}));
    text[random.below(text.size())] = static_cast<char>(random.next());
    LaunchRecordRows rows;
    refused += !decode_launch_record(text, rows).has_value();
  }
  EXPECT_GT(refused, 100);
}

}  // namespace
}  // namespace kilonova
