// Preloaded into real daemons, this makes their state directory refuse: whenever the file KILONOVA_DISK_FAULT names exists,
// changes below KILONOVA_DISK_FAULT_DIR fail with the error it holds (ENOSPC, EROFS, EIO). Root ignores the modes of files,
// and not every machine allows mounts; this works everywhere.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

// The error at work, 0 = none. System calls only: what is replaced here must not be called here.
int fault() {
  static const char* trigger = std::getenv("KILONOVA_DISK_FAULT");
  if (trigger == nullptr) return 0;
  long file = syscall(SYS_openat, AT_FDCWD, trigger, O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char name[8] = {};
  long size = syscall(SYS_read, file, name, sizeof name - 1);
  syscall(SYS_close, file);
  if (size <= 0) return 0;
  if (std::strncmp(name, "ENOSPC", 6) == 0) return ENOSPC;
  return std::strncmp(name, "EROFS", 5) == 0 ? EROFS : EIO;
}

bool below(const char* path) {
  static const char* directory = std::getenv("KILONOVA_DISK_FAULT_DIR");
  return directory != nullptr && std::strncmp(path, directory, std::strlen(directory)) == 0;
}

bool below(int file) {
  char link[64], path[4096] = {};
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  return syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1) > 0 && below(path);
}

template <class Where>
bool refused(const Where& where) {
  int saved = errno, error = fault();
  bool strikes = error != 0 && below(where);
  errno = strikes ? error : saved;
  return strikes;
}

// A sync of a full disk succeeds; of a bad one it does not.
bool sync_refused(int file) { return refused(file) && errno == EIO; }

bool is_there(const char* path) {
  struct stat status{};
  return syscall(SYS_newfstatat, AT_FDCWD, path, &status, 0) == 0;
}

// Whether this open would change something.
bool open_refused(const char* path, int flags) {
  bool creates = (flags & O_CREAT) != 0 && !is_there(path);
  if (!refused(path)) return false;
  // A full disk makes a file shorter, and then has room.
  return creates || (errno != ENOSPC && (flags & O_TRUNC) != 0) || (errno == EROFS && (flags & O_ACCMODE) != O_RDONLY);
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

mode_t mode_of(int flags, va_list& rest) { return (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0; }

}  // namespace

#define NEXT(function) static auto* real = next<decltype(&function)>(#function)

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
  NEXT(write);
  return refused(file) ? -1 : real(file, bytes, size);
}
ssize_t writev(int file, const iovec* parts, int count) {
  NEXT(writev);
  return refused(file) ? -1 : real(file, parts, count);
}
ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  NEXT(pwrite);
  return refused(file) ? -1 : real(file, bytes, size, offset);
}
ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  NEXT(pwrite64);
  return refused(file) ? -1 : real(file, bytes, size, offset);
}
size_t fwrite(const void* bytes, size_t size, size_t count, FILE* file) {
  NEXT(fwrite);
  return refused(fileno(file)) ? 0 : real(bytes, size, count, file);
}
int ftruncate(int file, off_t size) noexcept {
  NEXT(ftruncate);
  return refused(file) && errno != ENOSPC ? -1 : real(file, size);
}
int ftruncate64(int file, off64_t size) noexcept {
  NEXT(ftruncate64);
  return refused(file) && errno != ENOSPC ? -1 : real(file, size);
}
int fsync(int file) {
  NEXT(fsync);
  return sync_refused(file) ? -1 : real(file);
}
int fdatasync(int file) {
  NEXT(fdatasync);
  return sync_refused(file) ? -1 : real(file);
}
int rename(const char* from, const char* to) noexcept {
  NEXT(rename);
  return refused(to) && errno != ENOSPC ? -1 : real(from, to);
}
int mkdir(const char* path, mode_t mode) noexcept {
  NEXT(mkdir);
  struct stat known{};
  return lstat(path, &known) != 0 && refused(path) ? -1 : real(path, mode);  // EEXIST is said of a full disk too
}
int open(const char* path, int flags, ...) {
  NEXT(open);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_refused(path, flags) ? -1 : real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  NEXT(open64);
  va_list rest;
  va_start(rest, flags);
  mode_t mode = mode_of(flags, rest);
  va_end(rest);
  return open_refused(path, flags) ? -1 : real(path, flags, mode);
}

}  // extern "C"
