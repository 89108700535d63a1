#include "cli/up/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace kilonova::up {
namespace {

constexpr int kReadyFd = 3;

struct Stat {
  char state = '?';
  uint64_t cpu_ticks = 0;
  uint64_t start_ticks = 0;
  uint64_t rss_pages = 0;
};

// proc(5); the command's name may hold spaces and parentheses, so fields are counted behind its last one.
std::optional<Stat> read_stat(pid_t pid) {
  std::ifstream in(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  size_t close = line.rfind(')');
  if (close == std::string::npos) return std::nullopt;
  std::istringstream fields(line.substr(close + 2));
  std::vector<std::string> values;
  for (std::string value; fields >> value;) values.push_back(value);
  if (values.size() < 22) return std::nullopt;
  return Stat{values[0][0], std::stoull(values[11]) + std::stoull(values[12]), std::stoull(values[19]),
              std::stoull(values[21])};
}

[[noreturn]] void become(const std::vector<char*>& argv, const std::vector<char*>& environment, int ready_write,
                         int error_fd, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::setpgid(0, 0);  // Ctrl-C is for the supervisor, which stops the daemons in order
  int null = ::open("/dev/null", O_RDWR);
  ::dup2(null, 0);
  ::dup2(error_fd, 1);
  ::dup2(error_fd, 2);
  if (ready_write != kReadyFd) {
    ::dup2(ready_write, kReadyFd);
  } else {
    ::fcntl(kReadyFd, F_SETFD, 0);
  }
  ::execve(argv[0], argv.data(), environment.data());
  std::string why = fmt::format("{} cannot be started: {}\n", argv[0], std::strerror(errno));
  [[maybe_unused]] ssize_t written = ::write(2, why.data(), why.size());
  ::_exit(127);
}

}  // namespace

Expected<StartedProcess> start_process(std::vector<std::string> argv, const std::string& error_file,
                                       std::vector<std::string> variables) {
  argv.push_back("--ready-fd");
  argv.push_back(fmt::format("{}", kReadyFd));
  std::vector<char*> raw;
  for (std::string& arg : argv) raw.push_back(arg.data());
  raw.push_back(nullptr);
  std::vector<char*> environment;
  for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  int error_fd = ::open(error_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  // A disk that is full or read-only is no reason not to start: its words are lost then.
  if (error_fd < 0) error_fd = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  int pipe_fds[2];
  if (error_fd < 0 || ::pipe2(pipe_fds, O_CLOEXEC) != 0)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be started: {}", argv[0], std::strerror(errno)));
  pid_t parent = ::getpid();
  pid_t pid = ::fork();
  if (pid == 0) become(raw, environment, pipe_fds[1], error_fd, parent);
  ::close(pipe_fds[1]);
  ::close(error_fd);
  if (pid < 0) {
    ::close(pipe_fds[0]);
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be started: {}", argv[0], std::strerror(errno)));
  }
  return StartedProcess{pid, start_ticks(pid).value_or(0), pipe_fds[0]};
}

std::optional<uint64_t> start_ticks(pid_t pid) {
  auto stat = read_stat(pid);
  return stat ? std::optional(stat->start_ticks) : std::nullopt;
}

bool is_running(pid_t pid, uint64_t ticks) {
  if (pid <= 0) return false;
  auto stat = read_stat(pid);
  return stat && stat->start_ticks == ticks && stat->state != 'Z' && stat->state != 'X';
}

bool is_frozen(pid_t pid) {
  auto stat = read_stat(pid);
  return stat && stat->state == 'T';
}

bool signal_process(pid_t pid, uint64_t ticks, int signal) {
  if (pid <= 1) return false;
  int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return false;
  // Whoever has the number now has it as long as the descriptor is his.
  bool sent = is_running(pid, ticks) && ::syscall(SYS_pidfd_send_signal, fd, signal, nullptr, 0) == 0;
  ::close(fd);
  return sent;
}

bool wait_until_gone(pid_t pid, uint64_t ticks, int timeout_ms) {
  if (!is_running(pid, ticks)) return true;
  int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return errno == ESRCH;
  pollfd wait{fd, POLLIN, 0};
  bool gone = ::poll(&wait, 1, timeout_ms) == 1;
  ::close(fd);
  return gone || !is_running(pid, ticks);
}

ProcessUsage usage(pid_t pid) {
  auto stat = read_stat(pid);
  if (!stat) return {};
  return {stat->rss_pages * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) / 1024,
          static_cast<double>(stat->cpu_ticks) / static_cast<double>(::sysconf(_SC_CLK_TCK))};
}

std::string describe_end(int wait_status) {
  if (WIFSIGNALED(wait_status))
    return fmt::format("was killed by signal {} ({})", WTERMSIG(wait_status), ::strsignal(WTERMSIG(wait_status)));
  return fmt::format("exited with {}", WEXITSTATUS(wait_status));
}

}  // namespace kilonova::up
