// Servers that are shelved, deleted for a while, or built for too long: what takes them off their hosts, and brings them back.
#include "domain/nouns/image.h"
#include "tests/unit/controller/moves_fixture.h"

namespace kilonova::controller {
namespace {

class ShelvingTest : public MovesTest {};

TEST_F(ShelvingTest, AShelvedServerLeavesItsHostAndComesBack) {
  Instance server = active();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kShelve}).has_value());
  auto image = [&]() -> const Image* {
    for (const auto& [id, each] : core->records().of<Image>())
      if (each.name == "web-shelved") return &each;
    return nullptr;
  };
  ASSERT_NE(image(), nullptr);
  for (TaskState task :
       {TaskState::kShelving, TaskState::kShelvingImagePendingUpload, TaskState::kShelvingImageUploading}) {
    EXPECT_EQ(now(server).task_state, task);
    done(told(), PowerState::kShutdown);
  }
  EXPECT_EQ(image()->status, "active");
  EXPECT_EQ(now(server).vm_state, VmState::kShelved);
  EXPECT_EQ(now(server).task_state, TaskState::kShelvingOffloading);
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kShelvedOffloaded);
  EXPECT_EQ(now(server).current.host, "");
  EXPECT_EQ(now(server).current.addresses.at(0).ip, address().ip);
  EXPECT_EQ(allocations(server), 0u);

  transport->clear();
  ASSERT_TRUE(call(UnshelveServer{.server = "web"}).has_value());
  auto cast = transport->take<SelectDestinations>().at(0);
  EXPECT_EQ(cast.spec.image.name, "web-shelved");
  EXPECT_EQ(cast.shares_with, 1u);
  target_built(server);
  done(told(), PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).current.host, "h2");
  EXPECT_EQ(image(), nullptr);
}

TEST_F(ShelvingTest, AResetWhileTheHostForgetsTheServerLeavesNoHost) {
  Instance server = active();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kShelve}).has_value());
  for (int stage = 0; stage < 3; ++stage) done(told(), PowerState::kShutdown);
  ASSERT_EQ(now(server).task_state, TaskState::kShelvingOffloading);
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kError}).has_value());
  EXPECT_EQ(now(server).current.host, "");
  EXPECT_EQ(allocations(server), 0u);
}

TEST_F(ShelvingTest, AShelvedServerMayKeepItsHost) {
  options.shelved_offload_time = seconds(-1);
  Instance server = active();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kShelve}).has_value());
  for (int stage = 0; stage < 3; ++stage) done(told(), PowerState::kShutdown);
  EXPECT_EQ(now(server).vm_state, VmState::kShelved);
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  EXPECT_EQ(refusal(UnshelveServer{.server = "web", .sets_zone = true}).code, ErrorCode::kConflict);
  ASSERT_TRUE(call(UnshelveServer{.server = "web"}).has_value());
  ApplyServerAction start = told();
  EXPECT_EQ(start.host, "h1");
  done(start, PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_TRUE(std::ranges::none_of(core->records().of<Image>(),
                                   [](const auto& entry) { return entry.second.name == "web-shelved"; }));
}

TEST_F(ShelvingTest, ADeletedServerIsKeptForAWhile) {
  options.reclaim_instance_interval = seconds(100);
  Instance server = active();
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_EQ(now(server).task_state, TaskState::kSoftDeleting);
  done(told(), PowerState::kShutdown);
  EXPECT_EQ(now(server).vm_state, VmState::kSoftDelete);
  EXPECT_EQ(core->instances().usage(server.spec.project_id).instances, 0);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRestore}).has_value());
  done(told(), PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  done(told(), PowerState::kShutdown);
  for (int i = 0; i < 13; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(now(server).task_state, TaskState::kDeleting);
}

// docs/protocol.md, "Elapsed time".
TEST_F(ShelvingTest, NoClockThatJumpsEndsWhatLasts) {
  options.reclaim_instance_interval = seconds(100);
  options.shelved_offload_time = seconds(100);
  options.instance_build_timeout = seconds(100);
  restart();
  connect_all();
  Instance server = active();
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  done(told(), PowerState::kShutdown);
  Instance building = create("building");
  pass(seconds(10));
  const Duration before = loop.wall_offset();
  for (Duration jump : {seconds(25 * 3600), seconds(400 * 86'400), Duration{} - seconds(400 * 86'400)}) {
    loop.set_wall_offset(before + jump);
    pass(seconds(10));
    heartbeat({{"h1", row(building.uuid)->placement_id()}});
    EXPECT_EQ(now(server).vm_state, VmState::kSoftDelete) << jump.us;
    EXPECT_EQ(now(server).task_state, TaskState::kNone) << jump.us;
    EXPECT_EQ(now(building).vm_state, VmState::kBuilding) << jump.us;
  }
  for (int i = 0; i < 9; ++i) {
    pass(seconds(10));
    heartbeat({{"h1", row(building.uuid)->placement_id()}});
  }
  EXPECT_EQ(now(server).task_state, TaskState::kDeleting) << "with a clock that is behind by more than a year";
  EXPECT_EQ(now(building).vm_state, VmState::kError);
}

TEST_F(ShelvingTest, AShelvedServerLeavesItsHostWhenItsTimeIsOver) {
  options.shelved_offload_time = seconds(100);
  Instance server = active();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kShelve}).has_value());
  for (int stage = 0; stage < 3; ++stage) done(told(), PowerState::kShutdown);
  pass(seconds(10));
  loop.set_wall_offset(loop.wall_offset() + seconds(25 * 3600));
  pass(seconds(20));
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  for (int i = 0; i < 9; ++i) pass(seconds(10));
  EXPECT_EQ(now(server).task_state, TaskState::kShelvingOffloading);
}

TEST_F(ShelvingTest, AForcedDeleteIsOne) {
  options.reclaim_instance_interval = seconds(100);
  Instance server = active();
  ASSERT_TRUE(call(DeleteServer{"web", false, true}).has_value());
  EXPECT_EQ(now(server).task_state, TaskState::kDeleting);
}

TEST_F(ShelvingTest, ABuildThatTakesTooLongIsGivenUp) {
  options.instance_build_timeout = seconds(60);
  restart();
  connect_all();
  Instance server = create();
  for (int i = 0; i < 8; ++i) {
    pass(seconds(10));
    heartbeat({{"h1", row(server.uuid)->placement_id()}});
  }
  EXPECT_EQ(now(server).vm_state, VmState::kError);
  EXPECT_EQ(now(server).fault.message, "Instance build timed out. Set to error state.");
}

}  // namespace
}  // namespace kilonova::controller
