// The log lines of a cloud's daemons, in the order of their times, and as they are written.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kilonova::cli {

struct LogLine {
  std::string daemon;  // "compute-0", after the file's name
  std::string text;    // without its line end
};

// Which lines; all that are named must fit. "" and none: any.
struct LogFilter {
  std::vector<std::string> daemons;  // "compute-0", or "compute" for all of the kind
  std::vector<std::string> texts;    // parts of the line: a server's uuid, a request id

  bool takes_daemon(std::string_view daemon) const;
  bool takes(std::string_view line) const;
};

// "2026-11-23T14:05:09.123456Z", which either form of line has, sorts as text; "" = the line has no time.
std::string_view time_of_line(std::string_view line);

// All lines of the logs (rotated files included) in `directory`, by time; of one time, by daemon, and as they stand. A
// line without a time goes with the one before it. kNotFound: no such directory, or no log in it.
Expected<std::vector<LogLine>> read_log_lines(const std::string& directory, const LogFilter& filter);

// What is written to the logs from its construction on. One thread; blocks in wait().
class LogFollower {
 public:
  // `from_start`: what is in the logs already is the first thing that is heard.
  static Expected<LogFollower> open(const std::string& directory, LogFilter filter, bool from_start);
  ~LogFollower();
  LogFollower(LogFollower&& other) noexcept;
  LogFollower(const LogFollower&) = delete;

  // Waits until something was written or `wake_fd` (-1 = none) can be read, for at most `timeout_ms` (-1 = for ever),
  // and calls `on_line` with each whole line that is new. False: `wake_fd` can be read.
  Expected<bool> wait(int wake_fd, int timeout_ms, const std::function<void(const LogLine& line)>& on_line);

 private:
  struct File {
    uint64_t inode = 0;
    size_t position = 0;
    std::string rest = {};  // a line that is not whole yet
  };

  LogFollower(std::string directory, LogFilter filter, int fd)
      : directory_(std::move(directory)), filter_(std::move(filter)), fd_(fd) {}
  void read_new(const std::function<void(const LogLine& line)>& on_line);
  void read_file(const std::string& name, const std::function<void(const LogLine& line)>& on_line);

  std::string directory_;
  LogFilter filter_;
  int fd_ = -1;                        // inotify
  std::map<std::string, File> files_;  // by name
};

// The directory with the logs: `directory`/logs of a state directory, or itself.
std::string log_directory(const std::string& directory);

}  // namespace kilonova::cli
