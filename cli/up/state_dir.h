// The state directory of a cloud: where everything lies, who holds it, and the file that tells what runs.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace kilonova::up {

struct RunningDaemon {
  std::string name;  // "compute-0"
  pid_t pid = 0;
  uint64_t start_ticks = 0;  // of /proc/<pid>/stat: tells it from a later process with the same pid
  uint32_t restarts = 0;
  int64_t started_at_us = 0;
  std::string last_end;  // how and why its last process ended by itself; "" = none did
  std::string metrics;   // "127.0.0.1:9100": where it serves them; "" = not at all, or it alone knows
};

// cloud.json: what `up` started. Written whole and renamed, so a reader sees one state or the next.
struct CloudFile {
  pid_t supervisor = 0;
  uint64_t supervisor_start_ticks = 0;
  std::string grpc;  // "127.0.0.1:8775"
  std::string http;  // "127.0.0.1:8774": of OpenStack's HTTP APIs; "" = of a cloud that an older kilonova started
  bool tls = false;  // spoken there
  int64_t started_at_us = 0;
  std::vector<std::string> command_line;
  std::vector<RunningDaemon> daemons;
};

// A new one of mode 0700 in /tmp, for a cloud that leaves nothing behind. Short: sockets lie in it.
Expected<std::string> temporary_state_dir();

class StateDir {
 public:
  explicit StateDir(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string log_dir() const { return path_ + "/logs"; }
  // The last line that the daemon's process wrote to its standard error, usually why it ended; "" = none.
  std::string last_words(const std::string& daemon) const;
  std::string config_file() const { return path_ + "/kilonova.conf"; }
  std::string clouds_yaml() const { return path_ + "/clouds.yaml"; }
  // Of Prometheus' file_sd_configs: where the daemons' metrics are.
  std::string metrics_targets() const { return path_ + "/metrics-targets.json"; }
  std::string socket(const std::string& daemon) const { return path_ + "/run/" + daemon + ".sock"; }

  // Makes it and its parts with mode 0700. kUnavailable says which cannot be made; kInvalidArgument when it is too long
  // for unix sockets.
  Expected<> prepare();
  // Removes what prepare() made of it, with all that is in there by now: of a cloud that never was. The lock is held.
  void unmake();
  // Taken for the life of this process (and of its children until they exec). kConflict when another process has it.
  Expected<> lock();
  // The lock is this process's from here on: a child that took it over says so.
  void say_holder() const;
  // Who holds it, as far as its file says.
  struct Holder {
    pid_t pid = 0;
    uint64_t start_ticks = 0;
  };
  std::optional<Holder> holder() const;
  // So that another try of this process can take it.
  void unlock();
  // Somebody holds the lock.
  bool is_locked() const;

  // Nothing when there is no such file. kDataLoss when it is not whole; kConflict, with both versions, when a newer
  // kilonova wrote it.
  Expected<std::optional<CloudFile>> read() const;
  // The same, and nothing when no supervisor holds the lock: what is in the file then runs no more.
  Expected<std::optional<CloudFile>> running() const;
  Expected<> write(const CloudFile& cloud) const;
  void remove_cloud_file() const;

 private:
  std::string path_;
  std::vector<std::string> made_;  // by prepare(): paths, the directory itself last
  int lock_fd_ = -1;
};

}  // namespace kilonova::up
