// What holds for the SQLite store alone: its file, its disk, its process.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "domain/client_token.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/setting.h"
#include "domain/user_role.h"
#include "runtime/scope.h"
#include "store/migrations.h"
#include "store/sqlite_network_store.h"
#include "tests/contract/controller_store/controller_store_world.h"
#include "tests/contract/controller_store/sample_rows.h"

namespace kilonova {
namespace {

using namespace mutation;

class SqliteControllerStoreTest : public testing::Test {
 protected:
  void open() {
    auto state = world_.reopen();
    ASSERT_TRUE(state.has_value()) << state.error().message;
  }
  // Fails to open, with the code, and says the file's path.
  std::string refusal(ErrorCode code) {
    auto state = world_.reopen();
    EXPECT_FALSE(state.has_value());
    if (state) return "";
    EXPECT_EQ(state.error().code, code) << state.error().message;
    EXPECT_NE(state.error().message.find(world_.directory().path()), std::string::npos) << state.error().message;
    return state.error().message;
  }
  // Another program at the file, while the store is closed.
  void sql(const std::string& text) {
    auto database = Database::open(world_.path(), Database::Mode::kReadWrite, seconds(1));
    ASSERT_TRUE(database.has_value()) << database.error().message;
    auto done = (*database)->execute(text);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  std::string file_text() {
    std::ifstream file(world_.path(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write_file(const std::string& bytes) { std::ofstream(world_.path(), std::ios::binary) << bytes; }

  SqliteControllerStoreWorld world_{SqliteOptions{.busy_timeout = milliseconds(20)}};
  Random random_{3};
};

TEST_F(SqliteControllerStoreTest, FilesAreTheOwnersAlone) {
  write_file("");
  std::filesystem::permissions(world_.path(), std::filesystem::perms(0644));
  open();
  ASSERT_TRUE(world_.commit({InsertInstance{sample_instance(random_, 1)}}).has_value());
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(world_.directory().path())) {
    struct stat status{};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
    ++files;
  }
  EXPECT_EQ(files, 4);
}

TEST_F(SqliteControllerStoreTest, ASecondUserIsToldWhoHasIt) {
  open();
  RealLoop loop;
  SqliteControllerStore second(loop, world_.path());
  auto refused = second.load();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_NE(refused.error().message.find(world_.path()), std::string::npos);
  EXPECT_NE(refused.error().message.find("process " + std::to_string(getpid())), std::string::npos)
      << refused.error().message;
  world_.close();
  EXPECT_TRUE(second.load().has_value());
}

TEST_F(SqliteControllerStoreTest, ANewerSchemaIsRefusedWithBothVersions) {
  open();
  world_.close();
  sql("PRAGMA user_version = 4711");
  std::string message = refusal(ErrorCode::kConflict);
  EXPECT_NE(message.find("4711"), std::string::npos) << message;
  EXPECT_NE(message.find("version " + std::to_string(kControllerSchema.steps.size())), std::string::npos) << message;
}

TEST_F(SqliteControllerStoreTest, WhatIsNoStoreIsRefusedAndLeftAlone) {
  write_file("This is a letter to my aunt, of a good length, and certainly no database at all, not even nearly so.");
  std::string before = file_text();
  refusal(ErrorCode::kDataLoss);
  EXPECT_EQ(file_text(), before);
}

TEST_F(SqliteControllerStoreTest, AnotherProgramsDatabaseIsRefused) {
  write_file("");
  sql("CREATE TABLE recipes (name TEXT)");
  refusal(ErrorCode::kDataLoss);
  sql("SELECT * FROM recipes");
}

TEST_F(SqliteControllerStoreTest, TheNetworksStoreIsRefused) {
  {
    RealLoop loop;
    SqliteNetworkStore network(loop, world_.path());
    ASSERT_TRUE(network.load().has_value());
  }
  refusal(ErrorCode::kDataLoss);
}

TEST_F(SqliteControllerStoreTest, ACorruptFileIsRefused) {
  open();
  Transaction transaction;
  for (int64_t i = 1; i <= 200; ++i) transaction.push_back(InsertInstance{sample_instance(random_, i)});
  ASSERT_TRUE(world_.commit(std::move(transaction)).has_value());
  world_.close();
  std::string bytes = file_text();
  ASSERT_GT(bytes.size(), 100'000u);
  std::fill(bytes.begin() + 8192, bytes.end() - 4096, '\x5a');
  write_file(bytes);
  refusal(ErrorCode::kDataLoss);
}

TEST_F(SqliteControllerStoreTest, ARowThatDoesNotReadNamesTableRowAndColumn) {
  open();
  ASSERT_TRUE(world_.commit({InsertInstance{sample_instance(random_, 1)}, InsertInstance{sample_instance(random_, 2)}})
                  .has_value());
  world_.close();
  for (const char* change : {"vm_state = 99", "spec = 'nonsense'", "uuid = x'00'", "launch_index = -1",
                             "next = '4' || char(9)", "addresses = '1000000000' || char(9)"}) {
    std::filesystem::copy(world_.path(), world_.path() + ".good");
    sql(std::string("UPDATE instances SET ") + change + " WHERE id = 2");
    std::string message = refusal(ErrorCode::kDataLoss);
    EXPECT_NE(message.find("instances, row 2"), std::string::npos) << message;
    EXPECT_NE(message.find(std::string(change, std::string_view(change).find(' '))), std::string::npos) << message;
    world_.close();
    std::filesystem::rename(world_.path() + ".good", world_.path());
  }
  open();
}

TEST_F(SqliteControllerStoreTest, AFullDiskFailsCommitsAndTheStoreLivesOn) {
  world_.options().max_pages = 100;
  open();
  std::vector<Instance> stored;
  Expected<> done;
  for (int64_t i = 1; i <= 1000 && done; ++i) {
    Instance row = sample_instance(random_, i);
    row.fault.details = std::string(2000, 'x');
    done = world_.commit({InsertInstance{row}});
    if (done) stored.push_back(row);
  }
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(done.error().message.find(world_.path()), std::string::npos) << done.error().message;
  EXPECT_NE(done.error().message.find("full"), std::string::npos) << done.error().message;
  ASSERT_GT(stored.size(), 20u);

  // In one group, what is too much fails and what fits is stored.
  Instance small = stored[5];
  small.fault.details.clear();
  Transaction too_much;
  for (int64_t i = 2000; i < 2200; ++i) too_much.push_back(InsertInstance{sample_instance(random_, i)});
  auto results = world_.commit_all({{EraseInstance{stored[0].uuid}}, too_much, {UpdateInstance{small}}});
  EXPECT_TRUE(results[0].has_value());
  EXPECT_FALSE(results[1].has_value());
  EXPECT_TRUE(results[2].has_value());
  stored[5] = small;
  stored.erase(stored.begin());

  auto state = world_.reopen();
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->instances, stored);
}

TEST_F(SqliteControllerStoreTest, AMissingDirectoryIsNamed) {
  RealLoop loop;
  SqliteControllerStore store(loop, world_.directory().file("no/such/place.db"));
  auto refused = store.load();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("no/such/place.db"), std::string::npos);
  EXPECT_NE(refused.error().message.find("No such file"), std::string::npos) << refused.error().message;
}

TEST_F(SqliteControllerStoreTest, AReadOnlyDirectoryIsNamed) {
  // Root may write everywhere, so the directory is looked at as somebody else.
  std::filesystem::permissions(world_.directory().path(), std::filesystem::perms(0555));
  bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(seteuid(65534), 0);
  }
  auto refused = world_.reopen();
  if (root) {
    ASSERT_EQ(seteuid(0), 0);
  }
  std::filesystem::permissions(world_.directory().path(), std::filesystem::perms(0755));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("Permission denied"), std::string::npos) << refused.error().message;
  open();  // the same store object's file, once the directory is right
}

TEST_F(SqliteControllerStoreTest, AnotherProgramAtTheFileOnlyDelays) {
  open();
  auto shell = Database::open(world_.path(), Database::Mode::kReadWrite, seconds(1));
  ASSERT_TRUE(shell.has_value());
  ASSERT_TRUE((*shell)->execute("BEGIN IMMEDIATE").has_value());
  auto done = world_.commit({InsertInstance{sample_instance(random_, 1)}});
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(done.error().message.find("locked"), std::string::npos) << done.error().message;
  ASSERT_TRUE((*shell)->execute("ROLLBACK").has_value());
  EXPECT_TRUE(world_.commit({InsertInstance{sample_instance(random_, 1)}}).has_value());
}

// ---- kill -9

Task<void> insert_and_tell(ControllerStore* store, int64_t first, int told) {
  Random random(static_cast<uint64_t>(first));
  for (int64_t id = first;; ++id) {
    Instance row = sample_instance(random, id);
    auto done = co_await store->commit({InsertInstance{row}, PutAllocation{sample_allocation(random, row.uuid)}});
    if (!done || write(told, &id, sizeof(id)) != sizeof(id)) _exit(1);
  }
}

[[noreturn]] void commit_until_killed(const std::string& path, int told) {
  RealLoop loop;
  SqliteControllerStore store(loop, path);
  if (!store.load()) _exit(2);
  Scope scope(loop);
  for (int64_t flow = 1; flow <= 16; ++flow) scope.spawn(insert_and_tell(&store, flow * 1'000'000, told));
  loop.run();
  _exit(3);
}

TEST_F(SqliteControllerStoreTest, KillMinusNineLosesNothingAcknowledged) {
  for (size_t kill_after : {1u, 40u, 700u}) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) commit_until_killed(world_.path(), ends[1]);
    close(ends[1]);
    std::vector<int64_t> acknowledged;
    int64_t id = 0;
    while (read(ends[0], &id, sizeof(id)) == sizeof(id)) {
      acknowledged.push_back(id);
      if (acknowledged.size() == kill_after) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself with " << WEXITSTATUS(status);
    ASSERT_GE(acknowledged.size(), kill_after);

    auto state = world_.reopen();
    ASSERT_TRUE(state.has_value()) << state.error().message;
    for (int64_t known : acknowledged) {
      EXPECT_TRUE(std::ranges::binary_search(state->instances, known, {}, &Instance::id)) << known;
    }
    EXPECT_EQ(state->instances.size(), state->allocations.size());
    Transaction clean;
    for (const Instance& row : state->instances) clean.push_back(EraseInstance{row.uuid});
    ASSERT_TRUE(world_.commit(std::move(clean)).has_value());
    world_.close();
  }
}

// ---- files of earlier versions

// What tests/contract/data/controller_v1.db holds. Never changed; a later version adds to it after its migration.
ControllerState version_1_state(Transaction& transaction) {
  auto uuid = [](uint8_t last) {
    Uuid id;
    id.bytes[15] = last;
    return id;
  };
  Instance row{.id = 7,
               .uuid = uuid(1),
               .name = "web\t1",
               .hostname = "web-1",
               .reservation_id = "r-abcdefgh",
               .launch_index = 2,
               .spec = {.project_id = uuid(2),
                        .user_id = uuid(3),
                        .flavor = {"1", "m1.tiny", 1, 512, 1, 0, 0, true},
                        .image = {uuid(4), "cirros", 16'300'544},
                        .networks = {uuid(5)},
                        .key_name = "key",
                        .availability_zone = "nova",
                        .security_groups = {"default"}},
               .trace = {uuid(6), uuid(7), 8}};
  row.vm_state = VmState::kActive;
  row.task_state = TaskState::kNone;
  row.power_state = PowerState::kRunning;
  row.current.epoch = 2;
  row.attempt = 2;
  row.current.step = LaunchStep::kActive;
  row.current.host = "host-2";
  row.tried_hosts = {"host-1"};
  row.current.addresses = {
      {uuid(5), "private", 0, {0x0a000002}, 8, {0x0a000001}, {0xfa163e000001}, 100, "br100", {99}}};
  row.fault = {500, "No valid host", "details", {98}};
  row.created_at = {1};
  row.updated_at = {2};
  row.launched_at = {3};

  ControllerState state;
  state.instances = {row};
  state.allocations = {{row.uuid, 2, "host-2", {1, 512, 1}}};
  state.of<Flavor>() = {row.spec.flavor};
  state.of<Image>() = {{.id = uuid(4), .name = "cirros", .owner = uuid(2), .size_bytes = 16'300'544}};
  state.of<KeyPair>() = {{"key", uuid(3), "ssh", "ssh-ed25519 AAAA", "aa:bb", {4}}};
  state.of<Project>() = {{uuid(2), "demo", "", true}};
  state.of<User>() = {{uuid(3), "demo", "scrypt$x", true}};
  state.of<RoleAssignment>() = {{uuid(3), uuid(2), UserRole::kMember}};
  state.of<Quota>() = {{uuid(2), 10, 20, 51'200}};
  state.of<Host>() = {{.id = 1, .name = "host-1", .total = {8, 16'384, 100}, .process = {Role::kCompute, 3}}};
  state.of<FaultRule>() = {{.id = 9, .step = LaunchStep::kClaimed, .delay = {5}, .message = "no"}};
  state.of<ClientToken>() = {{uuid(2), "token", uuid(8), {row.uuid}, {6}}};
  state.of<Setting>() = {{"cloud_id", "abc"}};
  state.revision = 12;
  state.last_instance_id = 7;
  transaction = {InsertInstance{row},
                 PutAllocation{state.allocations[0]},
                 AppendLaunchRecord{row.uuid, {{.step = LaunchStep::kClaimed, .epoch = 2, .daemon = "compute-0"}}, {}},
                 AppendEvent{{.revision = 12, .instance = row.uuid, .name = row.name}},
                 Put<Flavor>{state.of<Flavor>()[0]},
                 Put<Image>{state.of<Image>()[0]},
                 Put<KeyPair>{state.of<KeyPair>()[0]},
                 Put<Project>{state.of<Project>()[0]},
                 Put<User>{state.of<User>()[0]},
                 Put<RoleAssignment>{state.of<RoleAssignment>()[0]},
                 Put<Quota>{state.of<Quota>()[0]},
                 Put<Host>{state.of<Host>()[0]},
                 Put<FaultRule>{state.of<FaultRule>()[0]},
                 Put<ClientToken>{state.of<ClientToken>()[0]},
                 Put<Setting>{{"cloud_id", "abc"}}};
  return state;
}

TEST_F(SqliteControllerStoreTest, AFileOfVersion1IsRead) {
  const char* root = std::getenv("KILONOVA_SOURCE_DIR");
  std::string path = std::string(root == nullptr ? "." : root) + "/tests/contract/data/controller_v1.db";
  Transaction transaction;
  ControllerState expected = version_1_state(transaction);
  // How the file was made, at the commit that introduced the version; a released one is never made again.
  if (std::getenv("KILONOVA_WRITE_STORE_FIXTURE") != nullptr && !std::filesystem::exists(path)) {
    open();
    ASSERT_TRUE(world_.commit(transaction).has_value());
    world_.close();
    std::filesystem::copy(world_.path(), path);
  }
  std::filesystem::copy(path, world_.path(), std::filesystem::copy_options::overwrite_existing);
  auto state = world_.reopen();
  ASSERT_TRUE(state.has_value()) << state.error().message;
  EXPECT_EQ(*state, expected);
  EXPECT_EQ(world_.launch_record(expected.instances[0].uuid)->steps.at(0).daemon, "compute-0");
  EXPECT_EQ(world_.events(11, 5)->at(0).name, "web\t1");
}

}  // namespace
}  // namespace kilonova
