#include "store/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace kilonova {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

Expected<Descriptor> open_private(const std::string& path, int extra_flags) {
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | extra_flags, 0600));
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

// The process that wrote its number into the lock file, as it stands there; "another process" when it stands not.
std::string holder(int file) {
  char number[16];
  ssize_t size = pread(file, number, sizeof(number), 0);
  std::string text(number, size > 0 ? static_cast<size_t>(size) : 0);
  text.resize(text.find_first_not_of("0123456789") == std::string::npos ? text.size()
                                                                        : text.find_first_not_of("0123456789"));
  return text.empty() ? "another process" : "process " + text;
}

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;
};

class PosixFile final : public File {
 public:
  PosixFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

  Expected<size_t> read(uint64_t offset, std::span<char> into) override {
    size_t done = 0;
    while (done < into.size()) {
      ssize_t got = pread(file_.get(), into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return system_failure(path_, "read", errno);
      if (got == 0) break;
      done += static_cast<size_t>(got);
    }
    return done;
  }

  Expected<> write(uint64_t offset, std::string_view bytes) override {
    for (size_t done = 0; done < bytes.size();) {
      ssize_t put = pwrite(file_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
      if (put < 0 && errno == EINTR) continue;
      if (put <= 0) return system_failure(path_, "write to", put < 0 ? errno : ENOSPC);
      done += static_cast<size_t>(put);
    }
    return {};
  }

  Expected<> truncate(uint64_t size) override {
    if (ftruncate(file_.get(), static_cast<off_t>(size)) != 0) return system_failure(path_, "cut back", errno);
    return {};
  }

  Expected<uint64_t> size() override {
    struct stat status{};
    if (fstat(file_.get(), &status) != 0) return system_failure(path_, "look at", errno);
    return static_cast<uint64_t>(status.st_size);
  }

  Expected<> sync() override {
    if (fdatasync(file_.get()) != 0) return system_failure(path_, "sync", errno);
    return {};
  }

 private:
  std::string path_;
  Descriptor file_;
};

class PosixFiles final : public Files {
 public:
  Expected<std::unique_ptr<File>> open(const std::string& path, Open how) override {
    auto file = open_private(path, how == Open::kEmpty ? O_TRUNC : how == Open::kNew ? O_EXCL : 0);
    if (!file) return std::unexpected(file.error());
    return std::make_unique<PosixFile>(path, std::move(*file));
  }

  Expected<> rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return system_failure(to, "replace", errno);
    return {};
  }

  Expected<> remove(const std::string& path) override {
    if (unlink(path.c_str()) != 0) return system_failure(path, "remove", errno);
    return {};
  }

  Expected<> sync_directory_of(const std::string& path) override {
    size_t slash = path.rfind('/');
    std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    Descriptor file(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!file || fsync(file.get()) != 0) return system_failure(directory, "sync", errno);
    return {};
  }

  Expected<std::unique_ptr<FileLock>> lock(const std::string& path) override {
    auto file = open_private(path + ".lock", 0);
    if (!file) return std::unexpected(file.error());
    if (flock(file->get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return system_failure(path + ".lock", "lock", errno);
      return fail(ErrorCode::kConflict, fmt::format("{}: is in use by {}; stop it first", path, holder(file->get())));
    }
    // For the message above, in another process; the lock holds without it.
    std::string number = fmt::format("{:<15}\n", getpid());
    (void)!pwrite(file->get(), number.data(), number.size(), 0);
    return std::make_unique<PosixLock>(std::move(*file));
  }
};

}  // namespace

Files& posix_files() {
  static PosixFiles files;
  return files;
}

std::unexpected<Error> system_failure(const std::string& path, const char* deed, int error_number) {
  return fail(ErrorCode::kUnavailable, fmt::format("{}: cannot {}: {}", path, deed, std::strerror(error_number)));
}

}  // namespace kilonova
