#include "cli/logs/log_lines.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "cli/output/read_file.h"

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

// "compute-0.log" and "compute-0.1.log" are of compute-0.
std::string daemon_of_file(const std::string& name) { return name.substr(0, name.find('.')); }

Expected<std::vector<std::string>> log_names(const std::string& directory) {
  std::error_code error;
  std::vector<std::string> names;
  fs::directory_iterator entries(directory, error);
  if (error) return fail(ErrorCode::kNotFound, fmt::format("'{}' cannot be read: {}", directory, error.message()));
  for (const fs::directory_entry& entry : entries)
    if (entry.path().extension() == ".log" && entry.path().stem() != "supervisor" && entry.is_regular_file(error))
      names.push_back(entry.path().filename().string());
  if (names.empty()) return fail(ErrorCode::kNotFound, fmt::format("there is no log file in '{}'", directory));
  // Rotated files first, the oldest before: "controller-0.2.log", "controller-0.1.log", "controller-0.log".
  std::ranges::sort(names, [](const std::string& a, const std::string& b) {
    auto key = [](const std::string& name) { return std::tuple(daemon_of_file(name), name.size()); };
    auto [daemon_a, size_a] = key(a);
    auto [daemon_b, size_b] = key(b);
    if (daemon_a != daemon_b) return daemon_a < daemon_b;
    return size_a != size_b ? size_a > size_b : a > b;
  });
  return names;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool LogFilter::takes_daemon(std::string_view daemon) const {
  if (daemons.empty()) return true;
  std::string_view kind = daemon.substr(0, daemon.rfind('-'));
  return std::ranges::any_of(daemons, [&](const std::string& one) { return one == daemon || one == kind; });
}

bool LogFilter::takes(std::string_view line) const {
  return std::ranges::all_of(texts, [&](const std::string& text) { return line.find(text) != std::string_view::npos; });
}

std::string_view time_of_line(std::string_view line) {
  constexpr std::string_view kJson = "{\"time\":\"";
  if (line.starts_with(kJson)) line.remove_prefix(kJson.size());
  constexpr size_t kLength = 27;
  bool is_time =
      line.size() >= kLength && is_digit(line[0]) && line[4] == '-' && line[10] == 'T' && line[kLength - 1] == 'Z';
  return is_time ? line.substr(0, kLength) : std::string_view();
}

std::string log_directory(const std::string& directory) {
  std::error_code error;
  std::string logs = directory + "/logs";
  return fs::is_directory(logs, error) ? logs : directory;
}

Expected<std::vector<LogLine>> read_log_lines(const std::string& directory, const LogFilter& filter) {
  auto names = log_names(directory);
  if (!names) return std::unexpected(names.error());
  struct Timed {
    std::string time;
    LogLine line;
  };
  std::vector<Timed> all;
  for (const std::string& name : *names) {
    std::string daemon = daemon_of_file(name);
    if (!filter.takes_daemon(daemon)) continue;
    auto text = cli::read_file(directory + "/" + name);
    if (!text && text.error().code == ErrorCode::kNotFound) continue;  // rotated away meanwhile
    if (!text) return std::unexpected(text.error());
    std::string time;
    for (size_t begin = 0; begin < text->size();) {
      size_t end = std::min(text->find('\n', begin), text->size());
      std::string_view line = std::string_view(*text).substr(begin, end - begin);
      begin = end + 1;
      if (std::string_view own = time_of_line(line); !own.empty()) time = own;
      if (filter.takes(line)) all.push_back({time, {daemon, std::string(line)}});
    }
  }
  // As they stand in the files, but for the time.
  std::vector<size_t> order(all.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, [&](size_t a, size_t b) { return std::tie(all[a].time, a) < std::tie(all[b].time, b); });
  std::vector<LogLine> lines;
  for (size_t i : order) lines.push_back(std::move(all[i].line));
  return lines;
}

Expected<LogFollower> LogFollower::open(const std::string& directory, LogFilter filter, bool from_start) {
  int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0 || ::inotify_add_watch(fd, directory.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0) {
    int error = errno;
    if (fd >= 0) ::close(fd);
    return fail(ErrorCode::kNotFound, fmt::format("'{}' cannot be watched: {}", directory, std::strerror(error)));
  }
  LogFollower follower(directory, std::move(filter), fd);
  if (!from_start) follower.read_new([](const LogLine&) {});
  return follower;
}

LogFollower::LogFollower(LogFollower&& other) noexcept
    : directory_(std::move(other.directory_)),
      filter_(std::move(other.filter_)),
      fd_(std::exchange(other.fd_, -1)),
      files_(std::move(other.files_)) {}

LogFollower::~LogFollower() {
  if (fd_ >= 0) ::close(fd_);
}

Expected<bool> LogFollower::wait(int wake_fd, int timeout_ms, const std::function<void(const LogLine& line)>& on_line) {
  // What was there before anybody waited may be what the caller waits for.
  bool found = false;
  read_new([&](const LogLine& line) {
    found = true;
    on_line(line);
  });
  if (found) timeout_ms = 0;
  std::array<pollfd, 2> waits{pollfd{fd_, POLLIN, 0}, pollfd{wake_fd, POLLIN, 0}};
  int ready = ::poll(waits.data(), wake_fd >= 0 ? 2 : 1, timeout_ms);
  if (ready < 0 && errno != EINTR)
    return fail(ErrorCode::kUnavailable, fmt::format("'{}' cannot be watched: {}", directory_, std::strerror(errno)));
  std::array<char, 4096> events;
  while (::read(fd_, events.data(), events.size()) > 0) continue;  // which file it was does not matter
  read_new(on_line);
  return !(wake_fd >= 0 && (waits[1].revents & (POLLIN | POLLHUP)) != 0);
}

void LogFollower::read_new(const std::function<void(const LogLine& line)>& on_line) {
  std::error_code error;
  fs::directory_iterator entries(directory_, error);
  if (error) return;
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : entries) {
    std::string name = entry.path().filename().string();
    // Only the file that is written; what it is renamed to was read before.
    bool current = name.ends_with(".log") && std::ranges::count(name, '.') == 1 && name != "supervisor.log";
    if (current && filter_.takes_daemon(daemon_of_file(name))) names.push_back(name);
  }
  std::ranges::sort(names);
  for (const std::string& name : names) read_file(name, on_line);
}

void LogFollower::read_file(const std::string& name, const std::function<void(const LogLine& line)>& on_line) {
  int fd = ::open((directory_ + "/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  File& file = files_[name];
  struct stat now{};
  ::fstat(fd, &now);
  if (now.st_ino != file.inode || static_cast<size_t>(now.st_size) < file.position) file = {.inode = now.st_ino};
  std::array<char, 65536> buffer;
  for (ssize_t n; (n = ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(file.position))) > 0;) {
    file.position += static_cast<size_t>(n);
    file.rest.append(buffer.data(), static_cast<size_t>(n));
    size_t begin = 0;
    for (size_t end; (end = file.rest.find('\n', begin)) != std::string::npos; begin = end + 1) {
      LogLine line{daemon_of_file(name), file.rest.substr(begin, end - begin)};
      if (filter_.takes(line.text)) on_line(line);
    }
    file.rest.erase(0, begin);
  }
  ::close(fd);
}

}  // namespace kilonova::cli
