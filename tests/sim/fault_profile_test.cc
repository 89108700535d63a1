// The file format of fault profiles: what is drawn from them, and how mistakes are answered.
#include <gtest/gtest.h>

#include <string>

#include "sim/fault_profile_file.h"
#include "sim/shipped_profiles.h"

namespace kilonova::sim {
namespace {

FaultProfile drawn(std::string_view text, uint64_t seed = 1) {
  auto file = FaultProfileFile::parse(text, "test");
  EXPECT_TRUE(file.has_value()) << (file ? "" : file.error().message);
  return file->draw(seed);
}

std::string mistake(std::string_view text) {
  auto file = FaultProfileFile::parse(text, "my.faults");
  return file ? "no mistake" : file.error().message;
}

TEST(FaultProfileFile, SaysWhatGoesWrong) {
  FaultProfile profile = drawn(
      "# comment\n\n"
      "lose_frame = 0.25   # of frames\n"
      "latency=20ms\n"
      "\tkill_api = every 2s for 500ms\r\n"
      "refusal = every 1.5s\n"
      "skew = every 60s by 400d\n"
      "fault_rules = yes\n"
      "slow_hypervisors = 2.5");
  EXPECT_EQ(profile.network.lose_frame, 0.25);
  EXPECT_EQ(profile.network.latency_max, milliseconds(20));
  EXPECT_EQ(profile.kill_api.every, seconds(2));
  EXPECT_EQ(profile.kill_api.lasts, milliseconds(500));
  EXPECT_EQ(profile.refusal.every, milliseconds(1500));
  EXPECT_EQ(profile.skew.lasts, seconds(400 * 86'400));
  EXPECT_TRUE(profile.fault_rules);
  EXPECT_EQ(profile.slow_hypervisors, 2.5);
  EXPECT_FALSE(profile.tight_quota);
  EXPECT_FALSE(profile.calm);
}

TEST(FaultProfileFile, ALatencyBelowTheLeastLowersTheLeast) {
  FaultProfile profile = drawn("latency = 10us");
  EXPECT_EQ(profile.network.latency_min, microseconds(10));
}

TEST(FaultProfileFile, RangesAreDrawnFromBySeed) {
  double least = 1, most = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    FaultProfile profile = drawn("lose_frame = 0.1 .. 0.3\ncut = every 10s .. 20s for 1s .. 2s", seed);
    least = std::min(least, profile.network.lose_frame);
    most = std::max(most, profile.network.lose_frame);
    EXPECT_GE(profile.cut.every, seconds(10));
    EXPECT_LE(profile.cut.every, seconds(20));
    EXPECT_GE(profile.cut.lasts, seconds(1));
    EXPECT_LE(profile.cut.lasts, seconds(2));
  }
  EXPECT_GE(least, 0.1);
  EXPECT_LT(least, 0.12);
  EXPECT_GT(most, 0.28);
  EXPECT_LE(most, 0.3);
}

TEST(FaultProfileFile, AShareOfTheWorldsKnowsIt) {
  int known = 0;
  for (uint64_t seed = 1; seed <= 1000; ++seed) known += drawn("tight_quota = yes in 30%", seed).tight_quota ? 1 : 0;
  EXPECT_NEAR(known, 300, 60);
  EXPECT_FALSE(drawn("tight_quota = yes in 0%").tight_quota);
  EXPECT_TRUE(drawn("tight_quota = yes in 0%").calm);
}

TEST(FaultProfileFile, AKeyMoreShiftsNoOther) {
  for (uint64_t seed = 1; seed <= 20; ++seed)
    EXPECT_EQ(drawn("lose_frame = 0 .. 1", seed).network.lose_frame,
              drawn("clog = every 1s .. 9s for 1s in 50%\nlose_frame = 0 .. 1", seed).network.lose_frame);
}

TEST(FaultProfileFile, MistakesAreAnsweredWithTheirLineAndWhatWouldBeRight) {
  EXPECT_EQ(mistake("\nlose_frame 0.1"), "my.faults:2: 'lose_frame 0.1' is not of the form key = value");
  EXPECT_EQ(mistake("earthquake = 1"), "my.faults:1: unknown key 'earthquake'; known are " + known_fault_keys());
  EXPECT_EQ(mistake("lose_frame = 1.5"), "my.faults:1: '1.5' is no probability: say 0 to 1");
  EXPECT_EQ(mistake("lose_frame = often"), "my.faults:1: 'often' is no probability: say 0 to 1");
  EXPECT_EQ(mistake("lose_frame = -0.1"), "my.faults:1: '-0.1' is no probability: say 0 to 1");
  EXPECT_EQ(mistake("lose_frame = nan"), "my.faults:1: 'nan' is no probability: say 0 to 1");
  EXPECT_EQ(mistake("lose_frame ="), "my.faults:1: '' is no probability: say 0 to 1");
  EXPECT_EQ(mistake("lose_frame = 0.3 .. 0.1"),
            "my.faults:1: the range ends below its beginning: the smaller comes first");
  EXPECT_EQ(mistake("latency = 5"),
            "my.faults:1: '5' is no duration: say 0, or a number with us, ms, s, m, h or d, up to 1000d");
  EXPECT_EQ(mistake("cut = 5s"), "my.faults:1: cut strikes again and again: say 'every 60s for 90s'");
  EXPECT_EQ(mistake("cut = every 5s"), "my.faults:1: how long cut lasts is missing: say 'every 60s for 90s'");
  EXPECT_EQ(mistake("skew = every 5s for 1s"), "my.faults:1: how long skew lasts is missing: say 'every 60s by 90s'");
  EXPECT_EQ(mistake("refusal = every 5s for 1s"),
            "my.faults:1: 'for' is too much: the line ends before it, or with 'in 50%'");
  EXPECT_EQ(mistake("cut = every 0 for 1s"), "my.faults:1: every 0 is too often: leave the line out for never");
  EXPECT_EQ(mistake("fault_rules = no"), "my.faults:1: 'no' is no switch: say yes, or leave the line out");
  EXPECT_EQ(mistake("slow_hypervisors = 2000"), "my.faults:1: '2000' is no factor: say 0 to 1000");
  EXPECT_EQ(mistake("lose_frame = 0.1 in half"), "my.faults:1: 'half' is no share: say 0% to 100%");
  EXPECT_EQ(mistake("lose_frame = 0.1 in 101%"), "my.faults:1: '101%' is no share: say 0% to 100%");
  EXPECT_EQ(mistake("cut = every 1s for 1s\ncut = every 1s for 1s"), "my.faults:2: cut is said twice: once is enough");
}

TEST(FaultProfileFile, ShippedOnesAreInTheProgram) {
  EXPECT_EQ(shipped_profile_names(), "none, network, crash, swarm, grey");
  for (const ShippedProfile& shipped : shipped_profiles()) {
    auto file = FaultProfileFile::load(std::string(shipped.name));
    ASSERT_TRUE(file.has_value()) << file.error().message;
    EXPECT_EQ(file->draw(1).calm, shipped.name == "none");
  }
}

TEST(FaultProfileFile, OfNoSuchNameOrFileSaysWhatThereIs) {
  auto file = FaultProfileFile::load("earthquake");
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(file.error().message,
            "'earthquake' is neither a fault profile (none, network, crash, swarm, grey) nor a file of one");
}

// Every key of the swarm is a key that is known, and every known one is in the swarm: nothing is left unexplored.
TEST(FaultProfileFile, TheSwarmKnowsEveryKey) {
  std::string swarm(shipped_profiles()[3].text);
  std::string keys = known_fault_keys() + ",";
  for (size_t at = 0; at < keys.size();) {
    size_t comma = keys.find(',', at);
    std::string key = "\n" + keys.substr(at, comma - at) + " ";
    EXPECT_NE(swarm.find(key), std::string::npos) << key;
    at = keys.find_first_not_of(", ", comma);
  }
}

}  // namespace
}  // namespace kilonova::sim
