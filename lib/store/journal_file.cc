#include "store/journal_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/crc.hpp>
#include <cerrno>

namespace kilonova {
namespace {

uint32_t crc32(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

void put_u32(std::string& bytes, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(value >> shift & 0xff);
}

uint32_t get_u32(std::string_view bytes) {
  uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | static_cast<uint8_t>(bytes[static_cast<size_t>(i)]);
  return value;
}

bool all_zero(std::string_view bytes) {
  return std::ranges::all_of(bytes, [](char c) { return c == '\0'; });
}

enum class Found { kRecord, kTorn, kCorrupt };

// What stands at the start of `rest`, which is not empty.
Found look_at(std::string_view rest, std::string_view& payload) {
  if (rest.size() < JournalFile::kRecordHeaderBytes) return Found::kTorn;
  // A crash of the machine can leave the file longer than what was written, filled with zeros.
  if (crc32(rest.substr(0, 4)) != get_u32(rest.substr(4))) return all_zero(rest) ? Found::kTorn : Found::kCorrupt;
  size_t length = get_u32(rest);
  std::string_view body = rest.substr(JournalFile::kRecordHeaderBytes);
  if (length > body.size()) return Found::kTorn;
  payload = body.substr(0, length);
  if (crc32(payload) == get_u32(rest.substr(8))) return Found::kRecord;
  return all_zero(body.substr(length)) ? Found::kTorn : Found::kCorrupt;
}

}  // namespace

Expected<JournalFile> JournalFile::open(const std::string& path, std::string_view magic, uint8_t version, SyncMode sync,
                                        bool replace) {
  auto file = open_private(path, replace ? O_TRUNC : 0);
  if (!file) return std::unexpected(file.error());
  JournalFile journal(path, std::move(*file), sync);
  struct stat status{};
  if (fstat(journal.file_.get(), &status) != 0) return system_failure(path, "look at", errno);
  std::string header = std::string(magic) + static_cast<char>(version);
  journal.size_ = static_cast<uint64_t>(status.st_size);
  // Shorter than a header: it was never finished, and holds nothing.
  if (journal.size_ < kFileHeaderBytes) {
    if (auto started = journal.start(header); !started) return std::unexpected(started.error());
    return journal;
  }
  char found[kFileHeaderBytes];
  if (pread(journal.file_.get(), found, sizeof(found), 0) != sizeof(found)) return system_failure(path, "read", errno);
  if (std::string_view(found, magic.size()) != magic) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("{}: does not start with \"{}\": it is no such journal", path, magic));
  }
  auto found_version = static_cast<uint8_t>(found[magic.size()]);
  if (found_version != version) {
    return fail(ErrorCode::kConflict,
                fmt::format("{}: has version {}; this kilonova knows version {}", path, found_version, version));
  }
  return journal;
}

Expected<> JournalFile::start(std::string_view header) {
  size_ = 0;
  overhang_ = true;
  if (auto cut = cut_back(); !cut) return cut;
  if (auto written = write_at_end(header); !written) return written;
  if (sync_ == SyncMode::kNormal) return {};
  if (auto synced = sync(); !synced) return synced;
  return sync_directory_of(path_);
}

Expected<std::string> JournalFile::read_all() const {
  std::string bytes(size_, '\0');
  for (size_t done = 0; done < bytes.size();) {
    ssize_t got = pread(file_.get(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(path_, "read", errno);
    if (got == 0) return system_failure(path_, "read to its end", EIO);
    done += static_cast<size_t>(got);
  }
  return bytes;
}

Expected<> JournalFile::read(const Visitor& visitor) {
  auto bytes = read_all();
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view all = *bytes;
  uint64_t offset = kFileHeaderBytes;
  while (offset < all.size()) {
    std::string_view payload;
    Found found = look_at(all.substr(offset), payload);
    if (found == Found::kCorrupt) {
      return fail(ErrorCode::kDataLoss, fmt::format("{}: the record at byte {} is corrupt", path_, offset));
    }
    if (found == Found::kTorn) break;
    if (auto taken = visitor(offset, payload); !taken) return taken;
    offset += kRecordHeaderBytes + payload.size();
  }
  if (offset == all.size()) return {};
  bytes_dropped_ = all.size() - offset;
  size_ = offset;
  overhang_ = true;
  return cut_back();
}

void JournalFile::frame(std::string_view payload, std::string& records) {
  std::string length;
  put_u32(length, static_cast<uint32_t>(payload.size()));
  records += length;
  put_u32(records, crc32(length));
  put_u32(records, crc32(payload));
  records += payload;
}

Expected<uint64_t> JournalFile::append(std::string_view payload) {
  std::string record;
  record.reserve(kRecordHeaderBytes + payload.size());
  frame(payload, record);
  uint64_t offset = size_;
  if (auto written = write_at_end(record); !written) return std::unexpected(written.error());
  if (sync_ == SyncMode::kNormal) return offset;
  if (auto synced = sync(); !synced) {
    size_ = offset;
    overhang_ = true;
    (void)cut_back();
    return std::unexpected(synced.error());
  }
  return offset;
}

Expected<> JournalFile::append_framed(std::string_view records) { return write_at_end(records); }

Expected<> JournalFile::write_at_end(std::string_view bytes) {
  if (overhang_) {
    if (auto cut = cut_back(); !cut) return cut;
  }
  for (size_t done = 0; done < bytes.size();) {
    auto end = static_cast<off_t>(size_ + done);
    ssize_t put = pwrite(file_.get(), bytes.data() + done, bytes.size() - done, end);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      int error_number = put < 0 ? errno : ENOSPC;
      overhang_ = done > 0;
      if (overhang_) (void)cut_back();  // or else before the next write
      return system_failure(path_, "write to", error_number);
    }
    done += static_cast<size_t>(put);
  }
  size_ += bytes.size();
  return {};
}

Expected<> JournalFile::cut_back() {
  if (ftruncate(file_.get(), static_cast<off_t>(size_)) != 0) return system_failure(path_, "cut back", errno);
  overhang_ = false;
  return {};
}

Expected<> JournalFile::sync() {
  if (fdatasync(file_.get()) != 0) return system_failure(path_, "sync", errno);
  return {};
}

}  // namespace kilonova
