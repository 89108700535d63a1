// The supervisor: starts the daemons of a cloud, waits until they serve, restarts those that die, and stops them in
// reverse order. One thread; it waits on file descriptors only.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "cli/up/process.h"
#include "cli/up/state_dir.h"
#include "cli/up/up_options.h"

namespace kilonova::up {

class Supervisor {
 public:
  // Reports go line by line to `say`. The state directory is locked by the caller.
  Supervisor(StateDir& state, std::vector<DaemonSpec> daemons, std::string grpc, std::string http, bool tls,
             std::vector<std::string> command_line, std::function<void(const std::string&)> say);
  ~Supervisor();

  // Returns when every daemon serves. kUnavailable with the reason a daemon gave when one could not start,
  // kDeadlineExceeded with the name of its log when one was not ready in time; then all are stopped again.
  Expected<> start();
  // Until SIGINT or SIGTERM, or for so long (0 = no limit); then stops everything.
  void run(Duration ttl);

 private:
  struct Daemon {
    DaemonSpec spec;
    StartedProcess process;
    bool running = false;
    bool ready = false;
    uint32_t restarts = 0;
    int64_t started_at_us = 0;      // by the wall clock, for cloud.json
    int64_t started_steady_us = 0;  // of the steady clock, as all that follows
    int64_t restart_at_us = 0;      // 0 = not planned
    int64_t backoff_us = 0;
    std::string last_end;
  };

  Expected<> launch(Daemon& daemon);
  Expected<> wait_ready(const std::function<bool()>& done);
  // One wait: signals, ready pipes, planned restarts. False when it is time to stop.
  bool turn(int timeout_ms);
  void take_ready(Daemon& daemon);
  void reap();
  void plan_restart(Daemon& daemon, int wait_status);
  void restart_due();
  int next_timeout_ms() const;
  bool is_over() const;
  void stop_all();
  // What the disk refuses is written a moment later.
  void write_cloud_file();

  StateDir& state_;
  std::vector<Daemon> daemons_;
  CloudFile cloud_;
  std::function<void(const std::string&)> say_;
  int signal_fd_ = -1;
  int64_t write_again_at_us_ = 0;  // 0 = cloud.json is as it should be
  int64_t ends_at_us_ = 0;         // 0 = when it is told to
  bool starting_ = true;
  std::string start_failure_;
};

}  // namespace kilonova::up
