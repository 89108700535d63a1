#include "daemon/step_line.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"

namespace kilonova {
namespace {

constexpr std::string_view kTime = "2026-11-23T14:05:09.123456Z";

struct Step {
  Uuid instance;
  TraceContext trace;
  StepRecord record;
};

Step example() {
  Random random(1);
  Step step;
  step.instance = random_uuid(random);
  step.trace = {random_uuid(random), random_uuid(random), 7};
  step.record.step = LaunchStep::kClaimed;
  step.record.epoch = 3;
  step.record.attempt = 2;
  step.record.daemon = "compute-0";
  step.record.host = "host-00017";
  step.record.start = {1'795'442'709'123'400};
  step.record.duration = microseconds(56);
  return step;
}

std::string line_of(const Step& step, LogFormat format) {
  LineBuffer out;
  append_step_line(out, format, kTime, step.instance, step.trace, step.record);
  return std::string(out.data(), out.size());
}

ParsedStep expected(const Step& step) {
  return {std::string(kTime), step.instance, step.trace.request_id, step.trace.trace_id, step.record};
}

class StepLine : public ::testing::TestWithParam<LogFormat> {};
INSTANTIATE_TEST_SUITE_P(Forms, StepLine, ::testing::Values(LogFormat::kHuman, LogFormat::kJson));

TEST_P(StepLine, ReadsBackEqual) {
  Step step = example();
  EXPECT_EQ(parse_step_line(line_of(step, GetParam())), expected(step));
  EXPECT_EQ(parse_step_line(line_of(step, GetParam()) + "\r\n"), expected(step));
}

TEST_P(StepLine, EveryStepReadsBack) {
  for (const LaunchStepInfo& info : launch_steps()) {
    Step step = example();
    step.record.step = info.step;
    EXPECT_EQ(parse_step_line(line_of(step, GetParam())), expected(step)) << info.name;
  }
}

TEST_P(StepLine, HostileTextsReadBackInOneLine) {
  for (std::string text : {"a\nb", "x\" fault=\"no", "\",\"step\":\"active\"}", "{", "}", "\\", "\\\"", "=", " ",
                           "\x1b[2J", "\xc2\x9b", "ü", "a\r\n2026-11-23T14:05:09.123456Z INFO compute-0 step=active"}) {
    Step step = example();
    step.record.fault = step.record.host = step.record.daemon = text;
    std::string line = line_of(step, GetParam());
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(parse_step_line(line), expected(step)) << text;
  }
}

TEST_P(StepLine, RandomTextsReadBack) {
  Random random(2);
  for (int i = 0; i < 2000; ++i) {
    Step step = example();
    for (std::string* text : {&step.record.fault, &step.record.host, &step.record.daemon})
      for (uint64_t n = random.below(20); n > 0; --n) *text += static_cast<char>(random.below(0x80));
    step.record.epoch = random.next();
    step.record.attempt = static_cast<uint32_t>(random.next());
    step.record.duration = {static_cast<int64_t>(random.next())};
    EXPECT_EQ(parse_step_line(line_of(step, GetParam())), expected(step));
  }
}

TEST_P(StepLine, NoCutLineIsAStep) {
  std::string line = line_of(example(), GetParam());
  for (size_t length = 0; length < line.size(); ++length)
    EXPECT_EQ(parse_step_line(line.substr(0, length)), std::nullopt) << line.substr(0, length);
}

TEST_P(StepLine, ChangedBytesNeverCrash) {
  Random random(3);
  std::string whole = line_of(example(), GetParam());
  for (int i = 0; i < 5000; ++i) {
    std::string line = whole;
    for (uint64_t n = 1 + random.below(4); n > 0; --n) line[random.below(line.size())] = static_cast<char>(random.next());
    parse_step_line(line);
  }
}

TEST(StepLineForms, AreAsDocumented) {
  Step step = example();
  step.record.fault = "no \"disk\"";
  EXPECT_EQ(line_of(step, LogFormat::kHuman),
            "2026-11-23T14:05:09.123456Z WARN compute-0 step=claimed request_id=req-" + to_string(step.trace.request_id) +
                " trace_id=" + to_hex(step.trace.trace_id) + " instance=" + to_string(step.instance) +
                " host=host-00017 epoch=3 attempt=2 start_us=1795442709123400 took_us=56 fault=\"no \\\"disk\\\"\"");
  EXPECT_EQ(line_of(step, LogFormat::kJson),
            "{\"time\":\"2026-11-23T14:05:09.123456Z\",\"level\":\"warning\",\"daemon\":\"compute-0\",\"step\":\"claimed\","
            "\"request_id\":\"req-" + to_string(step.trace.request_id) + "\",\"trace_id\":\"" +
                to_hex(step.trace.trace_id) + "\",\"instance\":\"" + to_string(step.instance) +
                "\",\"host\":\"host-00017\",\"epoch\":3,\"attempt\":2,\"start_us\":1795442709123400,\"took_us\":56,"
                "\"fault\":\"no \\\"disk\\\"\"}");
}

TEST(StepLineForms, OtherLinesAreNoSteps) {
  for (const char* line : {"", "\n", "{}", "{", "hello", "2026-11-23T14:05:09.123456Z INFO api-0 message=\"logged in\"",
                           "{\"time\":\"x\",\"level\":\"info\",\"daemon\":\"api-0\",\"message\":\"step=active\"}"})
    EXPECT_EQ(parse_step_line(line), std::nullopt) << line;
}

}  // namespace
}  // namespace kilonova
