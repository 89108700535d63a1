#include "cli/up/detach.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kilonova::up {
namespace {

constexpr char kAllWell = '+';

void write_all(int fd, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    ssize_t n = ::write(fd, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // nobody waits any more
    done += static_cast<size_t>(n);
  }
}

[[noreturn]] void live(int report_fd, const std::string& log_file, const std::function<int(const Report&)>& work) {
  int null = ::open("/dev/null", O_RDWR);
  int log = ::open(log_file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
  ::dup2(null, 0);
  ::dup2(log >= 0 ? log : null, 1);
  ::dup2(log >= 0 ? log : null, 2);
  int exit_code = work([report_fd](const Expected<>& result) {
    write_all(report_fd, result
                             ? std::string(1, kAllWell)
                             : static_cast<char>('A' + static_cast<int>(result.error().code)) + result.error().message);
    ::close(report_fd);
  });
  ::_exit(exit_code);
}

std::unexpected<Error> cannot_fork() {
  return fail(ErrorCode::kUnavailable, fmt::format("cannot go to the background: {}", std::strerror(errno)));
}

// What the child says, once.
Expected<> hear(int fd, const std::string& log_file) {
  std::string said;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) != 0;) {
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    said.append(buffer, static_cast<size_t>(n));
  }
  ::close(fd);
  if (said == std::string(1, kAllWell)) return {};
  if (said.empty()) return fail(ErrorCode::kUnavailable, fmt::format("the cloud did not start: see {}", log_file));
  return fail(static_cast<ErrorCode>(said.front() - 'A'), said.substr(1));
}

}  // namespace

Expected<> run_detached(const std::string& log_file, const std::function<int(const Report&)>& work) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return cannot_fork();
  pid_t first = ::fork();
  if (first < 0) return cannot_fork();
  if (first == 0) {
    ::close(fds[0]);
    ::setsid();
    if (::fork() != 0) ::_exit(0);  // never a session leader again: no terminal can come back
    live(fds[1], log_file, work);
  }
  ::close(fds[1]);
  ::waitpid(first, nullptr, 0);
  return hear(fds[0], log_file);
}

Expected<pid_t> run_attached(const std::string& log_file, const std::function<int(const Report&)>& work) {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return cannot_fork();
  pid_t parent = ::getpid();
  pid_t child = ::fork();
  if (child < 0) return cannot_fork();
  if (child == 0) {
    ::close(fds[0]);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(1);
    ::setpgid(0, 0);  // Ctrl-C is for the command that is run; the cloud ends after it
    live(fds[1], log_file, work);
  }
  ::close(fds[1]);
  if (auto up = hear(fds[0], log_file); !up) {
    ::waitpid(child, nullptr, 0);
    return std::unexpected(up.error());
  }
  return child;
}

}  // namespace kilonova::up
