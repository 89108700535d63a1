// What every controller store promises (ports/controller_store.h), on each implementation.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
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
#include "domain/watch_event.h"
#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/when_all.h"
#include "tests/contract/controller_store/controller_store_world.h"
#include "tests/contract/controller_store/sample_rows.h"

namespace kilonova {
namespace {

using namespace mutation;

constexpr uint64_t kEventsKept = 50;

struct Kind {
  const char* name;
  std::unique_ptr<ControllerStoreWorld> (*make)();
};

std::unique_ptr<ControllerStoreWorld> make_memory() {
  return std::make_unique<MemoryControllerStoreWorld>(kEventsKept);
}
std::unique_ptr<ControllerStoreWorld> make_sqlite() {
  return std::make_unique<SqliteControllerStoreWorld>(SqliteOptions{.events_kept = kEventsKept});
}
std::unique_ptr<ControllerStoreWorld> make_sqlite_full() {
  return std::make_unique<SqliteControllerStoreWorld>(
      SqliteOptions{.sync = SyncMode::kFull, .events_kept = kEventsKept});
}

// None where it is not installed.
std::unique_ptr<ControllerStoreWorld> make_postgres() {
  if (PostgresServer::shared() == nullptr) return nullptr;
  return std::make_unique<PostgresControllerStoreWorld>(PostgresOptions{.events_kept = kEventsKept});
}

class ControllerStoreTest : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (!world_) GTEST_SKIP() << PostgresServer::kNotInstalled;
    auto state = reopen();
    ASSERT_EQ(state, ControllerState{});
  }
  ControllerState reopen() {
    auto state = world_->reopen();
    EXPECT_TRUE(state.has_value()) << (state ? "" : state.error().message);
    return state.value_or(ControllerState{});
  }
  void commit(Transaction transaction) {
    auto done = world_->commit(std::move(transaction));
    EXPECT_TRUE(done.has_value()) << done.error().message;
  }
  void expect_conflict(Transaction transaction) {
    auto done = world_->commit(std::move(transaction));
    ASSERT_FALSE(done.has_value());
    EXPECT_EQ(done.error().code, ErrorCode::kConflict) << done.error().message;
  }

  std::unique_ptr<ControllerStoreWorld> world_ = GetParam().make();
  Random random_{7};
};

INSTANTIATE_TEST_SUITE_P(Stores, ControllerStoreTest,
                         testing::Values(Kind{"memory", make_memory}, Kind{"sqlite", make_sqlite},
                                         Kind{"sqlite_full", make_sqlite_full},
                                         Kind{"postgres", make_postgres}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(ControllerStoreTest, EveryKindOfRowIsLoadedAsItWasPut) {
  ControllerState expected;
  Transaction transaction;
  for (int64_t i = 1; i <= 30; ++i) {
    Instance instance = sample_instance(random_, i);
    Allocation allocation = sample_allocation(random_, instance.uuid);
    Project project = sample_project(random_);
    User user = sample_user(random_);
    Quota quota{project.id, -1, static_cast<int64_t>(random_.next()), 5};
    RoleAssignment role{user.id, project.id, static_cast<UserRole>(1 + i % 3)};
    Setting setting{"key" + std::to_string(i), hostile_text(random_)};
    Flavor flavor = sample_flavor(random_);
    flavor.id += std::to_string(i);
    Image image = sample_image(random_);
    KeyPair key_pair = sample_key_pair(random_);
    Host host = sample_host(random_, i);
    FaultRule rule = sample_fault_rule(random_, static_cast<uint64_t>(i));
    ClientToken token = sample_client_token(random_, project.id);
    ServerProperties properties = sample_properties(random_, instance.uuid);
    expected.instances.push_back(instance);
    expected.allocations.push_back(allocation);
    expected.of<Project>().push_back(project);
    expected.of<User>().push_back(user);
    expected.of<Quota>().push_back(quota);
    expected.of<RoleAssignment>().push_back(role);
    expected.of<Setting>().push_back(setting);
    expected.of<Flavor>().push_back(flavor);
    expected.of<Image>().push_back(image);
    expected.of<KeyPair>().push_back(key_pair);
    expected.of<Host>().push_back(host);
    expected.of<FaultRule>().push_back(rule);
    expected.of<ClientToken>().push_back(token);
    expected.of<ServerProperties>().push_back(properties);
    Migration migration = sample_migration(random_, i);
    expected.of<Migration>().push_back(migration);
    ServerGroup group = sample_server_group(random_);
    expected.of<ServerGroup>().push_back(group);
    UserQuota own = sample_user_quota(random_, user.id, project.id);
    expected.of<UserQuota>().push_back(own);
    FaultHit hit = sample_fault_hit(random_, static_cast<uint64_t>(i));
    expected.of<FaultHit>().push_back(hit);
    DeletedServer gone = sample_deleted_server(random_, i);
    expected.of<DeletedServer>().push_back(gone);
    for (Mutation& mutation :
         Transaction{InsertInstance{instance}, PutAllocation{allocation}, Put<Project>{project}, Put<User>{user},
                     Put<Quota>{quota}, Put<RoleAssignment>{role}, Put<Setting>{setting}, Put<Flavor>{flavor},
                     Put<Image>{image}, Put<KeyPair>{key_pair}, Put<Host>{host}, Put<FaultRule>{rule},
                     Put<ClientToken>{token}, Put<ServerProperties>{properties}, Put<Migration>{migration},
                     Put<ServerGroup>{group}, Put<UserQuota>{own}, Put<FaultHit>{hit}, Put<DeletedServer>{gone}}) {
      transaction.push_back(std::move(mutation));
    }
  }
  commit(std::move(transaction));
  std::ranges::sort(expected.allocations, {}, &Allocation::key);
  std::ranges::sort(expected.of<Project>(), {}, &Project::id);
  std::ranges::sort(expected.of<User>(), {}, &User::id);
  std::ranges::sort(expected.of<Quota>(), {}, &Quota::project_id);
  std::ranges::sort(expected.of<RoleAssignment>(), {}, &RoleAssignment::user_id);
  std::ranges::sort(expected.of<Setting>(), {}, &Setting::name);
  std::ranges::sort(expected.of<ServerProperties>(), {}, &ServerProperties::instance);
  std::ranges::sort(expected.of<Flavor>(), {}, &Flavor::id);
  std::ranges::sort(expected.of<Image>(), {}, &Image::id);
  std::ranges::sort(expected.of<KeyPair>(), {}, &KeyPair::user_id);
  std::ranges::sort(expected.of<ServerGroup>(), {}, &ServerGroup::id);
  std::ranges::sort(expected.of<UserQuota>(), {}, &UserQuota::key);
  std::ranges::sort(expected.of<ClientToken>(), {}, &ClientToken::project_id);
  expected.last_instance_id = 30;
  EXPECT_EQ(reopen(), expected);
}

TEST_P(ControllerStoreTest, HostileTextSurvivesInEveryPlace) {
  int64_t id = 0;
  for (const std::string& text : hostile_texts()) {
    Instance row = sample_instance(random_, ++id);
    row.name = row.hostname = row.current.host = row.fault.message = row.spec.key_name = text;
    row.tried_hosts = {text, "", text};
    row.alternates = {text};
    WatchEvent event = sample_event(random_, static_cast<uint64_t>(id));
    event.name = event.fault = text;
    AppendLaunchRecord record{row.uuid, {{.step = LaunchStep::kClaimed, .daemon = text, .fault = text}}, {}};
    record.decisions.push_back({.scheduler = text, .filters = {{text, 1}}, .reason = text});
    commit({InsertInstance{row}, record, AppendEvent{event}, Put<Setting>{{text, text}},
            Put<KeyPair>{{.name = text, .public_key = text}}});

    ControllerState state = reopen();
    ASSERT_EQ(state.instances.back(), row);
    EXPECT_EQ(world_->launch_record(row.uuid), (LaunchRecordRows{record.steps, record.decisions}));
    EXPECT_EQ(world_->events(static_cast<uint64_t>(id) - 1, 1)->at(0), event);
    auto setting = std::ranges::find(state.of<Setting>(), text, &Setting::name);
    ASSERT_NE(setting, state.of<Setting>().end());
    EXPECT_EQ(setting->value, text);
  }
  auto keys = reopen().of<KeyPair>();
  EXPECT_EQ(keys.size(), hostile_texts().size());
  EXPECT_TRUE(std::ranges::is_sorted(keys, {}, &KeyPair::name));
}

TEST_P(ControllerStoreTest, UpdateLeavesWhatIsImmutable) {
  Instance row = sample_instance(random_, 1);
  commit({InsertInstance{row}});
  Instance changed = changed_instance(random_, row);
  Instance meddled = changed;
  meddled.name = "other";
  meddled.hostname = "other";
  meddled.reservation_id = "r-other";
  ++meddled.launch_index;
  meddled.spec.key_name = "other";
  meddled.trace = {};
  meddled.created_at = {5};
  commit({UpdateInstance{meddled}});
  EXPECT_EQ(reopen().instances.at(0), changed);
}

TEST_P(ControllerStoreTest, AnotherSpecIsOne) {
  Instance row = sample_instance(random_, 1), other = sample_instance(random_, 2);
  other.spec = row.spec;
  commit({InsertInstance{row}, InsertInstance{other}});
  row.spec = sample_spec(random_);
  commit({RespecifyInstance{row.uuid, row.spec}, UpdateInstance{row}});
  EXPECT_EQ(reopen().instances.at(0), row);
  EXPECT_EQ(reopen().instances.at(1), other);
}

TEST_P(ControllerStoreTest, AFailedTransactionLeavesNothing) {
  Instance row = sample_instance(random_, 1);
  Instance missing = sample_instance(random_, 2);
  Instance same_id = sample_instance(random_, 1);
  Instance same_uuid = sample_instance(random_, 3);
  same_uuid.uuid = row.uuid;
  Instance wrong_id = row;
  wrong_id.id = 9;
  commit({InsertInstance{row}, AppendEvent{sample_event(random_, 5)}});
  ControllerState before = reopen();

  Instance changed = changed_instance(random_, row);
  auto with = [&](Mutation last) {
    return Transaction{InsertInstance{sample_instance(random_, 77)},
                       UpdateInstance{changed},
                       PutAllocation{sample_allocation(random_, row.uuid)},
                       Put<Project>{sample_project(random_)},
                       AppendEvent{sample_event(random_, 6)},
                       std::move(last)};
  };
  expect_conflict(with(UpdateInstance{missing}));
  expect_conflict(with(UpdateInstance{wrong_id}));
  expect_conflict(with(AppendLaunchRecord{missing.uuid, {}, {}}));
  expect_conflict(with(PutAllocation{sample_allocation(random_, missing.uuid)}));
  expect_conflict(with(InsertInstance{same_id}));
  expect_conflict(with(InsertInstance{same_uuid}));
  expect_conflict(with(AppendEvent{sample_event(random_, 6)}));
  expect_conflict(with(AppendEvent{sample_event(random_, 1)}));
  EXPECT_EQ(world_->events(0, 100)->size(), 1u);
  EXPECT_EQ(reopen(), before);
  // The revision of the failed ones is free, and so is the id.
  commit({AppendEvent{sample_event(random_, 6)}, InsertInstance{sample_instance(random_, 2)}});
  EXPECT_EQ(reopen().last_instance_id, 2);
}

TEST_P(ControllerStoreTest, AFailureBetweenNeighboursIsItsOwn) {
  Instance row = sample_instance(random_, 1);
  commit({InsertInstance{row}});
  std::vector<Transaction> transactions;
  for (int64_t i = 2; i <= 60; ++i) {
    if (i % 7 == 0) {
      transactions.push_back(
          {InsertInstance{sample_instance(random_, 1000 + i)}, UpdateInstance{sample_instance(random_, i)}});
    } else {
      transactions.push_back(
          {InsertInstance{sample_instance(random_, i)}, AppendEvent{sample_event(random_, static_cast<uint64_t>(i))}});
    }
  }
  auto results = world_->commit_all(std::move(transactions));
  for (int64_t i = 2; i <= 60; ++i) {
    EXPECT_EQ(results[static_cast<size_t>(i - 2)].has_value(), i % 7 != 0) << i;
  }
  ControllerState state = reopen();
  EXPECT_EQ(state.instances.size(), 60u - 8u);
  EXPECT_EQ(state.last_instance_id, 60);
  EXPECT_EQ(state.revision, 60u);
}

TEST_P(ControllerStoreTest, WithinATransactionLaterMutationsSeeEarlierOnes) {
  Instance row = sample_instance(random_, 1);
  Instance changed = changed_instance(random_, row);
  Instance next = sample_instance(random_, 1);
  commit({InsertInstance{row}, UpdateInstance{changed}, AppendLaunchRecord{row.uuid, {{.daemon = "old"}}, {}},
          EraseInstance{row.uuid}, InsertInstance{next}, AppendLaunchRecord{next.uuid, {{.daemon = "new"}}, {}}});
  EXPECT_EQ(reopen().instances, std::vector{next});
  EXPECT_EQ(world_->launch_record(next.uuid)->steps.at(0).daemon, "new");
  expect_conflict({EraseInstance{next.uuid}, UpdateInstance{next}});
  EXPECT_EQ(reopen().instances, std::vector{next});
}

TEST_P(ControllerStoreTest, TransactionsTakeEffectInTheOrderAwaited) {
  Instance row = sample_instance(random_, 1);
  std::vector<Transaction> transactions = {{InsertInstance{row}}};
  for (uint64_t i = 1; i <= 500; ++i) {
    row.current.epoch = i;
    transactions.push_back({UpdateInstance{row}, AppendEvent{sample_event(random_, i)},
                            AppendLaunchRecord{row.uuid, {{.step = LaunchStep::kClaimed, .epoch = i}}, {}}});
  }
  for (const auto& result : world_->commit_all(std::move(transactions))) EXPECT_TRUE(result.has_value());
  EXPECT_EQ(reopen().instances.at(0).current.epoch, 500u);
  auto record = world_->launch_record(row.uuid);
  ASSERT_EQ(record->steps.size(), 500u);
  EXPECT_TRUE(std::ranges::is_sorted(record->steps, {}, &StepRecord::epoch));
}

TEST_P(ControllerStoreTest, EachPlacementHasItsOwnAllocation) {
  Instance row = sample_instance(random_, 1);
  Allocation source = sample_allocation(random_, row.uuid), target = sample_allocation(random_, row.uuid);
  source.epoch = 3;
  target.epoch = 4;
  commit({InsertInstance{row}, PutAllocation{target}, PutAllocation{source}});
  EXPECT_EQ(reopen().allocations, (std::vector{source, target}));
  target.host = "another";
  commit({PutAllocation{target}, EraseAllocation{source.key()}});
  EXPECT_EQ(reopen().allocations, std::vector{target});
  commit({EraseAllocation{source.key()}, EraseInstance{row.uuid}});
  EXPECT_EQ(reopen().allocations, std::vector<Allocation>{});
}

TEST_P(ControllerStoreTest, EraseInstanceTakesAllocationsAndRecordAlong) {
  Instance row = sample_instance(random_, 1);
  Instance other = sample_instance(random_, 2);
  auto record = sample_launch_record(random_, other.uuid);
  commit({InsertInstance{row}, InsertInstance{other}, PutAllocation{sample_allocation(random_, row.uuid)},
          PutAllocation{sample_allocation(random_, row.uuid)}, PutAllocation{sample_allocation(random_, other.uuid)},
          sample_launch_record(random_, row.uuid), record});
  commit({EraseInstance{row.uuid}});
  EXPECT_EQ(world_->launch_record(row.uuid), LaunchRecordRows{});
  EXPECT_EQ(world_->launch_record(other.uuid), (LaunchRecordRows{record.steps, record.decisions}));
  ControllerState state = reopen();
  EXPECT_EQ(state.instances, std::vector{other});
  ASSERT_EQ(state.allocations.size(), 1u);
  EXPECT_EQ(state.allocations[0].instance, other.uuid);
  // A new server of the same row id starts with nothing.
  Instance again = sample_instance(random_, 1);
  commit({InsertInstance{again}});
  EXPECT_EQ(world_->launch_record(again.uuid), LaunchRecordRows{});
  EXPECT_EQ(reopen().allocations.size(), 1u);
}

// What else goes with a project or a user, the controller says.
TEST_P(ControllerStoreTest, ErasingARecordErasesThatRowAlone) {
  Project project = sample_project(random_), other_project = sample_project(random_);
  User user = sample_user(random_), other_user = sample_user(random_);
  Transaction transaction = {Put<Project>{project}, Put<Project>{other_project}, Put<User>{user},
                             Put<User>{other_user}};
  for (const User& u : {user, other_user}) {
    KeyPair key = sample_key_pair(random_);
    key.user_id = u.id;
    transaction.push_back(Put<KeyPair>{key});
    transaction.push_back(Put<RoleAssignment>{{u.id, project.id, UserRole::kMember}});
  }
  commit(std::move(transaction));
  commit({Erase<Project>{project.id}, Erase<RoleAssignment>{{user.id, project.id}}, Erase<User>{user.id}});
  ControllerState state = reopen();
  EXPECT_EQ(state.of<Project>(), std::vector{other_project});
  EXPECT_EQ(state.of<User>(), std::vector{other_user});
  EXPECT_EQ(state.of<RoleAssignment>(), (std::vector<RoleAssignment>{{other_user.id, project.id, UserRole::kMember}}));
  EXPECT_EQ(state.of<KeyPair>().size(), 2u);
}

TEST_P(ControllerStoreTest, PutReplacesAndErasingTheMissingIsNoError) {
  Flavor flavor = sample_flavor(random_);
  Instance row = sample_instance(random_, 1);
  Allocation allocation = sample_allocation(random_, row.uuid);
  commit({Put<Flavor>{flavor}, InsertInstance{row}, PutAllocation{allocation}});
  allocation.host = "another";
  flavor.name = "renamed";
  RoleAssignment role{random_uuid(random_), random_uuid(random_), UserRole::kAdmin};
  commit({Put<Flavor>{flavor}, PutAllocation{allocation}, Put<RoleAssignment>{role}});
  ControllerState state = reopen();
  EXPECT_EQ(state.of<Flavor>(), std::vector{flavor});
  EXPECT_EQ(state.allocations, std::vector{allocation});
  EXPECT_EQ(state.of<RoleAssignment>(), std::vector{role});

  Uuid nobody = random_uuid(random_);
  commit({EraseInstance{nobody}, EraseAllocation{{nobody, 1}}, Erase<Flavor>{"x"}, Erase<Image>{nobody},
          Erase<KeyPair>{{nobody, "x"}}, Erase<Project>{nobody}, Erase<User>{nobody}, Erase<FaultRule>{5},
          Erase<ClientToken>{{nobody, "x"}}, Erase<RoleAssignment>{{nobody, nobody}},
          Erase<RoleAssignment>{role.key()}});
  commit({Erase<Flavor>{flavor.id}, EraseAllocation{allocation.key()}});
  EXPECT_EQ(reopen(), (ControllerState{.instances = {row}, .last_instance_id = 1}));
}

TEST_P(ControllerStoreTest, TheLastIdSurvivesItsRow) {
  Instance row = sample_instance(random_, 41);
  commit({InsertInstance{sample_instance(random_, 7)}, InsertInstance{row}});
  commit({EraseInstance{row.uuid}});
  EXPECT_EQ(reopen().last_instance_id, 41);
  commit({InsertInstance{sample_instance(random_, 8)}});
  EXPECT_EQ(reopen().last_instance_id, 41);
}

TEST_P(ControllerStoreTest, OldEventsAreDroppedAndTheirReaderIsTold) {
  EXPECT_EQ(world_->events(0, 10), std::vector<WatchEvent>{});
  std::vector<WatchEvent> all;
  std::vector<Transaction> transactions;
  for (uint64_t i = 1; i <= 3000; ++i) {
    all.push_back(sample_event(random_, 2 * i));
    transactions.push_back({AppendEvent{all.back()}});
  }
  for (const auto& result : world_->commit_all(std::move(transactions))) EXPECT_TRUE(result.has_value());
  for (int round = 0; round < 2; ++round) {
    auto dropped = world_->events(0, 10);
    ASSERT_FALSE(dropped.has_value());
    EXPECT_EQ(dropped.error().code, ErrorCode::kOutOfRange);
    auto newest = world_->events(6000 - 2 * kEventsKept, 1000);
    ASSERT_TRUE(newest.has_value());
    EXPECT_TRUE(std::ranges::equal(*newest, std::span(all).last(kEventsKept)));
    EXPECT_EQ(world_->events(5997, 1)->at(0).revision, 5998u);
    EXPECT_EQ(world_->events(6000, 10), std::vector<WatchEvent>{});
    EXPECT_EQ(world_->events(UINT64_MAX, 10), std::vector<WatchEvent>{});
    EXPECT_EQ(world_->events(5990, 0), std::vector<WatchEvent>{});
    EXPECT_EQ(reopen().revision, 6000u);
  }
}

Task<void> commit_then_read(ControllerStore* store, Instance row, int* agreed) {
  auto first = co_await store->commit({InsertInstance{row}, AppendLaunchRecord{row.uuid, {{.epoch = 1}}, {}}});
  auto one = co_await store->read_launch_record(row.uuid);
  auto second = co_await store->commit({AppendLaunchRecord{row.uuid, {{.epoch = 2}}, {}}});
  auto two = co_await store->read_launch_record(row.uuid);
  if (first && second && one->steps.size() == 1 && two->steps.size() == 2) ++*agreed;
}

TEST_P(ControllerStoreTest, ConcurrentFlowsReadWhatTheyCommitted) {
  int agreed = 0;
  std::vector<Task<void>> flows;
  for (int64_t i = 1; i <= 200; ++i) {
    flows.push_back(commit_then_read(&world_->store(), sample_instance(random_, i), &agreed));
  }
  world_->run(when_all(world_->loop(), std::move(flows)));
  EXPECT_EQ(agreed, 200);
}

TEST_P(ControllerStoreTest, FiveThousandAtOnce) {
  std::vector<Transaction> transactions;
  ControllerState expected;
  for (int64_t i = 1; i <= 5000; ++i) {
    expected.instances.push_back({.id = i, .uuid = random_uuid(random_), .name = "s" + std::to_string(i)});
    transactions.push_back({InsertInstance{expected.instances.back()}});
  }
  for (const auto& result : world_->commit_all(std::move(transactions))) ASSERT_TRUE(result.has_value());
  expected.last_instance_id = 5000;
  EXPECT_EQ(reopen(), expected);
}

Task<void> commit_for_nobody(ControllerStore* store, Transaction transaction) {
  (void)co_await store->commit(std::move(transaction));
  ADD_FAILURE() << "a destroyed flow went on";
}

Task<void> die_while_committing(ControllerStore* store, Loop* loop, std::vector<Transaction> transactions) {
  Scope scope(*loop);
  for (Transaction& transaction : transactions) scope.spawn(commit_for_nobody(store, std::move(transaction)));
  co_await yield(*loop);  // they start, and are answered later
}

TEST_P(ControllerStoreTest, AFlowMayDieWhileItsCommitIsUnderWay) {
  std::vector<Transaction> transactions;
  for (int64_t i = 1; i <= 20; ++i) transactions.push_back({InsertInstance{sample_instance(random_, i)}});
  world_->run(die_while_committing(&world_->store(), &world_->loop(), std::move(transactions)));
  commit({InsertInstance{sample_instance(random_, 100)}});
  EXPECT_EQ(reopen().last_instance_id, 100);
}

}  // namespace
}  // namespace kilonova
