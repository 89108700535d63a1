// Files of the stores: who may use them, and how they are made. Every path the stores touch by themselves goes through here
// (SQLite opens its own).
#pragma once

#include <string>
#include <utility>

#include "base/error.h"

namespace kilonova {

// An open file, closed at the end.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  ~FileDescriptor();

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_ = -1;
};

// kUnavailable naming path, deed and the system's reason.
std::unexpected<Error> system_failure(const std::string& path, const char* deed, int error_number);

// The file, made when it is not there; readable and writable by its owner alone. kUnavailable.
Expected<FileDescriptor> open_private(const std::string& path, int extra_flags = 0);

// Makes renames in the directory of this path durable. kUnavailable.
Expected<> sync_directory_of(const std::string& path);

// `path` + ".lock", held by one process at a time until the end of this object, or of the process.
class FileLock {
 public:
  // kConflict naming the process that holds it; kUnavailable when the lock file can't be made.
  static Expected<FileLock> acquire(const std::string& path);

 private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}
  FileDescriptor file_;
};

}  // namespace kilonova
