#include "daemon/loopback.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "rpc/node/address.h"

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

bool is_loopback(const std::string& address) {
  Expected<ListenAddress> parsed = parse_listen_address(address);
  return parsed && is_local(*parsed);
}

Expected<std::string> read_secret_file(std::string_view what, const std::string& file) {
  auto wrong = [&](std::string_view why) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("the {} file {} {}", what, file, why));
  };
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return wrong(fmt::format("cannot be read: {}", std::strerror(errno)));
  if (S_ISDIR(status.st_mode)) return wrong("cannot be read: it is a directory");
  if ((status.st_mode & S_IROTH) != 0)
    return wrong(fmt::format("can be read by every user of this machine: chmod 600 {}", file));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return wrong(fmt::format("cannot be read: {}", std::strerror(errno)));
  std::string secret = text.str();
  while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
  if (secret.empty()) return wrong("is empty");
  return secret;
}

Expected<> make_private_directory(const std::string& directory, bool tighten) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path path = fs::absolute(directory, error);
  if (!path.has_filename()) path = path.parent_path();  // a slash at its end
  std::vector<fs::path> missing;
  for (fs::path part = path; !error && part.has_relative_path(); part = part.parent_path()) {
    if (fs::exists(part, error) || error) break;
    missing.push_back(part);
  }
  if (!error) fs::create_directories(path.parent_path(), error);
  if (!error && ::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) error.assign(errno, std::generic_category());
  struct stat status{};
  if (!error && ::stat(path.c_str(), &status) != 0) error.assign(errno, std::generic_category());
  if (!error && !S_ISDIR(status.st_mode)) error.assign(ENOTDIR, std::generic_category());
  if (!error && status.st_uid != ::geteuid())
    return fail(
        ErrorCode::kPermissionDenied,
        fmt::format("the directory {} belongs to the user with the number {}, not to the one who uses it here ({}): "
                    "its owner could put anything in the place of its files",
                    directory, status.st_uid, ::geteuid()));
  bool lax = tighten && status.st_uid == ::geteuid() && (status.st_mode & 077) != 0;
  if (!error && lax && ::chmod(path.c_str(), 0700) != 0) error.assign(errno, std::generic_category());
  if (error)
    return fail(ErrorCode::kUnavailable,
                fmt::format("the directory {} cannot be made: {}", directory, error.message()));
  for (const fs::path& part : missing) sync_directory(part.parent_path());
  return {};
}

Expected<> make_state_directories(const std::string& state_dir, std::initializer_list<const char*> parts) {
  if (auto made = make_private_directory(state_dir, false); !made) return made;
  for (const char* part : parts)
    if (auto made = make_private_directory(state_dir + part); !made) return made;
  return {};
}

}  // namespace kilonova
