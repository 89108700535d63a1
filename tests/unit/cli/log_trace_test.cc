#include "cli/trace/log_trace.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "domain/decision_text.h"
#include "tests/unit/cli/sample_launch.h"

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

class LogTraceTest : public testing::Test {
 protected:
  LogTraceTest() {
    std::string name = (fs::temp_directory_path() / "kilonova-logs-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    fs::create_directories(directory_ / "logs");
  }
  ~LogTraceTest() override { fs::remove_all(directory_); }

  void write(const std::string& file, const std::string& text) {
    std::ofstream(directory_ / "logs" / file, std::ios::app) << text;
  }
  // Each daemon's own file, as they write them.
  void write_steps(LogFormat format) {
    for (const StepRecord& record : two_tries()) write(record.daemon + ".log", log_line(format, kServer, record));
  }
  LaunchTrace of_cloud() const { return {.server = to_string(kServer), .steps = two_tries()}; }

  fs::path directory_;
};

TEST_F(LogTraceTest, TheLogsOfACloudGiveTheJsonThatTheCloudGave) {
  for (LogFormat format : {LogFormat::kHuman, LogFormat::kJson}) {
    fs::remove_all(directory_ / "logs");
    fs::create_directories(directory_ / "logs");
    write_steps(format);
    auto trace = trace_from_logs(directory_.string(), to_string(kServer));
    ASSERT_TRUE(trace) << trace.error().message;
    EXPECT_EQ(trace_json(*trace).dump(), trace_json(of_cloud()).dump());
  }
}

TEST_F(LogTraceTest, RotatedFilesAndBothFormatsTogether) {
  std::vector<StepRecord> steps = two_tries();
  for (size_t i = 0; i < steps.size(); ++i) {
    LogFormat format = i % 2 == 0 ? LogFormat::kHuman : LogFormat::kJson;
    write(i < 6 ? steps[i].daemon + ".1.log" : steps[i].daemon + ".log", log_line(format, kServer, steps[i]));
  }
  auto trace = trace_from_logs((directory_ / "logs").string(), to_string(kServer));
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->steps, steps);
}

TEST_F(LogTraceTest, OtherServersOtherEventsAndGarbageArePassedOver) {
  write("controller-0.log", "\n\x01\xff garbage instance=" + to_string(kServer) + "\n");
  write("controller-0.log",
        "2026-11-23T14:05:09Z INFO controller-0 message=\"a guest was stopped\" instance=" + to_string(kServer) + "\n");
  Uuid other = kServer;
  other.bytes[0] ^= 1;
  for (const StepRecord& record : two_tries()) write("controller-0.log", log_line(LogFormat::kHuman, other, record));
  write_steps(LogFormat::kHuman);
  std::string last = log_line(LogFormat::kHuman, kServer, two_tries()[3]);
  write("scheduler-0.log", last.substr(0, last.size() / 2));  // cut by a kill -9
  auto trace = trace_from_logs(directory_.string(), to_string(kServer));
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->steps, two_tries());
}

TEST_F(LogTraceTest, ANameIsFoundInALineThatHasIt) {
  write_steps(LogFormat::kHuman);
  write("controller-0.log", "2026-11-23T14:05:09Z INFO controller-0 message=\"server created\" name=web1 instance=" +
                                to_string(kServer) + "\n");
  auto trace = trace_from_logs(directory_.string(), "web1");
  ASSERT_TRUE(trace) << trace.error().message;
  EXPECT_EQ(trace->server, to_string(kServer));
  EXPECT_FALSE(trace_from_logs(directory_.string(), "web"));
}

TEST_F(LogTraceTest, JsonLinesNameServersToo) {
  std::string line = R"({"time":"x","name":"my \"web\"","instance":")" + to_string(kServer) + "\"}\n";
  EXPECT_EQ(find_name(line, "my \"web\""), kServer);
  EXPECT_EQ(find_name(line, "my"), std::nullopt);
}

TEST_F(LogTraceTest, DecisionsAreReadFromTheSchedulersLines) {
  Decision first{.epoch = 1, .attempt = 1, .scheduler = "scheduler-0", .driver = "filter", .hosts_total = 3};
  first.chosen = "host \"one\"";
  Decision second = first;
  second.epoch = second.attempt = 2;
  second.from_alternates = true;
  auto field = [](const Decision& decision) {
    LineBuffer quoted;
    append_quoted(quoted, to_text(decision));
    return fmt::to_string(quoted);
  };
  const std::string server = to_string(kServer);
  write("scheduler-0.log", "2026-11-23T14:05:10Z INFO scheduler-0 message=\"host chosen\" instance=" + server +
                               " decision=" + field(second) + "\n");
  write("scheduler-1.log", R"({"time":"x","message":"host chosen","instance":")" + server + R"(","decision":)" +
                               field(first) + "}\n");
  Decision repeated = first;
  repeated.reason = "A repeated cast: it goes to the host selected first.";
  write("scheduler-1.log", R"({"time":"y","message":"host chosen","instance":")" + server + R"(","decision":)" +
                               field(repeated) + "}\n");
  auto found = decisions_from_logs(directory_.string(), server);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->decisions, (std::vector<Decision>{first, second}));
  write("controller-0.log", "2026-11-23T14:05:09Z INFO controller-0 message=\"server created\" name=web1 instance=" +
                                server + "\n");
  EXPECT_EQ(decisions_from_logs(directory_.string(), "web1")->server, server);
  EXPECT_EQ(decisions_from_logs(directory_.string(), "web2").error().code, ErrorCode::kNotFound);
}

TEST_F(LogTraceTest, WhatIsNotThereIsSaid) {
  auto message_of = [&](const std::string& directory, const std::string& server) {
    auto trace = trace_from_logs(directory, server);
    EXPECT_FALSE(trace);
    return trace ? "" : trace.error().message;
  };
  EXPECT_NE(message_of("/no/such/directory", "web1").find("/no/such/directory"), std::string::npos);
  EXPECT_NE(message_of(directory_.string(), "web1").find("no log file"), std::string::npos);
  write_steps(LogFormat::kHuman);
  EXPECT_NE(message_of(directory_.string(), "web1").find("give its id"), std::string::npos);
  EXPECT_NE(message_of(directory_.string(), "00000000-0000-4000-8000-000000000000").find("no line"), std::string::npos);
}

}  // namespace
}  // namespace kilonova::cli
