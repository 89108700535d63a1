#include "store/batched_log_vfs.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kilonova {
namespace {

// SQLite's file format, section 4: a log has a header and then frames, each a header and a page. Bytes 4 to 7 of a frame's
// header are zero, except in the one that ends a transaction. Databases with other pages are not batched.
constexpr sqlite3_int64 kLogHeaderBytes = 32;
constexpr sqlite3_int64 kFrameHeaderBytes = 24;
constexpr sqlite3_int64 kPageBytes = 4096;

// In bytes. SQLite's own VFS takes no more at once: it looks at 17 bits of a write's length.
constexpr size_t kMostKept = (128 << 10) - 1;

// An open log: what was kept back of it, and the file below.
class OpenLog {
 public:
  explicit OpenLog(sqlite3_file* below) : below_(below) {}

  int write(std::string_view bytes, sqlite3_int64 offset) {
    const bool more_follows = is_within_transaction(bytes, offset);
    end_ = offset + static_cast<sqlite3_int64>(bytes.size());
    if (lost_from_ && offset <= *lost_from_) lost_from_.reset();
    if (lost_from_) return SQLITE_IOERR_WRITE;
    const bool goes_on = offset == kept_at_ + static_cast<sqlite3_int64>(kept_.size());
    if (!kept_.empty() && (!goes_on || kept_.size() + bytes.size() > kMostKept)) {
      if (int result = write_kept(); result != SQLITE_OK) return result;
    }
    if (kept_.empty()) kept_at_ = offset;
    kept_.insert(kept_.end(), bytes.begin(), bytes.end());
    return more_follows ? SQLITE_OK : write_kept();
  }

  // Nothing is tried twice: a transaction that was refused must not be there later.
  int write_kept() {
    if (kept_.empty()) return SQLITE_OK;
    int result = below_->pMethods->xWrite(below_, kept_.data(), static_cast<int>(kept_.size()), kept_at_);
    if (result != SQLITE_OK) lost_from_ = kept_at_;
    kept_.clear();
    return result;
  }

  // Whether these bytes were told to be written and are not: until what stands there is written anew.
  bool lost(sqlite3_int64 end) const { return lost_from_ && end > *lost_from_; }

  sqlite3_file* below() { return below_; }

 private:
  // Only writes of the known form are kept back.
  bool is_within_transaction(std::string_view bytes, sqlite3_int64 offset) {
    const auto size = static_cast<sqlite3_int64>(bytes.size());
    if (size == kFrameHeaderBytes && (offset - kLogHeaderBytes) % (kFrameHeaderBytes + kPageBytes) == 0) {
      page_at_ = offset + size;
      ends_transaction_ = bytes.substr(4, 4) != std::string_view("\0\0\0\0", 4);
      // Its page follows, unless SQLite has changed its mind on a page and writes the headers anew, from there on to the
      // last: then nothing follows the last one.
      return !ends_transaction_ || offset == end_;
    }
    const bool is_page = size == kPageBytes && offset == page_at_;
    return is_page && !ends_transaction_;
  }

  sqlite3_file* const below_;
  std::vector<char> kept_;
  sqlite3_int64 kept_at_ = 0;
  sqlite3_int64 page_at_ = -1;  // of the frame whose header was written last
  sqlite3_int64 end_ = -1;      // of what was to be written last
  bool ends_transaction_ = false;
  std::optional<sqlite3_int64> lost_from_;
};

// As SQLite holds it; the file below follows in the same memory.
struct LogFile : sqlite3_file {
  OpenLog* log;
};
constexpr size_t kOwnBytes = (sizeof(LogFile) + 15) / 16 * 16;

OpenLog& log_of(sqlite3_file* file) { return *static_cast<LogFile*>(file)->log; }

// What came of it, after what was kept back.
template <class Work>
int after_kept(sqlite3_file* file, Work&& work) {
  OpenLog& log = log_of(file);
  if (int result = log.write_kept(); result != SQLITE_OK) return result;
  return work(log.below());
}

int close_log(sqlite3_file* file) {
  std::unique_ptr<OpenLog> log(&log_of(file));
  // What is still kept back is of a transaction that did not end: nobody misses it.
  return log->below()->pMethods->xClose(log->below());
}

int read_log(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  return after_kept(file, [&](sqlite3_file* below) {
    if (log_of(file).lost(offset + size)) return SQLITE_IOERR_READ;
    return below->pMethods->xRead(below, into, size, offset);
  });
}

int write_log(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  return log_of(file).write({static_cast<const char*>(bytes), static_cast<size_t>(size)}, offset);
}

sqlite3_io_methods log_methods() {
  sqlite3_io_methods methods{};
  methods.iVersion = 1;
  methods.xClose = close_log;
  methods.xRead = read_log;
  methods.xWrite = write_log;
  methods.xTruncate = [](sqlite3_file* file, sqlite3_int64 size) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xTruncate(below, size); });
  };
  methods.xSync = [](sqlite3_file* file, int flags) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xSync(below, flags); });
  };
  methods.xFileSize = [](sqlite3_file* file, sqlite3_int64* size) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xFileSize(below, size); });
  };
  // SQLite locks the database, never its log.
  methods.xLock = [](sqlite3_file* file, int kind) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xLock(below, kind); });
  };
  methods.xUnlock = [](sqlite3_file* file, int kind) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xUnlock(below, kind); });
  };
  methods.xCheckReservedLock = [](sqlite3_file* file, int* held) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xCheckReservedLock(below, held); });
  };
  methods.xFileControl = [](sqlite3_file* file, int what, void* argument) {
    return after_kept(file, [&](sqlite3_file* below) { return below->pMethods->xFileControl(below, what, argument); });
  };
  methods.xSectorSize = [](sqlite3_file* file) {
    sqlite3_file* below = log_of(file).below();
    return below->pMethods->xSectorSize(below);
  };
  methods.xDeviceCharacteristics = [](sqlite3_file* file) {
    sqlite3_file* below = log_of(file).below();
    return below->pMethods->xDeviceCharacteristics(below);
  };
  return methods;
}

sqlite3_vfs& below_of(sqlite3_vfs* vfs) { return *static_cast<sqlite3_vfs*>(vfs->pAppData); }

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  static const sqlite3_io_methods methods = log_methods();
  sqlite3_vfs& below = below_of(vfs);
  if ((flags & SQLITE_OPEN_WAL) == 0) return below.xOpen(&below, path, file, flags, flags_out);
  auto* file_below = reinterpret_cast<sqlite3_file*>(reinterpret_cast<std::byte*>(file) + kOwnBytes);
  file->pMethods = nullptr;
  file_below->pMethods = nullptr;
  int result = below.xOpen(&below, path, file_below, flags, flags_out);
  if (result != SQLITE_OK) {
    if (file_below->pMethods != nullptr) file_below->pMethods->xClose(file_below);
    return result;
  }
  static_cast<LogFile*>(file)->log = new OpenLog(file_below);
  file->pMethods = &methods;
  return SQLITE_OK;
}

// Files are the business of this one; what else a VFS does, the one below does.
sqlite3_vfs around(sqlite3_vfs* below, const char* name) {
  sqlite3_vfs vfs = *below;
  vfs.iVersion = 1;  // no 64-bit times, no replacing of system calls
  vfs.szOsFile = static_cast<int>(kOwnBytes) + below->szOsFile;
  vfs.pNext = nullptr;
  vfs.zName = name;
  vfs.pAppData = below;
  vfs.xOpen = open_file;
  vfs.xDelete = [](sqlite3_vfs* self, const char* path, int sync_directory) {
    return below_of(self).xDelete(&below_of(self), path, sync_directory);
  };
  vfs.xAccess = [](sqlite3_vfs* self, const char* path, int what, int* result) {
    return below_of(self).xAccess(&below_of(self), path, what, result);
  };
  vfs.xFullPathname = [](sqlite3_vfs* self, const char* path, int size, char* out) {
    return below_of(self).xFullPathname(&below_of(self), path, size, out);
  };
  vfs.xRandomness = [](sqlite3_vfs* self, int size, char* out) {
    return below_of(self).xRandomness(&below_of(self), size, out);
  };
  vfs.xSleep = [](sqlite3_vfs* self, int microseconds) { return below_of(self).xSleep(&below_of(self), microseconds); };
  vfs.xCurrentTime = [](sqlite3_vfs* self, double* days) { return below_of(self).xCurrentTime(&below_of(self), days); };
  vfs.xGetLastError = [](sqlite3_vfs* self, int size, char* out) {
    return below_of(self).xGetLastError(&below_of(self), size, out);
  };
  // Extensions are not loaded.
  vfs.xDlOpen = nullptr;
  vfs.xDlError = nullptr;
  vfs.xDlSym = nullptr;
  vfs.xDlClose = nullptr;
  return vfs;
}

sqlite3_vfs* found(const char* name) {
  sqlite3_vfs* vfs = sqlite3_vfs_find(name);
  KN_CHECK(vfs != nullptr, "SQLite has no such VFS");
  return vfs;
}

}  // namespace

BatchedLogVfs::BatchedLogVfs(const char* below, std::string name)
    : name_(std::move(name)), vfs_(around(found(below), name_.c_str())) {
  KN_CHECK(sqlite3_vfs_register(&vfs_, 0) == SQLITE_OK, "the VFS could not be registered");
}

BatchedLogVfs::~BatchedLogVfs() { sqlite3_vfs_unregister(&vfs_); }

}  // namespace kilonova
