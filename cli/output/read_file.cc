#include "cli/output/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace kilonova::cli {
namespace {

std::unexpected<Error> refused(const std::string& path, int error) {
  return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("'{}' cannot be read: {}", path, std::strerror(error)));
}

Expected<> write_whole(const std::string& path, const std::string& text, SyncMode sync, Files& files) {
  (void)files.remove(path);  // of one who was killed
  auto file = files.open(path, Files::Open::kNew);
  if (!file) return std::unexpected(file.error());
  if (auto written = (*file)->write(0, text); !written) return written;
  return sync == SyncMode::kFull ? (*file)->sync() : Expected<>();
}

}  // namespace

Expected<std::string> read_file(const std::string& path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(path, errno);
  std::string text;
  std::array<char, 65536> buffer;
  for (;;) {
    ssize_t n = read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    int error = errno;
    if (n <= 0) {
      close(file);
      if (n < 0) return refused(path, error);
      return text;
    }
    text.append(buffer.data(), static_cast<size_t>(n));
  }
}

Expected<> replace_private_file(const std::string& path, const std::string& temporary, const std::string& text,
                                SyncMode sync, Files& files) {
  auto done = write_whole(temporary, text, sync, files);
  if (done) done = files.rename(temporary, path);
  if (!done) {
    (void)files.remove(temporary);
  } else if (sync == SyncMode::kFull) {
    done = files.sync_directory_of(path);
  }
  if (done) return done;
  return fail(done.error().code, fmt::format("'{}' cannot be written: {}", path, done.error().message));
}

Expected<> write_private_file(const std::string& path, const std::string& text, SyncMode sync) {
  return replace_private_file(path, fmt::format("{}.{}", path, getpid()), text, sync);
}

}  // namespace kilonova::cli
