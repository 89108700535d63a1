#include "daemon/options.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace kilonova {
namespace {

struct Parsed {
  DaemonOptions options;
  std::optional<int> exit_code;
};

Parsed parse(Role role, std::vector<const char*> arguments) {
  Parsed parsed{DaemonOptions(role), {}};
  CLI::App app;
  add_daemon_options(app, parsed.options);
  arguments.insert(arguments.begin(), "daemon");
  ::testing::internal::CaptureStderr();
  ::testing::internal::CaptureStdout();
  parsed.exit_code = parse_command_line(app, static_cast<int>(arguments.size()), arguments.data(), parsed.options);
  ::testing::internal::GetCapturedStdout();
  ::testing::internal::GetCapturedStderr();
  return parsed;
}

TEST(DaemonOptions, DefaultsFollowTheStateDirectory) {
  Parsed parsed = parse(Role::kCompute, {"--state-dir", "/s", "--index", "3"});
  EXPECT_EQ(parsed.exit_code, std::nullopt);
  EXPECT_EQ(parsed.options.name(), "compute-3");
  EXPECT_EQ(parsed.options.listen, "unix:/s/run/compute-3.sock");
  EXPECT_EQ(parsed.options.controller, "unix:/s/run/controller-0.sock");
  EXPECT_EQ(parsed.options.log_file, "/s/logs/compute-3.log");
  EXPECT_FALSE(parsed.options.sync_full);
}

TEST(DaemonOptions, AControllerHasNoController) {
  EXPECT_EQ(parse(Role::kController, {"--state-dir", "/s"}).options.controller, "");
  EXPECT_EQ(parse(Role::kController, {"--controller", "unix:/x"}).exit_code, 2);
}

TEST(DaemonOptions, EveryOptionIsRead) {
  Parsed parsed = parse(Role::kCompute, {"--listen",
                                         "127.0.0.1:1",
                                         "--advertise",
                                         "a:1",
                                         "--controller",
                                         "c:2",
                                         "--log-file",
                                         "-",
                                         "--log-level",
                                         "debug",
                                         "--log-format",
                                         "json",
                                         "--sync",
                                         "full",
                                         "--ready-fd",
                                         "5",
                                         "--cluster-secret-file",
                                         "/f",
                                         "--metrics-listen",
                                         "127.0.0.1:9100"});
  ASSERT_EQ(parsed.exit_code, std::nullopt);
  EXPECT_EQ(parsed.options.listen, "127.0.0.1:1");
  EXPECT_EQ(parsed.options.advertise, "a:1");
  EXPECT_EQ(parsed.options.controller, "c:2");
  EXPECT_EQ(parsed.options.log_file, "-");
  EXPECT_EQ(parsed.options.log_level, LogLevel::kDebug);
  EXPECT_EQ(parsed.options.log_format, LogFormat::kJson);
  EXPECT_TRUE(parsed.options.sync_full);
  EXPECT_EQ(parsed.options.ready_fd, 5);
  EXPECT_EQ(parsed.options.secret_file, "/f");
  EXPECT_EQ(parsed.options.metrics_listen, "127.0.0.1:9100");
}

TEST(DaemonOptions, WrongUseIsTwoAndHelpIsZero) {
  EXPECT_EQ(parse(Role::kApi, {"--log-level", "loud"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kApi, {"--log-format", "xml"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kCompute, {"--sync", "maybe"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kApi, {"--index", "-1"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kApi, {"--index", "many"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kApi, {"--no-such-option"}).exit_code, 2);
  EXPECT_EQ(parse(Role::kApi, {"--help"}).exit_code, 0);
}

TEST(DaemonOptions, TheEnvironmentCounts) {
  ::setenv("KILONOVA_LOG_FORMAT", "json", 1);
  ::setenv("KILONOVA_STATE_DIR", "/from-environment", 1);
  Parsed parsed = parse(Role::kApi, {});
  ::unsetenv("KILONOVA_LOG_FORMAT");
  ::unsetenv("KILONOVA_STATE_DIR");
  EXPECT_EQ(parsed.options.log_format, LogFormat::kJson);
  EXPECT_EQ(parsed.options.listen, "unix:/from-environment/run/api-0.sock");
}

TEST(DaemonOptions, StateDirectoryFollowsXdg) {
  ::setenv("XDG_STATE_HOME", "/xdg", 1);
  EXPECT_EQ(default_state_dir(), "/xdg/kilonova");
  ::unsetenv("XDG_STATE_HOME");
  ::setenv("HOME", "/home/u", 1);
  EXPECT_EQ(default_state_dir(), "/home/u/.local/state/kilonova");
}

}  // namespace
}  // namespace kilonova
