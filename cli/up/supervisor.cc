#include "cli/up/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace kilonova::up {
namespace {

constexpr int64_t kStartLimitUs = 120'000'000;  // a database of millions of rows takes a while to load
constexpr int64_t kShortLifeUs = 5'000'000;
constexpr int64_t kFirstBackoffUs = 100'000;
constexpr int64_t kLongestBackoffUs = 10'000'000;
constexpr int64_t kWriteAgainUs = 1'000'000;
constexpr int kStopLimitMs = 10'000;

int64_t clock_us(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}
int64_t steady_us() { return clock_us(CLOCK_MONOTONIC); }
int64_t wall_us() { return clock_us(CLOCK_REALTIME); }

// A message is hundreds of small allocations, made and freed together: of each size glibc's thread cache holds so many, by
// default seven, beyond which each costs a lock and a search. Only the environment can say it.
constexpr const char* kTunables = "GLIBC_TUNABLES";
constexpr const char* kThreadCache = "glibc.malloc.tcache_count=100";

// Tunables that the user has set are his affair.
std::vector<std::string> variables_of(const DaemonSpec& daemon) {
  std::vector<std::string> variables = daemon.variables;
  if (::getenv(kTunables) == nullptr) variables.push_back(fmt::format("{}={}", kTunables, kThreadCache));
  return variables;
}

}  // namespace

Supervisor::Supervisor(StateDir& state, std::vector<DaemonSpec> daemons, std::string grpc, std::string http, bool tls,
                       std::vector<std::string> command_line, std::function<void(const std::string&)> say)
    : state_(state), say_(std::move(say)) {
  for (DaemonSpec& spec : daemons) daemons_.push_back(Daemon{.spec = std::move(spec), .process = {}});
  cloud_.supervisor = ::getpid();
  cloud_.supervisor_start_ticks = start_ticks(::getpid()).value_or(0);
  cloud_.grpc = std::move(grpc);
  cloud_.http = std::move(http);
  cloud_.tls = tls;
  cloud_.command_line = std::move(command_line);
  sigset_t watched;
  sigemptyset(&watched);
  for (int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP}) sigaddset(&watched, signal);
  sigprocmask(SIG_BLOCK, &watched, nullptr);
  signal_fd_ = ::signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC);
}

Supervisor::~Supervisor() {
  stop_all();
  ::close(signal_fd_);
}

Expected<> Supervisor::launch(Daemon& daemon) {
  auto started =
      start_process(daemon.spec.argv, state_.log_dir() + "/" + daemon.spec.name + ".stderr", variables_of(daemon.spec));
  if (!started) return std::unexpected(started.error());
  daemon.process = *started;
  daemon.running = true;
  daemon.ready = false;
  daemon.restart_at_us = 0;
  daemon.started_at_us = wall_us();
  daemon.started_steady_us = steady_us();
  return {};
}

Expected<> Supervisor::start() {
  cloud_.started_at_us = wall_us();
  if (auto launched = launch(daemons_.front()); !launched) return launched;
  if (auto ready = wait_ready([this] { return daemons_.front().ready; }); !ready) return ready;
  for (size_t i = 1; i < daemons_.size(); ++i)
    if (auto launched = launch(daemons_[i]); !launched) return launched;
  auto all = [this] { return std::ranges::all_of(daemons_, [](const Daemon& d) { return d.ready; }); };
  if (auto ready = wait_ready(all); !ready) return ready;
  starting_ = false;
  write_cloud_file();
  return {};
}

Expected<> Supervisor::wait_ready(const std::function<bool()>& done) {
  int64_t deadline = steady_us() + kStartLimitUs;
  while (!done()) {
    int64_t left_ms = (deadline - steady_us()) / 1'000;
    bool go_on = left_ms > 0 && turn(static_cast<int>(left_ms));
    if (go_on && start_failure_.empty()) continue;
    std::string why = start_failure_;
    if (why.empty() && left_ms > 0) why = "it was told to stop before it was up";
    for (const Daemon& daemon : daemons_)
      if (why.empty() && daemon.running && !daemon.ready)
        why = fmt::format("{} was not ready within {} s: see {}/{}.log", daemon.spec.name, kStartLimitUs / 1'000'000,
                          state_.log_dir(), daemon.spec.name);
    stop_all();
    bool too_late = start_failure_.empty() && left_ms <= 0;
    return fail(too_late ? ErrorCode::kDeadlineExceeded : ErrorCode::kUnavailable, why);
  }
  return {};
}

bool Supervisor::is_over() const { return ends_at_us_ != 0 && ends_at_us_ <= steady_us(); }

void Supervisor::run(Duration ttl) {
  if (ttl.us > 0) ends_at_us_ = steady_us() + ttl.us;
  while (turn(next_timeout_ms()) && !is_over()) {
    restart_due();
    if (write_again_at_us_ != 0 && write_again_at_us_ <= steady_us()) write_cloud_file();
  }
  say_(is_over() ? "stopping: its time (--ttl) is over" : "stopping");
  stop_all();
  state_.remove_cloud_file();
}

bool Supervisor::turn(int timeout_ms) {
  std::vector<pollfd> waits{{signal_fd_, POLLIN, 0}};
  for (const Daemon& daemon : daemons_)
    if (daemon.running && daemon.process.ready_fd >= 0) waits.push_back({daemon.process.ready_fd, POLLIN, 0});
  int count = ::poll(waits.data(), waits.size(), timeout_ms);
  if (count <= 0) return true;
  for (Daemon& daemon : daemons_) {
    bool readable = std::ranges::any_of(waits, [&](const pollfd& w) {
      return w.fd == daemon.process.ready_fd && (w.revents & (POLLIN | POLLHUP)) != 0;
    });
    if (daemon.process.ready_fd >= 0 && readable) take_ready(daemon);
  }
  signalfd_siginfo info{};
  bool stop = false;
  while (::read(signal_fd_, &info, sizeof info) == sizeof info) {
    if (info.ssi_signo == SIGCHLD) {
      reap();
    } else {
      stop = true;
    }
  }
  return !stop;
}

void Supervisor::take_ready(Daemon& daemon) {
  char line[16];
  ssize_t got = ::read(daemon.process.ready_fd, line, sizeof line);
  if (got > 0) daemon.ready = true;
  ::close(std::exchange(daemon.process.ready_fd, -1));
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    auto dead = std::ranges::find_if(daemons_, [pid](const Daemon& d) { return d.running && d.process.pid == pid; });
    if (dead == daemons_.end()) continue;
    dead->running = false;
    dead->ready = false;
    if (dead->process.ready_fd >= 0) ::close(std::exchange(dead->process.ready_fd, -1));
    if (starting_) {
      std::string words = state_.last_words(dead->spec.name);
      // "kilonova compute-0: ...": the command puts its own name before it.
      if (constexpr std::string_view kPrefix = "kilonova "; words.starts_with(kPrefix)) words.erase(0, kPrefix.size());
      start_failure_ = words.empty() ? fmt::format("{} {}", dead->spec.name, describe_end(status)) : words;
    } else {
      plan_restart(*dead, status);
    }
  }
}

void Supervisor::plan_restart(Daemon& daemon, int wait_status) {
  bool short_life = steady_us() - daemon.started_steady_us < kShortLifeUs;
  daemon.backoff_us = short_life ? std::clamp(daemon.backoff_us * 2, kFirstBackoffUs, kLongestBackoffUs) : 0;
  daemon.restart_at_us = steady_us() + daemon.backoff_us;
  std::string words = state_.last_words(daemon.spec.name);
  daemon.last_end = fmt::format("{}{}{}", describe_end(wait_status), words.empty() ? "" : ": ", words);
  say_(fmt::format("{} (pid {}) {}; restarting it", daemon.spec.name, daemon.process.pid, daemon.last_end));
  write_cloud_file();
}

void Supervisor::restart_due() {
  bool changed = false;
  for (Daemon& daemon : daemons_) {
    if (daemon.running || daemon.restart_at_us == 0 || daemon.restart_at_us > steady_us()) continue;
    if (auto launched = launch(daemon); !launched) {
      daemon.restart_at_us = steady_us() + kLongestBackoffUs;
      say_(launched.error().message);
      continue;
    }
    daemon.restarts += 1;
    changed = true;
  }
  if (changed) write_cloud_file();
}

int Supervisor::next_timeout_ms() const {
  int64_t soonest = write_again_at_us_ != 0 ? write_again_at_us_ : -1;
  for (const Daemon& daemon : daemons_)
    if (!daemon.running && daemon.restart_at_us != 0 && (soonest < 0 || daemon.restart_at_us < soonest))
      soonest = daemon.restart_at_us;
  if (ends_at_us_ != 0 && (soonest < 0 || ends_at_us_ < soonest)) soonest = ends_at_us_;
  if (soonest < 0) return -1;
  constexpr int64_t kLongestUs = 1'000'000'000;  // poll takes an int of milliseconds
  soonest = std::min(soonest, steady_us() + kLongestUs);
  return static_cast<int>(std::max<int64_t>(0, (soonest - steady_us() + 999) / 1'000));
}

void Supervisor::stop_all() {
  for (auto daemon = daemons_.rbegin(); daemon != daemons_.rend(); ++daemon) {
    if (!daemon->running) continue;
    ::kill(daemon->process.pid, SIGTERM);
    ::kill(daemon->process.pid, SIGCONT);  // one that was frozen hears nothing else
    if (!wait_until_gone(daemon->process.pid, daemon->process.start_ticks, kStopLimitMs)) {
      say_(fmt::format("{} did not stop within {} s: killed", daemon->spec.name, kStopLimitMs / 1'000));
      ::kill(daemon->process.pid, SIGKILL);
    }
    ::waitpid(daemon->process.pid, nullptr, 0);
    daemon->running = false;
    if (daemon->process.ready_fd >= 0) ::close(std::exchange(daemon->process.ready_fd, -1));
  }
}

void Supervisor::write_cloud_file() {
  cloud_.daemons.clear();
  for (const Daemon& d : daemons_)
    cloud_.daemons.push_back(
        {d.spec.name, d.process.pid, d.process.start_ticks, d.restarts, d.started_at_us, d.last_end, d.spec.metrics});
  auto written = state_.write(cloud_);
  if (!written && write_again_at_us_ == 0) say_(written.error().message);
  write_again_at_us_ = written ? 0 : steady_us() + kWriteAgainUs;
}

}  // namespace kilonova::up
