// A file of an earlier version becomes one of a later version wholly or not at all, wherever the disk stops.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "store/migrations.h"
#include "store/sqlite_file.h"
#include "tests/support/store/simulated_files.h"

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;

constexpr const char* kPath = "state/db/controller.sqlite";

// What a next version might do: a new table, filled from an old one, and a column more.
constexpr std::string_view kNextStep = R"(
CREATE TABLE added (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
INSERT INTO added SELECT id, name FROM instances;
ALTER TABLE hosts ADD COLUMN rack TEXT NOT NULL DEFAULT 'none';
)";
constexpr std::string_view kBrokenStep =
    "CREATE TABLE added (id INTEGER PRIMARY KEY) STRICT; INSERT INTO nowhere VALUES (1);";

// The file that version 1 made.
std::string version_1() {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) + "/tests/contract/data/controller_v1.db",
                     std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class MigrationFaultsTest : public testing::Test {
 protected:
  struct World {
    World() { disk.set_contents(kPath, version_1()); }
    Expected<SqliteFile> open(const Schema& schema, SyncMode sync) {
      return SqliteFile::open(kPath, schema, {.sync = sync, .busy_timeout = milliseconds(50), .files = &files});
    }
    SimulatedDisk disk;
    SimulatedFiles files{disk};
  };

  static int64_t number(SqliteFile& file, const std::string& sql) {
    auto found = file.writer->query_integer(sql);
    EXPECT_TRUE(found.has_value()) << (found ? "" : found.error().message);
    return found.value_or(-1);
  }
  static void expect_new_form(SqliteFile& file) {
    ASSERT_EQ(number(file, "PRAGMA user_version"), 2);
    ASSERT_EQ(number(file, "SELECT count(*) FROM added"), number(file, "SELECT count(*) FROM instances"));
    ASSERT_EQ(number(file, "SELECT max(id) FROM added"), 7);
    ASSERT_EQ(number(file, "SELECT count(*) FROM hosts WHERE rack = 'none'"), 1);
  }

  std::array<SchemaStep, 2> steps_{kControllerSchema.steps[0], SchemaStep{kNextStep}};
  Schema version_1_{kControllerSchema.application_id, kControllerSchema.kind, kControllerSchema.steps.first(1)};
  Schema next_{kControllerSchema.application_id, kControllerSchema.kind, steps_};
};

TEST_F(MigrationFaultsTest, AnOlderFileIsBroughtToTheNewForm) {
  World world;
  auto file = world.open(next_, SyncMode::kNormal);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  expect_new_form(*file);
}

TEST_F(MigrationFaultsTest, AStepThatFailsLeavesTheOldForm) {
  std::array<SchemaStep, 2> steps{kControllerSchema.steps[0], SchemaStep{kBrokenStep}};
  World world;
  auto refused = world.open({kControllerSchema.application_id, kControllerSchema.kind, steps}, SyncMode::kNormal);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().message.find("nowhere"), std::string::npos) << refused.error().message;
  auto file = world.open(version_1_, SyncMode::kNormal);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(number(*file, "PRAGMA user_version"), 1);
  EXPECT_EQ(number(*file, "SELECT count(*) FROM sqlite_schema WHERE name = 'added'"), 0);
}

// Today's steps rewrite texts by a function: what it cannot read ends the migration too.
TEST_F(MigrationFaultsTest, ARowThatItsVersionDidNotWriteLeavesTheOldForm) {
  World world;
  {
    auto file = world.open(version_1_, SyncMode::kNormal);
    ASSERT_TRUE(file.has_value()) << file.error().message;
    ASSERT_TRUE(file->writer->execute("UPDATE instances SET addresses = 'nonsense'").has_value());
  }
  auto refused = world.open(kControllerSchema, SyncMode::kNormal);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kDataLoss);
  EXPECT_NE(refused.error().message.find("instances of id 7, addresses"), std::string::npos) << refused.error().message;
  auto file = world.open(version_1_, SyncMode::kNormal);
  ASSERT_TRUE(file.has_value()) << file.error().message;
  EXPECT_EQ(number(*file, "PRAGMA user_version"), 1);
  EXPECT_EQ(number(*file, "SELECT count(*) FROM instances WHERE addresses = 'nonsense'"), 1);
  EXPECT_EQ(number(*file, "SELECT count(*) FROM sqlite_schema WHERE name = 'aggregates'"), 0);
}

TEST_F(MigrationFaultsTest, WhereverTheDiskStopsTheFormIsOneOrTheOther) {
  uint64_t total = 0;
  {
    World world;
    ASSERT_TRUE(world.open(next_, SyncMode::kFull).has_value());
    total = world.disk.changes();
  }
  ASSERT_GT(total, 5u);
  for (Kept kept : {Kept::kAll, Kept::kSynced, Kept::kAnything}) {
    for (uint64_t stop = 1; stop <= total; ++stop) {
      SCOPED_TRACE(testing::Message() << "stopped at change " << stop << " of " << total);
      World world;
      world.disk.stop_at(stop);
      {
        auto stopped = world.open(next_, SyncMode::kFull);
      }
      Random random(stop);
      world.disk.revive(kept, random);
      auto file = world.open(next_, SyncMode::kFull);
      ASSERT_TRUE(file.has_value()) << file.error().message;
      expect_new_form(*file);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace kilonova
