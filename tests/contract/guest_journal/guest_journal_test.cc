// What every guest journal promises (ports/guest_journal.h), and what holds for the file alone.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/file_guest_journal.h"
#include "store/memory_guest_journal.h"
#include "tests/contract/controller_store/sample_rows.h"
#include "tests/contract/controller_store/temporary_directory.h"

namespace kilonova {
namespace {

using Guests = std::map<std::pair<std::string, Uuid>, GuestRecord>;

std::vector<GuestRecord> values(const Guests& guests) {
  std::vector<GuestRecord> rows;
  for (const auto& [key, guest] : guests) rows.push_back(guest);
  return rows;
}

GuestRecord sample_guest(Random& random) {
  return {.host = hostile_text(random),
          .placement = {random_uuid(random), random.next()},
          .name = hostile_text(random),
          .resources = {static_cast<int64_t>(random.next()), 512, 1},
          .power_state = random.chance(0.5) ? PowerState::kRunning : PowerState::kShutdown,
          .built = random.chance(0.5)};
}

class World {
 public:
  virtual ~World() = default;
  virtual std::unique_ptr<GuestJournal> journal() = 0;
};

class MemoryWorld final : public World {
 public:
  std::unique_ptr<GuestJournal> journal() override { return std::make_unique<MemoryGuestJournal>(image_, disk_); }

 private:
  MemoryGuestImage image_;
  MemoryDisk disk_;
};

class FileWorld final : public World {
 public:
  explicit FileWorld(SyncMode sync) : sync_(sync) {}
  std::unique_ptr<GuestJournal> journal() override {
    return std::make_unique<FileGuestJournal>(directory_.file("guests"), sync_);
  }

 private:
  TemporaryDirectory directory_;
  SyncMode sync_;
};

struct Kind {
  const char* name;
  std::unique_ptr<World> (*make)();
};
std::unique_ptr<World> make_memory() { return std::make_unique<MemoryWorld>(); }
std::unique_ptr<World> make_file() { return std::make_unique<FileWorld>(SyncMode::kNormal); }
std::unique_ptr<World> make_full() { return std::make_unique<FileWorld>(SyncMode::kFull); }

class GuestJournalTest : public testing::TestWithParam<Kind> {
 protected:
  std::vector<GuestRecord> reopen() {
    journal_.reset();
    journal_ = world_->journal();
    auto guests = journal_->load();
    EXPECT_TRUE(guests.has_value()) << (guests ? "" : guests.error().message);
    return guests.value_or(std::vector<GuestRecord>{});
  }

  std::unique_ptr<World> world_ = GetParam().make();
  std::unique_ptr<GuestJournal> journal_;
  Random random_{5};
};

INSTANTIATE_TEST_SUITE_P(Journals, GuestJournalTest,
                         testing::Values(Kind{"memory", make_memory}, Kind{"file", make_file},
                                         Kind{"file_full", make_full}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(GuestJournalTest, RandomChangesFollowAPlainModel) {
  ASSERT_TRUE(reopen().empty());
  std::vector<GuestRecord> known;
  for (int i = 0; i < 30; ++i) known.push_back(sample_guest(random_));
  Guests guests;
  for (int i = 0; i < 1000; ++i) {
    GuestRecord guest = known[random_.below(known.size())];
    if (random_.chance(0.3)) {
      ASSERT_TRUE(journal_->erase(guest.host, guest.placement.instance).has_value());
      guests.erase({guest.host, guest.placement.instance});
    } else {
      guest.placement.epoch = random_.next();
      guest.name = hostile_text(random_);
      ASSERT_TRUE(journal_->put(guest).has_value());
      guests[{guest.host, guest.placement.instance}] = guest;
    }
    if (i % 200 == 199) {
      ASSERT_EQ(reopen(), values(guests));
    }
  }
}

TEST_P(GuestJournalTest, WhatIsRecordedCanBeReadBackInPages) {
  ASSERT_TRUE(reopen().empty());
  EXPECT_TRUE(journal_->read("", {}, 10)->empty());
  Guests guests;
  for (int i = 0; i < 25; ++i) {
    GuestRecord guest = sample_guest(random_);
    if (i % 3 == 0) guest.host = "the same";
    ASSERT_TRUE(journal_->put(guest).has_value());
    guest.built = !guest.built;
    ASSERT_TRUE(journal_->put(guest).has_value());
    guests[{guest.host, guest.placement.instance}] = guest;
  }
  ASSERT_TRUE(journal_->erase(guests.begin()->first.first, guests.begin()->first.second).has_value());
  guests.erase(guests.begin());
  for (size_t limit : {1, 7, 24, 100}) {
    std::vector<GuestRecord> read;
    for (bool more = true; more;) {
      auto page = read.empty() ? journal_->read("", {}, limit)
                               : journal_->read(read.back().host, read.back().placement.instance, limit);
      ASSERT_TRUE(page.has_value()) << page.error().message;
      ASSERT_LE(page->size(), limit);
      more = !page->empty();
      read.insert(read.end(), page->begin(), page->end());
    }
    EXPECT_EQ(read, values(guests));
  }
}

class FileGuestJournalTest : public testing::Test {
 protected:
  std::string path() const { return directory_.file("guests"); }
  std::string bytes() const {
    std::ifstream file(path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_bytes(const std::string& bytes) const { std::ofstream(path(), std::ios::binary) << bytes; }
  // Three guests in a closed file.
  void fill() {
    FileGuestJournal journal(path(), SyncMode::kNormal);
    ASSERT_TRUE(journal.load().has_value());
    for (int i = 0; i < 3; ++i) {
      GuestRecord guest = sample_guest(random_);
      guest.host = "host-" + std::to_string(i);
      guests_.push_back(guest);
      ASSERT_TRUE(journal.put(guest).has_value());
      ends_.push_back(bytes().size());
    }
  }

  TemporaryDirectory directory_;
  Random random_{6};
  std::vector<GuestRecord> guests_;
  std::vector<size_t> ends_;  // of each record in the file
};

TEST_F(FileGuestJournalTest, ATornLastRecordIsDroppedWithANote) {
  fill();
  const std::string whole = bytes();
  for (size_t size = 0; size <= whole.size(); ++size) {
    // Each cut is a sync of a real disk: not every place inside a payload.
    bool near_an_end =
        size < 24 || std::ranges::any_of(ends_, [&](size_t end) { return size + 2 > end && size < end + 16; });
    if (!near_an_end && size % 11 != 0) continue;
    write_bytes(whole.substr(0, size));
    FileGuestJournal journal(path(), SyncMode::kNormal);
    auto found = journal.load();
    ASSERT_TRUE(found.has_value()) << size << ": " << found.error().message;
    auto left = static_cast<size_t>(std::ranges::count_if(ends_, [&](size_t end) { return end <= size; }));
    ASSERT_EQ(*found, std::vector(guests_.begin(), guests_.begin() + static_cast<std::ptrdiff_t>(left))) << size;
    bool torn = size > 8 && (left == 0 || ends_[left - 1] != size);
    EXPECT_EQ(!journal.note().empty(), torn) << size << journal.note();
    ASSERT_TRUE(journal.put(guests_[2]).has_value());
  }
  // What was cut is gone for good.
  FileGuestJournal journal(path(), SyncMode::kNormal);
  EXPECT_EQ(*journal.load(), guests_);
  EXPECT_EQ(journal.note(), "");
}

TEST_F(FileGuestJournalTest, ZerosBehindTheLastRecordAreATornOne) {
  fill();
  write_bytes(bytes() + std::string(5000, '\0'));
  FileGuestJournal journal(path(), SyncMode::kNormal);
  auto found = journal.load();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, guests_);
  EXPECT_NE(journal.note().find("5000"), std::string::npos) << journal.note();
}

TEST_F(FileGuestJournalTest, NoFlippedBitPassesUnseen) {
  fill();
  const std::string whole = bytes();
  for (size_t i = 0; i < whole.size(); ++i) {
    if (i > ends_[1] + 16 && i % 11 != 0) continue;  // as above
    std::string flipped = whole;
    flipped[i] = static_cast<char>(flipped[i] ^ (1 << i % 8));
    write_bytes(flipped);
    FileGuestJournal journal(path(), SyncMode::kNormal);
    auto found = journal.load();
    // Only the payload of the last record, or its checksum, may pass for a torn write.
    bool last_record = i >= ends_[1] + 8;
    if (found) {
      EXPECT_TRUE(last_record) << i;
      EXPECT_EQ(*found, std::vector(guests_.begin(), guests_.begin() + 2)) << i;
      continue;
    }
    EXPECT_NE(found.error().message.find(path()), std::string::npos) << found.error().message;
    ErrorCode expected = i == 7 ? ErrorCode::kConflict : ErrorCode::kDataLoss;  // byte 7 is the version
    EXPECT_EQ(found.error().code, expected) << i << found.error().message;
    if (i >= 8) {
      size_t start = i < ends_[0] ? 8 : i < ends_[1] ? ends_[0] : ends_[1];
      EXPECT_NE(found.error().message.find("byte " + std::to_string(start)), std::string::npos)
          << found.error().message;
    }
  }
}

TEST_F(FileGuestJournalTest, ASecondUserIsRefused) {
  fill();
  FileGuestJournal first(path(), SyncMode::kNormal);
  ASSERT_TRUE(first.load().has_value());
  FileGuestJournal second(path(), SyncMode::kNormal);
  auto refused = second.load();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("process " + std::to_string(getpid())), std::string::npos);
}

TEST_F(FileGuestJournalTest, TheFileStaysSmallUnderChange) {
  std::vector<GuestRecord> guests;
  auto opened = std::make_unique<FileGuestJournal>(path(), SyncMode::kNormal, posix_files(), 1 << 20);
  FileGuestJournal& journal = *opened;
  ASSERT_TRUE(journal.load().has_value());
  for (int i = 0; i < 500; ++i) {
    guests.push_back(sample_guest(random_));
    guests.back().host = "host-" + std::to_string(1000 + i);
    guests.back().name = std::string(100, 'n');
    ASSERT_TRUE(journal.put(guests.back()).has_value());
  }
  uint64_t largest = 0;
  for (int i = 0; i < 30'000; ++i) {
    GuestRecord& guest = guests[random_.below(guests.size())];
    guest.placement.epoch = random_.next();
    ASSERT_TRUE(journal.put(guest).has_value());
    largest = std::max(largest, journal.file_bytes());
  }
  EXPECT_LT(largest, 1'400'000u);
  EXPECT_EQ(bytes().size(), journal.file_bytes());
  EXPECT_FALSE(std::filesystem::exists(path() + ".new"));
  ASSERT_TRUE(journal.erase(guests.back().host, guests.back().placement.instance).has_value());
  guests.pop_back();

  opened.reset();
  FileGuestJournal again(path(), SyncMode::kNormal);
  EXPECT_EQ(*again.load(), guests);
}

// A limit on the file's size stands for the full disk: writes come back short, then fail.
TEST_F(FileGuestJournalTest, AFullDiskRecordsNothingAndIsNoEnd) {
  fill();
  auto full_disk = [&]() -> int {
    signal(SIGXFSZ, SIG_IGN);
    FileGuestJournal journal(path(), SyncMode::kNormal);
    if (!journal.load()) return 1;
    uint64_t before = journal.file_bytes();
    rlimit limit{};
    getrlimit(RLIMIT_FSIZE, &limit);
    rlimit small = limit;
    small.rlim_cur = before + 30;  // less than a record
    setrlimit(RLIMIT_FSIZE, &small);
    GuestRecord more = guests_[0];
    more.host = "host-9";
    auto refused = journal.put(more);
    if (refused || refused.error().code != ErrorCode::kUnavailable) return 2;
    if (refused.error().message.find(path()) == std::string::npos) return 3;
    if (bytes().size() != before) return 4;
    setrlimit(RLIMIT_FSIZE, &limit);
    return journal.put(more) ? 0 : 5;
  };
  pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) _exit(full_disk());
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 0);
  FileGuestJournal journal(path(), SyncMode::kNormal);
  EXPECT_EQ(journal.load()->size(), 4u);
}

TEST_F(FileGuestJournalTest, AnotherVersionIsRefusedAndLeftAlone) {
  fill();
  std::string newer = bytes();
  newer[7] = 9;
  write_bytes(newer);
  FileGuestJournal journal(path(), SyncMode::kFull);
  auto refused = journal.load();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("version 9"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("version 2"), std::string::npos) << refused.error().message;
  EXPECT_EQ(bytes(), newer);
}

// What tests/contract/data/guests_v1.journal holds: two guests, the first of them recorded twice, and a third that was
// erased. Never changed.
std::vector<GuestRecord> version_1_guests() {
  auto uuid = [](uint8_t last) {
    Uuid id;
    id.bytes[15] = last;
    return id;
  };
  return {{.host = "host-1",
           .placement = {uuid(1), 3},
           .name = "instance-\t00000001",
           .resources = {1, 512, 1},
           .power_state = PowerState::kRunning,
           .built = true},
          {.host = "host-2", .placement = {uuid(2), 1}, .name = "instance-00000002", .resources = {4, 8192, 80}}};
}

TEST_F(FileGuestJournalTest, AFileOfVersion1BecomesOneOfToday) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::string kept = std::string(root == nullptr ? "." : root) + "/tests/contract/data/guests_v1.journal";
  const std::vector<GuestRecord> expected = version_1_guests();
  // How the file was made, at the commit that introduced the version; a released one is never made again.
  if (std::getenv("KILONOVA_WRITE_STORE_FIXTURE") != nullptr && !std::filesystem::exists(kept)) {
    FileGuestJournal journal(kept, SyncMode::kNormal);
    ASSERT_TRUE(journal.load().has_value());
    GuestRecord before = expected[0];
    before.placement.epoch = 2;
    before.built = false;
    GuestRecord erased = expected[1];
    erased.host = "host-3";
    for (const GuestRecord& guest : {before, expected[1], erased, expected[0]}) {
      ASSERT_TRUE(journal.put(guest).has_value());
    }
    ASSERT_TRUE(journal.erase(erased.host, erased.placement.instance).has_value());
    std::filesystem::remove(kept + ".lock");
  }
  std::filesystem::copy(kept, path());
  FileGuestJournal journal(path(), SyncMode::kNormal);
  auto found = journal.load();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  EXPECT_EQ(*found, expected);
  EXPECT_EQ(journal.note(), "");
  EXPECT_EQ(bytes()[7], 2);
  EXPECT_EQ(*journal.read("", Uuid{}, 10), expected);
  GuestRecord another = expected[0];
  another.host = "host-9";
  ASSERT_TRUE(journal.put(another).has_value());

  FileGuestJournal again(directory_.file("copy"), SyncMode::kNormal);
  std::filesystem::copy(path(), directory_.file("copy"));
  auto found_again = again.load();
  ASSERT_TRUE(found_again.has_value()) << found_again.error().message;
  ASSERT_EQ(found_again->size(), 3u);
  EXPECT_EQ(found_again->back(), another);
}

TEST_F(FileGuestJournalTest, AFileOfVersion1ThatCannotBeWrittenAnewIsLeftAsItIs) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::filesystem::copy(std::string(root == nullptr ? "." : root) + "/tests/contract/data/guests_v1.journal", path());
  std::string before = bytes();
  std::filesystem::create_directory(path() + ".new");  // in the way
  FileGuestJournal journal(path(), SyncMode::kNormal);
  ASSERT_FALSE(journal.load().has_value());
  EXPECT_EQ(bytes(), before);
  std::filesystem::remove(path() + ".new");
  EXPECT_EQ(*journal.load(), version_1_guests());
}

TEST_F(FileGuestJournalTest, AMissingDirectoryIsNamed) {
  FileGuestJournal journal(directory_.file("no/such/guests"), SyncMode::kNormal);
  auto refused = journal.load();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("no/such/guests"), std::string::npos);
}

TEST_F(FileGuestJournalTest, TheFileIsTheOwnersAlone) {
  fill();
  struct stat status{};
  ASSERT_EQ(stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

}  // namespace
}  // namespace kilonova
