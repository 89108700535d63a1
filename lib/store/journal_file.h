// JournalFile: an append-only file of checked records. A header of 8 bytes (magic, version), then for each record 12 bytes
// (length, CRC-32 of the length, CRC-32 of the payload; little-endian) and the payload.
//
// A write that was cut short leaves a torn last record, which is cut off. Parts of it may be missing before others: what power
// loss took reads as zeros, which no record has. Under kNormal any number of the last records can be affected, so there the
// file ends at the first one that was never wholly written. Whatever else is wrong is corruption.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "store/files.h"
#include "store/sync_mode.h"

namespace kilonova {

class JournalFile {
 public:
  static constexpr uint64_t kFileHeaderBytes = 8;
  static constexpr uint64_t kRecordHeaderBytes = 12;

  // What a file starts with, and which versions of it can be read: those up to the one that is written.
  struct Form {
    std::string_view magic;  // 7 bytes
    uint8_t version = 1;     // of new files
    uint8_t oldest = 1;
  };
  // kDataLoss for another magic, kConflict for a version that we do not know, kUnavailable.
  static Expected<JournalFile> open(Files& files, const std::string& path, const Form& form, SyncMode sync,
                                    Files::Open how = Files::Open::kKeep);
  uint8_t version() const { return version_; }

  // Called for each whole record; an error from it ends the reading and is returned.
  using Visitor = std::function<Expected<>(uint64_t offset, std::string_view payload)>;
  // Reads the file from its start, and cuts off a torn last record: bytes_dropped() says how much. kDataLoss naming file
  // and offset for a corrupt one; the file is then as it was.
  Expected<> read(const Visitor& visitor);
  uint64_t bytes_dropped() const { return bytes_dropped_; }
  // The payload of the record that takes `bytes`, header included, from `offset` on. kDataLoss when that is none (any
  // more), kUnavailable.
  Expected<std::string> read_record(uint64_t offset, uint64_t bytes) const;
  // The same for a file that was read already and is whole; it changes nothing. kDataLoss also for a torn record.
  Expected<> read_again(const Visitor& visitor) const;

  // The record survives kill -9 (normal) or power loss (full) on return; its offset. kUnavailable: the file is as before
  // for whoever reads it; when it was the sync that failed, power loss may still bring the record back.
  Expected<uint64_t> append(std::string_view payload);
  // The payloads of records already framed, in one write; without sync.
  Expected<> append_framed(std::string_view records);
  static void frame(std::string_view payload, std::string& records);

  Expected<> sync();
  uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }
  // The file was renamed.
  void set_path(std::string path) { path_ = std::move(path); }

 private:
  JournalFile(std::string path, std::unique_ptr<File> file, SyncMode sync)
      : path_(std::move(path)), file_(std::move(file)), sync_(sync) {}

  Expected<> start(const Form& form);
  Expected<> check_header(const Form& form);
  Expected<> write_at_end(std::string_view bytes);
  Expected<> cut_back();
  Expected<std::string> read_bytes(uint64_t offset, uint64_t count) const;
  // The end of the last whole record.
  Expected<uint64_t> scan(std::string_view all, const Visitor& visitor) const;
  Expected<> rewrite(std::string_view bytes);

  std::string path_;
  std::unique_ptr<File> file_;
  SyncMode sync_;
  uint8_t version_ = 0;
  uint64_t size_ = 0;      // to the end of the last whole record
  bool overhang_ = false;  // bytes of a failed write may stand behind it
  uint64_t bytes_dropped_ = 0;
};

}  // namespace kilonova
