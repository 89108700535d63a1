// Servers that go from one host to another: every stage, its restarts and its failures, as docs/protocol.md, "Moves", has
// them.
#include "domain/nouns/flavor.h"
#include "domain/nouns/quota.h"
#include "tests/unit/controller/moves_fixture.h"

namespace kilonova::controller {
namespace {

TEST_F(MovesTest, AResizeHoldsBothHostsUntilItIsConfirmed) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  EXPECT_EQ(now(server).task_state, TaskState::kResizePrep);
  auto cast = transport->take<SelectDestinations>().at(0);
  EXPECT_EQ(cast.spec.flavor.name, "m1.small");
  EXPECT_EQ(cast.excluded_hosts, std::vector<std::string>{"h1"});
  EXPECT_EQ(cast.shares_with, 1u);
  EXPECT_EQ(cast.requests.at(0).placement.epoch, 2u);
  EXPECT_EQ(migration().status, "pre-migrating");

  target_built(server);
  EXPECT_EQ(now(server).task_state, TaskState::kResizeMigrating);
  EXPECT_EQ(allocations(server), 2u);
  EXPECT_EQ(core->allocations().find({server.uuid, 2})->resources.memory_mb, cast.spec.flavor.memory_mb);
  EXPECT_EQ(migration().dest_compute, "h2");
  done(told(), PowerState::kShutdown);
  EXPECT_EQ(now(server).task_state, TaskState::kResizeFinish);
  ApplyServerAction in = told();
  EXPECT_EQ(in.action, ServerActionKind::kMoveIn);
  EXPECT_EQ(in.placement.epoch, 2u);
  done(in, PowerState::kRunning);

  EXPECT_EQ(now(server).vm_state, VmState::kResized);
  EXPECT_EQ(now(server).current.host, "h2");
  EXPECT_EQ(now(server).other->host, "h1");
  EXPECT_EQ(now(server).current.addresses, now(server).other->addresses);
  EXPECT_EQ(now(server).spec.flavor.name, "m1.small");
  EXPECT_EQ(migration().status, "finished");
  EXPECT_EQ(last_action(server).action, "resize");
  EXPECT_NE(last_action(server).finished_at, WallTime{});

  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kConfirmResize}).has_value());
  EXPECT_EQ(migration().status, "confirming");
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_FALSE(now(server).move.has_value());
  EXPECT_EQ(allocations(server), 1u);
  EXPECT_EQ(migration().status, "confirmed");
  auto released = transport->take<ReleaseAddresses>();
  ASSERT_FALSE(released.empty());
  EXPECT_EQ(released.back().placement.epoch, 1u);
  EXPECT_EQ(released.back().kept_by, 2u);
  restart();  // the flavor is stored too
  EXPECT_EQ(now(server).spec.flavor.name, "m1.small");
}

TEST_F(MovesTest, ARevertedResizeIsWhereItWas) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRevertResize}).has_value());
  EXPECT_EQ(status_name(now(server).vm_state, now(server).task_state), "REVERT_RESIZE");
  forgotten();
  EXPECT_EQ(now(server).current.host, "h1");
  EXPECT_EQ(allocations(server), 1u);
  ApplyServerAction back = told();
  EXPECT_EQ(back.host, "h1");
  EXPECT_EQ(back.action, ServerActionKind::kMoveIn);
  done(back, PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  EXPECT_EQ(now(server).spec.flavor.name, "m1.tiny");
  EXPECT_EQ(migration().status, "reverted");
  EXPECT_EQ(last_action(server).action, "revertResize");
  // The next move has an epoch that none had.
  ASSERT_TRUE(call(MigrateServer{"web", ""}).has_value());
  EXPECT_EQ(now(server).other->epoch, 3u);
}

TEST_F(MovesTest, AStoppedServerIsStoppedAfterwards) {
  Instance server = active();
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  done(told(), PowerState::kShutdown);
  ASSERT_TRUE(call(MigrateServer{"web", "h3"}).has_value());
  EXPECT_EQ(transport->take<SelectDestinations>().at(0).requested_host, "h3");
  target_built(server, "h3");
  done(told(), PowerState::kShutdown);
  ApplyServerAction in = told();
  EXPECT_EQ(in.action, ServerActionKind::kMoveInOff);
  done(in, PowerState::kShutdown);
  EXPECT_EQ(now(server).vm_state, VmState::kResized);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kConfirmResize}).has_value());
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kStopped);
  EXPECT_EQ(migration().kind, MoveKind::kMigration);
}

TEST_F(MovesTest, WithoutAHostTheServerIsWhatItWas) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  deliver(NoValidHost{{{server.uuid, 2}}, "No valid host was found.", {}, {}}, kScheduler);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  EXPECT_EQ(now(server).fault.message, "No valid host was found.");
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_EQ(migration().status, "error");
  EXPECT_TRUE(last_action(server).failed);
  EXPECT_EQ(allocations(server), 1u);
}

TEST_F(MovesTest, AnotherHostIsTriedAndAtTheEndNone) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  deliver(about_target(server, BuildResult::kRescheduled, "h2"));
  EXPECT_EQ(now(server).other->epoch, 3u);
  EXPECT_EQ(now(server).attempt, 2u);
  InstanceReport last = about_target(server, BuildResult::kRescheduled, "h3");
  last.alternates.clear();
  deliver(std::move(last));
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).task_state, TaskState::kNone);
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_EQ(now(server).last_epoch, 3u);
}

TEST_F(MovesTest, WhatFailsHalfWayIsAnError) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  target_built(server);
  done(told(), PowerState::kRunning, "the disk is full");
  EXPECT_EQ(now(server).vm_state, VmState::kError);
  EXPECT_EQ(now(server).fault.message, "the disk is full");
  EXPECT_EQ(now(server).current.host, "h1");
  EXPECT_EQ(allocations(server), 1u);
  auto stale = answers();
  EXPECT_TRUE(std::ranges::any_of(stale, [&](const ReportAnswer& answer) {
    return answer.host == "h2" && answer.verdict == ReportAnswer::Verdict::kStale;
  }));
}

TEST_F(MovesTest, EveryStageOutlivesARestart) {
  Instance server = active();
  const auto again = [&] {
    restart();
    connect_compute(lives);
    transport->connect(*core, kScheduler, lives);
    transport->connect(*core, kApi, lives);
    settle();
  };
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  again();
  pass(seconds(30));  // whether it was cast is not known: the next try
  ASSERT_TRUE(now(server).other.has_value());
  target_built(server);
  transport->clear();
  again();
  ApplyServerAction out = told();
  EXPECT_EQ(out.action, ServerActionKind::kMoveOut);
  done(out, PowerState::kShutdown);
  transport->clear();
  again();
  ApplyServerAction in = told();
  EXPECT_EQ(in.host, "h2");
  done(in, PowerState::kRunning);
  again();
  EXPECT_EQ(now(server).vm_state, VmState::kResized);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kConfirmResize}).has_value());
  transport->clear();
  again();
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(migration().status, "confirmed");
}

TEST_F(MovesTest, ADeleteTellsBothHosts) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  transport->clear();
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  auto told = transport->take<TerminateInstance>();
  ASSERT_EQ(told.size(), 2u);
  for (const TerminateInstance& each : told) {
    EXPECT_EQ(each.placement.epoch, 3u);
    deliver(InstanceTerminated{each.host, each.placement});
  }
  deliver(AddressesReleased{{server.uuid, 3}}, kNetwork);
  EXPECT_EQ(row(server.uuid), nullptr);
  EXPECT_EQ(migration().status, "confirmed");
  EXPECT_EQ(core->allocations().size(), 0u);
}

TEST_F(MovesTest, MigrationsGoWhenTheirServerIsForgotten) {
  for (uint32_t kept : {2u, 1u, 0u}) {
    options.deleted_servers_kept = kept;
    Instance server = active();
    ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
    arrive(server);
    ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
    for (const TerminateInstance& each : transport->take<TerminateInstance>())
      deliver(InstanceTerminated{each.host, each.placement});
    deliver(AddressesReleased{{server.uuid, 3}}, kNetwork);
    ASSERT_EQ(row(server.uuid), nullptr);
    EXPECT_EQ(core->records().of<Migration>().size(), kept == 2 ? 1u : kept) << kept;
    auto listed = get<MigrationList>(*call(ListMigrations{})).migrations;
    EXPECT_EQ(listed.size(), core->records().of<Migration>().size());
  }
}

TEST_F(MovesTest, AResetLeavesOneHost) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kActive}).has_value());
  EXPECT_EQ(now(server).current.host, "h2");
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_EQ(allocations(server), 1u);
}

TEST_F(MovesTest, TheLargerFlavorCounts) {
  Instance server = active();
  Quota quota;
  quota.project_id = server.spec.project_id;
  quota.instances = 10;
  quota.cores = 1;
  quota.ram_mb = 1024;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  Error refused = refusal(ResizeServer{"web", "m1.small"});
  EXPECT_EQ(refused.code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(refused.message, "Quota exceeded for ram: Requested 1536, but already used 512 of 1024 ram");
  quota.ram_mb = 4096;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  EXPECT_EQ(core->instances().usage(server.spec.project_id).ram_mb, 2048);
  arrive(server);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRevertResize}).has_value());
  forgotten();
  done(told(), PowerState::kRunning);
  EXPECT_EQ(core->instances().usage(server.spec.project_id).ram_mb, 512);
}

// novaclient's test_resize_down_revert: the usage changes with the resize, and the quota is asked again for the way back.
TEST_F(MovesTest, ASmallerFlavorCountsOnceItIsThere) {
  Instance server = active("web", "m1.small");
  ASSERT_TRUE(call(ResizeServer{"web", "m1.tiny"}).has_value());
  EXPECT_EQ(core->instances().usage(server.spec.project_id).ram_mb, 2048);
  arrive(server);
  EXPECT_EQ(core->instances().usage(server.spec.project_id).ram_mb, 512);
  Quota quota;
  quota.project_id = server.spec.project_id;
  quota.ram_mb = 1024;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  EXPECT_EQ(refusal(ServerAction{"web", ServerActionKind::kRevertResize}).code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(now(server).move->stage, MoveStage::kArrived);
  quota.ram_mb = 4096;
  ASSERT_TRUE(call(SetQuota{"admin", quota}).has_value());
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kRevertResize}).has_value());
  EXPECT_EQ(core->instances().usage(server.spec.project_id).ram_mb, 2048);
}

TEST_F(MovesTest, WhatWillNotDoChangesNothing) {
  Instance server = active();
  EXPECT_EQ(refusal(ResizeServer{"web", "m1.tiny"}).message, "When resizing, instances must change flavor!");
  EXPECT_EQ(refusal(ResizeServer{"web", "none"}).message, "Flavor none could not be found.");
  EXPECT_EQ(refusal(MigrateServer{"web", "h1"}).message, "Cannot migrate to the host where the server exists.");
  EXPECT_EQ(refusal(MigrateServer{"web", "h9"}).message, "Compute host h9 could not be found.");
  EXPECT_EQ(refusal(EvacuateServer{"web", "", false}).message, "Compute service of h1 is still in use.");
  EXPECT_EQ(refusal(EvacuateServer{"web", "h9", false}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(ServerAction{"web", ServerActionKind::kConfirmResize}).code, ErrorCode::kConflict);
  EXPECT_EQ(refusal(UnshelveServer{.server = "web"}).code, ErrorCode::kConflict);
  EXPECT_EQ(refusal(AbortMigration{"web", 1, false}).code, ErrorCode::kNotFound);
  EXPECT_EQ(now(server).operation, 0u);
}

TEST_F(MovesTest, ANewHostThatIsLostIsReplaced) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  deliver(about_target(server, BuildResult::kLost));
  EXPECT_EQ(now(server).other->epoch, 3u);
  EXPECT_EQ(now(server).current.epoch, 1u);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
}

// Its last interface was taken away: its guest stays off all the same until the other one is.
TEST_F(MovesTest, AServerWithoutAddressesGetsNoneWhereItGoes) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kActive, "h1"));
  transport->clear();
  ASSERT_TRUE(now(server).current.addresses.empty());
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  auto cast = transport->take<SelectDestinations>();
  ASSERT_EQ(cast.size(), 1u);
  EXPECT_EQ(cast[0].shares_with, 1u);
  EXPECT_TRUE(cast[0].spec.networks.empty());
}

// The network-controller has something else of it than its row, until an audit has mended that.
TEST_F(MovesTest, AServerThatIsGivenOtherAddressesGivesUpAndStays) {
  options.max_attempts = 2;
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  for (int attempt = 1; attempt <= 2; ++attempt) {
    ASSERT_TRUE(now(server).other.has_value()) << attempt;
    InstanceReport built = about_target(server, BuildResult::kActive);
    built.addresses.push_back(address());
    built.addresses.back().nic = 1;
    deliver(std::move(built));
  }
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_FALSE(now(server).move.has_value());
  EXPECT_EQ(now(server).current.host, "h1");
  EXPECT_EQ(now(server).current.addresses, std::vector<Address>{address()});
  EXPECT_EQ(migration().status, "error");
}

// Its process was doubled, and what the other one did to it is in a journal that nobody has.
TEST_F(MovesTest, WhatRunsWhereAServerWasIsStopped) {
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  transport->clear();
  const PlacementId left{server.uuid, now(server).other->epoch};
  ASSERT_EQ(now(server).other->host, "h1");
  deliver(RegisterHosts{{}, {{"h1", left, PowerState::kShutdown, true}}, false});
  deliver(RegisterHosts{{}, {{"h2", left, PowerState::kRunning, true}}, false});
  EXPECT_EQ(transport->count<ApplyServerAction>(), 0u);
  deliver(RegisterHosts{{}, {{"h1", left, PowerState::kRunning, true}}, false});
  ApplyServerAction stop = told();
  EXPECT_EQ(stop.action, ServerActionKind::kStop);
  EXPECT_EQ(stop.host, "h1");
  EXPECT_EQ(stop.placement, left);
  const Instance before = now(server);
  done(stop, PowerState::kShutdown);
  EXPECT_EQ(now(server), before) << "its row is as it was";
  OwnershipQuery audit{.held = {left}, .digests = {static_cast<uint64_t>(PowerState::kRunning)}};
  deliver(std::move(audit), kCompute);
  EXPECT_EQ(told().action, ServerActionKind::kStop) << "an audit finds it as well";
}

TEST_F(MovesTest, AResizeIsConfirmedByItself) {
  options.resize_confirm_window = seconds(60);
  Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  pass(seconds(10));
  loop.set_wall_offset(loop.wall_offset() + seconds(25 * 3600));
  pass(seconds(20));
  EXPECT_EQ(migration().status, "finished") << "the wall clock jumps, and the window is as long as before";
  for (int i = 0; i < 6; ++i) {
    pass(seconds(10));
    heartbeat({});
  }
  EXPECT_EQ(migration().status, "confirming");
  forgotten();
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
}

TEST_F(MovesTest, ALiveMigrationLeavesNoTrace) {
  Instance server = active();
  ASSERT_TRUE(call(LiveMigrateServer{"web", "", false}).has_value());
  EXPECT_EQ(status_name(now(server).vm_state, now(server).task_state), "MIGRATING");
  EXPECT_EQ(migration().status, "preparing");
  target_built(server);
  EXPECT_EQ(migration().status, "running");
  ApplyServerAction out = told();
  EXPECT_EQ(out.action, ServerActionKind::kMoveOutLive);
  done(out, PowerState::kShutdown);
  done(told(), PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).current.host, "h2");
  EXPECT_FALSE(now(server).other.has_value());
  EXPECT_EQ(migration().status, "completed");
  EXPECT_EQ(last_action(server).action, "live-migration");
}

TEST_F(MovesTest, ALiveMigrationIsCalledOff) {
  Instance server = active();
  ASSERT_TRUE(call(LiveMigrateServer{"web", "", false}).has_value());
  const int64_t id = migration().id;
  EXPECT_EQ(refusal(AbortMigration{"web", id, true}).code, ErrorCode::kInvalidArgument);
  target_built(server);
  (void)told();
  ASSERT_TRUE(call(ForceCompleteMigration{"web", id}).has_value());
  ASSERT_TRUE(call(AbortMigration{"web", id, false}).has_value());
  ApplyServerAction back = told();
  EXPECT_EQ(back.host, "h1");
  EXPECT_EQ(back.action, ServerActionKind::kMoveIn);
  done(back, PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).current.host, "h1");
  EXPECT_EQ(migration().status, "cancelled");
  EXPECT_EQ(refusal(AbortMigration{"web", id, false}).code, ErrorCode::kInvalidArgument);
}

TEST_F(MovesTest, AServerOfADeadHostIsEvacuated) {
  Instance server = active();
  deliver(ComputeHeartbeat{{"h1"}, {}});
  ASSERT_TRUE(call(EvacuateServer{"web", "", false}).has_value());
  EXPECT_EQ(status_name(now(server).vm_state, now(server).task_state), "REBUILD");
  target_built(server);
  ApplyServerAction in = told();
  EXPECT_EQ(in.host, "h2");
  EXPECT_EQ(now(server).task_state, TaskState::kRebuildSpawning);
  done(in, PowerState::kRunning);
  EXPECT_EQ(now(server).vm_state, VmState::kActive);
  EXPECT_EQ(now(server).current.host, "h2");
  EXPECT_EQ(now(server).current.addresses.at(0).ip, address().ip);
  EXPECT_EQ(migration().status, "done");
  EXPECT_TRUE(refusal(SetHostForcedDown{"h1", false}).message.starts_with("Unable to force up host h1 as `done`"));
  EXPECT_EQ(refusal(SetHostForcedDown{"h1", false}).code, ErrorCode::kConflict);
  EXPECT_TRUE(call(SetHostForcedDown{"h2", false}).has_value());
  // The old host returns with its guest.
  (void)answers();
  connect_compute(2, {{"h1", {server.uuid, 1}, PowerState::kRunning, true}});
  auto told = answers();
  EXPECT_TRUE(std::ranges::any_of(told, [&](const ReportAnswer& answer) {
    return answer.placement.epoch == 1 && answer.verdict == ReportAnswer::Verdict::kStale;
  }));
  EXPECT_EQ(migration().status, "completed");
  EXPECT_TRUE(call(SetHostForcedDown{"h1", false}).has_value());
}

TEST_F(MovesTest, AnEvacuationWithoutAHostIsAnError) {
  Instance server = active();
  deliver(ComputeHeartbeat{{"h1"}, {}});
  ASSERT_TRUE(call(EvacuateServer{"web", "", false}).has_value());
  deliver(NoValidHost{{{server.uuid, 2}}, "No valid host was found.", {}, {}}, kScheduler);
  EXPECT_EQ(now(server).vm_state, VmState::kError);
  EXPECT_EQ(now(server).current.host, "h1");
}

TEST_F(MovesTest, MigrationsAreListedNewestFirst) {
  Instance server = active();
  ASSERT_TRUE(call(MigrateServer{"web", ""}).has_value());
  deliver(NoValidHost{{{server.uuid, 2}}, "No valid host was found.", {}, {}}, kScheduler);
  ASSERT_TRUE(call(LiveMigrateServer{"web", "", false}).has_value());
  auto all = get<MigrationList>(*call(ListMigrations{}));
  ASSERT_EQ(all.migrations.size(), 2u);
  EXPECT_EQ(all.migrations[0].kind, MoveKind::kLiveMigration);
  ListMigrations wanted;
  wanted.status = "error";
  wanted.host = "h1";
  EXPECT_EQ(get<MigrationList>(*call(wanted)).migrations.size(), 1u);
  ListMigrations page;
  page.limit = 1;
  auto first = get<MigrationList>(*call(page));
  EXPECT_TRUE(first.more);
  page.marker = first.migrations[0].id;
  EXPECT_EQ(get<MigrationList>(*call(page)).migrations[0].kind, MoveKind::kMigration);
}

}  // namespace
}  // namespace kilonova::controller
