// A process of its own that runs seeds, so that a crash, an abort or an endless loop in one is an outcome of that seed and
// not the end of the exploration. The program must have one thread when it forks.
#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/sim/seed_outcome.h"

namespace kilonova::cli {

struct SeedWork {
  Simulate simulate;
  sim::RunOptions run;  // of every seed
  uint64_t first = 0;   // this seed and every stride-th after it, up to `last`
  uint64_t last = 0;
  uint64_t stride = 1;
  bool twice = false;            // each seed, and compare
  bool stop_at_failure = false;  // run no further seed after one that failed
  uint32_t time_limit = 600;     // real seconds for a seed; whoever takes longer is killed. 0 = none
};

class SeedProcess {
 public:
  // kInternal when the system has no process or no pipe left.
  static Expected<std::unique_ptr<SeedProcess>> start(SeedWork work);
  // Kills the process if it is still at work.
  ~SeedProcess();
  SeedProcess(const SeedProcess&) = delete;
  SeedProcess& operator=(const SeedProcess&) = delete;

  // Readable when the process has something to tell, or has ended.
  int descriptor() const { return pipe_; }
  // Waits for the next piece that it tells and adds the outcomes in it. False when it has ended; if it ended in the middle
  // of a seed, the last outcome is that seed's, with `died`.
  bool read(std::vector<SeedOutcome>& outcomes);
  // Of an ended process: the seed after the last that it began; nullopt when there is none.
  std::optional<uint64_t> next_seed() const;

 private:
  SeedProcess(SeedWork work, pid_t pid, int pipe) : work_(std::move(work)), pid_(pid), pipe_(pipe) {}
  void take(const std::string& line, std::vector<SeedOutcome>& outcomes);
  int reap();
  std::string end_of(int status) const;

  SeedWork work_;
  pid_t pid_;
  int pipe_;
  std::string unread_;             // less than a line
  std::optional<uint64_t> begun_;  // the last seed that it began,
  bool told_ = true;               // and whether its outcome came
};

}  // namespace kilonova::cli
