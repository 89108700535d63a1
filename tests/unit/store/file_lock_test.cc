// A file is one process's, also while that process is frozen: so there is no second controller, and no second
// network-controller, on the same files (docs/protocol.md, "One identity, one process").
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "store/files.h"

namespace kilonova {
namespace {

// Takes the lock, and stops.
[[noreturn]] void hold(const std::string& path) {
  auto lock = posix_files().lock(path);
  if (!lock) _exit(1);
  raise(SIGSTOP);
  _exit(0);
}

TEST(FileLock, OfAFrozenProcessIsNobodyElses) {
  const std::string path = ::testing::TempDir() + "lock." + std::to_string(getpid()) + ".sqlite";
  const pid_t holder = fork();
  ASSERT_GE(holder, 0);
  if (holder == 0) hold(path);
  int status = 0;
  ASSERT_EQ(waitpid(holder, &status, WUNTRACED), holder);
  ASSERT_TRUE(WIFSTOPPED(status));
  auto second = posix_files().lock(path);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, ErrorCode::kConflict);
  EXPECT_NE(second.error().message.find(std::to_string(holder)), std::string::npos) << second.error().message;
  ASSERT_EQ(kill(holder, SIGKILL), 0);
  ASSERT_EQ(waitpid(holder, &status, 0), holder);
  EXPECT_TRUE(posix_files().lock(path).has_value()) << "it goes with its holder";
  unlink((path + ".lock").c_str());
}

}  // namespace
}  // namespace kilonova
