#include "cli/up/state_dir.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <utility>

#include "cli/output/json_field.h"
#include "cli/output/read_file.h"
#include "cli/up/process.h"
#include "daemon/loopback.h"

namespace kilonova::up {
namespace {

constexpr size_t kSocketPathMax = 107;  // sockaddr_un.sun_path less its end
constexpr const char* kLongestSocket = "/run/controller-0.sock";
constexpr int kFileVersion = 1;

nlohmann::json to_json(const CloudFile& cloud) {
  nlohmann::json daemons = nlohmann::json::array();
  for (const RunningDaemon& d : cloud.daemons)
    daemons.push_back({{"name", d.name},
                       {"pid", d.pid},
                       {"start_ticks", d.start_ticks},
                       {"restarts", d.restarts},
                       {"started_at_us", d.started_at_us},
                       {"last_end", d.last_end},
                       {"metrics", d.metrics}});
  return {{"version", kFileVersion},
          {"pid", cloud.supervisor},
          {"start_ticks", cloud.supervisor_start_ticks},
          {"grpc", cloud.grpc},
          {"http", cloud.http},
          {"tls", cloud.tls},
          {"started_at_us", cloud.started_at_us},
          {"command_line", cloud.command_line},
          {"daemons", daemons}};
}

CloudFile from_json(const nlohmann::json& json) {
  CloudFile cloud;
  using cli::integer_at;
  cloud.supervisor = integer_at<pid_t>(json, "pid");
  cloud.supervisor_start_ticks = integer_at<uint64_t>(json, "start_ticks");
  cloud.grpc = json.at("grpc");
  cloud.http = json.value("http", "");
  cloud.tls = json.value("tls", false);
  cloud.started_at_us = integer_at<int64_t>(json, "started_at_us");
  cloud.command_line = json.at("command_line");
  for (const auto& d : json.at("daemons"))
    cloud.daemons.push_back({d.at("name"), integer_at<pid_t>(d, "pid"), integer_at<uint64_t>(d, "start_ticks"),
                             integer_at<uint32_t>(d, "restarts"), integer_at<int64_t>(d, "started_at_us"),
                             d.value("last_end", ""), d.value("metrics", "")});
  return cloud;
}

}  // namespace

Expected<> StateDir::prepare() {
  if (path_.size() + std::strlen(kLongestSocket) > kSocketPathMax)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("the state directory {} is too long for unix sockets: choose one of at most {} characters",
                            path_, kSocketPathMax - std::strlen(kLongestSocket)));
  for (const char* part :
       {"/run", "/logs", "/db", "/journal", "/lock", "/kilonova.conf", "/clouds.yaml", "/metrics-targets.json", ""})
    if (!std::filesystem::exists(path_ + part)) made_.push_back(path_ + part);
  return make_state_directories(path_, {"/run", "/logs", "/db", "/journal"});
}

void StateDir::unmake() {
  std::error_code ignored;
  for (const std::string& made : std::exchange(made_, {})) std::filesystem::remove_all(made, ignored);
}

Expected<std::string> temporary_state_dir() {
  std::string path = "/tmp/kn-run-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr)
    return fail(ErrorCode::kUnavailable,
                fmt::format("no directory for the cloud can be made in /tmp: {}", std::strerror(errno)));
  return path;
}

Expected<> StateDir::lock() {
  std::string file = path_ + "/lock";
  lock_fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock_fd_ < 0)
    return fail(ErrorCode::kUnavailable, fmt::format("{} cannot be opened: {}", file, std::strerror(errno)));
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) == 0) {
    // unmake() of another `up` may have removed the file between our open and our lock.
    struct stat ours{}, there{};
    if (::fstat(lock_fd_, &ours) == 0 && ::stat(file.c_str(), &there) == 0 && ours.st_ino == there.st_ino) {
      // A cloud that comes back is whole (kilonova fault partition).
      std::error_code ignored;
      std::filesystem::remove(path_ + "/run/partitions", ignored);
      say_holder();
      return {};
    }
    ::close(lock_fd_);
    lock_fd_ = -1;
    return fail(ErrorCode::kUnavailable, fmt::format("{} was removed by a cloud that did not start: try again", file));
  }
  ::close(lock_fd_);
  lock_fd_ = -1;
  auto running = read();
  if (!running || !*running)
    return fail(ErrorCode::kConflict, fmt::format("a cloud is being started in {}: see `kilonova status`", path_));
  return fail(
      ErrorCode::kConflict,
      fmt::format("a cloud is already running in {} (pid {}): see `kilonova status`, end it with `kilonova down`",
                  path_, (*running)->supervisor));
}

// In place: the file stays the one that is locked. Without the words `down` finds nobody who starts, and says so.
void StateDir::say_holder() const {
  std::string words = fmt::format("{} {}\n", ::getpid(), start_ticks(::getpid()).value_or(0));
  if (::ftruncate(lock_fd_, 0) == 0) (void)!::pwrite(lock_fd_, words.data(), words.size(), 0);
}

std::optional<StateDir::Holder> StateDir::holder() const {
  std::ifstream in(path_ + "/lock");
  Holder holder;
  if (!(in >> holder.pid >> holder.start_ticks) || holder.pid <= 1) return std::nullopt;
  return holder;
}

void StateDir::unlock() {
  if (lock_fd_ >= 0) ::close(std::exchange(lock_fd_, -1));
}

bool StateDir::is_locked() const {
  int fd = ::open((path_ + "/lock").c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  bool free = ::flock(fd, LOCK_EX | LOCK_NB) == 0;
  ::close(fd);
  return !free;
}

std::string StateDir::last_words(const std::string& daemon) const {
  std::ifstream in(log_dir() + "/" + daemon + ".stderr");
  std::string last;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) last = line;
  return last;
}

Expected<std::optional<CloudFile>> StateDir::read() const {
  std::string file = path_ + "/cloud.json";
  std::ifstream in(file);
  if (!in) return std::nullopt;
  try {
    nlohmann::json json = nlohmann::json::parse(in);
    if (int version = cli::integer_at<int>(json, "version"); version != kFileVersion)
      return fail(ErrorCode::kConflict,
                  fmt::format("{} has version {}; this kilonova knows version {}: use a newer one", file, version,
                              kFileVersion));
    CloudFile cloud = from_json(json);
    // kill(2) takes 0 and negative numbers for groups of processes, and -1 for all there are.
    bool one_each = cloud.supervisor > 1 && std::ranges::all_of(cloud.daemons, [](const auto& d) { return d.pid > 1; });
    if (!one_each) return fail(ErrorCode::kDataLoss, fmt::format("{} names a process that cannot be one", file));
    return cloud;
  } catch (const std::exception& wrong) {
    return fail(ErrorCode::kDataLoss, fmt::format("{} is not what `kilonova up` writes: {}", file, wrong.what()));
  }
}

Expected<std::optional<CloudFile>> StateDir::running() const {
  if (!is_locked()) return std::nullopt;
  return read();
}

Expected<> StateDir::write(const CloudFile& cloud) const {
  std::string file = path_ + "/cloud.json";
  return cli::replace_private_file(file, file + ".new", to_json(cloud).dump(2) + "\n");
}

void StateDir::remove_cloud_file() const { ::unlink((path_ + "/cloud.json").c_str()); }

}  // namespace kilonova::up
