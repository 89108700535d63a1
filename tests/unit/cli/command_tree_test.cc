// The command tree: what can be typed, what wrong use gets, and that completion knows all of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/cli.h"
#include "cli/commands/completion.h"

namespace kilonova::cli {
namespace {

class CommandTreeTest : public testing::Test {
 protected:
  CommandTreeTest() : app_("test", "kilonova") { add_commands(app_, globals_); }

  // As main does it: 0 = would run, 2 = wrong use.
  int parse(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end());
    app_.clear();
    globals_.run = nullptr;
    try {
      app_.parse(words);
    } catch (const CLI::ParseError& wrong) {
      message_ = wrong.what();
      return wrong.get_exit_code() == 0 ? 0 : 2;
    }
    return globals_.run ? 0 : 2;  // a noun without a verb
  }

  Globals globals_;
  CLI::App app_;
  std::string message_;
};

void collect(const CLI::App& app, const std::string& path, std::vector<std::pair<std::string, const CLI::App*>>& commands) {
  for (const CLI::App* command : app.get_subcommands(nullptr)) {
    commands.emplace_back(path + " " + command->get_name(), command);
    collect(*command, path + " " + command->get_name(), commands);
  }
}

TEST_F(CommandTreeTest, CompletionListsEveryCommandAndOption) {
  std::string script = bash_completion(app_);
  std::vector<std::pair<std::string, const CLI::App*>> commands;
  collect(app_, "", commands);
  EXPECT_GT(commands.size(), 50u);
  for (const auto& [path, command] : commands) {
    size_t at = script.find("    \"" + path + "\") words=\"");
    ASSERT_NE(at, std::string::npos) << path;
    std::string words = script.substr(at, script.find('\n', at) - at);
    for (const CLI::Option* option : command->get_options())
      for (const std::string& name : option->get_lnames()) EXPECT_NE(words.find("--" + name), std::string::npos) << path;
    EXPECT_NE(words.find("--json"), std::string::npos) << path;
    EXPECT_FALSE(command->get_description().empty()) << path;
  }
}

TEST_F(CommandTreeTest, EveryVerbRuns) {
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "--json", "web1"},
           {"server", "create", "--flavor", "f", "--image", "i", "--network", "a", "--network", "b", "web1"},
           {"server", "delete", "a", "b", "c", "--wait"},
           {"--json", "server", "list", "--all-projects", "--long"},
           {"server", "reboot", "--hard", "a"},
           {"trace", "web1", "--json"},
           {"trace", "--from-logs", "/x", "web1"},
           {"explain", "web1"},
           {"fault", "add", "--step", "guest_started", "--count", "2"},
           {"fault", "clear"},
           {"quota", "set", "--instances", "-1", "demo"},
           {"replay", "--requests", "f.csv", "--speed", "max", "--ignore-departures"},
           {"bench", "launch", "--count", "5", "--clients", "2", "--json"},
           {"role", "add", "--user", "u", "--project", "p", "member"},
           {"keypair", "create", "--type", "ed25519", "k"},
           {"completion", "bash"}})
    EXPECT_EQ(parse(words), 0) << words[0] << ": " << message_;
}

TEST_F(CommandTreeTest, OptionsArriveWhereverTheyStand) {
  EXPECT_EQ(parse({"server", "list", "--json", "--state-dir", "/tmp/x"}), 0) << message_;
  EXPECT_TRUE(globals_.json);
  EXPECT_EQ(globals_.state_dir, "/tmp/x");
}

TEST_F(CommandTreeTest, WrongUseIsToldAndRunsNothing) {
  EXPECT_EQ(parse({}), 2);
  EXPECT_EQ(parse({"serve"}), 2);
  EXPECT_NE(message_.find("serve"), std::string::npos) << message_;
  EXPECT_EQ(parse({"server"}), 2);
  EXPECT_EQ(parse({"server", "create", "web1"}), 2);
  EXPECT_NE(message_.find("--flavor"), std::string::npos) << message_;
  EXPECT_EQ(parse({"server", "create", "--flavor", "f", "--image", "i", "--count", "many", "x"}), 2);
  EXPECT_EQ(parse({"keypair", "create", "--type", "dsa", "k"}), 2);
  EXPECT_EQ(parse({"role", "add", "--user", "u", "--project", "p", "owner"}), 2);
  EXPECT_EQ(globals_.run, nullptr);
}

}  // namespace
}  // namespace kilonova::cli
