#include "daemon/spdlog_log.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "runtime/virtual_loop.h"

namespace kilonova {
namespace {

class SpdlogLogTest : public ::testing::Test {
 protected:
  SpdlogLogTest() {
    std::string pattern = ::testing::TempDir() + "kilonova-log-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SpdlogLogTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<SpdlogLog> open(LogFormat format = LogFormat::kHuman, LogLevel level = LogLevel::kInfo) {
    LogOptions options{.daemon = "api-0", .file = file(), .level = level, .format = format};
    auto log = SpdlogLog::open(loop_, options);
    EXPECT_TRUE(log.has_value());
    return std::move(*log);
  }
  std::string file() const { return directory_ + "/api-0.log"; }
  std::vector<std::string> lines() const {
    std::ifstream in(file());
    std::vector<std::string> result;
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
  }

  VirtualLoop loop_;
  std::string directory_;
};

StepRecord record(uint64_t epoch) {
  StepRecord step;
  step.step = LaunchStep::kClaimed;
  step.epoch = epoch;
  step.daemon = "compute-0";
  step.host = "c1";
  step.fault = "line\nbreak";
  return step;
}

TEST_F(SpdlogLogTest, StepsReadBackInOrderInBothForms) {
  for (LogFormat format : {LogFormat::kHuman, LogFormat::kJson}) {
    std::filesystem::remove(file());
    auto log = open(format);
    for (uint64_t epoch = 0; epoch < 1000; ++epoch) log->step(Uuid{}, TraceContext{}, record(epoch));
    log.reset();
    std::vector<std::string> written = lines();
    ASSERT_EQ(written.size(), 1000u);
    for (uint64_t epoch = 0; epoch < 1000; ++epoch) {
      auto step = parse_step_line(written[epoch]);
      ASSERT_TRUE(step.has_value()) << written[epoch];
      EXPECT_EQ(step->record, record(epoch));
    }
  }
}

TEST_F(SpdlogLogTest, EventsAreOneLineEach) {
  auto log = open();
  log->event(LogLevel::kWarning, "a \"message\"\n", {{"user", "x\ny"}, {"count", "3"}});
  log.reset();
  std::vector<std::string> written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0],
            "2026-01-01T00:00:00.000000Z WARN api-0 message=\"a \\\"message\\\"\\n\" user=\"x\\ny\" count=3");
}

TEST_F(SpdlogLogTest, TimesMoveWithTheClock) {
  auto log = open(LogFormat::kJson);
  log->event(LogLevel::kInfo, "a", {});
  loop_.run_until(Instant{1'234});
  log->event(LogLevel::kInfo, "b", {});
  loop_.run_until(Instant{61'000'007});
  log->event(LogLevel::kInfo, "c", {});
  log.reset();
  std::vector<std::string> written = lines();
  ASSERT_EQ(written.size(), 3u);
  EXPECT_NE(written[0].find("2026-01-01T00:00:00.000000Z"), std::string::npos);
  EXPECT_NE(written[1].find("2026-01-01T00:00:00.001234Z"), std::string::npos);
  EXPECT_NE(written[2].find("2026-01-01T00:01:01.000007Z"), std::string::npos);
}

TEST_F(SpdlogLogTest, LinesBelowTheLevelAreNotWritten) {
  auto log = open(LogFormat::kHuman, LogLevel::kWarning);
  StepRecord good = record(1);
  good.fault.clear();
  log->step(Uuid{}, TraceContext{}, good);
  log->event(LogLevel::kInfo, "quiet", {});
  log->event(LogLevel::kError, "loud", {});
  log.reset();
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(SpdlogLogTest, LinesLeaveTheBufferAfterTheDelayWithoutAnotherCall) {
  auto log = open();
  log->event(LogLevel::kInfo, "one", {});
  EXPECT_TRUE(loop_.step());  // the timer
  EXPECT_FALSE(loop_.step());
  log.reset();
  EXPECT_EQ(lines().size(), 1u);
}

TEST_F(SpdlogLogTest, FilesRotate) {
  LogOptions options{.daemon = "api-0", .file = file(), .max_file_bytes = 100'000, .max_files = 2};
  auto log = SpdlogLog::open(loop_, options);
  ASSERT_TRUE(log.has_value());
  for (uint64_t epoch = 0; epoch < 2000; ++epoch) (*log)->step(Uuid{}, TraceContext{}, record(epoch));
  log->reset();
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/api-0.1.log"));
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/api-0.3.log"));
  EXPECT_LE(std::filesystem::file_size(file()), 100'000u);
  for (const std::string& line : lines()) EXPECT_TRUE(parse_step_line(line).has_value()) << "cut: " << line;
}

// The disk is full for a while: what cannot be written is told when it can be, on a line of its own.
TEST_F(SpdlogLogTest, LinesThatTheDiskRefusesAreTold) {
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  auto log = open();
  const rlimit small{150, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  auto written = [this] { return std::filesystem::file_size(file()); };
  for (int i = 0; i < 20 || written() < small.rlim_cur; ++i) {
    log->event(LogLevel::kInfo, "a line that is lost", {});
    log->flush();
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::vector<std::string> found;
  auto is_told = [](const std::string& line) {
    return line.starts_with("2026-") && line.find("\"log lines could not be written\" batches=") != line.npos;
  };
  // The writer's thread may be behind.
  while (std::ranges::none_of(found, is_told)) {
    log->event(LogLevel::kInfo, "a line that is kept", {});
    log->flush();
    found = lines();
  }
}

TEST_F(SpdlogLogTest, AFileThatCannotBeOpenedIsNamed) {
  std::ofstream(directory_ + "/plain") << "no directory";
  LogOptions options{.daemon = "api-0", .file = directory_ + "/plain/x.log"};
  auto log = SpdlogLog::open(loop_, options);
  ASSERT_FALSE(log.has_value());
  EXPECT_EQ(log.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(log.error().message.find("/plain/x.log"), std::string::npos);
}

}  // namespace
}  // namespace kilonova
