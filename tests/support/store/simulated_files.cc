#include "tests/support/store/simulated_files.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"

namespace kilonova {
namespace {

using Handle = SimulatedDisk::Handle;

class SimulatedFile final : public File {
 public:
  SimulatedFile(SimulatedDisk& disk, std::string path, Handle handle)
      : disk_(disk), path_(std::move(path)), handle_(std::move(handle)) {}

  Expected<size_t> read(uint64_t offset, std::span<char> into) override {
    std::string bytes;
    if (int error = disk_.read(handle_, offset, into.size(), bytes); error != 0) {
      return system_failure(path_, "read", error);
    }
    std::ranges::copy(bytes, into.begin());
    return bytes.size();
  }
  Expected<> write(uint64_t offset, std::string_view bytes) override {
    return done("write to", disk_.write(handle_, offset, bytes));
  }
  Expected<> truncate(uint64_t size) override { return done("cut back", disk_.truncate(handle_, size)); }
  Expected<uint64_t> size() override {
    uint64_t bytes = 0;
    if (int error = disk_.size(handle_, bytes); error != 0) return system_failure(path_, "look at", error);
    return bytes;
  }
  Expected<> sync() override { return done("sync", disk_.sync(handle_)); }

 private:
  Expected<> done(const char* deed, int error) {
    if (error != 0) return system_failure(path_, deed, error);
    return {};
  }

  SimulatedDisk& disk_;
  std::string path_;
  Handle handle_;
};

class SimulatedLock final : public FileLock {
 public:
  SimulatedLock(SimulatedDisk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  ~SimulatedLock() override { disk_.unlock(path_); }

 private:
  SimulatedDisk& disk_;
  std::string path_;
};

// ---- SQLite's side. Written after the form of its own unix VFS: what that one syncs, ignores and locks, this one does too.

struct OpenFile;

// What the connections to one database share, as their process would: locks, and the index of the write-ahead log.
struct Shared {
  std::mutex mutex;
  std::map<OpenFile*, int> levels;  // SQLITE_LOCK_*
  std::vector<std::unique_ptr<char[]>> regions;
  std::map<OpenFile*, std::pair<unsigned, unsigned>> index_locks;  // shared and exclusive, a bit each
};

struct OpenFile : sqlite3_file {
  SimulatedDisk* disk = nullptr;
  std::string path;
  Handle handle;
  std::shared_ptr<Shared> shared;
  bool syncs_directory = false;  // at its first sync
};

OpenFile& of(sqlite3_file* file) { return *static_cast<OpenFile*>(file); }

int failed(int error, int result) {
  errno = error;
  return error == ENOSPC && result == SQLITE_IOERR_WRITE ? SQLITE_FULL : result;
}

int x_close(sqlite3_file* file) {
  OpenFile& open = of(file);
  {
    std::lock_guard lock(open.shared->mutex);
    open.shared->levels.erase(&open);
    open.shared->index_locks.erase(&open);
  }
  open.~OpenFile();
  return SQLITE_OK;
}

int x_read(sqlite3_file* file, void* into, int amount, sqlite3_int64 offset) {
  std::string bytes;
  auto size = static_cast<size_t>(amount);
  int error = of(file).disk->read(of(file).handle, static_cast<uint64_t>(offset), size, bytes);
  if (error != 0) return failed(error, SQLITE_IOERR_READ);
  std::memcpy(into, bytes.data(), bytes.size());
  if (bytes.size() == size) return SQLITE_OK;
  std::memset(static_cast<char*>(into) + bytes.size(), 0, size - bytes.size());
  return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
  std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(amount));
  int error = of(file).disk->write(of(file).handle, static_cast<uint64_t>(offset), bytes);
  return error == 0 ? SQLITE_OK : failed(error, SQLITE_IOERR_WRITE);
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
  int error = of(file).disk->truncate(of(file).handle, static_cast<uint64_t>(size));
  return error == 0 ? SQLITE_OK : failed(error, SQLITE_IOERR_TRUNCATE);
}

int x_sync(sqlite3_file* file, int) {
  OpenFile& open = of(file);
  if (int error = open.disk->sync(open.handle); error != 0) return failed(error, SQLITE_IOERR_FSYNC);
  // As unixSync: a failure here is nobody's.
  if (std::exchange(open.syncs_directory, false)) (void)open.disk->sync_directory();
  return SQLITE_OK;
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
  uint64_t bytes = 0;
  if (int error = of(file).disk->size(of(file).handle, bytes); error != 0) return failed(error, SQLITE_IOERR_FSTAT);
  *size = static_cast<sqlite3_int64>(bytes);
  return SQLITE_OK;
}

int x_lock(sqlite3_file* file, int level) {
  Shared& shared = *of(file).shared;
  std::lock_guard lock(shared.mutex);
  int& mine = shared.levels[&of(file)];
  if (mine >= level) return SQLITE_OK;
  for (const auto& [other, theirs] : shared.levels) {
    if (other == &of(file)) continue;
    bool clash = level == SQLITE_LOCK_SHARED     ? theirs >= SQLITE_LOCK_PENDING
                 : level == SQLITE_LOCK_RESERVED ? theirs >= SQLITE_LOCK_RESERVED
                                                 : theirs >= SQLITE_LOCK_SHARED;
    if (clash) return SQLITE_BUSY;
  }
  mine = level;
  return SQLITE_OK;
}

int x_unlock(sqlite3_file* file, int level) {
  Shared& shared = *of(file).shared;
  std::lock_guard lock(shared.mutex);
  int& mine = shared.levels[&of(file)];
  mine = std::min(mine, level);
  return SQLITE_OK;
}

int x_check_reserved_lock(sqlite3_file* file, int* result) {
  Shared& shared = *of(file).shared;
  std::lock_guard lock(shared.mutex);
  *result = std::ranges::any_of(shared.levels, [](const auto& held) { return held.second >= SQLITE_LOCK_RESERVED; });
  return SQLITE_OK;
}

int x_file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int x_sector_size(sqlite3_file*) { return 4096; }
int x_device_characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int x_shm_map(sqlite3_file* file, int region, int size, int extend, void volatile** result) {
  Shared& shared = *of(file).shared;
  std::lock_guard lock(shared.mutex);
  auto wanted = static_cast<size_t>(region) + 1;
  *result = nullptr;
  if (shared.regions.size() < wanted && extend == 0) return SQLITE_OK;
  while (shared.regions.size() < wanted) {
    shared.regions.push_back(std::make_unique<char[]>(static_cast<size_t>(size)));  // zeros
  }
  *result = shared.regions[wanted - 1].get();
  return SQLITE_OK;
}

int x_shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  Shared& shared = *of(file).shared;
  std::lock_guard lock(shared.mutex);
  unsigned bits = ((1u << count) - 1) << offset;
  auto& [mine_shared, mine_exclusive] = shared.index_locks[&of(file)];
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    mine_shared &= ~bits;
    mine_exclusive &= ~bits;
    return SQLITE_OK;
  }
  bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  for (const auto& [other, theirs] : shared.index_locks) {
    if (other == &of(file)) continue;
    if (((theirs.second | (exclusive ? theirs.first : 0u)) & bits) != 0) return SQLITE_BUSY;
  }
  (exclusive ? mine_exclusive : mine_shared) |= bits;
  return SQLITE_OK;
}

void x_shm_barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }
int x_shm_unmap(sqlite3_file*, int) { return SQLITE_OK; }

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_file_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_check_reserved_lock,
    .xFileControl = x_file_control,
    .xSectorSize = x_sector_size,
    .xDeviceCharacteristics = x_device_characteristics,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

struct SimulatedFiles::Vfs : sqlite3_vfs {
  explicit Vfs(SimulatedDisk& disk_below) : sqlite3_vfs(*sqlite3_vfs_find(nullptr)), disk(disk_below) {
    static std::atomic<int> count = 0;
    name = fmt::format("simulated-{}", ++count);
    zName = name.c_str();
    szOsFile = sizeof(OpenFile);
    mxPathname = 512;
    xOpen = open;
    xDelete = remove;
    xAccess = access;
    xFullPathname = full_pathname;
    xGetLastError = [](sqlite3_vfs*, int, char*) { return errno; };
  }

  static Vfs& at(sqlite3_vfs* vfs) { return *static_cast<Vfs*>(vfs); }

  static int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
    file->pMethods = nullptr;
    KN_CHECK(path != nullptr, "the stores keep temporary tables in memory");
    Handle handle;
    bool existed = at(vfs).disk.exists(path);
    int error = at(vfs).disk.open(path, (flags & SQLITE_OPEN_CREATE) != 0, false, handle);
    if (error != 0) return failed(error, SQLITE_CANTOPEN);
    auto* open = new (file) OpenFile;
    open->pMethods = &kMethods;
    open->disk = &at(vfs).disk;
    open->path = path;
    open->handle = std::move(handle);
    open->shared = at(vfs).shared_of(path);
    open->syncs_directory = !existed && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    if (flags_out != nullptr) *flags_out = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
    int error = at(vfs).disk.remove(path);
    if (error == ENOENT) return SQLITE_IOERR_DELETE_NOENT;
    if (error != 0) return failed(error, SQLITE_IOERR_DELETE);
    if (sync_directory == 0) return SQLITE_OK;
    error = at(vfs).disk.sync_directory();
    return error == 0 ? SQLITE_OK : failed(error, SQLITE_IOERR_DIR_FSYNC);
  }

  static int access(sqlite3_vfs* vfs, const char* path, int, int* result) {
    *result = at(vfs).disk.exists(path) ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_pathname(sqlite3_vfs*, const char* path, int size, char* out) {
    sqlite3_snprintf(size, out, "%s", path);
    return SQLITE_OK;
  }

  std::shared_ptr<Shared> shared_of(const std::string& path) {
    std::lock_guard lock(mutex);
    auto found = shared[path].lock();
    if (!found) shared[path] = found = std::make_shared<Shared>();
    return found;
  }

  SimulatedDisk& disk;
  std::string name;
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Shared>> shared;  // while a connection is open
};

SimulatedFiles::SimulatedFiles(SimulatedDisk& disk) : disk_(disk), vfs_(std::make_unique<Vfs>(disk)) {
  KN_CHECK(sqlite3_vfs_register(vfs_.get(), 0) == SQLITE_OK, "the VFS could not be registered");
  batched_ = std::make_unique<BatchedLogVfs>(vfs_->zName, vfs_->name + "-batched");
}

SimulatedFiles::~SimulatedFiles() {
  batched_.reset();
  sqlite3_vfs_unregister(vfs_.get());
}

const char* SimulatedFiles::sqlite_vfs() const { return batched_->name(); }

Expected<std::unique_ptr<File>> SimulatedFiles::open(const std::string& path, Open how) {
  Handle handle;
  if (how == Open::kNew && disk_.exists(path)) return system_failure(path, "open", EEXIST);
  if (int error = disk_.open(path, true, how == Open::kEmpty, handle); error != 0) {
    return system_failure(path, "open", error);
  }
  return std::make_unique<SimulatedFile>(disk_, path, std::move(handle));
}

Expected<> SimulatedFiles::rename(const std::string& from, const std::string& to) {
  if (int error = disk_.rename(from, to); error != 0) return system_failure(to, "replace", error);
  return {};
}

Expected<> SimulatedFiles::remove(const std::string& path) {
  if (int error = disk_.remove(path); error != 0) return system_failure(path, "remove", error);
  return {};
}

Expected<> SimulatedFiles::sync_directory_of(const std::string& path) {
  if (int error = disk_.sync_directory(); error != 0) return system_failure(path, "sync the directory of", error);
  return {};
}

Expected<std::unique_ptr<FileLock>> SimulatedFiles::lock(const std::string& path) {
  int error = disk_.lock(path);
  if (error == EWOULDBLOCK) return fail(ErrorCode::kConflict, fmt::format("{}: is in use", path));
  if (error != 0) return system_failure(path + ".lock", "lock", error);
  return std::make_unique<SimulatedLock>(disk_, path);
}

}  // namespace kilonova
