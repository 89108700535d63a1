// `sim run`: its exit code, its JSON, and the trace of a server.
#include "cli/sim/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace kilonova::cli {
namespace {

using ::testing::HasSubstr;

Printed printed(const RunRequest& request) {
  auto result = run_and_report(request);
  EXPECT_TRUE(result.has_value()) << result.error().message;
  return *std::move(result);
}

RunRequest small_run() {
  RunRequest request;
  request.options.launches = 4;
  request.options.hosts = 3;
  return request;
}

TEST(SimRun, EndsWithZeroWhenAllIsWell) {
  RunRequest request = small_run();
  request.check_determinism = true;
  Printed result = printed(request);
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.text, HasSubstr("the second run had the same history"));
}

// What a model of the cloud sees, stepped through a history: an action that was acknowledged is in each read that begins
// after that. "" when all is well.
std::string broken_read(const std::vector<nlohmann::json>& history) {
  std::map<std::string, uint64_t> begun;                       // by server, acknowledged so far
  std::map<uint64_t, std::pair<std::string, uint64_t>> reads;  // by process: of whom, and what it must show
  std::map<uint64_t, std::string> counted;                     // processes whose action counts in the row, and of whom
  for (const nlohmann::json& line : history) {
    const uint64_t process = line["process"];
    const std::string f = line["f"], type = line["type"];
    const std::string server = line["key"].is_string() ? line["key"] : "";
    if (type == "invoke" && f == "GetServer") reads[process] = {server, begun[server]};
    if (type == "invoke" && f == "ServerAction" && line["value"]["action"] != "crash-dump") counted[process] = server;
    if (type != "ok") continue;
    if (counted.contains(process)) begun[server] += 1;
    if (reads.contains(process) && line["value"][0]["operation"] < reads[process].second)
      return "process " + std::to_string(process) + " reads an operation that is over";
  }
  return "";
}

// Each call is invoked once and answered at most once, by its process; times do not go back.
TEST(SimRun, WritesTheHistoryOfItsClients) {
  RunRequest request;
  request.options.launches = 40;
  request.options.faults = "network";
  request.options.keep_history = true;
  request.history = ::testing::TempDir() + "history." + std::to_string(::getpid());
  EXPECT_EQ(printed(request).code, 0);
  std::ifstream file(request.history);
  std::map<uint64_t, std::string> processes;
  int64_t time = 0;
  uint64_t index = 0, created = 0, inputs = 0;
  std::vector<nlohmann::json> history;
  for (std::string line; std::getline(file, line); ++index) {
    auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["index"], index);
    EXPECT_GE(json["time"], time);
    time = json["time"];
    std::string& state = processes[json["process"]];
    const std::string type = json["type"];
    EXPECT_EQ(state, type == "invoke" ? "" : "invoke");
    state = type;
    if (type == "ok" && json["f"] == "CreateServers") created += json["value"].size();
    if (type == "invoke" && json["f"] == "CreateServers") inputs += json["value"]["token"].is_string() ? 1 : 0;
    history.push_back(std::move(json));
  }
  EXPECT_GT(inputs, 0u);
  EXPECT_EQ(broken_read(history), "");
  for (nlohmann::json& line : history)
    if (line["type"] == "ok" && line["f"] == "GetServer") line["value"][0]["operation"] = 0;
  EXPECT_NE(broken_read(history), "") << "the model sees a read that is stale";
  EXPECT_GE(created, 4u);
  EXPECT_GT(index, 20u);
  std::filesystem::remove(request.history);
  request.history = "/no/such/directory/history";
  auto refused = run_and_report(request);
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("cannot be written to '/no/such/directory/history'"));
}

TEST(SimRun, WritesEveryLaunchForOtherViewers) {
  RunRequest request = small_run();
  request.options.keep_steps = true;
  request.chrome =
      (std::filesystem::temp_directory_path() / ("chrome-" + std::to_string(::getpid()) + ".json")).string();
  EXPECT_THAT(printed(request).text, testing::Not(HasSubstr("trace")));
  std::ifstream file(request.chrome);
  const auto json = nlohmann::json::parse(file);
  EXPECT_EQ(json["otherData"]["servers"], 4);
  std::map<std::string, int> active;
  for (const auto& event : json["traceEvents"])
    if (event["name"] == "active") active[event["args"]["server"]] += 1;
  EXPECT_EQ(active.size(), 4u);
  std::filesystem::remove(request.chrome);
  request.chrome = "/no/such/directory/chrome";
  EXPECT_THAT(run_and_report(request).error().message, HasSubstr("the trace cannot be written to '/no/such/"));
}

TEST(SimRun, EndsWithOneWhenTheSecondHistoryDiffers) {
  RunRequest request = small_run();
  request.check_determinism = true;
  request.simulate = [runs = 0](const sim::RunOptions& options) mutable {
    sim::RunResult result;
    result.options = options;
    result.digest = static_cast<uint64_t>(++runs);
    return result;
  };
  Printed result = printed(request);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.text, HasSubstr("the second run had another history"));
  request.json = true;
  auto json = nlohmann::json::parse(printed(request).text);
  EXPECT_NE(json["digest"], json["second_digest"]);
}

TEST(SimRun, EndsWithOneAndTheCommandWhenSomethingIsViolated) {
  RunRequest request = small_run();
  request.options.bugs.lie = [](Transaction& transaction) {
    return holds_alternative<mutation::InsertInstance>(transaction.front());
  };
  Printed result = printed(request);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.text, HasSubstr("VIOLATED   acknowledgements: the create of server "));
  EXPECT_THAT(result.text, HasSubstr("replay     kilonova sim run --seed 1 "));
}

TEST(SimRun, RefusesWhatCannotBe) {
  RunRequest request = small_run();
  request.options.hosts = 0;
  EXPECT_EQ(run_and_report(request).error().code, ErrorCode::kInvalidArgument);
}

TEST(SimRun, IsOneDocumentOfJsonWithLogAndTrace) {
  RunRequest request = small_run();
  request.json = true;
  EXPECT_FALSE(nlohmann::json::parse(printed(request).text).contains("trace"));
  request.options.trace = "server-2";
  request.options.keep_events = true;
  auto json = nlohmann::json::parse(printed(request).text);
  EXPECT_EQ(json["trace"].size(), 13u);
  EXPECT_EQ(json["trace"][12]["step"], "active");
  EXPECT_GT(json["log"].size(), 0u);
}

TEST(SimRun, SaysWhatBecameOfTheLaunchesAndWhichFaultsHappened) {
  RunRequest request = small_run();
  request.json = true;
  request.options.launches = 60;
  request.options.faults = "swarm";
  auto json = nlohmann::json::parse(printed(request).text);
  const auto& launches = json["launches"];
  uint64_t ended = 0, happened = 0;
  for (const char* outcome : {"active_at_first_host", "active_after_reschedule", "error", "deleted_while_building"})
    ended += launches[outcome].get<uint64_t>();
  EXPECT_EQ(ended, launches["stored"].get<uint64_t>());
  EXPECT_EQ(launches["building"], 0);
  for (const auto& [kind, times] : json["faults"]["by_kind"].items()) happened += times.get<uint64_t>();
  EXPECT_GT(happened, 0u);
  EXPECT_EQ(json["faults"]["happened"], happened);
  EXPECT_GE(json["checked"]["rows"].get<uint64_t>(), 2 * ended);
}

// More names are found than servers are left: a name was remembered when its server was created.
TEST(SimRun, TracesServersByNameThatAreGoneWhenItEnds) {
  RunRequest request = small_run();
  request.options.launches = 30;
  request.options.faults = "network";
  uint64_t found = 0, left = 0;
  for (int number = 2; number < 40; ++number) {
    request.options.trace = "server-" + std::to_string(number);
    auto result = sim::run_simulation(request.options);
    ASSERT_TRUE(result.has_value());
    found += result->steps.empty() ? 0 : 1;
    left = 0;
    for (const auto& [status, count] : result->servers) left += count;
  }
  EXPECT_GT(found, left);
  request.options.trace = "nobody";
  Printed wrong = printed(request);
  EXPECT_THAT(wrong.wrong, HasSubstr("'nobody'"));
  EXPECT_EQ(wrong.code, 1);
}

TEST(SimRun, TracesInTheOrderOfTheLaunchAndListsTheNames) {
  RunRequest request = small_run();
  request.options.launches = 30;
  request.options.faults = "swarm";
  request.list = true;
  request.options.keep_events = true;
  std::string names = printed(request).text;
  ASSERT_FALSE(names.empty());
  request.list = false;
  request.json = true;
  for (size_t begin = 0; begin < names.size();) {
    size_t end = names.find('\n', begin);
    request.options.trace = names.substr(begin, end - begin);
    begin = end + 1;
    auto json = nlohmann::json::parse(printed(request).text);
    ASSERT_FALSE(json["trace"].empty()) << request.options.trace;
    for (size_t i = 1; i < json["trace"].size(); ++i) {
      const auto& before = json["trace"][i - 1];
      const auto& after = json["trace"][i];
      bool same_try = before["server"] == after["server"] && before["epoch"] == after["epoch"];
      if (same_try) EXPECT_LE(before["number"].get<int>(), after["number"].get<int>()) << json["trace"].dump();
    }
  }
}

TEST(SimRun, PlaysAScenario) {
  auto path = std::filesystem::path(::testing::TempDir()) / "run_report_test.scenario";
  std::ofstream(path) << "launch\nsettle\nexpect 2 active\n";
  auto text = play_and_report(path, {}, false, false);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(text->code, 1);
  EXPECT_THAT(text->text, HasSubstr("13 active "));
  EXPECT_THAT(text->text, HasSubstr(":3: 2 active were expected, 1 found"));
  auto json = play_and_report(path, {}, true, true);
  ASSERT_TRUE(json.has_value());
  auto parsed = nlohmann::json::parse(json->text);
  EXPECT_EQ(parsed["steps"].size(), 13u);
  EXPECT_EQ(parsed["failures"].size(), 1u);
  EXPECT_TRUE(parsed.contains("log"));
  std::filesystem::remove(path);
  EXPECT_EQ(play_and_report(path, {}, false, false).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace kilonova::cli
