#include "store/journal_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/crc.hpp>

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

// Parts of a file reach the disk apart from each other, at the smallest in pieces of this size.
constexpr uint64_t kSector = 512;

enum class Found { kRecord, kTorn, kCorrupt };

// Zeros from `offset` to the end of a sector, at a place where a record of ours has none: written in memory, and lost with
// the power. A record is text without NUL; its header has at most 12 bytes that could be zero.
bool never_written(std::string_view file, uint64_t offset, uint64_t end) {
  for (uint64_t at = offset; at < std::min<uint64_t>(end, file.size());) {
    uint64_t next = std::min<uint64_t>((at / kSector + 1) * kSector, file.size());
    if (all_zero(file.substr(at, next - at))) return true;
    at = next;
  }
  return false;
}

// What stands at the start of `rest` as far as it can be told from `rest` alone.
Found look_at(std::string_view rest, std::string_view& payload) {
  if (rest.size() < JournalFile::kRecordHeaderBytes) return Found::kTorn;
  if (crc32(rest.substr(0, 4)) != get_u32(rest.substr(4))) return Found::kCorrupt;
  uint64_t length = get_u32(rest);
  std::string_view body = rest.substr(JournalFile::kRecordHeaderBytes);
  if (length > body.size()) return Found::kTorn;
  payload = body.substr(0, length);
  return crc32(payload) == get_u32(rest.substr(8)) ? Found::kRecord : Found::kCorrupt;
}

bool has_a_record(std::string_view bytes) {
  std::string_view payload;
  for (; !bytes.empty(); bytes.remove_prefix(1)) {
    if (look_at(bytes, payload) == Found::kRecord) return true;
  }
  return false;
}

// Whether a record at `offset` that does not read is the last thing that was being written when the power went.
bool lost_with_power(std::string_view file, uint64_t offset, SyncMode sync) {
  std::string_view rest = file.substr(offset);
  if (all_zero(rest)) return true;
  uint64_t begin = offset + JournalFile::kRecordHeaderBytes;
  bool header_lost = crc32(rest.substr(0, 4)) != get_u32(rest.substr(4));
  uint64_t end = header_lost ? begin : begin + get_u32(rest);
  if (!header_lost && all_zero(file.substr(end))) return true;
  if (!never_written(file, offset, end)) return false;
  // With a sync for each record, one alone can be under way; without, any number.
  return sync == SyncMode::kNormal || (header_lost && !has_a_record(rest.substr(1)));
}

}  // namespace

Expected<JournalFile> JournalFile::open(Files& files, const std::string& path, const Form& form, SyncMode sync,
                                        Files::Open how) {
  auto file = files.open(path, how);
  if (!file) return std::unexpected(file.error());
  JournalFile journal(path, std::move(*file), sync);
  auto size = journal.file_->size();
  if (!size) return std::unexpected(size.error());
  journal.size_ = *size;
  // Shorter than a header: it was never finished, and holds nothing.
  Expected<> opened = *size < kFileHeaderBytes ? journal.start(form) : journal.check_header(form);
  // It may have been made by one who did not sync.
  if (opened && sync == SyncMode::kFull) opened = files.sync_directory_of(path);
  if (!opened) return std::unexpected(opened.error());
  return journal;
}

// Synced under kNormal too: a file with records has a header, whatever else power loss took.
Expected<> JournalFile::start(const Form& form) {
  version_ = form.version;
  size_ = 0;
  overhang_ = true;
  if (auto written = write_at_end(std::string(form.magic) + static_cast<char>(form.version)); !written) return written;
  return sync();
}

Expected<> JournalFile::check_header(const Form& form) {
  std::string found(kFileHeaderBytes, '\0');
  if (auto read = file_->read(0, found); !read) return std::unexpected(read.error());
  if (size_ == kFileHeaderBytes && all_zero(found)) return start(form);
  if (!found.starts_with(form.magic)) {
    return fail(ErrorCode::kDataLoss,
                fmt::format("{}: does not start with \"{}\": it is no such journal", path_, form.magic));
  }
  version_ = static_cast<uint8_t>(found.back());
  if (version_ >= form.oldest && version_ <= form.version) return {};
  return fail(ErrorCode::kConflict,
              fmt::format("{}: has version {}; this kilonova knows up to version {}: use {} one", path_, version_,
                          form.version, version_ > form.version ? "a newer" : "an older"));
}

Expected<std::string> JournalFile::read_bytes(uint64_t offset, uint64_t count) const {
  std::string bytes(count, '\0');
  auto got = file_->read(offset, bytes);
  if (!got) return std::unexpected(got.error());
  if (*got < bytes.size())
    return fail(ErrorCode::kUnavailable, fmt::format("{}: became shorter while it was read", path_));
  return bytes;
}

Expected<std::string> JournalFile::read_record(uint64_t offset, uint64_t bytes) const {
  auto record = read_bytes(offset, bytes);
  if (!record) return record;
  std::string_view payload;
  if (look_at(*record, payload) != Found::kRecord || kRecordHeaderBytes + payload.size() != bytes)
    return fail(ErrorCode::kDataLoss, fmt::format("{}: the record at byte {} is corrupt", path_, offset));
  return std::string(payload);
}

Expected<uint64_t> JournalFile::scan(std::string_view all, const Visitor& visitor) const {
  uint64_t offset = kFileHeaderBytes;
  while (offset < all.size()) {
    std::string_view payload;
    Found found = look_at(all.substr(offset), payload);
    if (found == Found::kCorrupt && !lost_with_power(all, offset, sync_)) {
      return fail(ErrorCode::kDataLoss, fmt::format("{}: the record at byte {} is corrupt", path_, offset));
    }
    if (found != Found::kRecord) break;
    if (auto taken = visitor(offset, payload); !taken) return std::unexpected(taken.error());
    offset += kRecordHeaderBytes + payload.size();
  }
  return offset;
}

Expected<> JournalFile::read(const Visitor& visitor) {
  auto bytes = read_bytes(0, size_);
  if (!bytes) return std::unexpected(bytes.error());
  auto end = scan(*bytes, visitor);
  if (!end) return std::unexpected(end.error());
  if (sync_ == SyncMode::kFull) {
    if (auto rewritten = rewrite(bytes->substr(0, *end)); !rewritten) return rewritten;
  }
  if (*end == size_) return {};
  bytes_dropped_ = size_ - *end;
  size_ = *end;
  overhang_ = true;
  return cut_back();
}

// After a sync that failed, the system shows what never reached the disk and will not write it again; who was killed
// then leaves such a file behind. The same bytes in the same places: a power loss meanwhile changes nothing.
Expected<> JournalFile::rewrite(std::string_view bytes) {
  if (auto written = file_->write(0, bytes); !written) return written;
  return sync();
}

Expected<> JournalFile::read_again(const Visitor& visitor) const {
  auto bytes = read_bytes(0, size_);
  if (!bytes) return std::unexpected(bytes.error());
  auto end = scan(*bytes, visitor);
  if (!end) return std::unexpected(end.error());
  if (*end == size_) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("{}: the record at byte {} is not whole any more", path_, *end));
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
  if (auto written = file_->write(size_, bytes); !written) {
    overhang_ = true;
    (void)cut_back();  // or else before the next write
    return written;
  }
  size_ += bytes.size();
  return {};
}

// Synced under kNormal too: the next record must never meet old bytes that power loss brought back behind it.
Expected<> JournalFile::cut_back() {
  if (auto cut = file_->truncate(size_); !cut) return cut;
  if (auto synced = sync(); !synced) return synced;
  overhang_ = false;
  return {};
}

Expected<> JournalFile::sync() { return file_->sync(); }

}  // namespace kilonova
