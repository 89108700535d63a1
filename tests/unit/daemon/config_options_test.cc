// A configuration file and the options of a daemon: who wins, and what a wrong name or value is told.
#include "daemon/config_options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "daemon/options.h"

namespace kilonova {
namespace {

struct Parsed {
  DaemonOptions daemon{Role::kScheduler};
  uint32_t max_attempts = 3;
  double weight = 1;
  Duration report_interval = seconds(10);
  std::vector<std::string> filters;
  Expected<> applied;
};

Parsed parse(std::string_view text, std::vector<std::string> words = {}) {
  Parsed parsed;
  CLI::App app("", "kilonova-scheduler");
  add_daemon_options(app, parsed.daemon);
  app.add_option("--max-attempts", parsed.max_attempts)->check(CLI::Range(1, 100));
  app.add_option("--cpu-weight-multiplier", parsed.weight);
  app.add_option("--enabled-filters", parsed.filters)->delimiter(',');
  add_seconds_option(app, "--report-interval", parsed.report_interval, "");
  app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  parsed.applied = apply_config(app, *ConfigFile::parse("/c", text), config_section(Role::kScheduler));
  return parsed;
}

std::string refusal(std::string_view text) {
  Parsed parsed = parse(text);
  return parsed.applied ? "it was taken" : parsed.applied.error().message;
}

TEST(ConfigOptions, TheOwnSectionWinsOverTheSharedOne) {
  Parsed parsed = parse("[scheduler]\nmax-attempts = 5\n[DEFAULT]\nmax-attempts = 4\nlog_level = Debug\nsync = full\n");
  ASSERT_TRUE(parsed.applied.has_value()) << parsed.applied.error().message;
  EXPECT_EQ(parsed.max_attempts, 5U);
  EXPECT_EQ(parsed.daemon.log_level, LogLevel::kDebug);
}

TEST(ConfigOptions, EveryKindOfValueIsTaken) {
  Parsed parsed = parse(
      "[scheduler]\nreport-interval = 0.5\nenabled-filters = A,B\ncpu-weight-multiplier = -1.5\nlisten = unix:/x\n");
  ASSERT_TRUE(parsed.applied.has_value()) << parsed.applied.error().message;
  EXPECT_EQ(parsed.report_interval, milliseconds(500));
  EXPECT_EQ(parsed.filters, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(parsed.weight, -1.5);
  EXPECT_EQ(parsed.daemon.listen, "unix:/x");
}

TEST(ConfigOptions, TheCommandLineAndTheEnvironmentWin) {
  ::setenv("KILONOVA_LOG_FORMAT", "json", 1);
  Parsed parsed = parse("[scheduler]\nmax-attempts = 5\n[DEFAULT]\nlog-format = human\n", {"--max-attempts", "7"});
  ::unsetenv("KILONOVA_LOG_FORMAT");
  ASSERT_TRUE(parsed.applied.has_value());
  EXPECT_EQ(parsed.max_attempts, 7U);
  EXPECT_EQ(parsed.daemon.log_format, LogFormat::kJson);
}

TEST(ConfigOptions, WhatIsOverriddenMustBeRightToo) {
  for (const char* text : {"[scheduler]\nmax-attempts = many\n", "[DEFAULT]\nmax-attempts = 101\n",
                           "[DEFAULT]\nmax-attempts = 0\n[scheduler]\nmax-attempts = 3\n"}) {
    Parsed parsed = parse(text, {"--max-attempts=7"});
    ASSERT_FALSE(parsed.applied.has_value()) << text;
    EXPECT_NE(parsed.applied.error().message.find("/c:2: "), std::string::npos) << parsed.applied.error().message;
  }
  Parsed parsed = parse("[scheduler]\nmax-attempts = 5\nenabled-filters = A\nlog-level = info\nreport-interval = 7\n",
                        {"--max-attempts=7", "--enabled-filters=B,C", "--log-level=debug", "--report-interval=0.25"});
  ASSERT_TRUE(parsed.applied.has_value()) << parsed.applied.error().message;
  EXPECT_EQ(parsed.max_attempts, 7U);
  EXPECT_EQ(parsed.filters, (std::vector<std::string>{"B", "C"}));
  EXPECT_EQ(parsed.daemon.log_level, LogLevel::kDebug);
  EXPECT_EQ(parsed.report_interval, milliseconds(250));
}

TEST(ConfigOptions, WhatTheCoreRefusesIsNamedWithItsLine) {
  double weight = 1;
  CLI::App app("", "kilonova-scheduler");
  app.add_option("--cpu-weight-multiplier", weight);
  auto check = [&]() -> Expected<> {
    if (weight < 100) return {};
    return fail(ErrorCode::kInvalidArgument, "that is too much");
  };
  Expected<> applied =
      apply_config(app, *ConfigFile::parse("/c", "[scheduler]\n\ncpu-weight-multiplier = 100\n"), "scheduler", check);
  ASSERT_FALSE(applied.has_value());
  EXPECT_EQ(applied.error().message, "/c:3: [scheduler] cpu-weight-multiplier = 100: that is too much");
}

TEST(ConfigOptions, WhatIsAnothersIsPassedOver) {
  EXPECT_TRUE(
      parse("[up]\nanything = 1\n[api]\nmax-attempts = no number\n[DEFAULT]\nrpc-response-timeout = 5\n").applied);
}

TEST(ConfigOptions, AWrongNameOrValueIsOneLine) {
  EXPECT_EQ(refusal("[scheduler]\nmax-atempts = 5\n"),
            "/c:2: [scheduler] max-atempts = 5: kilonova-scheduler has no such option; did you mean max-attempts?");
  EXPECT_EQ(refusal("[DEFAULT]\nlog-levle = debug\n"),
            "/c:2: [DEFAULT] log-levle = debug: no option that daemons share; did you mean log-level?");
  EXPECT_EQ(refusal("[DEFAULT]\nenabled-filters = A\n"),
            "/c:2: [DEFAULT] enabled-filters = A: no option that daemons share");
  EXPECT_EQ(refusal("[scheduler]\nmax-attempts = 500\n"),
            "/c:2: [scheduler] max-attempts = 500: Value 500 not in range 1 to 100");
  EXPECT_EQ(refusal("[scheduler]\nmax-attempts = many\n"),
            "/c:2: [scheduler] max-attempts = many: Value many not in range 1 to 100");
  EXPECT_EQ(refusal("[scheduler]\ncpu-weight-multiplier = heavy\n"),
            "/c:2: [scheduler] cpu-weight-multiplier = heavy: it must be a number");
  EXPECT_EQ(refusal("[scheduler]\nindex = 2\n"),
            "/c:2: [scheduler] index = 2: it can be said on the command line only");
  EXPECT_EQ(refusal("[DEFAULT]\nlog-level = loud\n"),
            "/c:2: [DEFAULT] log-level = loud: it takes debug, info, warning or error");
}

}  // namespace
}  // namespace kilonova
