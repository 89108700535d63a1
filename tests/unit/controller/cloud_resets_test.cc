// A reset: what it makes of the rows, and what the controller does before and after it begins again.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "controller/core/first_rows.h"
#include "controller/core/generations.h"
#include "controller/core/reset_rows.h"
#include "domain/nouns/cloud_reset.h"
#include "tests/support/fake_crypto.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

const CloudReset kReset{Uuid{{1, 2}}, "token"};

template <class Row>
std::vector<std::string> names(const ControllerState& state) {
  std::vector<std::string> found;
  for (const Row& row : state.of<Row>()) found.push_back(row.name);
  return found;
}

class ResetRows : public ::testing::Test {
 protected:
  ResetRows() {
    for (const Mutation& m :
         bootstrap_rows(state_, {"hash-of-admin", "hash-of-demo", std::string(32, 'k')}, random_, {1}))
      first_.push_back(m);
    put_rows(first_, state_);
    begun_ = state_;
  }
  ResetOutcome reset() { return reset_rows(state_, kReset, std::string(32, 'n'), random_, {2}); }

  Random random_{3};
  ControllerState state_;
  ControllerState begun_;
  Transaction first_;
};

TEST_F(ResetRows, FirstRowsHaveTheIdsAndPasswordsThatTheyHad) {
  state_.of<User>()[0].password_hash = "another";
  state_.of<User>()[0].name = "renamed";
  state_.of<Project>().clear();
  state_.of<Flavor>().push_back({"z", "mine", 1, 1, 1, 0, 0, true});
  const ControllerState after = reset().state;
  EXPECT_EQ(after.of<User>(), begun_.of<User>());
  EXPECT_EQ(after.of<Project>(), begun_.of<Project>());
  EXPECT_EQ(after.of<Flavor>(), begun_.of<Flavor>());
  EXPECT_EQ(after.of<RoleAssignment>(), begun_.of<RoleAssignment>());
  EXPECT_EQ(names<Image>(after), names<Image>(begun_));
}

TEST_F(ResetRows, ACloudOfAnOlderKilonovaKeepsWhoHasAFirstName) {
  std::erase_if(state_.of<Setting>(), [](const Setting& s) { return s.name == kFirstRowsSetting; });
  std::erase_if(state_.of<User>(), [](const User& u) { return u.name == "demo"; });
  const ControllerState after = reset().state;
  EXPECT_EQ(after.of<Project>(), begun_.of<Project>());
  ASSERT_EQ(after.of<User>().size(), 3U);
  auto demo = std::ranges::find(after.of<User>(), "demo", &User::name);
  EXPECT_EQ(std::ranges::find(begun_.of<User>(), demo->id, &User::id), begun_.of<User>().end()) << "a new one";
}

TEST_F(ResetRows, HostsStayAndAreEnabled) {
  state_.of<Host>() = {{.id = 1, .name = "a"},
                       {.id = 2, .name = "b", .enabled = false, .disabled_reason = "broken", .forced_down = true}};
  const ControllerState after = reset().state;
  EXPECT_EQ(after.of<Host>(), (std::vector<Host>{{.id = 1, .name = "a"}, {.id = 2, .name = "b"}}));
}

TEST_F(ResetRows, WhoTheDaemonsAreAndWhatWatchersWereToldStays) {
  const Setting peer{"peer compute-0", "01"}, told{std::string(kGenerationsSetting), "0000000000000002@3"};
  state_.of<Setting>().push_back({"other", "x"});
  put_rows({mutation::Put<Setting>{peer}, mutation::Put<Setting>{told}}, state_);
  const ControllerState after = reset().state;
  const auto& settings = after.of<Setting>();
  EXPECT_NE(std::ranges::find(settings, peer), settings.end());
  auto generations = std::ranges::find(settings, told.name, &Setting::name);
  ASSERT_NE(generations, settings.end());
  EXPECT_TRUE(generations->value.starts_with(told.value + " ")) << "and that which the reset begins";
  EXPECT_EQ(std::ranges::find(settings, "other", &Setting::name), settings.end());
  EXPECT_EQ(*token_signing_key(after), std::string(32, 'n'));
}

// Found by the simulation (seed 9563): a store that had gone back was reset, and its events had the revisions of lost ones.
TEST_F(ResetRows, WhoWasToldOfMoreThanTheStoreHasIsTold) {
  state_.revision = 5;  // of 9 that were told
  put_rows({mutation::Put<Setting>{{std::string(kGenerationsSetting), "02@3"}}}, state_);
  Instance row;
  row.uuid = Uuid{{5, 5}};
  for (int server = 0; server < 6; ++server) state_.instances.push_back(row);
  const Generations after(reset().state, 1);
  EXPECT_TRUE(after.is_known(2, 5));
  EXPECT_FALSE(after.is_known(2, 9));
}

TEST_F(ResetRows, EachServersEndIsAnEvent) {
  state_.revision = 7;
  state_.last_instance_id = 9;
  Instance row;
  row.id = 9;
  row.uuid = Uuid{{5, 5}};
  row.name = "web";
  state_.instances = {row};
  const ResetOutcome outcome = reset();
  EXPECT_TRUE(outcome.state.instances.empty());
  EXPECT_EQ(outcome.state.revision, 8U);
  EXPECT_EQ(outcome.state.last_instance_id, 9);
  ASSERT_TRUE(holds_alternative<mutation::EraseInstance>(outcome.rows[0]));
  const auto& event = get<mutation::AppendEvent>(outcome.rows[1]).event;
  EXPECT_EQ(std::tuple(event.revision, event.name, event.deleted), std::tuple(8U, "web", true));
}

TEST_F(ResetRows, WhatIsStoredIsTheStateThatIsTold) {
  VirtualLoop loop;
  NodeLoop node(loop);
  MemoryControllerImage image;
  MemoryDisk disk;
  MemoryControllerStore store(node, image, disk);
  testing::FakeCrypto crypto(loop);
  ASSERT_TRUE(run_task(loop, store.commit(first_)).has_value());
  Transaction more{mutation::Put<Host>{{.id = 1, .name = "a", .enabled = false}},
                   mutation::Put<Setting>{{"peer api-0", "01"}}, mutation::Put<KeyPair>{{.name = "mine"}}};
  ASSERT_TRUE(run_task(loop, store.commit(std::move(more))).has_value());
  auto after = run_task(loop, commit_reset({node, store, crypto, random_}, *store.load(), kReset, false));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(*after, *store.load());
  EXPECT_TRUE(after->of<KeyPair>().empty());
}

TEST_F(ResetRows, BeyondLoopbackDefaultPasswordsDoNotComeBack) {
  VirtualLoop loop;
  NodeLoop node(loop);
  MemoryControllerImage image;
  MemoryDisk disk;
  MemoryControllerStore store(node, image, disk);
  testing::FakeCrypto crypto(loop);
  auto begun = run_task(loop, commit_first_rows({node, store, crypto, random_}, *store.load(), {}));
  ASSERT_TRUE(begun.has_value());
  auto refused = run_task(loop, commit_reset({node, store, crypto, random_}, *begun, kReset, true));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kPermissionDenied);
  EXPECT_EQ(*store.load(), *begun) << "nothing is stored";
  // Chosen at a later start, they are what a reset goes back to.
  begun = run_task(loop, commit_first_rows({node, store, crypto, random_}, *begun, {"one", "two"}));
  ASSERT_TRUE(begun.has_value());
  auto after = run_task(loop, commit_reset({node, store, crypto, random_}, *begun, kReset, true));
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->of<User>(), begun->of<User>());
}

TEST(LastResetText, IsReadAsItWasWritten) {
  for (bool under_way : {true, false}) {
    const LastReset read = last_reset_of(to_text(LastReset{kReset, under_way}));
    EXPECT_EQ(read.reset, kReset);
    EXPECT_EQ(read.under_way, under_way);
  }
  EXPECT_EQ(last_reset_of(to_text(LastReset{{kReset.id, ""}, true})).reset.client_token, "");
  EXPECT_FALSE(last_reset_of("").under_way);
  EXPECT_FALSE(last_reset_of("no uuid").under_way);
}

class CloudResetsTest : public ControllerTest {
 protected:
  // As the daemon does it, with the rows of reset_rows().
  void reset_to_first_rows(const CloudReset& reset) {
    core.reset();
    ResetOutcome outcome = reset_rows(*store->load(), reset, std::string(32, 'n'), random, loop.wall_now());
    ASSERT_TRUE(run_task(loop, store->commit(std::move(outcome.rows))).has_value());
    restart();
  }
  void store_that_it_is_over() {
    Transaction row{mutation::Put<Setting>{{std::string(kResetSetting), to_text(LastReset{kReset, false})}}};
    ASSERT_TRUE(run_task(loop, store->commit(std::move(row))).has_value());
    restart();
  }
};

TEST_F(CloudResetsTest, ACloudThatCannotBeginAgainSaysSo) {
  auto reply = call(ResetCloud{"t"});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnimplemented);
}

TEST_F(CloudResetsTest, UntilNothingOfBeforeIsLeftNobodyChangesAnything) {
  reset_to_first_rows(kReset);
  connect_all();
  auto refused = call(CreateServers{});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kUnavailable);
  EXPECT_NE(refused.error().message.find("is being reset"), std::string::npos);
  EXPECT_TRUE(call(ListServers{}).has_value()) << "reads are answered";
}

// Found by the simulation (seed 6094): a build of before the reset got an address with its ticket.
TEST_F(CloudResetsTest, TheNetworkControllerIsToldTheKeyOfTheTicketsAfterItsReset) {
  reset_to_first_rows(kReset);
  connect_all();
  for (const auto& sent : std::vector(transport->sent())) {
    const auto* asked = get_if<ApiCall>(&sent.message.body);
    if (asked == nullptr || !holds_alternative<ResetNetworks>(asked->request)) continue;
    transport->clear();
    transport->deliver(*core, kNetwork, ApiReply{Empty{}}, sent.message.call);
    settle();
    EXPECT_EQ(transport->count<AddressKey>(), 1U);
    return;
  }
  FAIL() << "the network-controller was not asked";
}

TEST_F(CloudResetsTest, TwoThatAreAskedForAtOnceEndOneLife) {
  std::vector<CloudReset> begun;
  begin_again = [&](CloudReset reset) { begun.push_back(std::move(reset)); };
  restart();
  EXPECT_EQ(call(ResetCloud{"one"}).error().code, ErrorCode::kDeadlineExceeded) << "the next life answers";
  EXPECT_EQ(call(ResetCloud{"two"}).error().code, ErrorCode::kDeadlineExceeded);
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].client_token, "one");
}

// Found by the simulation (seed 1138): whoever asked again with its token was told of the first failure for ever.
TEST_F(CloudResetsTest, AResetThatFailedIsToldOnceAndThenTriedAgain) {
  std::vector<CloudReset> begun;
  begin_again = [&](CloudReset reset) { begun.push_back(std::move(reset)); };
  failed_reset = FailedReset{"one", {ErrorCode::kUnavailable, "the disk is full"}};
  restart();
  EXPECT_EQ(call(ResetCloud{"one"}).error().message, "the disk is full");
  EXPECT_TRUE(begun.empty());
  EXPECT_EQ(call(ResetCloud{"one"}).error().code, ErrorCode::kDeadlineExceeded) << "the next life answers";
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0].client_token, "one");
}

TEST_F(CloudResetsTest, AnAdministratorThatWentWithTheResetIsAnswered) {
  begin_again = [](const CloudReset&) {};
  store_that_it_is_over();
  RequestContext gone = admin();
  gone.user_id = gone.project_id = Uuid{{7, 7}};
  EXPECT_TRUE(call(ResetCloud{kReset.client_token}, gone).has_value());
  EXPECT_EQ(call(ResetCloud{"another"}, gone).error().code, ErrorCode::kUnauthenticated);
}

}  // namespace
}  // namespace kilonova::controller
