// FileGuestJournal: the guests of one compute process in an append-only file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "ports/guest_journal.h"
#include "store/files.h"
#include "store/journal_file.h"
#include "store/sync_mode.h"

namespace kilonova {

// Loop thread only; every call writes to the file before it returns. The file is written anew, in passing, when more than
// half of it and more than 1 MiB is of no use any more; that takes a moment, some 10 ms for 100,000 guests.
class FileGuestJournal final : public GuestJournal {
 public:
  // Opens nothing yet. The file's directory must be there; beside the file are `.lock` and, at times, `.new`.
  FileGuestJournal(std::string path, SyncMode sync) : path_(std::move(path)), sync_(sync) {}

  // Besides kDataLoss: kConflict when another process has it or its version is not ours, kUnavailable. May be called
  // again after a failure.
  Expected<std::vector<GuestRecord>> load() override;
  Expected<> put(const GuestRecord& record) override;
  // Nothing of that name: no error, and nothing is written.
  Expected<> erase(const std::string& host, const Uuid& instance) override;

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

  Expected<> take(uint64_t offset, std::string_view payload, std::map<Key, GuestRecord>& guests);
  void hold(const Key& key, Place place);
  void release(const Key& key);
  void compact_if_worthwhile();
  Expected<> compact();

  std::string path_;
  SyncMode sync_;
  std::optional<FileLock> lock_;
  std::optional<JournalFile> file_;
  std::map<Key, Place> places_;
  uint64_t live_bytes_ = 0;
  uint64_t no_compaction_below_ = 0;  // file size: after a compaction that failed
  std::string note_;
};

}  // namespace kilonova
