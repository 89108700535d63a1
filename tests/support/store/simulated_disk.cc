#include "tests/support/store/simulated_disk.h"

#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace kilonova {
namespace {

constexpr uint64_t kSector = 512;

std::string sector_of(const std::string& bytes, uint64_t index) {
  std::string sector = index * kSector < bytes.size() ? bytes.substr(index * kSector, kSector) : "";
  sector.resize(kSector, '\0');
  return sector;
}

}  // namespace

struct SimulatedDisk::Inode {
  std::string bytes;                                      // what a process sees
  std::string durable;                                    // what a sync has promised
  std::set<uint64_t> dirty;                               // sectors that the next sync writes
  std::map<uint64_t, std::vector<std::string>> versions;  // of each sector, not promised, that may have arrived
  std::vector<uint64_t> sizes;                            // likewise

  void note(uint64_t from, uint64_t to) {
    if (from >= to) return;
    for (uint64_t i = from / kSector; i <= (to - 1) / kSector; ++i) {
      dirty.insert(i);
      versions[i].push_back(sector_of(bytes, i));
    }
  }
  void put(uint64_t offset, std::string_view data) {
    uint64_t before = bytes.size();
    if (bytes.size() < offset + data.size()) bytes.resize(offset + data.size(), '\0');
    std::ranges::copy(data, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
    note(offset, offset + data.size());
    if (bytes.size() != before) sizes.push_back(bytes.size());
  }
  void cut(uint64_t size) {
    if (size == bytes.size()) return;
    bytes.resize(size, '\0');
    sizes.push_back(size);
    // The rest of the last sector is zeros from now on.
    if (size % kSector != 0) note(size, size + 1);
  }
  void synced() {
    uint64_t size = bytes.size();
    if (!dirty.empty()) durable.resize(std::max<uint64_t>(durable.size(), (*dirty.rbegin() + 1) * kSector), '\0');
    for (uint64_t i : dirty) {
      durable.replace(i * kSector, kSector, sector_of(bytes, i));
      versions.erase(i);
    }
    durable.resize(size, '\0');
    dirty.clear();
    sizes.clear();
  }
  void survive(Kept kept, Random& random) {
    if (kept == Kept::kAll) return;
    std::string found = durable;
    if (kept == Kept::kAnything) {
      uint64_t size = durable.size();
      if (!sizes.empty() && random.chance(0.8)) size = sizes[random.below(sizes.size())];
      for (const auto& [index, forms] : versions) {
        size_t form = random.below(forms.size() + 1);
        if (form == forms.size()) continue;  // not there at all
        if (found.size() < (index + 1) * kSector) found.resize((index + 1) * kSector, '\0');
        found.replace(index * kSector, kSector, forms[form]);
      }
      found.resize(size, '\0');
    }
    bytes = durable = found;
    dirty.clear();
    versions.clear();
    sizes.clear();
  }
};

uint64_t SimulatedDisk::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

void SimulatedDisk::fail_from(uint64_t change, int error_number) {
  std::lock_guard lock(mutex_);
  fail_from_ = {change, error_number};
}

void SimulatedDisk::fail_once(uint64_t change, int error_number) {
  std::lock_guard lock(mutex_);
  fail_once_ = {change, error_number};
}

void SimulatedDisk::fail_syncs(int error_number) {
  std::lock_guard lock(mutex_);
  sync_error_ = error_number;
}

void SimulatedDisk::set_capacity(uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void SimulatedDisk::repair() {
  std::lock_guard lock(mutex_);
  fail_from_.reset();
  fail_once_.reset();
  capacity_.reset();
  sync_error_ = 0;
}

void SimulatedDisk::stop_at(uint64_t change) {
  std::lock_guard lock(mutex_);
  stop_at_ = change;
}

bool SimulatedDisk::stopped() const {
  std::lock_guard lock(mutex_);
  return stopped_;
}

void SimulatedDisk::revive(Kept kept, Random& random) {
  std::lock_guard lock(mutex_);
  // Removed files too: an earlier form of the directory may bring them back. In the order of names, so that the same
  // random numbers strike the same files.
  std::vector<std::shared_ptr<Inode>> inodes;
  auto collect = [&](const Directory& names) {
    for (const auto& [path, inode] : names) {
      if (std::ranges::find(inodes, inode) == inodes.end()) inodes.push_back(inode);
    }
  };
  collect(names_);
  collect(durable_names_);
  for (const Directory& names : pending_directories_) collect(names);
  for (const auto& inode : inodes) inode->survive(kept, random);
  if (kept != Kept::kAll) {
    size_t form = kept == Kept::kAnything ? random.below(pending_directories_.size() + 1) : 0;
    names_ = form == 0 ? durable_names_ : pending_directories_[form - 1];
    durable_names_ = names_;
    pending_directories_.clear();
  }
  locks_.clear();
  ++life_;
  stopped_ = false;
  stop_at_.reset();
}

// 0: go on. `half`: the change fails, and a write has done half of itself.
int SimulatedDisk::begin_change(bool is_sync, bool& half) {
  half = false;
  if (stopped_) return EIO;
  ++changes_;
  if (stop_at_ == changes_) {
    stopped_ = true;
    half = true;
    return EIO;
  }
  if (is_sync && sync_error_ != 0) return sync_error_;
  const auto& fault = fail_once_ && fail_once_->first == changes_ ? fail_once_ : fail_from_;
  if (!fault || fault->first > changes_) return 0;
  half = changes_ % 2 == 0;
  return fault->second;
}

int SimulatedDisk::open(const std::string& path, bool create, bool empty, Handle& handle) {
  std::lock_guard lock(mutex_);
  if (stopped_) return EIO;
  auto found = names_.find(path);
  if (found == names_.end()) {
    if (!create) return ENOENT;
    bool half = false;
    if (int error = begin_change(false, half); error != 0) return error;
    found = names_.emplace(path, std::make_shared<Inode>()).first;
    remember_directory();
  }
  if (empty && !found->second->bytes.empty()) {
    bool half = false;
    if (int error = begin_change(false, half); error != 0) return error;
    found->second->cut(0);
  }
  handle = {found->second, life_};
  return 0;
}

int SimulatedDisk::read(const Handle& handle, uint64_t offset, size_t size, std::string& bytes) const {
  std::lock_guard lock(mutex_);
  if (!usable(handle)) return EIO;
  bytes = offset < handle.inode->bytes.size() ? handle.inode->bytes.substr(offset, size) : "";
  return 0;
}

int SimulatedDisk::write(const Handle& handle, uint64_t offset, std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (!usable(handle)) return EIO;
  bool half = false;
  int error = begin_change(false, half);
  if (error == 0 && capacity_) {
    uint64_t used = 0;
    for (const auto& [path, inode] : names_) used += inode->bytes.size();
    uint64_t end = offset + bytes.size(), now = handle.inode->bytes.size();
    if (end > now && used + end - now > *capacity_) {
      error = ENOSPC;
      half = used + (end - now) / 2 <= *capacity_;
    }
  }
  if (error != 0 && !half) return error;
  handle.inode->put(offset, error != 0 ? bytes.substr(0, bytes.size() / 2) : bytes);
  return error;
}

int SimulatedDisk::truncate(const Handle& handle, uint64_t size) {
  std::lock_guard lock(mutex_);
  if (!usable(handle)) return EIO;
  bool half = false;
  if (int error = begin_change(false, half); error != 0) return error;
  handle.inode->cut(size);
  return 0;
}

int SimulatedDisk::size(const Handle& handle, uint64_t& bytes) const {
  std::lock_guard lock(mutex_);
  if (!usable(handle)) return EIO;
  bytes = handle.inode->bytes.size();
  return 0;
}

int SimulatedDisk::sync(const Handle& handle) {
  std::lock_guard lock(mutex_);
  if (!usable(handle)) return EIO;
  bool half = false;
  int error = begin_change(true, half);
  if (error == 0) handle.inode->synced();
  if (error != 0 && !stopped_) handle.inode->dirty.clear();  // taken for written from now on
  return error;
}

int SimulatedDisk::rename(const std::string& from, const std::string& to) {
  std::lock_guard lock(mutex_);
  if (stopped_) return EIO;
  auto found = names_.find(from);
  if (found == names_.end()) return ENOENT;
  bool half = false;
  if (int error = begin_change(false, half); error != 0) return error;
  names_[to] = found->second;
  names_.erase(from);
  remember_directory();
  return 0;
}

int SimulatedDisk::remove(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (stopped_) return EIO;
  if (!names_.contains(path)) return ENOENT;
  bool half = false;
  if (int error = begin_change(false, half); error != 0) return error;
  names_.erase(path);
  remember_directory();
  return 0;
}

int SimulatedDisk::sync_directory() {
  std::lock_guard lock(mutex_);
  if (stopped_) return EIO;
  bool half = false;
  if (int error = begin_change(true, half); error != 0) return error;
  durable_names_ = names_;
  pending_directories_.clear();
  return 0;
}

bool SimulatedDisk::exists(const std::string& path) const {
  std::lock_guard lock(mutex_);
  return names_.contains(path);
}

int SimulatedDisk::lock(const std::string& path) {
  std::lock_guard lock(mutex_);
  if (stopped_) return EIO;
  return locks_.insert(path).second ? 0 : EWOULDBLOCK;
}

void SimulatedDisk::unlock(const std::string& path) {
  std::lock_guard lock(mutex_);
  locks_.erase(path);
}

std::optional<std::string> SimulatedDisk::contents(const std::string& path) const {
  std::lock_guard lock(mutex_);
  auto found = names_.find(path);
  return found == names_.end() ? std::nullopt : std::optional(found->second->bytes);
}

void SimulatedDisk::set_contents(const std::string& path, std::string bytes) {
  std::lock_guard lock(mutex_);
  auto inode = std::make_shared<Inode>();
  inode->bytes = inode->durable = std::move(bytes);
  names_[path] = durable_names_[path] = inode;
}

}  // namespace kilonova
