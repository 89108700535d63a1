// Every file of tests/sim/scenarios is played: what it expects must come, and the launch steps must be those of the golden
// transcript beside it. After a wanted change of a transcript: KILONOVA_UPDATE_GOLDEN=1 sim_scenario_test, and look.
#include "sim/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "domain/api.h"
#include "ports/call_number.h"

namespace kilonova::sim {
namespace {

namespace fs = std::filesystem;

fs::path directory() {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  return fs::path(root == nullptr ? "." : root) / "tests/sim/scenarios";
}

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory()))
    if (entry.path().extension() == ".scenario") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  return names;
}

class Scenario : public ::testing::TestWithParam<std::string> {};

TEST_P(Scenario, GivesItsTranscript) {
  fs::path path = directory() / (GetParam() + ".scenario");
  auto played = play_scenario(content_of(path), GetParam());
  ASSERT_TRUE(played.has_value()) << played.error().message;
  for (const std::string& failure : played->failures) ADD_FAILURE() << failure;
  std::string transcript = transcript_of(played->steps);
  fs::path golden = path.replace_extension(".txt");
  if (std::getenv("KILONOVA_UPDATE_GOLDEN") != nullptr) std::ofstream(golden) << transcript;
  EXPECT_EQ(transcript, content_of(golden)) << golden;
}

INSTANTIATE_TEST_SUITE_P(File, Scenario, ::testing::ValuesIn(names()), [](const auto& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
});

std::string mistake(std::string_view text) {
  auto played = play_scenario(text, "my.scenario");
  return played ? "no mistake" : played.error().message;
}

TEST(ScenarioFile, MistakesAreAnsweredWithTheirLineAndWhatWouldBeRight) {
  EXPECT_TRUE(mistake("\nexplode").starts_with("my.scenario:2: unknown word 'explode'; known are hosts, "));
  EXPECT_EQ(mistake("hosts none"), "my.scenario:1: 'none' is no number: say 0 to 1000000");
  EXPECT_EQ(mistake("hosts 0"), "my.scenario:1: a cloud has at least one of hosts");
  EXPECT_EQ(mistake("hosts"), "my.scenario:1: 'hosts' is said as: hosts COUNT");
  EXPECT_EQ(mistake("launch # first\nhosts 4"), "my.scenario:2: 'hosts' comes first, before anything happens");
  EXPECT_EQ(mistake("timing fast"), "my.scenario:1: 'fast' is no timing: say instant or realistic");
  EXPECT_EQ(mistake("when lunch"), "my.scenario:1: 'lunch' is no launch step such as guest_started, nor committed");
  EXPECT_EQ(mistake("wait 5"), "my.scenario:1: '5' is no duration: say 0, or a number with us, ms or s, up to one day");
  EXPECT_TRUE(mistake("lose Everything").starts_with("my.scenario:1: 'Everything' is no message; there are Select"));
  EXPECT_EQ(mistake("lose twice UsageUpdate"), "my.scenario:1: 'lose' is said as: lose [once] MESSAGE");
  EXPECT_TRUE(
      mistake("kill nobody-0").starts_with("my.scenario:1: there is no node 'nobody-0'; there are controller-0"));
  EXPECT_EQ(mistake("start api-0"), "my.scenario:1: api-0 is alive already");
  EXPECT_EQ(mistake("kill api-0\nlaunch"), "my.scenario:2: api-0 is dead: nobody can call it");
  EXPECT_EQ(mistake("cut-power api-0"), "my.scenario:1: only a compute process has guests that lose their power");
  EXPECT_EQ(mistake("slow-disk api-0 1s"), "my.scenario:1: api-0 has no disk");
  EXPECT_EQ(mistake("keep-unanswered compute-0"), "my.scenario:1: compute-0 has a journal, whose writes take no time");
  EXPECT_EQ(mistake("crash-host h"), "my.scenario:1: there is no host 'h' such as host-00000");
  EXPECT_EQ(mistake("cut api-0 network-0"), "my.scenario:1: api-0 and network-0 do not talk with each other");
  EXPECT_EQ(mistake("delete-server 1"), "my.scenario:1: there is no server 1: so far 0 were created");
  EXPECT_EQ(mistake("expect 1 happy"),
            "my.scenario:1: 'happy' cannot be counted: say guests, or a state such as active, stopped or error");
}

TEST(ScenarioFile, WhatDoesNotComeIsAFailureOfItsLine) {
  auto played = play_scenario("launch\nsettle\nexpect 2 active\nwhen active\n", "my.scenario");
  ASSERT_TRUE(played.has_value());
  EXPECT_EQ(played->failures, (std::vector<std::string>{"my.scenario:3: 2 active were expected, 1 found",
                                                        "my.scenario:4: active did not come within ten minutes"}));
}

TEST(ScenarioFile, ADeadDaemonIsNotSettledAndItsClientsWait) {
  auto played = play_scenario("kill compute-1\nlaunch\nkill api-0\nsettle\n", "my.scenario");
  ASSERT_TRUE(played.has_value());
  EXPECT_EQ(played->failures, (std::vector<std::string>{"my.scenario:4: settled: compute-1 is dead",
                                                        "my.scenario:4: settled: api-0 is dead",
                                                        "my.scenario:4: 1 clients are still waiting"}));
}

// A planted bug: the safety checkers of every run watch over scenarios too, and name the line.
TEST(ScenarioFile, WhatACheckerFindsIsAFailureOfTheLineThatLetTimePass) {
  ScenarioOptions options;
  options.bugs.lie = [](Transaction& transaction) {
    for (Mutation& m : transaction)
      if (auto* update = get_if<mutation::UpdateInstance>(&m))
        if (update->row.vm_state == VmState::kActive) update->row.vm_state = VmState::kStopped;
    return false;
  };
  auto played = play_scenario("launch\nwait 1ms\nwait 60s\n", "my.scenario", options);
  ASSERT_TRUE(played.has_value());
  ASSERT_FALSE(played->failures.empty());
  EXPECT_TRUE(played->failures[0].starts_with("my.scenario:3: transitions: server ")) << played->failures[0];
}

// The scenario bites: numbers of calls without the life that made them, as they were once.
TEST(ScenarioFile, AnAnswerToAnEarlierLifeIsSeenWhenItIsTaken) {
  ScenarioOptions options;
  options.codec = [life = Incarnation{}](Message message) mutable {
    if (holds_alternative<ApiCall>(message.body)) life = message.call >> kCallBits;
    if (holds_alternative<ApiReply>(message.body))
      message.call = call_number(life, message.call & ((uint64_t{1} << kCallBits) - 1));
    return message;
  };
  auto played = play_scenario(content_of(directory() / "an-answer-to-an-earlier-life.scenario"), "it", options);
  ASSERT_TRUE(played.has_value());
  EXPECT_THAT(played->failures, testing::Contains("it:13: clients: 1 servers were asked for, 2 answered"));
}

// What clients are told is checked too: here, that a server exists which the store does not have.
TEST(ScenarioFile, AnAnswerThatIsNotSoIsAFailure) {
  ScenarioOptions options;
  options.bugs.lie = [](Transaction& transaction) {
    return holds_alternative<mutation::InsertInstance>(transaction.front());
  };
  auto played = play_scenario("launch\nwait 1s\n", "my.scenario", options);
  ASSERT_TRUE(played.has_value());
  ASSERT_FALSE(played->failures.empty());
  EXPECT_TRUE(played->failures[0].starts_with("my.scenario:2: acknowledgements: the create of server "))
      << played->failures[0];
}

}  // namespace
}  // namespace kilonova::sim
