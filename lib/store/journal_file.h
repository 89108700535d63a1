// JournalFile: an append-only file of checked records. A header of 8 bytes (magic, version), then for each record 12 bytes
// (length, CRC-32 of the length, CRC-32 of the payload; little-endian) and the payload.
//
// A write that was cut short leaves a torn last record; whatever is wrong before the end is corruption.
#pragma once

#include <cstdint>
#include <functional>
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

  // A new file starts with the magic's 7 bytes and the version. kDataLoss for another magic, kConflict for a version that
  // we do not know, kUnavailable. `replace` empties a file that is there.
  static Expected<JournalFile> open(const std::string& path, std::string_view magic, uint8_t version, SyncMode sync,
                                    bool replace = false);

  // Called for each whole record; an error from it ends the reading and is returned.
  using Visitor = std::function<Expected<>(uint64_t offset, std::string_view payload)>;
  // Reads the file from its start, and cuts off a torn last record: bytes_dropped() says how much. kDataLoss naming file
  // and offset for a corrupt one.
  Expected<> read(const Visitor& visitor);
  uint64_t bytes_dropped() const { return bytes_dropped_; }

  // The record survives kill -9 (normal) or power loss (full) on return; its offset. kUnavailable: the file is as before.
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
  JournalFile(std::string path, FileDescriptor file, SyncMode sync)
      : path_(std::move(path)), file_(std::move(file)), sync_(sync) {}

  Expected<> start(std::string_view header);
  Expected<> write_at_end(std::string_view bytes);
  Expected<> cut_back();
  Expected<std::string> read_all() const;

  std::string path_;
  FileDescriptor file_;
  SyncMode sync_;
  uint64_t size_ = 0;      // to the end of the last whole record
  bool overhang_ = false;  // bytes of a failed write may stand behind it
  uint64_t bytes_dropped_ = 0;
};

}  // namespace kilonova
