#include "store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kilonova {
namespace {

// The process that wrote its number into the lock file, as it stands there; "another process" when it stands not.
std::string holder(int file) {
  char number[16];
  ssize_t size = pread(file, number, sizeof(number), 0);
  std::string text(number, size > 0 ? static_cast<size_t>(size) : 0);
  text.resize(text.find_first_not_of("0123456789") == std::string::npos ? text.size()
                                                                        : text.find_first_not_of("0123456789"));
  return text.empty() ? "another process" : "process " + text;
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    if (number_ >= 0) close(number_);
    number_ = std::exchange(other.number_, -1);
  }
  return *this;
}

FileDescriptor::~FileDescriptor() {
  if (number_ >= 0) close(number_);
}

std::unexpected<Error> system_failure(const std::string& path, const char* deed, int error_number) {
  return fail(ErrorCode::kUnavailable, fmt::format("{}: cannot {}: {}", path, deed, std::strerror(error_number)));
}

Expected<FileDescriptor> open_private(const std::string& path, int extra_flags) {
  FileDescriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | extra_flags, 0600));
  if (!file) return system_failure(path, "open", errno);
  struct stat status{};
  if (fstat(file.get(), &status) != 0) return system_failure(path, "look at", errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorCode::kUnavailable, fmt::format("{}: is no regular file", path));
  }
  // Password hashes and keys are in it.
  if ((status.st_mode & 0077) != 0 && fchmod(file.get(), 0600) != 0) return system_failure(path, "protect", errno);
  return file;
}

Expected<> sync_directory_of(const std::string& path) {
  size_t slash = path.rfind('/');
  std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  FileDescriptor file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file || fsync(file.get()) != 0) return system_failure(directory, "sync", errno);
  return {};
}

Expected<FileLock> FileLock::acquire(const std::string& path) {
  auto file = open_private(path + ".lock");
  if (!file) return std::unexpected(file.error());
  if (flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return system_failure(path + ".lock", "lock", errno);
    return fail(ErrorCode::kConflict, fmt::format("{}: is in use by {}; stop it first", path, holder(file->get())));
  }
  // For the message above, in another process; the lock holds without it.
  std::string number = fmt::format("{:<15}\n", getpid());
  (void)!pwrite(file->get(), number.data(), number.size(), 0);
  return FileLock(std::move(*file));
}

}  // namespace kilonova
