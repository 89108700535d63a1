// Host aggregates by Nova's rules, and what they make of the zones of hosts.
#include <gmock/gmock.h>

#include <string>

#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AggregatesTest : public ControllerTest {
 protected:
  AggregatesTest() { connect_all(); }

  template <class Request>
  Aggregate ask(Request request) {
    auto reply = call(request);
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply ? get<AggregateList>(*reply).aggregates.at(0) : Aggregate{};
  }
  Error refusal(ApiRequest request) {
    auto reply = call(std::move(request));
    EXPECT_FALSE(reply.has_value());
    return reply ? Error{ErrorCode::kInternal, ""} : reply.error();
  }
  std::string zone_of(const std::string& host) { return get<HostList>(*call(ListHosts{host})).hosts.at(0).host.zone; }
};

TEST_F(AggregatesTest, AreMadeChangedFoundAndSurviveARestart) {
  Aggregate made = ask(CreateAggregate{"ssd", "az1"});
  EXPECT_EQ(made.id, 1);
  EXPECT_EQ(made.created_at, made.updated_at);
  ask(CreateAggregate{"gpu", ""});
  ask(SetAggregate{"ssd", "", "", {{"speed", "fast"}, {"disk", "ssd"}}, {}});
  Aggregate changed = ask(SetAggregate{"1", "nvme", "", {{"speed", "faster"}}, {"disk"}});
  EXPECT_EQ(changed.name, "nvme");
  EXPECT_THAT(changed.metadata, ElementsAre(MetadataItem{"speed", "faster"}));
  ask(AddAggregateHost{"nvme", "h2"});
  ask(AddAggregateHost{"nvme", "h1"});
  restart();
  AggregateList all = get<AggregateList>(*call(ListAggregates{}));
  ASSERT_EQ(all.aggregates.size(), 2u);
  EXPECT_THAT(all.aggregates[0].hosts, ElementsAre("h1", "h2"));
  EXPECT_EQ(all.aggregates[0].uuid, made.uuid);
  AggregateList page = get<AggregateList>(*call(ListAggregates{.limit = 1}));
  EXPECT_TRUE(page.more);
  EXPECT_EQ(get<AggregateList>(*call(ListAggregates{.marker = "1"})).aggregates.at(0).name, "gpu");
  EXPECT_EQ(ask(CreateAggregate{"third", ""}).id, 3);
}

TEST_F(AggregatesTest, SchedulersAreToldWhatIsSaidOfAHostsAggregates) {
  ask(CreateAggregate{"a", "az1"});
  ask(CreateAggregate{"b", ""});
  ask(SetAggregate{.aggregate = "b", .set = {{"ssd", "true"}}});
  ask(AddAggregateHost{"a", "h1"});
  ask(AddAggregateHost{"b", "h1"});
  transport->take<HostStatuses>();
  ask(SetAggregate{.aggregate = "b", .set = {{"gpu", "2"}}});
  auto told = transport->take<HostStatuses>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].full);
  ASSERT_EQ(told[0].hosts.size(), 1u);
  EXPECT_THAT(told[0].hosts[0].aggregates, ElementsAre(HostStatus::InAggregate{1, {{"availability_zone", "az1"}}},
                                                       HostStatus::InAggregate{2, {{"gpu", "2"}, {"ssd", "true"}}}));
  ask(RemoveAggregateHost{"b", "h1"});
  told = transport->take<HostStatuses>();
  EXPECT_EQ(told.at(0).hosts.at(0).aggregates.size(), 1u);
}

// What is said of aggregates counts too: no message grows with it.
TEST_F(AggregatesTest, AFullReportComesInParts) {
  ask(CreateAggregate{"a", ""});
  SetAggregate set{.aggregate = "a"};
  for (int i = 0; i < 3'000; ++i) set.set.push_back({"key-" + std::to_string(i), "value"});
  ask(set);
  ask(AddAggregateHost{"a", "h1"});
  ask(AddAggregateHost{"a", "h2"});
  transport->take<HostStatuses>();
  restart();
  connect_all();
  auto told = transport->take<HostStatuses>();
  std::erase_if(told, [](const HostStatuses& part) { return part.hosts.empty(); });
  ASSERT_GE(told.size(), 2u);
  for (const HostStatuses& part : told) EXPECT_LE(part.hosts.size(), 2u);
}

TEST_F(AggregatesTest, TheirZoneIsThatOfTheirHosts) {
  ask(CreateAggregate{"a", "az1"});
  transport->take<HostStatuses>();
  ask(AddAggregateHost{"a", "h1"});
  auto told = transport->take<HostStatuses>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].hosts.at(0).zone, "az1");
  EXPECT_EQ(zone_of("h1"), "az1");
  EXPECT_EQ(zone_of("h2"), "nova");
  CreateServers in_zone = create_request("web");
  in_zone.availability_zone = "az1";
  EXPECT_TRUE(call(in_zone).has_value());
  ask(SetAggregate{.aggregate = "a", .unset = {"availability_zone"}});
  EXPECT_EQ(zone_of("h1"), "nova");
}

TEST_F(AggregatesTest, AHostIsInOneZone) {
  ask(CreateAggregate{"a", "az1"});
  ask(CreateAggregate{"b", "az2"});
  ask(CreateAggregate{"c", ""});
  ask(AddAggregateHost{"a", "h1"});
  Error refused = refusal(AddAggregateHost{"b", "h1"});
  EXPECT_EQ(refused.code, ErrorCode::kConflict);
  EXPECT_THAT(refused.message, HasSubstr("One or more hosts already in availability zone(s) ['az1']"));
  ask(AddAggregateHost{"c", "h1"});
  EXPECT_EQ(refusal(SetAggregate{.aggregate = "c", .availability_zone = "az2"}).code, ErrorCode::kConflict);
  ask(SetAggregate{.aggregate = "c", .availability_zone = "az1"});
}

TEST_F(AggregatesTest, AServerStaysInItsZone) {
  ask(CreateAggregate{"a", "az1"});
  ask(AddAggregateHost{"a", "h1"});
  ask(CreateAggregate{"b", "az2"});
  Instance server = create();
  make_active(server);
  for (const ApiRequest& request : {ApiRequest(SetAggregate{.aggregate = "a", .availability_zone = "az3"}),
                                    ApiRequest(SetAggregate{.aggregate = "a", .unset = {"availability_zone"}})}) {
    Error refused = refusal(request);
    EXPECT_EQ(refused.code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(refused.message, HasSubstr("One or more hosts contain instances in this zone"));
  }
  EXPECT_EQ(zone_of("h1"), "az1");
  ask(SetAggregate{.aggregate = "a", .name = "renamed"});
  ask(AddAggregateHost{"b", "h2"});
}

// nova/compute/api.py asks for servers where an aggregate's zone changes, and not where its hosts do.
TEST_F(AggregatesTest, AHostWithServersComesAndGoes) {
  ask(CreateAggregate{"a", "az1"});
  Instance server = create();
  make_active(server);
  ask(AddAggregateHost{"a", "h1"});
  EXPECT_EQ(zone_of("h1"), "az1");
  ask(RemoveAggregateHost{"a", "h1"});
  EXPECT_NE(zone_of("h1"), "az1");
}

TEST_F(AggregatesTest, WhatIsNotThereOrThereAlreadyIsRefused) {
  ask(CreateAggregate{"a", ""});
  ask(AddAggregateHost{"a", "h1"});
  EXPECT_EQ(refusal(CreateAggregate{"a", ""}).code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(AddAggregateHost{"a", "h1"}).code, ErrorCode::kAlreadyExists);
  EXPECT_EQ(refusal(AddAggregateHost{"a", "h9"}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(AddAggregateHost{"z", "h1"}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(RemoveAggregateHost{"a", "h2"}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(SetAggregate{.aggregate = "77"}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(ListAggregates{"z"}).code, ErrorCode::kNotFound);
  EXPECT_THAT(refusal(DeleteAggregate{"a"}).message, HasSubstr("Host aggregate is not empty"));
  ask(RemoveAggregateHost{"a", "h1"});
  EXPECT_TRUE(call(DeleteAggregate{"a"}).has_value());
  EXPECT_EQ(refusal(DeleteAggregate{"a"}).code, ErrorCode::kNotFound);
}

// A change that the store refuses changes nothing.
TEST_F(AggregatesTest, ARefusedCommitChangesNothing) {
  ask(CreateAggregate{"a", "az1"});
  disk.fail_from_now_on({ErrorCode::kUnavailable, "disk full"});
  EXPECT_EQ(refusal(AddAggregateHost{"a", "h1"}).code, ErrorCode::kUnavailable);
  disk.recover();
  EXPECT_EQ(zone_of("h1"), "nova");
  EXPECT_TRUE(get<AggregateList>(*call(ListAggregates{"a"})).aggregates.at(0).hosts.empty());
}

TEST_F(AggregatesTest, HostsThatAreUpAreToldToCacheImages) {
  ask(CreateAggregate{"edge", ""});
  for (const char* host : {"h1", "h2", "h3"}) ask(AddAggregateHost{"edge", host});
  ASSERT_TRUE(call(SetHostForcedDown{"h2", true}).has_value());
  transport->clear();
  ASSERT_TRUE(call(CacheAggregateImages{"edge", {"cirros"}}).has_value());
  auto told = transport->take<CacheImages>();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0].hosts, ElementsAre("h1", "h3"));
  ASSERT_EQ(told[0].images.size(), 1u);
  EXPECT_EQ(told[0].images[0].name, "cirros");
  EXPECT_GT(told[0].images[0].size_bytes, 0u);
  EXPECT_EQ(refusal(CacheAggregateImages{"edge", {"cirros", "nothing"}}).code, ErrorCode::kNotFound);
  EXPECT_EQ(refusal(CacheAggregateImages{"nowhere", {"cirros"}}).code, ErrorCode::kNotFound);
  EXPECT_THAT(transport->take<CacheImages>(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace kilonova::controller
