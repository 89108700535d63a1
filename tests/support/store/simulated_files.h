// SimulatedFiles: a SimulatedDisk as the stores see it, and a VFS of SQLite over the same files, batched as theirs.
#pragma once

#include <memory>
#include <string>

#include "store/batched_log_vfs.h"
#include "store/files.h"
#include "tests/support/store/simulated_disk.h"

namespace kilonova {

// The disk outlives it; the stores on it die before it. Paths are names only: there are no directories but one.
class SimulatedFiles final : public Files {
 public:
  explicit SimulatedFiles(SimulatedDisk& disk);
  ~SimulatedFiles() override;
  SimulatedFiles(const SimulatedFiles&) = delete;

  Expected<std::unique_ptr<File>> open(const std::string& path, Open how = Open::kKeep) override;
  Expected<> rename(const std::string& from, const std::string& to) override;
  Expected<> remove(const std::string& path) override;
  Expected<> sync_directory_of(const std::string& path) override;
  Expected<std::unique_ptr<FileLock>> lock(const std::string& path) override;
  const char* sqlite_vfs() const override;

 private:
  SimulatedDisk& disk_;
  struct Vfs;
  std::unique_ptr<Vfs> vfs_;
  std::unique_ptr<BatchedLogVfs> batched_;  // over it, as the stores have it over SQLite's own
};

}  // namespace kilonova
