// FileGuestJournal: the guests of one compute process in an append-only file.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "ports/guest_journal.h"
#include "store/files.h"
#include "store/journal_file.h"
#include "store/sync_mode.h"

namespace kilonova {

// Loop thread only; every call writes to the file before it returns. The file is written anew, in passing, when more
// than half of it and more than `garbage_allowed` is of no use any more; that takes a moment, some 10 ms for 100,000
// guests and a sync of the new file, without which a power loss could leave neither the old nor the new one.
class FileGuestJournal final : public GuestJournal {
 public:
  // Opens nothing yet. The file's directory must be there; beside the file are `.lock` and, at times, `.new`.
  // `files` outlives it.
  FileGuestJournal(std::string path, SyncMode sync, Files& files = posix_files(), uint64_t garbage_allowed = 4 << 20)
      : path_(std::move(path)), sync_(sync), files_(files), garbage_allowed_(garbage_allowed) {}

  // A file of an earlier version is written anew in today's form. Besides kDataLoss: kConflict when another process has
  // it or its version is not known, kUnavailable. The file is as it was after a failure, and load() may be called
  // again.
  Expected<std::vector<GuestRecord>> load() override;
  Expected<> put(const GuestRecord& record) override;
  // Nothing of that name: no error, and nothing is written.
  Expected<> erase(const std::string& host, const Uuid& instance) override;
  // kDataLoss when the file does not say (any more) what was written to it.
  Expected<std::vector<GuestRecord>> read(const std::string& host, const Uuid& instance, size_t limit) override;

  // What load() found worth telling: a torn last record that was dropped. "" = nothing.
  const std::string& note() const { return note_; }
  uint64_t file_bytes() const { return file_ ? file_->size() : 0; }

 private:
  using Key = std::pair<std::string, Uuid>;
  // Where the last record of a guest stands, header included.
  struct Place {
    uint64_t offset = 0;
    uint64_t bytes = 0;
  };

  // The records of a new file, and where each will stand.
  struct Fresh {
    std::map<Key, Place> places;
    std::string records;
    void add(const Key& key, std::string_view payload);
  };

  Expected<> take(uint64_t offset, std::string_view payload, std::map<Key, GuestRecord>& guests);
  void hold(const Key& key, Place place);
  void release(const Key& key);
  Expected<uint64_t> append(const std::string& payload);
  void compact_if_worthwhile();
  Expected<> compact();
  Expected<> write_anew(const std::map<Key, GuestRecord>& guests);
  // Writes a new file beside the old one and gives it its name. Everything is as before after a failure.
  Expected<> take_over(Fresh fresh);
  std::unexpected<Error> unreadable(uint64_t offset, const Error& why) const;

  std::string path_;
  SyncMode sync_;
  Files& files_;
  uint64_t garbage_allowed_;  // bytes
  std::unique_ptr<FileLock> lock_;
  std::optional<JournalFile> file_;
  std::map<Key, Place> places_;
  uint64_t live_bytes_ = 0;
  uint64_t no_compaction_below_ = 0;  // file size: after a compaction that failed
  bool rename_in_doubt_ = false;  // the directory was not synced: power loss may bring back the file before this one
  std::string note_;
};

}  // namespace kilonova
