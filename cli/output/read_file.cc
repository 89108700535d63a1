#include "cli/output/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace kilonova::cli {
namespace {

std::unexpected<Error> refused(const std::string& path, const char* doing, int error) {
  return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("'{}' cannot be {}: {}", path, doing, std::strerror(error)));
}

bool write_all(int file, const std::string& text) {
  for (size_t written = 0; written < text.size();) {
    ssize_t n = write(file, text.data() + written, text.size() - written);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) written += static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

Expected<std::string> read_file(const std::string& path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(path, "read", errno);
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    ssize_t n = read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    int error = errno;
    if (n <= 0) {
      close(file);
      if (n < 0) return refused(path, "read", error);
      return text;
    }
    text.append(buffer.data(), static_cast<size_t>(n));
  }
}

Expected<> write_private_file(const std::string& path, const std::string& text) {
  std::string temporary = fmt::format("{}.{}", path, getpid());
  unlink(temporary.c_str());  // of a process of this id that was killed
  int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return refused(path, "written", errno);
  bool written = write_all(file, text);
  int error = errno;
  close(file);
  if (written && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  if (written) error = errno;
  unlink(temporary.c_str());
  return refused(path, "written", error);
}

}  // namespace kilonova::cli
