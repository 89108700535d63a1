#include "cli/study/study_file.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

constexpr std::string_view kStudy =
    "[study]\n"
    "hosts-file = hosts.csv\n"
    "requests-file = requests.csv\n"
    "seeds = 3..5\n"
    "latency = 1ms .. 20ms\n"
    "[DEFAULT]\n"
    "ram-allocation-ratio = 2\n"
    "cpu-allocation-ratio = 4\n"
    "[spread]\n"
    "[pack]\n"
    "ram_weight_multiplier = -1\n"
    "cpu-allocation-ratio = 1\n"
    "schedulers = 4\n";

// The message for the study with `from` replaced by `to`.
std::string message_of(std::string from, const std::string& to) {
  std::string text(kStudy);
  text.replace(text.find(from), from.size(), to);
  auto file = parse_study(text, "s");
  EXPECT_FALSE(file) << text;
  return file ? "" : file.error().message;
}

TEST(StudyFileTest, SettingsAreSectionsOverDefaults) {
  auto file = parse_study(kStudy, "s");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->first_seed, 3u);
  EXPECT_EQ(file->seeds(), 3u);
  ASSERT_EQ(file->settings.size(), 2u);
  const StudySetting& spread = file->settings[0];
  EXPECT_EQ(spread.name, "spread");
  EXPECT_EQ(spread.options.scheduler.ratios, (AllocationRatios{4, 2, 1}));
  EXPECT_EQ(spread.options.schedulers, 1u);
  EXPECT_EQ(spread.options.latency_max, milliseconds(20));
  const StudySetting& pack = file->settings[1];
  EXPECT_EQ(pack.options.scheduler.ratios, (AllocationRatios{1, 2, 1}));
  EXPECT_EQ(pack.options.scheduler.ram_weight_multiplier, -1);
  EXPECT_EQ(pack.options.schedulers, 4u);
}

TEST(StudyFileTest, TheTemplateIsAStudy) {
  auto file = parse_study(study_template(), "t");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->settings.size(), 4u);
}

TEST(StudyFileTest, AnErrorNamesTheLineTheValueAndWhatWouldBeRight) {
  EXPECT_EQ(message_of("seeds = 3..5", "seeds = 5..3"),
            "s:4: [study] seeds = 5..3: it must be a whole number, or two as in 1..10, the smaller one first");
  EXPECT_EQ(message_of("seeds = 3..5", "seeds = 1..1001"),
            "s:4: [study] seeds = 1..1001: at most 1000 seeds can be studied");
  EXPECT_EQ(message_of("seeds = 3..5", "departures = never"), "s:4: [study] departures = never: say yes or no");
  EXPECT_EQ(message_of("seeds = 3..5", "speed = nan"),
            "s:4: [study] speed = nan: it must be a number from 0.000001 to 1000000");
  EXPECT_EQ(
      message_of("latency = 1ms .. 20ms", "latency = 20ms .. 1ms"),
      "s:5: [study] latency = 20ms .. 1ms: it must be a time, or two as in 50us .. 2ms, the shorter one first, up "
      "to 24h");
  EXPECT_EQ(message_of("schedulers = 4", "schedulers = 65"),
            "s:13: [pack] schedulers = 65: it must be a whole number from 1 to 64");
  EXPECT_EQ(message_of("schedulers = 4", "scheduler = 4"),
            "s:13: [pack] scheduler = 4: there is no such key; did you mean schedulers?");
  EXPECT_EQ(
      message_of("schedulers = 4", "driver = first"),
      "s:13: [pack] driver = first: scheduler driver 'first' is unknown; there are: filter, chance, simple, zone");
  EXPECT_EQ(message_of("cpu-allocation-ratio = 4", "cpu-allocation-ratio = 0"),
            "s:8: [DEFAULT] cpu-allocation-ratio = 0: cpu_allocation_ratio is 0; it must be a number above 0");
  EXPECT_EQ(message_of("[spread]", "[Spread]"), "s:9: 'Spread' is no name: it has small letters, digits and dashes");
  EXPECT_EQ(message_of("hosts-file = hosts.csv\n", ""),
            "s: [study] has no hosts-file: name a CSV file (docs/studies.md)");
}

TEST(StudyFileTest, SettingsAreAtLeastOneAndBounded) {
  auto none = parse_study("[study]\nhosts-file = h\nrequests-file = r\n", "s");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message,
            "s: there is no setting: each is a section of its own, as [spread], with the options of a scheduler");
  std::string many = "[study]\nhosts-file = h\nrequests-file = r\n";
  for (size_t i = 0; i <= kMaxSettings; ++i) many += "[s" + std::to_string(i) + "]\n";
  auto refused = parse_study(many, "s");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "s: there are 17 settings; at most 16 can be compared");
}

}  // namespace
}  // namespace kilonova::cli
