#include "daemon/loopback.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace kilonova {

bool listens_locally(const DaemonOptions& options) {
  const std::string& listen = options.listen;
  for (const char* prefix : {"unix:", "127.", "localhost:", "[::1]:"})
    if (listen.starts_with(prefix)) return true;
  return false;
}

Expected<> make_private_directory(const std::string& directory) {
  std::error_code error;
  bool made = std::filesystem::create_directories(directory, error);
  if (!error && made && ::chmod(directory.c_str(), 0700) != 0) error.assign(errno, std::generic_category());
  if (error)
    return fail(ErrorCode::kUnavailable, fmt::format("the directory {} cannot be made: {}", directory, error.message()));
  return {};
}

}  // namespace kilonova
