// The controller's store, or the network-controller's, has gone back: what a revision is worth, whose an address is,
// and what is counted on from what others have heard.
#include <algorithm>
#include <string>

#include "controller/core/address_index.h"
#include "controller/core/generations.h"
#include "domain/api.h"
#include "domain/nouns/server.h"
#include "domain/setting.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

class StoreWentBackTest : public ControllerTest {
 protected:
  Address address(uint32_t last) {
    Address address;
    address.network_id = network_id;
    address.network_name = "private";
    address.ip = Ipv4{0x0a000000 + last};
    address.mac = Mac{uint64_t{0xfa163e000000} + last};
    return address;
  }
  Instance active(std::string name, uint32_t last, std::string host = "h1") {
    Instance server = create(std::move(name));
    report_active(server, last, std::move(host));
    return server;
  }
  void report_active(const Instance& server, uint32_t last, std::string host = "h1") {
    InstanceReport done = report(server, BuildResult::kActive, std::move(host));
    done.addresses = {address(last)};
    deliver(std::move(done));
  }
  OwnershipAnswer audit(std::vector<PlacementId> held, std::vector<uint64_t> digests) {
    transport->take<OwnershipAnswer>();
    deliver(OwnershipQuery{std::move(held), true, {}, {}, std::move(digests)}, kNetwork);
    auto answers = transport->take<OwnershipAnswer>();
    return answers.size() == 1 ? answers[0] : OwnershipAnswer{};
  }
  uint64_t digest(uint32_t last) { return digest_of({address(last)}); }
  Expected<EventList> events(uint64_t since, uint64_t generation) {
    auto reply = call(ReadEvents{.since = since, .all_projects = true, .generation = generation});
    if (!reply) return std::unexpected(reply.error());
    return get<EventList>(*reply);
  }
};

TEST(Generations, TextThereAndBack) {
  std::vector<Generations::Generation> all{{0xabc, 0}, {0xffffffffffffffff, 12}, {7, 1ULL << 60}};
  EXPECT_EQ(generations_in(to_text(all)), all);
  EXPECT_TRUE(generations_in("").empty());
  for (const char* wrong : {"x", "12", "12@", "@12", "12@x y", "12@1  13@2"})
    EXPECT_TRUE(generations_in(wrong).empty());
}

TEST(Generations, TheOldestAreForgotten) {
  ControllerState state;
  for (uint64_t life = 1; life <= kGenerationsKept + 1; ++life) {
    Generations generations(state, life);
    Transaction transaction;
    generations.put(transaction);
    state.of<Setting>() = {get<mutation::Put<Setting>>(transaction.at(0)).row};
    generations.begin();
    EXPECT_EQ(generations.current(), life);
    state.revision += 10;
  }
  Generations last(state, 10'000);
  EXPECT_FALSE(last.is_known(1, 1));
  EXPECT_TRUE(last.is_known(2, 20));
  EXPECT_FALSE(last.is_known(2, 21));
}

TEST_F(StoreWentBackTest, APositionGoesOnAcrossRestarts) {
  connect_all();
  create("one");
  EventList before = *events(0, 0);
  ASSERT_NE(before.generation, 0u);
  restart();
  connect_all();
  EXPECT_EQ(events(before.revision, before.generation)->generation, before.generation) << "until there is a change";
  create("two");
  Expected<EventList> after = events(before.revision, before.generation);
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(after->events.size(), 1u);
  EXPECT_NE(after->generation, before.generation);
  EXPECT_TRUE(events(after->revision, after->generation).has_value());
}

TEST_F(StoreWentBackTest, APositionThatTheStoreHasLostIsAGap) {
  connect_all();
  create("one");
  ControllerState kept = *image.state();
  create("two");
  EventList lost = *events(0, 0);
  // The store as it was, and then as many changes as were lost.
  core.reset();
  store.reset();
  node.reset();
  image.go_back_to({});
  Transaction rows;
  for (const Instance& row : kept.instances) rows.push_back(mutation::InsertInstance{row});
  for (const Project& row : kept.of<Project>()) rows.push_back(mutation::Put<Project>{row});
  for (const User& row : kept.of<User>()) rows.push_back(mutation::Put<User>{row});
  for (const Setting& row : kept.of<Setting>()) rows.push_back(mutation::Put<Setting>{row});
  for (const Flavor& row : kept.of<Flavor>()) rows.push_back(mutation::Put<Flavor>{row});
  for (const Image& row : kept.of<Image>()) rows.push_back(mutation::Put<Image>{row});
  WatchEvent event{.revision = kept.revision};
  rows.push_back(mutation::AppendEvent{event});
  ASSERT_TRUE(image.apply(rows).has_value());
  boot();
  connect_all();
  create("other");
  create("another");
  Expected<EventList> answer = events(lost.revision, lost.generation);
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kOutOfRange);
  EXPECT_TRUE(answer.error().message.starts_with(kWentBack)) << answer.error().message;
  EXPECT_TRUE(events(kept.revision, lost.generation).has_value()) << "what was not lost is known";
  EXPECT_FALSE(events(kept.revision, 0xdead).has_value()) << "of another cloud";
}

TEST_F(StoreWentBackTest, AnAddressThatAServerHasIsNotCommittedASecondTime) {
  connect_all();
  Instance first = active("first", 2);
  Instance second = create("second");
  answers();
  report_active(second, 2, "h2");
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(second.uuid)->current.epoch, 2u);
  EXPECT_EQ(row(second.uuid)->attempt, 1u) << "no host is to blame";
  auto told = answers();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].verdict, ReportAnswer::Verdict::kStale);
  report_active(second, 3, "h2");
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(first.uuid)->vm_state, VmState::kActive);
}

TEST_F(StoreWentBackTest, OfTwoBuildsThatEndAtOnceOneGetsTheAddress) {
  connect_all();
  Instance first = create("first"), second = create("second");
  disk.commit_latency = seconds(1);
  report_active(first, 2);
  report_active(second, 2, "h2");
  pass(seconds(5));
  EXPECT_EQ(row(first.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(second.uuid)->vm_state, VmState::kBuilding);
  EXPECT_EQ(row(second.uuid)->current.epoch, 2u);
}

TEST_F(StoreWentBackTest, WhatTheNetworkControllerHasLostIsToldIt) {
  connect_all();
  Instance held = active("held", 2), lost = active("lost", 3), otherwise = active("otherwise", 4);
  create("building");
  std::vector<PlacementId> known{{held.uuid, 1}, {otherwise.uuid, 1}};
  std::ranges::sort(known);
  std::vector<uint64_t> digests;
  for (const PlacementId& placement : known) digests.push_back(placement.instance == held.uuid ? digest(2) : digest(9));
  OwnershipAnswer answer = audit(known, digests);
  EXPECT_TRUE(answer.orphans.empty());
  std::vector<Uuid> told;
  for (const Lease& lease : answer.leases) told.push_back(lease.instance);
  std::vector<Uuid> expected{lost.uuid, otherwise.uuid};
  std::ranges::sort(expected);
  EXPECT_EQ(told, expected);
  EXPECT_EQ(answer.leases.at(0).epoch, 1u);
  // Only of the range that was asked for.
  deliver(OwnershipQuery{{}, true, std::max({held.uuid, lost.uuid, otherwise.uuid}), {}, {}}, kNetwork);
  EXPECT_TRUE(transport->take<OwnershipAnswer>().at(0).leases.empty());
  deliver(OwnershipQuery{{}, true, {}, {}, {}}, kCompute);
  EXPECT_TRUE(transport->take<OwnershipAnswer>().at(0).leases.empty()) << "a host holds no addresses";
}

TEST_F(StoreWentBackTest, AServerWhoseNetworkWasLostGoesToErrorAndKeepsItsGuest) {
  connect_all();
  Instance server = active("web", 2);
  deliver(NetworksSnapshot{{}}, kNetwork);
  EXPECT_TRUE(audit({}, {}).leases.empty());
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kError);
  EXPECT_EQ(row(server.uuid)->fault.message,
            "The network of address 10.0.0.2 of instance " + to_string(server.uuid) + " was lost.");
  EXPECT_TRUE(row(server.uuid)->current.addresses.empty());
  EXPECT_EQ(row(server.uuid)->current.host, "h1");
}

TEST_F(StoreWentBackTest, OfTwoRowsWithOneAddressTheOneCreatedFirstKeepsIt) {
  connect_all();
  Instance first = active("first", 2), second = active("second", 3), third = active("third", 2 + 2);
  // As an older controller could have stored it.
  Instance changed = *row(second.uuid);
  changed.current.addresses = {address(2)};
  Transaction transaction;
  transaction.push_back(mutation::UpdateInstance{changed});
  ASSERT_TRUE(image.apply(transaction).has_value());
  restart();
  settle();
  EXPECT_EQ(row(first.uuid)->vm_state, VmState::kActive);
  EXPECT_EQ(row(third.uuid)->vm_state, VmState::kActive);
  const Instance& loser = *row(second.uuid);
  EXPECT_EQ(loser.vm_state, VmState::kError);
  EXPECT_EQ(loser.fault.message,
            "An address of instance " + to_string(second.uuid) + " is that of instance " + to_string(first.uuid) + ".");
  EXPECT_TRUE(loser.current.addresses.empty());
  EXPECT_EQ(loser.current.host, "h1") << "its guest stays";
}

// Its epoch was drawn before the host was heard, which has a guest of the time that was lost.
TEST_F(StoreWentBackTest, AServerThatWasResetWithoutAHostHasNoGuest) {
  connect_all();
  Instance server = create();
  ASSERT_TRUE(call(ResetServerState{"web", VmState::kActive}).has_value());
  ASSERT_EQ(row(server.uuid)->current.epoch, 2u);
  ASSERT_EQ(row(server.uuid)->current.host, "");
  answers();
  connect_compute(2, {GuestInfo{"h1", {server.uuid, 2}, PowerState::kRunning, true}});
  auto told = answers();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].verdict, ReportAnswer::Verdict::kStale);
  transport->take<OwnershipAnswer>();
  deliver(OwnershipQuery{{{server.uuid, 2}}}, kCompute);
  EXPECT_EQ(transport->take<OwnershipAnswer>().at(0).orphans, (std::vector<PlacementId>{{server.uuid, 2}}));
  EXPECT_EQ(audit({{server.uuid, 2}}, {0}).orphans.size(), 1u) << "its row has no addresses either";
}

// The lost time had an epoch 2 as well, with a guest on a host whose process comes back late.
TEST_F(StoreWentBackTest, AnEpochThatIsDrawnBeforeAllHostsAreHeardIsNoneOfTheLostTime) {
  connect_all();
  Instance server = create();
  deliver(report(server, BuildResult::kProgress));
  restart();
  transport->connect(*core, kScheduler, 1);
  pass(seconds(65));
  ASSERT_EQ(row(server.uuid)->attempt, 2u);
  answers();
  connect_compute(2, {GuestInfo{"h2", {server.uuid, 2}, PowerState::kRunning, true}});
  auto told = answers();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].verdict, ReportAnswer::Verdict::kStale);
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kBuilding);
  const uint64_t epoch = row(server.uuid)->current.epoch;
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_EQ(row(server.uuid)->current.epoch, epoch + 1) << "every host is heard";
}

TEST_F(StoreWentBackTest, TheNextEpochGoesAboveAllThatWasHeard) {
  connect_all();
  Instance server = create();
  // Of a past that the store has lost: a guest on a host, addresses, a build.
  connect_compute(2, {GuestInfo{"h1", {server.uuid, 5}, PowerState::kRunning, true}});
  audit({{server.uuid, 7}}, {0});
  heartbeat({{"h2", {server.uuid, 6}}});
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_EQ(row(server.uuid)->current.epoch, 8u);
}

TEST_F(StoreWentBackTest, NobodyMakesAnEpochRunOut) {
  connect_all();
  Instance server = create();
  heartbeat({{"h2", {server.uuid, UINT64_MAX}}, {"h2", {Uuid{{77}}, 5}}});
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  EXPECT_EQ(row(server.uuid)->current.epoch, 2u);
}

TEST_F(StoreWentBackTest, AnActionIsCountedOnFromWhatItsHostHasDone) {
  connect_all();
  Instance server = active("web", 2);
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kStop}).has_value());
  transport->clear();
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 5, PowerState::kRunning, {ErrorCode::kInternal, ""}});
  auto told = transport->take<ApplyServerAction>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].operation, 6u);
  EXPECT_EQ(told[0].action, ServerActionKind::kStop);
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 6, PowerState::kShutdown, {ErrorCode::kInternal, ""}});
  EXPECT_EQ(row(server.uuid)->vm_state, VmState::kStopped);
}

TEST(AddressIndex, TheLeastRowComesFirst) {
  AddressIndex index;
  Address address;
  address.ip = Ipv4{1};
  address.mac = Mac{1};
  for (int64_t row : {5, 3, 9, 3}) index.put(address, row);
  EXPECT_FALSE(index.is_unique());
  EXPECT_EQ(index.other_than(9, address), 3);
  EXPECT_EQ(index.other_than(3, address), 5);
  index.erase(address, 3);
  EXPECT_EQ(index.other_than(9, address), 5);
  index.erase(address, 9);
  EXPECT_EQ(index.other_than(5, address), std::nullopt);
  EXPECT_TRUE(index.is_unique());
  index.erase(address, 5);
  index.erase(address, 5);
  EXPECT_EQ(index.other_than(1, address), std::nullopt);
}

}  // namespace
}  // namespace kilonova::controller
