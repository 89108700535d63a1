// The command tree: what can be typed, and what wrong use gets.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "cli/cli.h"

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

TEST_F(CommandTreeTest, EveryVerbRuns) {
  for (std::vector<std::string> words : std::vector<std::vector<std::string>>{
           {"server", "create", "--flavor", "m1.tiny", "--image", "cirros", "--wait", "--json", "web1"},
           {"server", "create", "--flavor", "f", "--image", "i", "--network", "a", "--network", "b", "web1"},
           {"server", "delete", "a", "b", "c", "--wait"},
           {"--json", "server", "list", "--all-projects", "--long"},
           {"server", "reboot", "--hard", "a"},
           {"server", "resize", "--flavor", "f", "a", "--wait"},
           {"server", "resize", "confirm", "a", "b"},
           {"server", "resize", "revert", "--wait", "a"},
           {"server", "group", "create", "--policy", "anti-affinity", "--rule", "max_server_per_host=2", "g"},
           {"server", "create", "--flavor", "f", "--image", "i", "--server-group", "g", "--hint", "same_host=x",
            "web1"},
           {"host", "force-down", "h"},
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
           {"server", "stop", "a", "b", "--wait", "--timeout", "30s"},
           {"-f", "value", "-c", "id", "server", "list", "--sort-column", "name"},
           {"wait", "server", "a", "--for", "active", "--timeout", "1m"},
           {"wait", "host", "h", "--for", "down"},
           {"wait", "idle"},
           {"events", "--follow", "--since", "7", "-f", "json"},
           {"logs", "compute", "--server", "a"},
           {"trace", "--all", "-f", "csv"},
           {"explain", "--all", "-f", "json"},
           {"bundle", "b.tar.gz"},
           {"help", "server", "create"},
           {"version"},
           {"flavor", "create", "--ram", "4G", "--disk", "20", "f"},
           {"image", "create", "--size", "300M", "i"},
           {"completion", "fish"},
           {"completion", "bash"}})
    EXPECT_EQ(parse(words), 0) << words[0] << ": " << message_;
}

TEST_F(CommandTreeTest, OptionsArriveWhereverTheyStand) {
  EXPECT_EQ(parse({"server", "list", "--json", "--state-dir", "/tmp/x"}), 0) << message_;
  EXPECT_EQ(globals_.style.format, Format::kJson);
  EXPECT_EQ(globals_.state_dir.value, "/tmp/x");
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
