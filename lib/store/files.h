// The one layer of files below whatever must last: guest journals, exports and cloud.json are written through it, SQLite stores
// open, protect and lock their file through it.
// Production uses posix_files(); tests have a disk in memory that fills up, refuses, and forgets what was not synced
// (tests/support/store/simulated_disk.h).
//
// Failures are kUnavailable, naming the path, the deed and the system's reason.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

// An open file, closed at the end of the object. One thread at a time. Calls that a signal interrupts go on.
class File {
 public:
  virtual ~File() = default;

  // How many bytes were read: fewer than there is room for only at the file's end.
  virtual Expected<size_t> read(uint64_t offset, std::span<char> into) = 0;
  // All of them. After a failure any part may stand in the file.
  virtual Expected<> write(uint64_t offset, std::string_view bytes) = 0;
  virtual Expected<> truncate(uint64_t size) = 0;
  virtual Expected<uint64_t> size() = 0;
  // What was written, and the file's size, survive power loss on return. After a failure nobody knows what does: the
  // system may hold the bytes for written and never try again.
  virtual Expected<> sync() = 0;
};

// Held until the end of the object, or of the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class Files {
 public:
  enum class Open : uint8_t { kKeep, kEmpty, kNew };

  virtual ~Files() = default;

  // Any thread. A file that is not there is made, readable and writable by its owner alone; one that others may read is
  // made so. kEmpty: whatever is in it goes. kNew: kUnavailable where anything of that name is, even a link to nowhere.
  virtual Expected<std::unique_ptr<File>> open(const std::string& path, Open how = Open::kKeep) = 0;
  // Whatever is at `to` goes. Survives power loss only after sync_directory_of(to).
  virtual Expected<> rename(const std::string& from, const std::string& to) = 0;
  virtual Expected<> remove(const std::string& path) = 0;
  // Files made, renamed and removed in the directory of this path survive power loss on return.
  virtual Expected<> sync_directory_of(const std::string& path) = 0;
  // `path` + ".lock", which one process can hold. kConflict naming the process that does.
  virtual Expected<std::unique_ptr<FileLock>> lock(const std::string& path) = 0;
  // The VFS by which SQLite comes to the same files; nullptr is its own.
  virtual const char* sqlite_vfs() const { return nullptr; }
};

// The system's files.
Files& posix_files();

// kUnavailable naming path, deed and the system's reason.
std::unexpected<Error> system_failure(const std::string& path, const char* deed, int error_number);

}  // namespace kilonova
