// Hosts that an administrator deletes.
#include <gmock/gmock.h>

#include "domain/nouns/aggregate.h"
#include "domain/nouns/host.h"
#include "tests/unit/controller/moves_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HostDeletionTest : public MovesTest {
 protected:
  std::vector<std::string> hosts() {
    std::vector<std::string> names;
    for (const auto& [name, host] : core->records().of<Host>()) names.push_back(name);
    return names;
  }
  std::string refusal(const std::string& host) {
    auto reply = call(DeleteHost{host});
    return reply ? std::string() : reply.error().message;
  }
};

TEST_F(HostDeletionTest, LeavesNothingOfAHostWithoutServers) {
  connect_all();
  ASSERT_TRUE(call(CreateAggregate{.name = "rack"}).has_value());
  for (const char* host : {"h2", "h3"}) ASSERT_TRUE(call(AddAggregateHost{"rack", host}).has_value());
  transport->clear();
  ASSERT_TRUE(call(DeleteHost{"h2"}).has_value());
  EXPECT_THAT(hosts(), ElementsAre("h1", "h3"));
  EXPECT_THAT(core->records().of<Aggregate>().begin()->second.hosts, ElementsAre("h3"));
  const auto told = transport->all_to<HostStatuses>(kScheduler);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0].deleted, ElementsAre("h2"));
  const auto process = transport->all_to<HostsDeleted>(kCompute);
  ASSERT_EQ(process.size(), 1u);
  EXPECT_EQ(process[0], (HostsDeleted{1, {"h2"}}));
  EXPECT_THAT(refusal("h2"), HasSubstr("not found"));
  restart();
  EXPECT_THAT(hosts(), ElementsAre("h1", "h3"));
}

TEST_F(HostDeletionTest, IsRefusedWhileServersAreThere) {
  connect_all();
  const Instance server = create();
  make_active(server);
  EXPECT_EQ(refusal("h1"),
            "Unable to delete compute service that is hosting instances. Migrate or delete the instances first.");
  EXPECT_THAT(hosts(), ElementsAre("h1", "h2", "h3"));
}

TEST_F(HostDeletionTest, IsRefusedWhileAServerMayComeBack) {
  const Instance server = active();
  ASSERT_TRUE(call(ResizeServer{"web", "m1.small"}).has_value());
  arrive(server);
  EXPECT_THAT(refusal("h1"), HasSubstr("is hosting instances"));
  EXPECT_THAT(refusal("h2"), HasSubstr("is hosting instances"));
  EXPECT_THAT(refusal("h3"), IsEmpty());
}

// It is the process's affair to hear of it: until it has, what it says of the host is of nobody's host.
TEST_F(HostDeletionTest, WhatItsProcessSaysOfItLaterIsIgnoredUntilTheProcessIsRestarted) {
  connect_all();
  ASSERT_TRUE(call(DeleteHost{"h2"}).has_value());
  transport->clear();
  const RegisterHosts all{{{"h1", "nova", {64, 65'536, 1'000}}, {"h2", "nova", {64, 65'536, 1'000}}}, {}, true};
  deliver(all);
  EXPECT_THAT(hosts(), ElementsAre("h1", "h3"));
  ASSERT_EQ(transport->all_to<HostsDeleted>(kCompute).size(), 1u) << "it has not heard of it";
  connect_compute(2);
  EXPECT_THAT(hosts(), ElementsAre("h1", "h2", "h3"));
  EXPECT_GT(core->records().of<Host>().at("h2").id, 3) << "another host of this name";
}

TEST_F(HostDeletionTest, ASchedulerThatConnectsLaterHearsOfIt) {
  connect_all();
  ASSERT_TRUE(call(DeleteHost{"h2"}).has_value());
  transport->clear();
  transport->connect(*core, {Role::kScheduler, 1}, 1);
  settle();
  const auto told = transport->all_to<HostStatuses>({Role::kScheduler, 1});
  ASSERT_FALSE(told.empty());
  EXPECT_THAT(told[0].deleted, ElementsAre("h2"));
  EXPECT_EQ(told[0].hosts.size(), 2u);
}

TEST_F(HostDeletionTest, ChangesNothingWhereTheStoreRefusesIt) {
  connect_all();
  disk.fail_next({ErrorCode::kUnavailable, "no space left on device"});
  transport->clear();
  EXPECT_FALSE(call(DeleteHost{"h2"}).has_value());
  EXPECT_THAT(hosts(), ElementsAre("h1", "h2", "h3"));
  EXPECT_EQ(transport->count<HostsDeleted>(), 0u);
  EXPECT_TRUE(call(DeleteHost{"h2"}).has_value());
}

}  // namespace
}  // namespace kilonova::controller
