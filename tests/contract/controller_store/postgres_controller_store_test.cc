// What holds for the store on PostgreSQL alone: its lease, its connection, its server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/project.h"
#include "domain/setting.h"
#include "runtime/when_all.h"
#include "tests/contract/controller_store/controller_store_world.h"
#include "tests/contract/controller_store/sample_rows.h"
#include "tests/support/store/postgres_proxy.h"

namespace kilonova {
namespace {

using namespace mutation;
using testing::HasSubstr;
using testing::Not;

class PostgresControllerStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    if (PostgresServer::shared() == nullptr) GTEST_SKIP() << PostgresServer::kNotInstalled;
    world_ = std::make_unique<PostgresControllerStoreWorld>();
  }
  void open(PostgresControllerStoreWorld& world) {
    auto state = world.reopen();
    ASSERT_TRUE(state.has_value()) << state.error().message;
  }
  void open() { open(*world_); }
  // Another world over the same database, through whatever leads to it, that takes the lease whoever has it.
  std::unique_ptr<PostgresControllerStoreWorld> other(const std::string& url) {
    auto world = std::make_unique<PostgresControllerStoreWorld>();
    world->options().url = url;
    world->options().holder = "another";
    world->options().take_over = true;
    return world;
  }
  // Fails to open, with the code and the address of the database.
  std::string refusal(ErrorCode code) {
    auto state = world_->reopen();
    EXPECT_FALSE(state.has_value());
    if (state) return "";
    EXPECT_EQ(state.error().code, code) << state.error().message;
    EXPECT_THAT(state.error().message, HasSubstr("postgresql://"));
    return state.error().message;
  }
  // A commit that may end with the store's loss instead of an answer.
  static std::optional<Expected<>> commit(PostgresControllerStoreWorld& world, Transaction transaction) {
    std::optional<Expected<>> answer;
    world.run(detail::store_result(world.store().commit(std::move(transaction)), &answer));
    return answer;
  }
  std::optional<Expected<>> commit(Transaction transaction) { return commit(*world_, std::move(transaction)); }
  // Committed, and not twice: the launch record would be longer.
  void expect_stored_once(PostgresControllerStoreWorld& world, const Instance& row) {
    ASSERT_FALSE(world.lost().has_value()) << world.lost()->message;
    auto record = world.launch_record(row.uuid);
    ASSERT_TRUE(record.has_value()) << record.error().message;
    EXPECT_EQ(record->steps.size(), 1u);
  }
  Transaction launch(const Instance& row) {
    return {InsertInstance{row}, AppendLaunchRecord{row.uuid, {{.daemon = "controller-0"}}, {}}};
  }

  std::unique_ptr<PostgresControllerStoreWorld> world_;
  Random random_{5};
};

TEST_F(PostgresControllerStoreTest, ASecondStoreTakesOverAndTheFirstStoresNothingMore) {
  open();
  Instance kept = sample_instance(random_, 1), refused = sample_instance(random_, 2),
           next = sample_instance(random_, 3);
  ASSERT_TRUE(commit({InsertInstance{kept}})->has_value());

  auto second = other(world_->options().url);
  auto state = second->reopen();
  ASSERT_TRUE(state.has_value()) << state.error().message;
  EXPECT_EQ(state->instances, std::vector{kept});
  EXPECT_FALSE(commit({InsertInstance{refused}}).has_value()) << "a store that lost its lease answered";
  ASSERT_TRUE(world_->lost().has_value());
  EXPECT_THAT(world_->lost()->message, HasSubstr("generation 1 of cell cell1 is over"));
  EXPECT_THAT(world_->lost()->message, HasSubstr("generation 2 was taken by another"));

  ASSERT_TRUE(commit(*second, {InsertInstance{next}})->has_value());
  EXPECT_EQ(second->reopen()->instances, (std::vector{kept, next}));
}

TEST_F(PostgresControllerStoreTest, WhoDoesNotTakeOverIsToldWhoLeads) {
  open();
  auto second = other(world_->options().url);
  second->options().take_over = false;
  auto refused = second->reopen();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message, HasSubstr("cell cell1 is led already: generation 1 was taken by a test"));
  ASSERT_TRUE(commit({InsertInstance{sample_instance(random_, 1)}})->has_value());
  world_->close();
  EXPECT_TRUE(second->reopen().has_value());
}

// What was confirmed to the first before the takeover is there; what it sends later is not, whatever is under way.
TEST_F(PostgresControllerStoreTest, ATakeoverUnderLoadSplitsNoGroup) {
  open();
  std::vector<Task<Expected<>>> commits;
  for (int64_t i = 1; i <= 3000; ++i) {
    commits.push_back(world_->store().commit(
        {InsertInstance{sample_instance(random_, 2 * i)}, InsertInstance{sample_instance(random_, 2 * i + 1)}}));
  }
  auto second = other(world_->options().url);
  world_->loop().post([&] { EXPECT_TRUE(second->reopen().has_value()); });
  std::optional<std::vector<Expected<>>> answers;
  world_->run(detail::store_result(when_all(world_->loop(), std::move(commits)), &answers));
  auto state = second->reopen();
  ASSERT_TRUE(state.has_value()) << state.error().message;
  EXPECT_EQ(state->instances.size() % 2, 0u);
  EXPECT_TRUE(answers.has_value() || world_->lost().has_value());
  if (answers) EXPECT_EQ(state->instances.size(), 6000u);
}

TEST_F(PostgresControllerStoreTest, AHolderThatHangsInAGroupIsEnded) {
  open();
  ASSERT_TRUE(commit({InsertInstance{sample_instance(random_, 1)}})->has_value());
  world_->close();
  std::unique_ptr<PGconn, void (*)(PGconn*)> hanging(PQconnectdb(world_->options().url.c_str()), PQfinish);
  auto said = [&](const char* text) {
    return PQresultStatus(std::unique_ptr<PGresult, void (*)(PGresult*)>(PQexec(hanging.get(), text), PQclear).get());
  };
  ASSERT_EQ(said("BEGIN"), PGRES_COMMAND_OK);
  ASSERT_EQ(said("UPDATE kilonova_controller.cell_lease SET revision = revision + 100"), PGRES_COMMAND_OK);
  open();
  EXPECT_EQ(said("COMMIT"), PGRES_FATAL_ERROR);
  EXPECT_EQ(world_->sql("SELECT generation || ' ' || revision FROM kilonova_controller.cell_lease"), "2 1");
}

TEST_F(PostgresControllerStoreTest, AConnectionThatBreaksIsOpenedAnew) {
  open();
  Instance row = sample_instance(random_, 1), next = sample_instance(random_, 2);
  ASSERT_TRUE(commit(launch(row))->has_value());
  world_->sql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  ASSERT_TRUE(commit(launch(next))->has_value());
  expect_stored_once(*world_, row);
  expect_stored_once(*world_, next);
  EXPECT_EQ(world_->sql("SELECT generation || ' ' || revision FROM kilonova_controller.cell_lease"), "2 2");
  EXPECT_EQ(world_->reopen()->instances, (std::vector{row, next}));
}

class PostgresCutTest : public PostgresControllerStoreTest, public testing::WithParamInterface<PostgresProxy::Cut> {};
INSTANTIATE_TEST_SUITE_P(Cuts, PostgresCutTest,
                         testing::Values(PostgresProxy::Cut::kBeforeCommit, PostgresProxy::Cut::kAfterCommit),
                         [](const auto& info) {
                           return info.param == PostgresProxy::Cut::kBeforeCommit ? "BeforeCommit" : "AfterCommit";
                         });

TEST_P(PostgresCutTest, WhatIsCutAtCommitIsStoredOnce) {
  open();
  PostgresProxy proxy(world_->options().url);
  auto world = other(proxy.url());
  open(*world);
  std::vector<Instance> rows;
  for (int64_t i = 1; i <= 5; ++i) {
    rows.push_back(sample_instance(random_, i));
    proxy.cut(GetParam());
    auto answer = commit(*world, launch(rows.back()));
    ASSERT_TRUE(answer.has_value() && answer->has_value());
    EXPECT_EQ(proxy.cuts(), i);
    expect_stored_once(*world, rows.back());
  }
  EXPECT_EQ(world->reopen()->instances, rows);
}

TEST_P(PostgresCutTest, WhoeverTookOverMeanwhileLeads) {
  open();
  PostgresProxy proxy(world_->options().url);
  auto world = other(proxy.url());
  open(*world);
  Instance row = sample_instance(random_, 1);
  proxy.cut(GetParam(),
            [&] { world_->sql("UPDATE kilonova_controller.cell_lease SET generation = 9, holder = 'third'"); });
  EXPECT_FALSE(commit(*world, launch(row)).has_value());
  ASSERT_TRUE(world->lost().has_value());
  EXPECT_THAT(world->lost()->message, HasSubstr("generation 9 was taken by third"));
  world_->options().take_over = true;
  const bool is_stored = GetParam() == PostgresProxy::Cut::kAfterCommit;
  EXPECT_EQ(world_->reopen()->instances.size(), is_stored ? 1u : 0u);
}

TEST_F(PostgresControllerStoreTest, ADatabaseThatLostCommitsIsNotLed) {
  open();
  ASSERT_TRUE(commit({InsertInstance{sample_instance(random_, 1)}})->has_value());
  ASSERT_TRUE(commit({InsertInstance{sample_instance(random_, 2)}})->has_value());
  world_->sql(
      "UPDATE kilonova_controller.cell_lease SET revision = 1;"
      "DELETE FROM kilonova_controller.instances WHERE id = 2;"
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  EXPECT_FALSE(commit({InsertInstance{sample_instance(random_, 3)}}).has_value());
  ASSERT_TRUE(world_->lost().has_value());
  EXPECT_THAT(world_->lost()->message, HasSubstr("cell cell1 is at revision 1, but revision 2 was confirmed"));
  EXPECT_EQ(world_->reopen()->instances.size(), 1u);
}

// Its key is larger than an index of PostgreSQL takes.
TEST_F(PostgresControllerStoreTest, WhatTheDatabaseRefusesStopsNoNeighbour) {
  open();
  std::string key;
  while (key.size() < 9000) key += static_cast<char>(random_.next());
  std::vector<Transaction> transactions;
  for (int64_t i = 1; i <= 9; ++i) transactions.push_back({InsertInstance{sample_instance(random_, i)}});
  transactions[4].push_back(Put<Setting>{{key, "value"}});
  auto results = world_->commit_all(std::move(transactions));
  for (size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i].has_value(), i != 4) << i;
  EXPECT_EQ(results[4].error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(results[4].error().message, HasSubstr("index"));
  ControllerState state = *world_->reopen();
  EXPECT_EQ(state.instances.size(), 8u);
  EXPECT_EQ(state.of<Setting>().size(), 0u);
}

TEST_F(PostgresControllerStoreTest, ANewerSchemaIsRefusedWithBothVersions) {
  open();
  world_->close();
  world_->sql("UPDATE kilonova_controller.schema_version SET version = 4711");
  std::string message = refusal(ErrorCode::kConflict);
  EXPECT_THAT(message, HasSubstr("schema version 4711"));
  EXPECT_THAT(message, HasSubstr("up to version " + std::to_string(kControllerSchema.steps.size())));
  EXPECT_EQ(world_->sql("SELECT generation FROM kilonova_controller.cell_lease"), "1");
}

TEST_F(PostgresControllerStoreTest, ADatabaseOfAnotherCellIsRefusedWithBoth) {
  open();
  world_->options().cell = "cell2";
  std::string message = refusal(ErrorCode::kConflict);
  EXPECT_THAT(message, HasSubstr("is of cell cell1, not of cell2"));
  EXPECT_EQ(world_->sql("SELECT generation FROM kilonova_controller.cell_lease"), "1");
}

TEST_F(PostgresControllerStoreTest, SomebodyElsesSchemaIsLeftAlone) {
  world_->sql("CREATE SCHEMA kilonova_controller; CREATE TABLE kilonova_controller.recipes (name text)");
  EXPECT_THAT(refusal(ErrorCode::kDataLoss), HasSubstr("that is not a controller's store"));
  EXPECT_EQ(world_->sql("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'kilonova_controller'"),
            "1");
}

TEST_F(PostgresControllerStoreTest, ARowThatDoesNotReadNamesTableRowAndColumn) {
  open();
  ASSERT_TRUE(
      commit({InsertInstance{sample_instance(random_, 1)}, InsertInstance{sample_instance(random_, 2)}})->has_value());
  world_->close();
  world_->sql("UPDATE kilonova_controller.instances SET spec = 'nonsense' WHERE id = 2");
  EXPECT_THAT(refusal(ErrorCode::kDataLoss), HasSubstr("instances, row 2: column spec"));
}

TEST_F(PostgresControllerStoreTest, WhatDoesNotConnectSaysWhy) {
  const std::string good = world_->options().url;
  auto with = [&](const std::string& url) { world_->options().url = url; };
  with(PostgresServer::shared()->url("nowhere"));
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("database \"nowhere\" does not exist"));
  with("postgresql://kilonova@127.0.0.1:1/cloud");
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("Connection refused"));
  with(good + "&options=-c%20default_transaction_read_only%3Don");
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("takes no writes"));
  with("mysql://cloud");
  EXPECT_THAT(world_->reopen().error().message, HasSubstr("\"mysql://cloud\" is no URL of PostgreSQL"));
  with("postgresql://host:port/%zz");
  EXPECT_EQ(world_->reopen().error().code, ErrorCode::kInvalidArgument);
  for (const char* url : {"postgresql://me:hunter2@host/cloud", "postgresql://host/cloud?password=hunter2",
                          "postgresql://me:hunter2%zz@host/cloud", "mysql://me:hunter2@host"}) {
    with(url);
    auto refused = world_->reopen();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("hunter2")));
  }
}

TEST_F(PostgresControllerStoreTest, AnAccountMustBeRightAndAllowed) {
  world_->sql("CREATE ROLE secret LOGIN PASSWORD 'right'");
  std::string& url = world_->options().url;
  url.replace(url.find("kilonova@"), 8, "secret");
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("--store-password-file"));
  world_->options().password = "wrong";
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("is the password of --store-password-file"));
  world_->options().password = "right";
  EXPECT_THAT(refusal(ErrorCode::kConflict), HasSubstr("must own the database, or have CREATE on it"));
}

// Servers of their own: these break them.
class PostgresOwnServerTest : public PostgresControllerStoreTest {
 protected:
  void serve(uint64_t largest_file = 0) {
    server_ = std::make_unique<PostgresServer>(largest_file);
    world_->options().url = server_->new_database();
  }
  std::unique_ptr<PostgresServer> server_;
};

TEST_F(PostgresOwnServerTest, AServerThatCrashesAndComesBackLosesNothing) {
  serve();
  open();
  Instance row = sample_instance(random_, 1), next = sample_instance(random_, 2);
  ASSERT_TRUE(commit(launch(row))->has_value());
  server_->crash();
  auto commits = [&] { return world_->store().commit(launch(next)); };
  std::optional<Expected<>> answer;
  world_->loop().call_after(milliseconds(100), [&] {
    EXPECT_FALSE(answer.has_value());
    server_->start();
  });
  world_->run(detail::store_result(commits(), &answer));
  ASSERT_TRUE(answer.has_value() && answer->has_value());
  expect_stored_once(*world_, row);
  expect_stored_once(*world_, next);
}

TEST_F(PostgresOwnServerTest, AServerThatStaysAwayEndsTheStore) {
  serve();
  world_->options().reconnect_for = milliseconds(200);
  open();
  server_->crash();
  EXPECT_FALSE(commit({InsertInstance{sample_instance(random_, 1)}}).has_value());
  ASSERT_TRUE(world_->lost().has_value());
  EXPECT_THAT(world_->lost()->message, HasSubstr("given up after"));
  world_->close();
}

TEST_F(PostgresOwnServerTest, AStoreMayEndWhileItsServerIsAway) {
  serve();
  open();
  server_->crash();
  Task<Expected<>> commits = world_->store().commit({InsertInstance{sample_instance(random_, 1)}});
  std::optional<Expected<>> answer;
  world_->loop().call_after(milliseconds(50), [&] { static_cast<RealLoop&>(world_->loop()).stop(); });
  world_->run(detail::store_result(std::move(commits), &answer));
  world_->close();
  EXPECT_FALSE(answer.has_value());
  EXPECT_FALSE(world_->lost().has_value());
}

TEST_F(PostgresOwnServerTest, AReplicaIsRefused) {
  serve();
  open();
  world_->close();
  server_->become_replica();
  EXPECT_THAT(refusal(ErrorCode::kUnavailable), HasSubstr("is a replica, which takes no writes"));
}

TEST_F(PostgresOwnServerTest, WhatDoesNotFitOnTheDiskIsRefusedAlone) {
  serve(32 << 20);
  open();
  std::string large;
  for (int i = 0; i < 6'000'000; ++i) {
    uint64_t bytes = random_.next();
    large.append(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
  }
  auto refused = commit({Put<Setting>{{"large", large}}, InsertInstance{sample_instance(random_, 1)}});
  ASSERT_TRUE(refused.has_value() && !refused->has_value());
  EXPECT_EQ(refused->error().code, ErrorCode::kUnavailable);
  EXPECT_THAT(refused->error().message, HasSubstr("File too large"));
  Instance row = sample_instance(random_, 2);
  ASSERT_TRUE(commit({InsertInstance{row}})->has_value());
  ControllerState state = *world_->reopen();
  EXPECT_EQ(state.instances, std::vector{row});
  EXPECT_EQ(state.of<Setting>().size(), 0u);
}

}  // namespace
}  // namespace kilonova
