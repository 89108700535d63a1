// The checkers alone, on changes made by hand: what each accepts and what it reports.
#include <gtest/gtest.h>

#include "sim/checkers/acknowledgements.h"
#include "sim/checkers/addresses.h"
#include "sim/checkers/hosts.h"
#include "sim/checkers/quota.h"
#include "sim/checkers/stale_guests.h"
#include "sim/checkers/transitions.h"
#include "sim/checkers/watch.h"

namespace kilonova::sim {
namespace {

Uuid uuid(uint8_t n) {
  Uuid id;
  id.bytes[15] = n;
  return id;
}

RowState building() {
  RowState row;
  row.task_state = TaskState::kScheduling;
  row.epoch = row.attempt = 1;
  row.step = LaunchStep::kInstanceCreated;
  row.resources = {1, 512, 1};
  return row;
}

RowState active(RowState row) {
  row.vm_state = VmState::kActive;
  row.task_state = TaskState::kNone;
  row.host = "h";
  row.step = LaunchStep::kActive;
  row.addresses = {Address{.ip = Ipv4{7}, .mac = Mac{7}}};
  row.launched = true;
  return row;
}

RowState with_task(RowState row, TaskState task) {
  row.task_state = task;
  row.operation += 1;
  return row;
}

TEST(TransitionChecker, KnowsTheTable) {
  RowState first = building();
  EXPECT_EQ(wrong_transition(nullptr, &first), "");
  RowState progress = first;
  progress.host = "h";
  progress.step = LaunchStep::kClaimed;
  progress.task_state = TaskState::kNetworking;
  EXPECT_EQ(wrong_transition(&first, &progress), "");
  RowState done = active(progress);
  EXPECT_EQ(wrong_transition(&progress, &done), "");
  RowState failed = first;
  failed.vm_state = VmState::kError;
  failed.task_state = TaskState::kNone;
  failed.faulted = true;
  EXPECT_EQ(wrong_transition(&progress, &failed), "");
  RowState again = first;
  again.epoch = again.attempt = 2;
  again.step = LaunchStep::kNone;
  EXPECT_EQ(wrong_transition(&progress, &again), "");
  RowState deleting = done;
  deleting.epoch += 1;
  deleting.task_state = TaskState::kDeleting;
  EXPECT_EQ(wrong_transition(&done, &deleting), "");
  EXPECT_EQ(wrong_transition(&deleting, nullptr), "");
}

TEST(TransitionChecker, ReportsWhatIsNotInTheTable) {
  RowState first = building(), done = active(first);
  EXPECT_NE(wrong_transition(nullptr, &done), "");
  EXPECT_NE(wrong_transition(&done, nullptr), "") << "a row vanishes that nobody deleted";
  EXPECT_NE(wrong_transition(&done, &first), "") << "back to building";
  RowState moved = done;
  moved.host = "another";
  EXPECT_NE(wrong_transition(&done, &moved), "");
  RowState deleting = done;
  deleting.task_state = TaskState::kDeleting;
  EXPECT_NE(wrong_transition(&done, &deleting), "") << "without an epoch of its own";
  deleting.epoch += 1;
  EXPECT_NE(wrong_transition(&deleting, &done), "") << "back from the dead";
  RowState skipped = first;
  skipped.epoch = 3;
  EXPECT_NE(wrong_transition(&first, &skipped), "");
}

// One at a time, of a server with nothing under way; whoever was there stays.
TEST(TransitionChecker, KnowsHowInterfacesChange) {
  const Address added{.nic = 1, .ip = Ipv4{8}, .mac = Mac{8}}, third{.nic = 2, .ip = Ipv4{9}, .mac = Mac{9}};
  const RowState one = active(building());
  RowState two = one, three = one, other = one;
  two.addresses.push_back(added);
  three.addresses = {two.addresses[0], added, third};
  other.addresses = {added};
  EXPECT_EQ(wrong_transition(&one, &two), "");
  EXPECT_EQ(wrong_transition(&two, &one), "");
  EXPECT_EQ(wrong_transition(&two, &other), "") << "the first went";
  EXPECT_NE(wrong_transition(&one, &three), "") << "two at a time";
  EXPECT_NE(wrong_transition(&one, &other), "") << "one for another";
  EXPECT_NE(wrong_transition(&other, &two), "") << "what is added is the last";
  RowState busy = with_task(one, TaskState::kPoweringOff), busy_two = busy, stopped_two = two;
  busy_two.addresses = two.addresses;
  EXPECT_EQ(wrong_transition(&busy, &busy_two), "") << "it was asked for before";
  EXPECT_NE(wrong_transition(&busy_two, &busy), "") << "while it is stopped";
  stopped_two.vm_state = VmState::kStopped;
  EXPECT_NE(wrong_transition(&one, &stopped_two), "") << "and something else";
  RowState suspended = one, suspended_two = two;
  suspended.vm_state = suspended_two.vm_state = VmState::kSuspended;
  EXPECT_NE(wrong_transition(&suspended_two, &suspended), "") << "Nova lets no suspended one";
}

TEST(TransitionChecker, KnowsTheStagesOfLongerActions) {
  using enum TaskState;
  const RowState on = active(building());
  RowState before = on;
  for (TaskState task : {kRebuilding, kRebuildBlockDeviceMapping, kRebuildSpawning}) {
    RowState begun = with_task(before, task);
    EXPECT_EQ(wrong_transition(&before, &begun), "") << to_string(task);
    before = begun;
  }
  RowState rebuilt = before, stopped = before, stopped_again = with_task(before, kPoweringOff);
  rebuilt.task_state = kNone;
  EXPECT_EQ(wrong_transition(&before, &rebuilt), "");
  EXPECT_NE(wrong_transition(&before, &stopped_again), "") << "it was not stopped";
  stopped.vm_state = VmState::kStopped;
  EXPECT_EQ(wrong_transition(&stopped, &stopped_again), "");
  RowState skipped = with_task(with_task(on, kRebuilding), kRebuildSpawning), first = with_task(on, kRebuilding);
  EXPECT_NE(wrong_transition(&first, &skipped), "") << "a stage was left out";
  RowState uploading = with_task(on, kImageUploading), pending = with_task(on, kImageSnapshotPending), ended = on;
  ended.operation = pending.operation;
  EXPECT_NE(wrong_transition(&on, &uploading), "") << "nobody asks for a stage";
  EXPECT_NE(wrong_transition(&pending, &ended), "") << "it ends with its last stage";
  RowState failed = ended;
  failed.faulted = true;
  EXPECT_EQ(wrong_transition(&pending, &failed), "");
}

TEST(TransitionChecker, KnowsWhatAResetMayDo) {
  const RowState on = active(building());
  RowState stopping = with_task(on, TaskState::kPoweringOff), reset = stopping;
  reset.operation += 1;
  reset.task_state = TaskState::kNone;
  reset.vm_state = VmState::kError;
  EXPECT_EQ(wrong_transition(&stopping, &reset), "");
  RowState elsewhere = reset;
  elsewhere.host = "another";
  EXPECT_NE(wrong_transition(&stopping, &elsewhere), "");
  RowState tried = building(), given_up = building();
  given_up.vm_state = VmState::kError;
  given_up.task_state = TaskState::kNone;
  given_up.operation = 1;
  given_up.step = LaunchStep::kNone;
  EXPECT_NE(wrong_transition(&tried, &given_up), "") << "what the host has of the try would be the server's";
  given_up.epoch = 2;
  EXPECT_EQ(wrong_transition(&tried, &given_up), "");
}

TEST(TransitionChecker, KnowsWhichPowerActionsNovaAllows) {
  RowState on = active(building()), off = on, error = on;
  off.vm_state = VmState::kStopped;
  error.vm_state = VmState::kError;
  using enum TaskState;
  for (TaskState task : {kPoweringOff, kRebooting, kRebootingHard}) {
    RowState begun = with_task(on, task);
    EXPECT_EQ(wrong_transition(&on, &begun), "") << to_string(task);
  }
  RowState start = with_task(on, kPoweringOn), stop = with_task(off, kPoweringOff), soft = with_task(off, kRebooting);
  EXPECT_NE(wrong_transition(&on, &start), "") << "it runs";
  EXPECT_NE(wrong_transition(&off, &stop), "") << "it is off";
  EXPECT_NE(wrong_transition(&off, &soft), "");
  RowState started = with_task(off, kPoweringOn);
  EXPECT_EQ(wrong_transition(&off, &started), "");
  RowState twice = with_task(started, kPoweringOn);
  EXPECT_NE(wrong_transition(&started, &twice), "") << "one is under way";
  RowState rebooting = with_task(on, kRebooting), harder = with_task(rebooting, kRebootingHard);
  EXPECT_EQ(wrong_transition(&rebooting, &harder), "");
  error.host.clear();
  RowState homeless = with_task(error, kRebootingHard);
  EXPECT_NE(wrong_transition(&error, &homeless), "") << "on no host";
}

// Nova's sync_power_state.
TEST(TransitionChecker, WhatAGuestReallyIsMayStopItsServerOrBeWrittenDown) {
  RowState on = active(building());
  on.power = PowerState::kRunning;
  RowState off = on;
  off.vm_state = VmState::kStopped;
  off.power = PowerState::kShutdown;
  RowState stop = with_task(off, TaskState::kPoweringOff);
  EXPECT_EQ(wrong_transition(&off, &stop, PowerState::kRunning), "");
  EXPECT_NE(wrong_transition(&off, &stop, PowerState::kShutdown), "");
  RowState paused = on;
  paused.power = PowerState::kPaused;
  EXPECT_EQ(wrong_transition(&on, &paused, PowerState::kPaused), "");
  EXPECT_NE(wrong_transition(&on, &paused, PowerState::kRunning), "");
  RowState suspended = on;
  suspended.power = PowerState::kSuspended;
  EXPECT_NE(wrong_transition(&on, &suspended, PowerState::kSuspended), "") << "it is to be stopped";
  suspended.vm_state = VmState::kSuspended;
  RowState runs = suspended;
  runs.power = PowerState::kRunning;
  EXPECT_EQ(wrong_transition(&suspended, &runs, PowerState::kRunning), "");
  EXPECT_NE(wrong_transition(&suspended, &runs, PowerState::kSuspended), "");
  EXPECT_EQ(wrong_transition(&off, &stop, PowerState::kSuspended), "");
  EXPECT_EQ(wrong_transition(&on, &on, PowerState::kRunning), "") << "what users say of it changed";
  paused.vm_state = VmState::kPaused;
  EXPECT_NE(wrong_transition(&on, &paused, PowerState::kPaused), "") << "the state is its user's to change";
}

TEST(TransitionChecker, APowerActionEndsAsItself) {
  RowState on = active(building()), rebooting = with_task(on, TaskState::kRebooting), done = rebooting;
  done.task_state = TaskState::kNone;
  EXPECT_EQ(wrong_transition(&rebooting, &done), "");
  RowState other = done;
  other.operation += 2;
  EXPECT_NE(wrong_transition(&rebooting, &other), "");
  RowState error = done;
  error.vm_state = VmState::kError;
  EXPECT_NE(wrong_transition(&rebooting, &error), "");
  RowState elsewhere = done;
  elsewhere.addresses.front().ip = Ipv4{8};
  EXPECT_NE(wrong_transition(&rebooting, &elsewhere), "") << "a reboot keeps its addresses";
}

TEST(AddressChecker, ReportsTwoLiveServersWithOneAddressAndForgetsDeletedOnes) {
  History history;
  Ledger ledger(history);
  Violations violations;
  AddressChecker checker(violations, ledger);
  RowState row = active(building());
  RowState deleting = row;
  deleting.task_state = TaskState::kDeleting;
  checker.on_row(uuid(1), nullptr, &row);
  checker.on_row(uuid(1), &row, &deleting);
  checker.on_row(uuid(2), nullptr, &row);
  EXPECT_TRUE(violations.empty());
  checker.on_row(uuid(3), nullptr, &row);
  EXPECT_EQ(violations.found().size(), 2u);  // address and MAC
}

TEST(AddressChecker, ReportsTwoLeasesWithOneAddressOrOneMac) {
  History history;
  Ledger ledger(history);
  Violations violations;
  AddressChecker checker(violations, ledger);
  auto lease = [](uint8_t server, uint32_t ip, uint64_t mac) {
    return Lease{.instance = uuid(server), .address = Address{.ip = Ipv4{ip}, .mac = Mac{mac}}};
  };
  Lease first = lease(1, 7, 7), same_ip = lease(2, 7, 8), same_mac = lease(3, 9, 7), freed = lease(4, 7, 7);
  checker.on_lease(nullptr, &first);
  checker.on_lease(&first, &first);
  EXPECT_TRUE(violations.empty());
  checker.on_lease(nullptr, &same_ip);
  EXPECT_EQ(violations.found().size(), 1u);
  checker.on_lease(nullptr, &same_mac);
  EXPECT_EQ(violations.found().size(), 2u);
  checker.on_lease(&first, nullptr);
  checker.on_lease(nullptr, &freed);
  EXPECT_EQ(violations.found().size(), 2u);
}

TEST(HostChecker, ReportsAHostThatIsGivenTooMuchAndAPlacementOnTwoHosts) {
  History history;
  Ledger ledger(history);
  Violations violations;
  HostChecker checker(violations, {1, 1024, 10}, {1, 1, 1});
  ledger.add(checker);
  GuestRecord guest{.host = "a", .placement = {uuid(1), 1}, .resources = {1, 512, 1}};
  ledger.put_guest(guest);
  ledger.put_guest(guest);  // the same again
  EXPECT_TRUE(violations.empty());
  GuestRecord second{.host = "a", .placement = {uuid(2), 1}, .resources = {1, 512, 1}};
  ledger.put_guest(second);
  EXPECT_EQ(violations.found().size(), 1u);
  GuestRecord twin{.host = "b", .placement = {uuid(1), 1}, .resources = {1, 512, 1}};
  ledger.put_guest(twin);
  EXPECT_EQ(violations.found().size(), 2u);
  twin.placement.epoch = 2;
  ledger.put_guest(twin);
  EXPECT_EQ(violations.found().size(), 2u) << "a newer placement may be elsewhere";
}

TEST(QuotaChecker, ReportsAProjectThatHasMoreThanItMay) {
  History history;
  Ledger ledger(history);
  Violations violations;
  QuotaChecker checker(violations, ledger);
  checker.on_quota({.project_id = {}, .instances = 1, .cores = -1, .ram_mb = -1});
  RowState row = building();
  checker.on_row(uuid(1), nullptr, &row);
  checker.on_row(uuid(1), &row, nullptr);
  checker.on_row(uuid(2), nullptr, &row);
  EXPECT_TRUE(violations.empty());
  checker.on_row(uuid(3), nullptr, &row);
  EXPECT_EQ(violations.found().size(), 1u);
}

WatchEvent change(uint64_t revision, uint8_t server, int64_t time = 0) {
  return {.revision = revision, .time = WallTime{time}, .project_id = {}, .instance = uuid(server)};
}

Transaction commit_of(const WatchEvent& event) {
  Transaction transaction;
  transaction.push_back(mutation::AppendEvent{event});
  return transaction;
}

TEST(WatchChecker, ReportsWhatIsMissedAndWhatComesTwice) {
  Violations violations;
  WatchChecker checker(violations);
  for (uint64_t revision : {1, 2, 4, 5}) checker.on_commit(commit_of(change(revision, 1)));
  checker.began(1);
  checker.told({change(2, 1), change(4, 1)});
  EXPECT_TRUE(violations.empty());
  checker.settled();
  EXPECT_EQ(violations.found().size(), 1u) << "5";
  checker.told({change(4, 1)});
  EXPECT_EQ(violations.found().size(), 2u);
  checker.began(1);
  checker.told({change(4, 1)});
  EXPECT_EQ(violations.found().size(), 3u);
  checker.gap();
  checker.began(5);
  checker.settled();
  EXPECT_EQ(violations.found().size(), 3u);
}

TEST(WatchChecker, ReportsAWatcherThatIsNotToldThatTheCloudWentBack) {
  Violations violations;
  WatchChecker checker(violations);
  for (uint64_t revision : {1, 2, 3}) checker.on_commit(commit_of(change(revision, 1)));
  checker.began(0);
  checker.told({change(1, 1), change(2, 1)});
  checker.on_went_back({.revision = 1, .lost = {}, .revived = {}});
  checker.told({change(3, 1)});  // what its api-server had in memory
  EXPECT_TRUE(violations.empty());
  checker.on_commit(commit_of(change(4, 1, 7)));
  checker.told({change(4, 1, 7)});
  ASSERT_EQ(violations.found().size(), 1u);
  EXPECT_NE(violations.found()[0].find("not that the cloud went back"), std::string::npos);
  checker.gap();
  checker.began(4);
  checker.settled();
  EXPECT_EQ(violations.found().size(), 1u);
}

TEST(AcknowledgementChecker, WhatWasLostWithTheStoreIsNoViolation) {
  History history;
  Ledger ledger(history);
  Violations violations;
  AcknowledgementChecker checker(violations, ledger);
  RowState row = active(building());
  checker.delete_asked(uuid(2));
  checker.delete_acknowledged(uuid(2));
  checker.on_went_back({.lost = {uuid(1)}, .revived = {uuid(2)}});
  checker.create_acknowledged(uuid(1));
  checker.on_row(uuid(2), &row, &row);
  EXPECT_TRUE(violations.empty());
  checker.create_acknowledged(uuid(3));
  EXPECT_EQ(violations.found().size(), 1u);
}

TEST(TransitionChecker, AStoreThatWentBackExplainsACountThatGoesOn) {
  RowState row = building();
  RowState again = row;
  again.step = LaunchStep::kNone;
  again.attempt += 1;
  again.epoch = row.epoch + 5;
  EXPECT_EQ(wrong_transition(&row, &again), "") << "not every host was heard";
  RowState judged = without_lost_past(row, again);
  EXPECT_EQ(wrong_transition(&row, &judged), "");
  again.epoch = row.epoch - 1;
  EXPECT_NE(wrong_transition(&row, &again), "");
  RowState stopping = active(row);
  stopping.task_state = TaskState::kPoweringOff;
  stopping.operation = 1;
  RowState counted_on = stopping;
  counted_on.operation = 9;
  EXPECT_NE(wrong_transition(&stopping, &counted_on), "");
  judged = without_lost_past(stopping, counted_on);
  EXPECT_EQ(wrong_transition(&stopping, &judged), "");
  RowState moved = active(building());  // and back: epoch 2 is used up
  moved.last_epoch = 2;
  RowState deleting = moved;
  deleting.task_state = TaskState::kDeleting;
  deleting.epoch = 3;
  judged = without_lost_past(moved, deleting);
  EXPECT_EQ(wrong_transition(&moved, &judged), "");
}

TEST(AcknowledgementChecker, ReportsWhatWasForgottenAndWhatCameBack) {
  History history;
  Ledger ledger(history);
  Violations violations;
  AcknowledgementChecker checker(violations, ledger);
  checker.create_acknowledged(uuid(1));
  EXPECT_EQ(violations.found().size(), 1u) << "not stored";
  RowState row = building();
  checker.on_row(uuid(2), &row, nullptr);
  EXPECT_EQ(violations.found().size(), 2u) << "nobody asked";
  checker.delete_asked(uuid(3));
  checker.on_row(uuid(3), &row, nullptr);
  checker.delete_acknowledged(uuid(3));
  EXPECT_EQ(violations.found().size(), 2u);
  checker.on_row(uuid(3), nullptr, &row);
  EXPECT_EQ(violations.found().size(), 3u) << "it came back";
  RowState before = active(building()), bare = before;
  bare.addresses.clear();
  checker.interfaces_asked(uuid(4));
  checker.on_row(uuid(4), &before, &bare);
  EXPECT_EQ(violations.found().size(), 3u);
  checker.on_row(uuid(5), &before, &bare);
  EXPECT_EQ(violations.found().size(), 4u) << "nobody asked for its interfaces";
}

TEST(StaleGuestChecker, GivesThemTheirTime) {
  Violations violations;
  History history;
  Ledger ledger(history);
  StaleGuestChecker checker(violations, ledger, seconds(100));
  ledger.add(checker);
  ledger.put_guest({.host = "h", .placement = {uuid(1), 1}, .built = true});
  checker.look(Instant{} + seconds(10));
  checker.look(Instant{} + seconds(110));
  EXPECT_TRUE(violations.empty());
  ledger.erase_guest("h", uuid(1));
  checker.look(Instant{} + seconds(111));
  ledger.put_guest({.host = "h", .placement = {uuid(1), 1}, .built = true});
  checker.look(Instant{} + seconds(112));
  EXPECT_TRUE(violations.empty()) << "another guest, another time";
  checker.look(Instant{} + seconds(213));
  EXPECT_FALSE(violations.empty());
}

TEST(StaleGuestChecker, FollowsTheRow) {
  Violations violations;
  History history;
  Ledger ledger(history);
  StaleGuestChecker checker(violations, ledger, seconds(100));
  ledger.add(checker);
  auto commit = [&](uint64_t epoch) {
    Instance row;
    row.uuid = uuid(1);
    row.current.epoch = epoch;
    ledger.on_controller({mutation::UpdateInstance{row}});
  };
  commit(1);
  ledger.put_guest({.host = "h", .placement = {uuid(1), 1}, .built = true});
  ledger.put_guest({.host = "h", .placement = {uuid(1), 1}, .built = true});
  checker.look(Instant{} + seconds(10));
  checker.look(Instant{} + seconds(500));
  EXPECT_TRUE(violations.empty()) << "the guest is the row's";
  commit(2);
  checker.look(Instant{} + seconds(510));
  ledger.put_guest({.host = "h", .placement = {uuid(1), 2}, .built = true});
  checker.look(Instant{} + seconds(620));
  EXPECT_TRUE(violations.empty()) << "the host has followed";
  ledger.on_controller({mutation::EraseInstance{uuid(1)}});
  checker.look(Instant{} + seconds(630));
  EXPECT_TRUE(violations.empty());
  checker.look(Instant{} + seconds(731));
  EXPECT_EQ(violations.found().size(), 1u);
}

}  // namespace
}  // namespace kilonova::sim
