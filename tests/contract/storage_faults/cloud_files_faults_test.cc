// What the command writes for good (an import, an export, cloud.json) on a disk that stops, refuses and forgets, at each change
// that it makes there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "cli/output/read_file.h"
#include "domain/nouns/host.h"
#include "store/cloud_image.h"
#include "store/file_guest_journal.h"
#include "store/sqlite_controller_tables.h"
#include "store/sqlite_file.h"
#include "store/sqlite_network_tables.h"
#include "tests/contract/controller_store/sample_rows.h"
#include "tests/support/store/simulated_files.h"

namespace kilonova {
namespace {

using Kept = SimulatedDisk::Kept;

CloudImage sample_image() {
  Random random(5);
  CloudImage image;
  image.networks.push_back({.id = random_uuid(random), .name = "net"});
  for (uint32_t i = 0; i < 2; ++i) {
    Host host = sample_host(random, i + 1);
    host.name = "h" + std::to_string(i);
    host.process = {Role::kCompute, i};
    image.controller.of<Host>().push_back(host);
  }
  for (uint32_t i = 0; i < 6; ++i) {
    Instance row = sample_instance(random, i + 1);
    row.vm_state = VmState::kActive;
    row.task_state = TaskState::kNone;
    row.current.host = "h" + std::to_string(i % 2);
    row.current.addresses = {{.network_id = image.networks[0].id, .ip = {0x0a000002 + i}, .mac = {i + 1}}};
    image.controller.instances.push_back(row);
  }
  image.controller.last_instance_id = 6;
  return image;
}

// What a cloud that starts from these files finds.
struct Found {
  ControllerState controller;
  NetworkState network;
  std::vector<std::vector<GuestRecord>> guests;
  bool operator==(const Found&) const = default;
};

template <class Tables>
auto load(const std::string& path, Files& files) {
  SqliteOptions options{.files = &files};
  auto file = SqliteFile::open(path, Tables::schema(), options);
  EXPECT_TRUE(file.has_value()) << file.error().message;
  auto state = Tables(*file->writer, options).load();
  EXPECT_TRUE(state.has_value()) << state.error().message;
  return *state;
}

Found find(Files& files) {
  Found found{load<SqliteControllerTables>("s/db/controller.sqlite", files),
              load<SqliteNetworkTables>("s/db/network.sqlite", files),
              {}};
  for (const char* process : {"0", "1"}) {
    FileGuestJournal journal(fmt::format("s/journal/compute-{}.journal", process), SyncMode::kNormal, files);
    auto guests = journal.load();
    EXPECT_TRUE(guests.has_value()) << guests.error().message;
    EXPECT_EQ(journal.note(), "");
    found.guests.push_back(*guests);
  }
  return found;
}

// Harms each change of `write` in turn. What is said to be written must be there after a power loss.
void expect_success_is_true(const std::function<void(SimulatedDisk&, uint64_t change)>& harm) {
  const CloudImage image = sample_image();
  SimulatedDisk whole;
  SimulatedFiles whole_files(whole);
  ASSERT_TRUE(write_cloud_files("s", image, whole_files).has_value());
  const uint64_t changes = whole.changes();
  const Found written = find(whole_files);
  size_t failed = 0;
  for (uint64_t change = 1; change <= changes; ++change) {
    SCOPED_TRACE(testing::Message() << "change " << change << " of " << changes);
    SimulatedDisk disk;
    SimulatedFiles files(disk);
    harm(disk, change);
    bool done = write_cloud_files("s", image, files).has_value();
    failed += done ? 0 : 1;
    Random random(change);
    disk.repair();
    disk.revive(Kept::kSynced, random);
    if (done) {
      EXPECT_TRUE(find(files) == written);
    }
  }
  EXPECT_GT(failed, changes / 3);  // what SQLite tidies up when it closes a file can be done without
}

TEST(CloudFilesFaultsTest, SurvivePowerLoss) {
  SimulatedDisk disk;
  SimulatedFiles files(disk);
  ASSERT_TRUE(write_cloud_files("s", sample_image(), files).has_value());
  Random random(1);
  disk.revive(Kept::kSynced, random);
  const Found found = find(files);
  EXPECT_EQ(found.controller.instances, sample_image().controller.instances);
  EXPECT_EQ(found.network.leases.size(), 6u);
  EXPECT_EQ(found.guests[0].size() + found.guests[1].size(), 6u);
}

TEST(CloudFilesFaultsTest, AreNotSaidToBeThereWhenTheDiskStopped) {
  expect_success_is_true([](SimulatedDisk& disk, uint64_t change) { disk.stop_at(change); });
}

TEST(CloudFilesFaultsTest, AreNotSaidToBeThereWhenTheDiskRefusedOnce) {
  expect_success_is_true([](SimulatedDisk& disk, uint64_t change) { disk.fail_once(change, EIO); });
}

TEST(ReplacedFileTest, IsTheOldOrTheNewOneAfterPowerLoss) {
  const std::string before(700, 'o'), after(3'000, 'n');
  for (uint64_t stop = 1; stop <= 8; ++stop) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      SCOPED_TRACE(testing::Message() << "stopped at change " << stop << ", seed " << seed);
      SimulatedDisk disk;
      SimulatedFiles files(disk);
      disk.set_contents("cloud.json", before);
      disk.set_contents("cloud.json.new", "of one who was killed");
      disk.stop_at(stop);
      bool done = cli::replace_private_file("cloud.json", "cloud.json.new", after, SyncMode::kFull, files).has_value();
      Random random(seed);
      disk.revive(Kept::kAnything, random);
      auto found = disk.contents("cloud.json");
      ASSERT_TRUE(found.has_value());
      EXPECT_TRUE(*found == after || (!done && *found == before)) << found->size() << " bytes";
    }
  }
}

TEST(ReplacedFileTest, IsTheOldOneWhenTheDiskRefuses) {
  SimulatedDisk disk;
  SimulatedFiles files(disk);
  disk.set_contents("cloud.json", "old");
  disk.set_capacity(10);
  auto done = cli::replace_private_file("cloud.json", "cloud.json.new", std::string(100, 'n'), SyncMode::kFull, files);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(disk.contents("cloud.json"), "old");
  EXPECT_FALSE(disk.exists("cloud.json.new"));
}

}  // namespace
}  // namespace kilonova
