#include "store/file_guest_journal.h"

#include <fmt/format.h>

#include "base/check.h"
#include "store/codec.h"
#include "store/version_1_text.h"
#include "store/visit.h"

namespace kilonova {
namespace {

constexpr JournalFile::Form kForm{.magic = "knguest", .version = 2};

constexpr std::string_view kPut = "put";
constexpr std::string_view kErase = "erase";

std::string encode_put(const GuestRecord& record) {
  TextWriter writer;
  writer(kPut, record);
  return std::move(writer).text();
}

std::string encode_erase(const std::string& host, const Uuid& instance) {
  TextWriter writer;
  writer(kErase, host, instance);
  return std::move(writer).text();
}

std::unexpected<Error> with_advice(Error error) {
  if (error.code == ErrorCode::kDataLoss) {
    error.message += ". The file was left as it is: put back a copy of it, or move it away to go on without its guests";
  }
  return std::unexpected(std::move(error));
}

}  // namespace

Expected<std::vector<GuestRecord>> FileGuestJournal::load() {
  KN_CHECK(!file_, "a journal can be loaded once");
  auto lock = files_.lock(path_);
  if (!lock) return std::unexpected(lock.error());
  auto file = JournalFile::open(files_, path_, kForm, sync_);
  if (!file) return with_advice(file.error());

  places_.clear();
  live_bytes_ = 0;
  std::map<Key, GuestRecord> guests;
  auto read = file->read([&](uint64_t offset, std::string_view payload) -> Expected<> {
    if (file->version() == kForm.version) return take(offset, payload, guests);
    auto today = guest_change_of_version_1(payload);
    if (!today) return unreadable(offset, today.error());
    return take(offset, *today, guests);
  });
  if (!read) return with_advice(read.error());
  if (file->bytes_dropped() != 0) {
    note_ = fmt::format("{}: what was written last was cut short; {} bytes at byte {} were dropped", path_,
                        file->bytes_dropped(), file->size());
  }
  const bool of_today = file->version() == kForm.version;
  file_ = std::move(*file);
  if (auto written = of_today ? Expected<>() : write_anew(guests); !written) {
    file_.reset();
    return std::unexpected(written.error());
  }
  lock_ = std::move(*lock);

  std::vector<GuestRecord> result;
  result.reserve(guests.size());
  for (auto& [key, guest] : guests) result.push_back(std::move(guest));
  return result;
}

Expected<> FileGuestJournal::take(uint64_t offset, std::string_view payload, std::map<Key, GuestRecord>& guests) {
  TextReader reader(payload);
  std::string kind;
  GuestRecord record;
  reader(kind);
  if (kind == kPut) {
    reader(record);
  } else if (kind == kErase) {
    reader(record.host, record.placement.instance);
  } else {
    reader.wrong(kind, "put or erase");
  }
  if (auto finished = reader.finish(); !finished) return unreadable(offset, finished.error());
  Key key(record.host, record.placement.instance);
  if (kind == kPut) {
    hold(key, {offset, JournalFile::kRecordHeaderBytes + payload.size()});
    guests[key] = std::move(record);
  } else {
    release(key);
    guests.erase(key);
  }
  return {};
}

std::unexpected<Error> FileGuestJournal::unreadable(uint64_t offset, const Error& why) const {
  return fail(ErrorCode::kDataLoss,
              fmt::format("{}: the record at byte {} does not read: {}", path_, offset, why.message));
}

void FileGuestJournal::hold(const Key& key, Place place) {
  Place& held = places_[key];
  live_bytes_ += place.bytes - held.bytes;
  held = place;
}

void FileGuestJournal::release(const Key& key) {
  auto held = places_.find(key);
  if (held == places_.end()) return;
  live_bytes_ -= held->second.bytes;
  places_.erase(held);
}

Expected<> FileGuestJournal::put(const GuestRecord& record) {
  KN_CHECK(file_.has_value(), "a journal is loaded before anything is recorded");
  std::string payload = encode_put(record);
  auto offset = append(payload);
  if (!offset) return std::unexpected(offset.error());
  hold({record.host, record.placement.instance}, {*offset, JournalFile::kRecordHeaderBytes + payload.size()});
  compact_if_worthwhile();
  return {};
}

Expected<> FileGuestJournal::erase(const std::string& host, const Uuid& instance) {
  KN_CHECK(file_.has_value(), "a journal is loaded before anything is recorded");
  Key key(host, instance);
  if (!places_.contains(key)) return {};
  auto offset = append(encode_erase(host, instance));
  if (!offset) return std::unexpected(offset.error());
  release(key);
  compact_if_worthwhile();
  return {};
}

Expected<std::vector<GuestRecord>> FileGuestJournal::read(const std::string& host, const Uuid& instance, size_t limit) {
  KN_CHECK(file_.has_value(), "a journal is loaded before anything is read");
  std::vector<GuestRecord> guests;
  for (auto it = places_.upper_bound({host, instance}); it != places_.end() && guests.size() < limit; ++it) {
    auto payload = file_->read_record(it->second.offset, it->second.bytes);
    if (!payload) return std::unexpected(payload.error());
    TextReader reader(*payload);
    std::string kind;
    GuestRecord record;
    reader(kind, record);
    if (auto finished = reader.finish(); !finished) return unreadable(it->second.offset, finished.error());
    guests.push_back(std::move(record));
  }
  return guests;
}

Expected<uint64_t> FileGuestJournal::append(const std::string& payload) {
  if (rename_in_doubt_) {
    if (auto synced = files_.sync_directory_of(path_); !synced) return std::unexpected(synced.error());
    rename_in_doubt_ = false;
  }
  return file_->append(payload);
}

void FileGuestJournal::compact_if_worthwhile() {
  uint64_t garbage = file_->size() - live_bytes_;
  if (garbage <= garbage_allowed_ || garbage <= file_->size() / 2 || file_->size() < no_compaction_below_) return;
  // The old file goes on being good when the disk refuses a new one.
  no_compaction_below_ = compact() ? 0 : file_->size() + garbage_allowed_;
}

Expected<> FileGuestJournal::compact() {
  Fresh fresh;
  auto copied = file_->read_again([&](uint64_t offset, std::string_view payload) -> Expected<> {
    TextReader reader(payload);
    std::string kind, host;
    size_t fields = 0;
    Uuid instance;
    reader(kind);
    if (kind != kPut) return {};
    reader(fields, host, instance);  // what a guest's record begins with
    auto held = places_.find({host, instance});
    if (held != places_.end() && held->second.offset == offset) fresh.add(held->first, payload);
    return {};
  });
  if (!copied) return copied;
  return take_over(std::move(fresh));
}

Expected<> FileGuestJournal::write_anew(const std::map<Key, GuestRecord>& guests) {
  Fresh fresh;
  for (const auto& [key, guest] : guests) fresh.add(key, encode_put(guest));
  return take_over(std::move(fresh));
}

void FileGuestJournal::Fresh::add(const Key& key, std::string_view payload) {
  places[key] = {JournalFile::kFileHeaderBytes + records.size(), JournalFile::kRecordHeaderBytes + payload.size()};
  JournalFile::frame(payload, records);
}

Expected<> FileGuestJournal::take_over(Fresh fresh) {
  std::string new_path = path_ + ".new";
  auto file = JournalFile::open(files_, new_path, kForm, sync_, Files::Open::kEmpty);
  if (!file) return std::unexpected(file.error());
  auto done = file->append_framed(fresh.records);
  if (done) done = file->sync();
  if (done) done = files_.rename(new_path, path_);
  if (!done) {
    (void)files_.remove(new_path);
    return done;
  }
  file->set_path(path_);
  file_ = std::move(*file);
  places_ = std::move(fresh.places);
  live_bytes_ = file_->size() - JournalFile::kFileHeaderBytes;
  rename_in_doubt_ = sync_ == SyncMode::kFull;  // until the next record
  return {};
}

}  // namespace kilonova
