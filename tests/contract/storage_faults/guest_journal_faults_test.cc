// A guest journal on a disk that stops, refuses and forgets, at each change that the journal makes on it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/file_guest_journal.h"
#include "tests/support/store/simulated_files.h"

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;
using Guests = std::map<std::pair<std::string, Uuid>, GuestRecord>;

constexpr const char* kPath = "state/journal/compute-0.journal";
constexpr uint64_t kGarbageAllowed = 2'000;  // so that the workload compacts the file

struct Change {
  bool erase = false;
  GuestRecord guest;
};

std::vector<Change> workload() {
  Random random(7);
  std::vector<GuestRecord> known;
  for (int i = 0; i < 6; ++i) {
    known.push_back({.host = "host-" + std::to_string(i),
                     .placement = {random_uuid(random), 1},
                     .name = std::string(100 + random.below(500), static_cast<char>('a' + i))});
  }
  std::vector<Change> changes;
  for (int i = 0; i < 30; ++i) {
    GuestRecord guest = known[random.below(known.size())];
    guest.placement.epoch = static_cast<uint64_t>(i) + 2;
    changes.push_back({random.chance(0.2), guest});
  }
  return changes;
}

void make_change(Guests& guests, const Change& change) {
  std::pair key(change.guest.host, change.guest.placement.instance);
  if (change.erase) {
    guests.erase(key);
  } else {
    guests[key] = change.guest;
  }
}

Expected<> make_change(FileGuestJournal& journal, const Change& change) {
  return change.erase ? journal.erase(change.guest.host, change.guest.placement.instance) : journal.put(change.guest);
}

std::vector<GuestRecord> rows(const Guests& guests) {
  std::vector<GuestRecord> rows;
  for (const auto& [key, guest] : guests) rows.push_back(guest);
  return rows;
}

struct Mode {
  const char* name;
  SyncMode sync;
};

class GuestJournalFaultsTest : public testing::TestWithParam<Mode> {
 protected:
  // A disk, and a journal on it.
  struct World {
    SimulatedDisk disk;
    SimulatedFiles files{disk};
    std::unique_ptr<FileGuestJournal> journal;

    Expected<std::vector<GuestRecord>> open(SyncMode sync) {
      journal.reset();
      journal = std::make_unique<FileGuestJournal>(kPath, sync, files, kGarbageAllowed);
      return journal->load();
    }
  };

  void SetUp() override {
    Guests guests;
    states_.push_back(rows(guests));
    for (const Change& change : changes_) {
      make_change(guests, change);
      states_.push_back(rows(guests));
    }
    World world;
    ASSERT_TRUE(world.open(sync()).has_value());
    for (const Change& change : changes_) ASSERT_TRUE(make_change(*world.journal, change).has_value());
    total_ = world.disk.changes();
  }
  SyncMode sync() const { return GetParam().sync; }

  // How many changes of the workload were acknowledged before the disk stopped.
  size_t run_until_stop(World& world, uint64_t stop) {
    world.disk.stop_at(stop);
    if (!world.open(sync())) return 0;
    size_t acknowledged = 0;
    for (const Change& change : changes_) {
      if (!make_change(*world.journal, change)) break;
      ++acknowledged;
    }
    return acknowledged;
  }

  // Stops at each change, and looks at what is found. At least `lost_from` of the acknowledged changes are there.
  void expect_prefixes(Kept kept, uint64_t seed, bool may_lose) {
    for (uint64_t stop = 1; stop <= total_; ++stop) {
      SCOPED_TRACE(testing::Message() << "stopped at change " << stop << ", seed " << seed);
      World world;
      Random random(seed * 1'000'003 + stop);
      size_t acknowledged = run_until_stop(world, stop);
      ASSERT_TRUE(world.disk.stopped());
      world.journal.reset();
      world.disk.revive(kept, random);
      auto found = world.open(sync());
      ASSERT_TRUE(found.has_value()) << found.error().message;
      size_t least = may_lose ? 0 : acknowledged;
      // The change under way may have arrived.
      size_t most = std::min(acknowledged + 1, changes_.size());
      bool known = std::any_of(states_.begin() + static_cast<std::ptrdiff_t>(least),
                               states_.begin() + static_cast<std::ptrdiff_t>(most) + 1,
                               [&](const auto& state) { return state == *found; });
      ASSERT_TRUE(known) << acknowledged << " changes were acknowledged, and " << found->size() << " guests found";
      // And it goes on.
      Change more{.guest = {.host = "more", .name = "more"}};
      ASSERT_TRUE(make_change(*world.journal, more).has_value());
      found->push_back(more.guest);
      std::ranges::sort(*found, {}, &GuestRecord::host);
      auto again = world.open(sync());
      ASSERT_TRUE(again.has_value()) << again.error().message;
      ASSERT_EQ(*again, *found);
    }
  }

  // Opens the journal; after a refusal, once more on a disk that was repaired.
  void open_in_the_end(World& world, int error_number) {
    auto loaded = world.open(sync());
    if (loaded) return;
    expect_clear(loaded.error(), error_number);
    world.disk.repair();
    ASSERT_TRUE(world.open(sync()).has_value());
  }

  // Runs the workload over a fault, with a new process in the middle; what is refused leaves no trace, but for a record
  // whose sync failed right before the end of the process.
  void expect_refusals(World& world, int error_number) {
    Guests guests, other;
    const Change* not_synced = nullptr;
    open_in_the_end(world, error_number);
    for (const Change& change : changes_) {
      if (&change == &changes_[changes_.size() / 2]) {
        open_in_the_end(world, error_number);
        if (not_synced != nullptr) make_change(other, *not_synced);
      }
      auto done = make_change(*world.journal, change);
      if (done) {
        not_synced = nullptr;
        make_change(guests, change);
        make_change(other, change);
      } else {
        expect_clear(done.error(), error_number);
        if (done.error().message.find("cannot sync") != std::string::npos) not_synced = &change;
      }
    }
    world.disk.repair();
    Change last{.guest = {.host = "last", .name = "last"}};
    ASSERT_TRUE(make_change(*world.journal, last).has_value());
    make_change(guests, last);
    make_change(other, last);
    world.journal.reset();
    Random random(1);
    world.disk.revive(sync() == SyncMode::kFull ? Kept::kSynced : Kept::kAll, random);
    auto found = world.open(sync());
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_TRUE(*found == rows(guests) || *found == rows(other)) << found->size() << " guests";
  }
  static void expect_clear(const Error& error, int error_number) {
    ASSERT_EQ(error.code, ErrorCode::kUnavailable) << error.message;
    ASSERT_NE(error.message.find(kPath), std::string::npos) << error.message;
    ASSERT_NE(error.message.find(std::strerror(error_number)), std::string::npos) << error.message;
  }

  const std::vector<Change> changes_ = workload();
  std::vector<std::vector<GuestRecord>> states_;  // after each number of changes
  uint64_t total_ = 0;                            // changes on the disk
};

INSTANTIATE_TEST_SUITE_P(Modes, GuestJournalFaultsTest,
                         testing::Values(Mode{"normal", SyncMode::kNormal}, Mode{"full", SyncMode::kFull}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(GuestJournalFaultsTest, AKilledProcessLosesNothingAcknowledged) { expect_prefixes(Kept::kAll, 0, false); }

TEST_P(GuestJournalFaultsTest, PowerLossLeavesAPrefixAndUnderFullAllOfIt) {
  bool may_lose = sync() == SyncMode::kNormal;
  expect_prefixes(Kept::kSynced, 0, may_lose);
  for (uint64_t seed = 1; seed <= 40; ++seed) expect_prefixes(Kept::kAnything, seed, may_lose);
}

TEST_P(GuestJournalFaultsTest, ARefusalRecordsNothingAndIsNoEnd) {
  for (int error_number : {ENOSPC, EIO, EROFS}) {
    for (uint64_t change = 1; change <= total_; ++change) {
      SCOPED_TRACE(testing::Message() << std::strerror(error_number) << " at change " << change);
      World once, lasting;
      once.disk.fail_once(change, error_number);
      expect_refusals(once, error_number);
      lasting.disk.fail_from(change, error_number);
      expect_refusals(lasting, error_number);
      if (HasFatalFailure()) return;
    }
  }
}

TEST_P(GuestJournalFaultsTest, AFullDiskTakesWhatFits) {
  World world;
  world.disk.set_capacity(3'000);
  expect_refusals(world, ENOSPC);
}

TEST_P(GuestJournalFaultsTest, ACompactionThatWasNotSyncedHoldsUpWhatFollows) {
  if (sync() == SyncMode::kNormal) return;  // which promises nothing about power loss
  World world;
  ASSERT_TRUE(world.open(sync()).has_value());
  Guests guests;
  uint64_t refused = 0;
  for (const Change& change : changes_) {
    uint64_t before = world.journal->file_bytes();
    auto done = make_change(*world.journal, change);
    if (!done) {
      ++refused;
      world.disk.repair();
      done = make_change(*world.journal, change);
    }
    ASSERT_TRUE(done.has_value());
    make_change(guests, change);
    bool compacted = world.journal->file_bytes() < before;
    if (compacted) world.disk.fail_once(world.disk.changes() + 1, EIO);
  }
  ASSERT_GT(refused, 0u);
  world.journal.reset();
  Random random(1);
  world.disk.revive(Kept::kSynced, random);
  EXPECT_EQ(world.open(sync()).value(), rows(guests));
}

TEST(GuestJournalHolesTest, UnderFullAHoleIsCorruption) {
  SimulatedDisk disk;
  SimulatedFiles files(disk);
  std::vector<std::string> names{"a", "b", "c"};
  {
    FileGuestJournal journal(kPath, SyncMode::kFull, files);
    ASSERT_TRUE(journal.load().has_value());
    for (const std::string& name : names)
      ASSERT_TRUE(journal.put({.host = name, .name = std::string(600, 'n')}).has_value());
  }
  std::string bytes = *disk.contents(kPath);
  std::fill_n(bytes.begin() + 1024, 512, '\0');
  disk.set_contents(kPath, bytes);
  {
    FileGuestJournal journal(kPath, SyncMode::kFull, files);
    auto refused = journal.load();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
    EXPECT_NE(refused.error().message.find("byte "), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("move it away"), std::string::npos) << refused.error().message;
    EXPECT_EQ(disk.contents(kPath), bytes) << "left as it was";
  }
  FileGuestJournal journal(kPath, SyncMode::kNormal, files);
  auto found = journal.load();
  ASSERT_TRUE(found.has_value()) << found.error().message;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_NE(journal.note(), "");
}

}  // namespace
}  // namespace kilonova
