#include "daemon/loopback.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <vector>

namespace kilonova {
namespace {

// What was made in it survives power loss. A file system that cannot do this has no more to offer.
void sync_directory(const std::filesystem::path& directory) {
  int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  (void)::fsync(file);
  ::close(file);
}

}  // namespace

bool listens_locally(const DaemonOptions& options) {
  const std::string& listen = options.listen;
  for (const char* prefix : {"unix:", "127.", "localhost:", "[::1]:"})
    if (listen.starts_with(prefix)) return true;
  return false;
}

Expected<> make_private_directory(const std::string& directory) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path part = fs::absolute(directory, error); !error && part.has_relative_path(); part = part.parent_path()) {
    if (fs::exists(part, error) || error) break;
    missing.push_back(part);
  }
  bool made = !error && fs::create_directories(directory, error);
  if (!error && made && ::chmod(directory.c_str(), 0700) != 0) error.assign(errno, std::generic_category());
  if (error)
    return fail(ErrorCode::kUnavailable, fmt::format("the directory {} cannot be made: {}", directory, error.message()));
  for (const fs::path& part : missing) sync_directory(part.parent_path());
  return {};
}

}  // namespace kilonova
