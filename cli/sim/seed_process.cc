#include "cli/sim/seed_process.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <utility>

namespace kilonova::cli {
namespace {

constexpr std::string_view kBegin = "begin ";

// False when nobody reads any more.
bool tell(int pipe, std::string line) {
  line += '\n';
  for (size_t told = 0; told < line.size();) {
    ssize_t written = write(pipe, line.data() + told, line.size() - told);
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) told += static_cast<size_t>(written);
  }
  return true;
}

// Of its alarm().
bool is_time_out(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM; }

// The life of the process: "begin SEED", then its outcome, for each seed.
void run_seeds(const SeedWork& work, int pipe) {
  for (uint64_t seed = work.first;; seed += work.stride) {
    if (!tell(pipe, fmt::format("{}{}", kBegin, seed))) return;
    alarm(work.time_limit);  // whose default action ends the process
    sim::RunOptions options = work.run;
    options.seed = seed;
    SeedOutcome outcome = run_seed(work.simulate, options, work.twice);
    alarm(0);
    if (!tell(pipe, line_of(outcome))) return;
    if (!outcome.ok() && work.stop_at_failure) return;
    if (work.last - seed < work.stride) return;
  }
}

}  // namespace

Expected<std::unique_ptr<SeedProcess>> SeedProcess::start(SeedWork work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    return fail(ErrorCode::kInternal, fmt::format("no pipe for a process that runs seeds: {}", std::strerror(errno)));
  std::fflush(nullptr);  // or the child would print it again
  pid_t pid = fork();
  if (pid < 0) {
    int error = errno;
    close(ends[0]);
    close(ends[1]);
    return fail(ErrorCode::kInternal, fmt::format("no process to run seeds: {}", std::strerror(error)));
  }
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(ends[0]);
    run_seeds(work, ends[1]);
    _exit(0);
  }
  close(ends[1]);
  return std::unique_ptr<SeedProcess>(new SeedProcess(std::move(work), pid, ends[0]));
}

SeedProcess::~SeedProcess() {
  close(pipe_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  reap();
}

int SeedProcess::reap() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) continue;
  pid_ = 0;
  return status;
}

// How it ended: "" for an orderly end.
std::string SeedProcess::end_of(int status) const {
  if (is_time_out(status)) return fmt::format("was ended after {} real seconds", work_.time_limit);
  if (WIFSIGNALED(status))
    return fmt::format("was ended by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)));
  return status == 0 ? "" : fmt::format("ended with status {}", WEXITSTATUS(status));
}

void SeedProcess::take(const std::string& line, std::vector<SeedOutcome>& outcomes) {
  if (line.starts_with(kBegin)) {
    uint64_t seed = 0;
    std::from_chars(line.data() + kBegin.size(), line.data() + line.size(), seed);
    begun_ = seed;
    told_ = false;
  } else if (auto outcome = parse_outcome(line)) {
    told_ = true;
    outcomes.push_back(*std::move(outcome));
  }
}

bool SeedProcess::read(std::vector<SeedOutcome>& outcomes) {
  std::array<char, 65536> buffer{};
  ssize_t count = ::read(pipe_, buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  if (count > 0) {
    unread_.append(buffer.data(), static_cast<size_t>(count));
    size_t begin = 0;
    for (size_t end; (end = unread_.find('\n', begin)) != std::string::npos; begin = end + 1)
      take(unread_.substr(begin, end - begin), outcomes);
    unread_.erase(0, begin);
    return true;
  }
  int status = reap();
  std::string died = end_of(status);
  if (!told_ || !died.empty()) {
    SeedOutcome outcome;
    outcome.seed = begun_.value_or(work_.first);
    outcome.hung = is_time_out(status);
    outcome.died = died.empty() ? "ended before it told an outcome" : std::move(died);
    outcomes.push_back(std::move(outcome));
  }
  return false;
}

std::optional<uint64_t> SeedProcess::next_seed() const {
  uint64_t begun = begun_.value_or(work_.first);  // who died before it began anything would do so again
  return work_.last - begun < work_.stride ? std::nullopt : std::optional(begun + work_.stride);
}

}  // namespace kilonova::cli
