// The SQLite stores on a disk that stops, refuses and forgets, at each change that SQLite makes on it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/image.h"
#include "store/memory_controller_image.h"
#include "store/memory_network_store.h"
#include "store/sqlite_controller_store.h"
#include "store/sqlite_network_store.h"
#include "tests/contract/controller_store/run_on_loop.h"
#include "tests/contract/controller_store/sample_rows.h"
#include "tests/support/store/simulated_files.h"

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;

constexpr const char* kPath = "state/db/store.sqlite";

// ---- what the two stores differ in. Each transaction stands for itself, so that one can be refused and the others not.

struct ControllerSubject {
  using Store = SqliteControllerStore;
  using State = ControllerState;
  using Transaction = kilonova::Transaction;
  static constexpr const char* kName = "controller";

  class Image {
   public:
    void apply(const Transaction& transaction) { ASSERT_TRUE(image_.apply(transaction).has_value()); }
    State state() const { return image_.state().value(); }

   private:
    MemoryControllerImage image_{kWatchEventsKept};
  };

  static std::vector<Transaction> transactions(size_t count) {
    using namespace mutation;
    Random random(11);
    std::vector<Transaction> all;
    for (size_t i = 1; i <= count; ++i) {
      Instance row = sample_instance(random, static_cast<int64_t>(i));
      row.fault.details.assign(random.below(6'000), 'x');  // some rows need pages of their own
      all.push_back({InsertInstance{row}, PutAllocation{sample_allocation(random, row.uuid)},
                     sample_launch_record(random, row.uuid), AppendEvent{sample_event(random, i)}});
    }
    return all;
  }
};

struct NetworkSubject {
  using Store = SqliteNetworkStore;
  using State = NetworkState;
  using Transaction = NetworkTransaction;
  static constexpr const char* kName = "network";

  class Image {
   public:
    void apply(const Transaction& transaction) { ASSERT_TRUE(image_.apply(transaction).has_value()); }
    State state() const { return image_.state(); }

   private:
    MemoryNetworkImage image_;
  };

  static std::vector<Transaction> transactions(size_t count) {
    using namespace network_mutation;
    Random random(12);
    std::vector<Transaction> all;
    for (size_t i = 0; i < count; ++i) {
      Network network{.id = random_uuid(random), .name = std::string(random.below(6'000), 'n')};
      Lease lease{.instance = random_uuid(random), .epoch = i, .hostname = "h", .address = {.network_id = network.id}};
      all.push_back({PutNetwork{network}, PutLease{lease}, PutFence{{{lease.instance, i}, {5}}}});
    }
    return all;
  }
};

// ---- the tests

template <class Subject>
class DatabaseFaultsTest : public testing::Test {
 protected:
  using State = typename Subject::State;

  // A disk, and a store on it.
  struct World {
    SimulatedDisk disk;
    SimulatedFiles files{disk};
    RealLoop loop;
    std::unique_ptr<typename Subject::Store> store;

    Expected<State> open(SyncMode sync) {
      store.reset();
      SqliteOptions options{.sync = sync, .busy_timeout = milliseconds(50), .files = &files};
      store = std::make_unique<typename Subject::Store>(loop, kPath, options);
      return store->load();
    }
    Expected<> commit(const typename Subject::Transaction& transaction) {
      return result_of(loop, store->commit(transaction));
    }
    // Beside the writer, as the store's own from time to time.
    void checkpoint() {
      auto database = Database::open(kPath, Database::Mode::kReadWrite, milliseconds(50), files.sqlite_vfs());
      if (database) (void)(*database)->execute("PRAGMA wal_checkpoint(PASSIVE)");
    }
    // As its files, but for what was not synced.
    void copy_from(const World& other) { disk.set_contents(kPath, *other.disk.contents(kPath)); }
  };

  void SetUp() override {
    typename Subject::Image image;
    states_.push_back(image.state());
    for (const auto& transaction : transactions_) {
      image.apply(transaction);
      states_.push_back(image.state());
    }
    ASSERT_TRUE(made_.open(SyncMode::kFull).has_value());
    made_.store.reset();
  }

  // What became of the workload's transactions.
  struct Outcome {
    std::vector<bool> acknowledged;
    // Refused because the sync failed, and then the store was opened anew: it may be there after all.
    std::optional<size_t> in_doubt;
  };

  // Half of the commits, a checkpoint, some more, a clean end, and the rest in a second life. `on_refusal` decides
  // whether to go on.
  template <class OnRefusal>
  Outcome run(World& world, SyncMode sync, OnRefusal&& on_refusal) {
    Outcome outcome{.acknowledged = std::vector<bool>(transactions_.size())};
    std::optional<size_t> not_synced;
    size_t half = transactions_.size() / 2;
    for (size_t i = 0; i < transactions_.size(); ++i) {
      if (i == 0 || i == half + 2) {
        outcome.in_doubt = not_synced;
        if (auto loaded = world.open(sync); !loaded) {
          if (!on_refusal(loaded.error(), true)) return outcome;
        }
      }
      if (i == half) world.checkpoint();
      auto done = world.commit(transactions_[i]);
      outcome.acknowledged[i] = done.has_value();
      if (done) {
        not_synced.reset();
      } else {
        if (done.error().message.find("while syncing") != std::string::npos) not_synced = i;
        if (!on_refusal(done.error(), false)) return outcome;
      }
    }
    return outcome;
  }

  uint64_t count_changes(SyncMode sync, bool made) {
    World world;
    if (made) world.copy_from(made_);
    Outcome outcome = run(world, sync, [](const Error&, bool) { return false; });
    EXPECT_TRUE(std::ranges::all_of(outcome.acknowledged, [](bool done) { return done; }));
    return world.disk.changes();
  }

  // Stops at each change; what is found is one of the states, and no acknowledged commit is lost unless it may be.
  void expect_prefixes(SyncMode sync, Kept kept, uint64_t seed, bool made) {
    bool may_lose = sync == SyncMode::kNormal && kept != Kept::kAll;
    uint64_t total = count_changes(sync, made);
    for (uint64_t stop = 1; stop <= total; ++stop) {
      SCOPED_TRACE(testing::Message() << "stopped at change " << stop << " of " << total << ", seed " << seed);
      World world;
      if (made) world.copy_from(made_);
      world.disk.stop_at(stop);
      Outcome outcome = run(world, sync, [](const Error&, bool) { return false; });
      auto count = static_cast<size_t>(std::ranges::count(outcome.acknowledged, true));
      world.store.reset();
      Random random(seed * 1'000'003 + stop);
      world.disk.revive(kept, random);
      auto found = world.open(sync);
      ASSERT_TRUE(found.has_value()) << found.error().message;
      size_t least = may_lose ? 0 : count, most = std::min(count + 1, transactions_.size());
      auto known = std::find(states_.begin() + static_cast<std::ptrdiff_t>(least),
                             states_.begin() + static_cast<std::ptrdiff_t>(most) + 1, *found);
      ASSERT_NE(known, states_.begin() + static_cast<std::ptrdiff_t>(most) + 1)
          << count << " commits were acknowledged, and what is there is none of the states around it";
      // And it goes on.
      if (known + 1 == states_.end()) continue;
      ASSERT_TRUE(world.commit(transactions_[static_cast<size_t>(known - states_.begin())]).has_value());
      auto again = world.open(sync);
      ASSERT_TRUE(again.has_value()) << again.error().message;
      ASSERT_EQ(*again, *(known + 1));
    }
  }

  static void expect_clear(const Error& error, int error_number) {
    ASSERT_EQ(error.code, ErrorCode::kUnavailable) << error.message;
    ASSERT_NE(error.message.find(kPath), std::string::npos) << error.message;
    // SQLite keeps the system's own word for some refusals and drops it for others, as when a COMMIT fails.
    bool said = error.message.find("full") != std::string::npos ||
                error.message.find("disk I/O error while") != std::string::npos ||
                error.message.find(std::strerror(error_number)) != std::string::npos;
    ASSERT_TRUE(said) << error.message;
  }

  // Runs the workload over a fault; what is refused leaves no trace.
  void expect_refusals(World& world, SyncMode sync, int error_number) {
    auto on_refusal = [&](const Error& error, bool loading) {
      expect_clear(error, error_number);
      if (!loading) return true;
      world.disk.repair();
      auto loaded = world.open(sync);
      EXPECT_TRUE(loaded.has_value()) << loaded.error().message;
      return loaded.has_value();
    };
    Outcome outcome = run(world, sync, on_refusal);
    world.disk.repair();
    typename Subject::Image image, other;
    for (size_t i = 0; i < transactions_.size(); ++i) {
      if (outcome.acknowledged[i]) image.apply(transactions_[i]);
      if (outcome.acknowledged[i] || outcome.in_doubt == i) other.apply(transactions_[i]);
    }
    ASSERT_TRUE(world.commit(extra_).has_value());
    image.apply(extra_);
    other.apply(extra_);
    world.store.reset();
    Random random(1);
    world.disk.revive(sync == SyncMode::kFull ? Kept::kSynced : Kept::kAll, random);
    auto found = world.open(sync);
    ASSERT_TRUE(found.has_value()) << found.error().message;
    ASSERT_TRUE(*found == image.state() || *found == other.state());
  }

  static constexpr size_t kTransactions = 6;
  std::vector<typename Subject::Transaction> transactions_ = Subject::transactions(kTransactions);
  typename Subject::Transaction extra_ = Subject::transactions(kTransactions + 1).back();
  std::vector<State> states_;  // after each number of transactions
  World made_;                 // the empty store, all of it in its file
};

struct Names {
  template <class Subject>
  static std::string GetName(int) {
    return Subject::kName;
  }
};
using Subjects = testing::Types<ControllerSubject, NetworkSubject>;
TYPED_TEST_SUITE(DatabaseFaultsTest, Subjects, Names);

TYPED_TEST(DatabaseFaultsTest, AKilledProcessLosesNothingAcknowledged) {
  this->expect_prefixes(SyncMode::kNormal, Kept::kAll, 0, false);
  this->expect_prefixes(SyncMode::kFull, Kept::kAll, 0, true);
}

TYPED_TEST(DatabaseFaultsTest, PowerLossUnderFullLosesNothingAcknowledged) {
  this->expect_prefixes(SyncMode::kFull, Kept::kSynced, 0, false);
  for (uint64_t seed = 1; seed <= 2; ++seed) this->expect_prefixes(SyncMode::kFull, Kept::kAnything, seed, seed > 1);
}

TYPED_TEST(DatabaseFaultsTest, PowerLossUnderNormalLeavesAPrefix) {
  this->expect_prefixes(SyncMode::kNormal, Kept::kSynced, 0, false);
  for (uint64_t seed = 1; seed <= 2; ++seed) this->expect_prefixes(SyncMode::kNormal, Kept::kAnything, seed, seed > 1);
}

TYPED_TEST(DatabaseFaultsTest, ARefusalStoresNothingAndIsNoEnd) {
  for (SyncMode sync : {SyncMode::kNormal, SyncMode::kFull}) {
    uint64_t total = this->count_changes(sync, true);
    // A full disk passes and comes; a bad sector strikes once; a file system that turned read-only stays so.
    for (int error_number : {ENOSPC, EIO, EROFS}) {
      for (uint64_t change = 1; change <= total; ++change) {
        SCOPED_TRACE(testing::Message() << std::strerror(error_number) << " at change " << change << " of " << total
                                        << (sync == SyncMode::kFull ? ", full" : ", normal"));
        for (bool lasting : {false, true}) {
          if (error_number == (lasting ? EIO : EROFS)) continue;
          typename TestFixture::World world;
          world.copy_from(this->made_);
          lasting ? world.disk.fail_from(change, error_number) : world.disk.fail_once(change, error_number);
          this->expect_refusals(world, sync, error_number);
          if (this->HasFatalFailure()) return;
        }
      }
    }
  }
}

TYPED_TEST(DatabaseFaultsTest, SyncsThatFailAreRefusals) {
  typename TestFixture::World world;
  world.copy_from(this->made_);
  ASSERT_TRUE(world.open(SyncMode::kFull).has_value());
  world.disk.fail_syncs(EIO);
  auto refused = world.commit(this->transactions_[0]);
  ASSERT_FALSE(refused.has_value());
  this->expect_clear(refused.error(), EIO);
  world.disk.repair();
  ASSERT_TRUE(world.commit(this->extra_).has_value());
  typename TypeParam::Image image;
  image.apply(this->extra_);
  world.store.reset();
  Random random(1);
  world.disk.revive(Kept::kSynced, random);
  EXPECT_EQ(world.open(SyncMode::kFull).value(), image.state());
}

TYPED_TEST(DatabaseFaultsTest, AFullDiskTakesWhatFits) {
  typename TestFixture::World world;
  world.copy_from(this->made_);
  ASSERT_TRUE(world.open(SyncMode::kNormal).has_value());
  world.disk.set_capacity(world.disk.contents(kPath)->size() + 40'000);
  this->expect_refusals(world, SyncMode::kNormal, ENOSPC);
}

// ---- files that are not what they should be

TYPED_TEST(DatabaseFaultsTest, ADamagedFileIsRefusedAndLeftAlone) {
  typename TestFixture::World world;
  world.copy_from(this->made_);
  ASSERT_TRUE(world.open(SyncMode::kNormal).has_value());
  for (const auto& transaction : this->transactions_) ASSERT_TRUE(world.commit(transaction).has_value());
  world.store.reset();  // all of it is in the file now
  const std::string whole = *world.disk.contents(kPath);
  const size_t pages = whole.size() / 4096;
  ASSERT_GT(pages, 5u);
  size_t refused = 0;
  for (size_t page = 0; page < pages; ++page) {
    for (bool cut : {false, true}) {
      SCOPED_TRACE(testing::Message() << (cut ? "cut at" : "nonsense in") << " page " << page + 1);
      std::string bytes = whole;
      cut ? bytes.resize(page * 4096 + 100) : (void)bytes.replace(page * 4096, 4096, std::string(4096, '\x5a'));
      world.disk.set_contents(kPath, bytes);
      auto loaded = world.open(SyncMode::kNormal);
      if (loaded) {
        // A page inside a large value's text cannot be told from another text; nor can the end of the last one.
        ASSERT_FALSE(cut && page + 1 < pages);
      } else {
        ++refused;
        ASSERT_EQ(loaded.error().code, ErrorCode::kDataLoss) << loaded.error().message;
        ASSERT_NE(loaded.error().message.find(kPath), std::string::npos) << loaded.error().message;
        ASSERT_NE(loaded.error().message.find("move it away"), std::string::npos) << loaded.error().message;
      }
      world.store.reset();
      if (!loaded) {
        ASSERT_EQ(world.disk.contents(kPath), bytes) << "left as it was";
      }
    }
  }
  EXPECT_GT(refused, pages + pages / 2);
}

TYPED_TEST(DatabaseFaultsTest, ANewerSchemaIsRefusedAndLeftAlone) {
  typename TestFixture::World world;
  world.copy_from(this->made_);
  {
    auto database = Database::open(kPath, Database::Mode::kReadWrite, milliseconds(50), world.files.sqlite_vfs());
    ASSERT_TRUE(database.has_value());
    ASSERT_TRUE((*database)->execute("PRAGMA user_version = 4711").has_value());
  }
  std::string before = *world.disk.contents(kPath);
  auto refused = world.open(SyncMode::kFull);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find("version 4711"), std::string::npos) << refused.error().message;
  EXPECT_NE(refused.error().message.find("up to version "), std::string::npos) << refused.error().message;
  world.store.reset();
  EXPECT_EQ(world.disk.contents(kPath), before);
}

}  // namespace
}  // namespace kilonova
