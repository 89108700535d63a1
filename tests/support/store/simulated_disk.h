// SimulatedDisk: files in memory below the real stores, which fill up, refuse, and forget what was not synced.
//
// What it takes from real systems: a file reaches the disk in sectors, each by itself and in any order; a sector that was
// written several times since the last sync may be there in any of its forms; the file's size may be there without its
// bytes, which then are zeros; files made, renamed and removed may be as they were until their directory is synced, though
// never a later of these changes without an earlier. A sync that fails leaves its bytes unsynced for good: the next sync knows
// nothing of them (as Linux does it).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"

namespace kilonova {

// Any thread. Results are 0 or an errno.
class SimulatedDisk {
 public:
  struct Inode;
  // An open file; of no use after the disk was taken away (revive).
  struct Handle {
    std::shared_ptr<Inode> inode;
    uint64_t life = 0;
  };

  // ---- what goes wrong. A change is a write, truncation, sync, creation, rename, removal or sync of a directory; they are
  // counted from 1.

  uint64_t changes() const;
  // From this change on, or this one alone, changes fail with this error; reads do not. A write that fails may have
  // written the first half of its bytes.
  void fail_from(uint64_t change, int error_number);
  void fail_once(uint64_t change, int error_number);
  // Like fail_from, for syncs alone.
  void fail_syncs(int error_number);
  // Writes fail with ENOSPC that would make the files together larger than this.
  void set_capacity(uint64_t bytes);
  // The disk does what it should again.
  void repair();
  // At this change, a write of which half arrives, everything stops: this and all that follows fails with EIO.
  void stop_at(uint64_t change);
  bool stopped() const;

  enum class Kept {
    kAll,       // the process was killed, the machine lives
    kSynced,    // power was lost, and with it all that was not synced
    kAnything,  // power was lost, and anything may be there that could be
  };
  // After a stop, or at any moment: what a process finds that starts now. Open files are closed.
  void revive(Kept kept, Random& random);

  // ---- files

  int open(const std::string& path, bool create, bool empty, Handle& handle);
  int read(const Handle& handle, uint64_t offset, size_t size, std::string& bytes) const;
  int write(const Handle& handle, uint64_t offset, std::string_view bytes);
  int truncate(const Handle& handle, uint64_t size);
  int size(const Handle& handle, uint64_t& bytes) const;
  int sync(const Handle& handle);
  int rename(const std::string& from, const std::string& to);
  int remove(const std::string& path);
  int sync_directory();
  bool exists(const std::string& path) const;
  int lock(const std::string& path);
  void unlock(const std::string& path);

  // For tests: a file's bytes as a process sees them.
  std::optional<std::string> contents(const std::string& path) const;
  void set_contents(const std::string& path, std::string bytes);

 private:
  using Directory = std::map<std::string, std::shared_ptr<Inode>>;

  int begin_change(bool is_sync, bool& half);
  void remember_directory() { pending_directories_.push_back(names_); }
  bool usable(const Handle& handle) const { return handle.inode != nullptr && handle.life == life_ && !stopped_; }

  mutable std::mutex mutex_;
  Directory names_;
  Directory durable_names_;
  std::vector<Directory> pending_directories_;  // after each change since the last sync
  std::set<std::string> locks_;
  uint64_t life_ = 1;
  uint64_t changes_ = 0;
  std::optional<std::pair<uint64_t, int>> fail_from_;
  std::optional<std::pair<uint64_t, int>> fail_once_;
  int sync_error_ = 0;
  std::optional<uint64_t> capacity_;
  std::optional<uint64_t> stop_at_;
  bool stopped_ = false;
};

}  // namespace kilonova
