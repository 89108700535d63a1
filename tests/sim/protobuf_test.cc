// Whole clouds whose messages all take the trip over the wire: to protobuf bytes and back. A field that the converters
// forget aborts in through_protobuf(); one that they change makes another history.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/sim/protobuf_codec.h"
#include "domain/api.h"
#include "sim/run.h"
#include "sim/scenario.h"

namespace kilonova::sim {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(SimProtobuf, ASeedGivesTheSameHistoryOverTheWire) {
  for (uint64_t seed = 20'001; seed <= 20'020; ++seed) {
    RunOptions options;
    options.seed = seed;
    options.faults = "swarm";
    auto direct = run_simulation(options);
    options.codec = cli::through_protobuf;
    options.serialize = cli::bytes_of;
    auto result = run_simulation(options);
    ASSERT_TRUE(direct.has_value() && result.has_value());
    for (const std::string& violation : result->violations)
      ADD_FAILURE() << violation << "\nreplay with: " << replay_command(options);
    EXPECT_EQ(result->digest, direct->digest) << replay_command(options);
    EXPECT_GT(result->network.messages, 0u);
  }
}

// A list that is answered as an administrator's: no checker knows this operation, and what is another's is seen all the same.
TEST(SimProtobuf, WhatIsAnothersIsFoundInAnyAnswer) {
  RunOptions options;
  options.faults = "network";
  options.serialize = cli::bytes_of;
  options.codec = [](Message message) {
    auto* call = get_if<ApiCall>(&message.body);
    if (call != nullptr && holds_alternative<ListNetworks>(call->request)) call->context.role = UserRole::kAdmin;
    return message;
  };
  std::string found;
  for (options.seed = 1; options.seed <= 5 && found.empty(); ++options.seed) {
    auto result = run_simulation(options);
    ASSERT_TRUE(result.has_value());
    if (!result->ok()) found = result->violations.front();
  }
  EXPECT_TRUE(found.starts_with("isolation: the answer to ListNetworks")) << found;
}

TEST(SimProtobuf, EveryScenarioGivesItsTranscriptOverTheWire) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  size_t played_ones = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(root == nullptr ? "." : root) / "tests/sim/scenarios")) {
    if (entry.path().extension() != ".scenario") continue;
    fs::path path = entry.path();
    auto played = play_scenario(content_of(path), path.stem().string(), {.codec = cli::through_protobuf, .bugs = {}});
    ASSERT_TRUE(played.has_value()) << played.error().message;
    for (const std::string& failure : played->failures) ADD_FAILURE() << failure;
    EXPECT_EQ(transcript_of(played->steps), content_of(path.replace_extension(".txt"))) << path;
    played_ones += 1;
  }
  EXPECT_GT(played_ones, 20u);
}

}  // namespace
}  // namespace kilonova::sim
