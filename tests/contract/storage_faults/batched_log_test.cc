// The log of SQLite that is written in batches, on a disk that counts, refuses, stops and forgets.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <string>

#include "base/random.h"
#include "store/batched_log_vfs.h"
#include "store/sqlite.h"
#include "tests/support/store/simulated_files.h"

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;

constexpr const char* kPath = "store.sqlite";

std::unique_ptr<Database> open_database(const SimulatedFiles& files, int cache_pages) {
  auto opened = Database::open(kPath, Database::Mode::kReadWrite, seconds(1), files.sqlite_vfs());
  if (!opened) return nullptr;
  auto set = (*opened)->execute(
      fmt::format("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;"
                  "PRAGMA temp_store = MEMORY;"
                  "PRAGMA cache_size = {};",
                  cache_pages));
  return set ? std::move(*opened) : nullptr;
}

class BatchedLogTest : public testing::Test {
 protected:
  void open(int cache_pages = 100) {
    ASSERT_TRUE(files_.open(kPath).has_value());
    database_ = open_database(files_, cache_pages);
    ASSERT_NE(database_, nullptr);
    ASSERT_TRUE(database_->execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, row BLOB)").has_value());
  }

  Expected<> insert(int rows) {
    std::string sql = "BEGIN;";
    for (int i = 0; i < rows; ++i) sql += "INSERT INTO t (row) VALUES (zeroblob(3000));";
    Expected<> done = database_->execute(sql + "COMMIT;");
    if (!done && database_->in_transaction()) (void)database_->execute("ROLLBACK");
    return done;
  }

  static int64_t count(Database& database) { return database.query_integer("SELECT count(*) FROM t").value_or(-1); }

  SimulatedDisk disk_;
  SimulatedFiles files_{disk_};
  std::unique_ptr<Database> database_;
};

// A row is a page.
TEST_F(BatchedLogTest, ATransactionIsOneWriteForEveryThirtyPages) {
  open();
  ASSERT_TRUE(insert(1));
  auto writes = [this](int rows) {
    const uint64_t before = disk_.changes();
    EXPECT_TRUE(insert(rows));
    return disk_.changes() - before;
  };
  EXPECT_EQ(writes(1), 1u);
  EXPECT_EQ(writes(20), 1u);
  EXPECT_EQ(writes(200), 7u);
}

// SQLite's own files, which take a write of 128 KiB for one of none.
TEST_F(BatchedLogTest, ALargeTransactionFitsSqlitesOwnFiles) {
  const std::string directory = testing::TempDir() + "/batched_log_test";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const BatchedLogVfs batched(nullptr, "batched-log-test");
  const std::string path = directory + "/store.sqlite";
  ASSERT_TRUE(posix_files().open(path).has_value());
  auto opened = Database::open(path, Database::Mode::kReadWrite, seconds(1), batched.name());
  ASSERT_TRUE(opened.has_value());
  ASSERT_TRUE((*opened)->execute("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, row BLOB)"));
  for (int rows : {29, 31, 32, 33, 64, 200}) {
    std::string sql = "BEGIN;";
    for (int i = 0; i < rows; ++i) sql += "INSERT INTO t (row) VALUES (zeroblob(3000));";
    auto done = (*opened)->execute(sql + "COMMIT;");
    ASSERT_TRUE(done.has_value()) << rows << " rows: " << done.error().message;
  }
  opened->reset();
  auto again = Database::open(path, Database::Mode::kReadOnly, seconds(1));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(count(**again), 29 + 31 + 32 + 33 + 64 + 200);
  std::filesystem::remove_all(directory);
}

TEST_F(BatchedLogTest, AnotherConnectionSeesWhatWasCommittedAndNothingElse) {
  open();
  auto other = open_database(files_, 100);
  ASSERT_NE(other, nullptr);
  ASSERT_TRUE(insert(20));
  EXPECT_EQ(count(*other), 20);
  ASSERT_TRUE(database_->execute("BEGIN; INSERT INTO t (row) VALUES (zeroblob(3000))").has_value());
  EXPECT_EQ(count(*other), 20);
  ASSERT_TRUE(database_->execute("COMMIT").has_value());
  EXPECT_EQ(count(*other), 21);
}

TEST_F(BatchedLogTest, ARefusedTransactionIsNotThereAndDoesNotComeBack) {
  open();
  ASSERT_TRUE(insert(5));
  disk_.fail_once(disk_.changes() + 1, ENOSPC);
  EXPECT_FALSE(insert(20));
  EXPECT_EQ(count(*database_), 5);
  Random random(1);
  disk_.revive(Kept::kAll, random);
  open();
  EXPECT_EQ(count(*database_), 5);
  ASSERT_TRUE(insert(2));
  EXPECT_EQ(count(*database_), 7);
}

// What a client of it knows: the sum of all that was committed.
struct Ledger {
  int64_t rows = 0;
  int64_t sum = 0;
  bool operator==(const Ledger&) const = default;
};

Ledger read_ledger(Database& database) {
  return {.rows = database.query_integer("SELECT count(*) FROM t").value_or(-1),
          .sum = database.query_integer("SELECT ifnull(sum(length(row)), 0) FROM t").value_or(-1)};
}

// With a cache of few pages SQLite writes pages before their transaction ends, takes some back, and writes others twice:
// more than it ever does for the stores. At any moment the process is killed; then the last transaction is there or not, and
// those before it are.
TEST_F(BatchedLogTest, PagesThatDoNotFitTheCacheAreThereToo) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    open(10);
    Ledger committed = read_ledger(*database_);
    Ledger asked = committed;
    disk_.stop_at(disk_.changes() + 1 + random.below(120));
    while (!disk_.stopped()) {
      std::string sql = "BEGIN; DELETE FROM t WHERE id % 2 = 0;";
      const auto rows = static_cast<int>(1 + random.below(40));
      for (int i = 0; i < rows; ++i)
        sql += fmt::format("INSERT INTO t (row) VALUES (zeroblob({}));", 500 + random.below(6'000));
      sql += "SAVEPOINT one; UPDATE t SET row = zeroblob(700) WHERE id % 3 = 1;";
      sql += random.below(2) == 0 ? "ROLLBACK TO one; RELEASE one;" : "RELEASE one;";
      sql += "UPDATE t SET row = zeroblob(900) WHERE id % 7 = 2;";
      if (!database_->execute(sql)) break;
      asked = read_ledger(*database_);
      if (!database_->execute("COMMIT")) break;
      committed = asked;
      if (random.below(4) == 0) (void)database_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    disk_.revive(Kept::kAll, random);
    open(10);
    const Ledger found = read_ledger(*database_);
    EXPECT_TRUE(found == committed || found == asked)
        << found.rows << " rows, not " << committed.rows << " or " << asked.rows;
    EXPECT_EQ(
        database_->query_integer("SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'").value_or(-1), 0);
  }
}

}  // namespace
}  // namespace kilonova
