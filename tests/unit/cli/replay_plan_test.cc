#include "cli/load/replay_plan.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

using Kind = ReplayAction::Kind;

constexpr std::string_view kOpenb =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"
    "pod-0,12000,16384,1,1000,0,100,0\n"
    "pod-1,6500,12288,0,0,50,,50\n"
    "pod-2,100,1,0,0,50,60,50\n";

std::string order_of(const ReplayPlan& plan) {
  std::string order;
  for (const ReplayAction& action : plan.actions)
    order += (action.kind == Kind::kLaunch ? "+" : "-") + plan.requests[action.request].name + " ";
  return order;
}

std::string message_of(std::string_view text, std::string_view columns = "") {
  auto plan = plan_replay(text, "r.csv", columns, false);
  EXPECT_FALSE(plan) << text;
  return plan ? "" : plan.error().message;
}

TEST(ReplayPlanTest, OpenbColumnsAreRecognisedAndCpusRoundedUp) {
  auto plan = plan_replay(kOpenb, "r.csv", "", false);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->requests.size(), 3u);
  EXPECT_EQ(plan->requests[0].vcpus, 12);
  EXPECT_EQ(plan->requests[1].vcpus, 7);
  EXPECT_EQ(plan->requests[2].vcpus, 1);
  EXPECT_EQ(plan->requests[0].memory_mb, 16384);
  EXPECT_EQ(plan->requests[0].disk_gb, 0);
  EXPECT_EQ(plan->requests[0].departure, seconds(100));
  EXPECT_EQ(plan->requests[1].departure, std::nullopt);
  EXPECT_EQ(plan->gpu_requests, 1u);
  EXPECT_TRUE(plan->adjusted.empty());
  EXPECT_EQ(replay_flavor_name(plan->requests[0]), "replay.v12.m16384");
}

TEST(ReplayPlanTest, ArrivalsKeepTheOrderOfTheFileAndDeparturesMakeRoomFirst) {
  auto plan = plan_replay(
      "name,vcpus,ram,creation_time,deletion_time\n"
      "late,1,1,20,30\nb,1,1,10,20\na,1,1,10,20\nbrief,1,1,20,20\n",
      "r.csv", "", false);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(order_of(*plan), "+b +a -b -a +late +brief -brief -late ");
}

TEST(ReplayPlanTest, DeparturesCanBeIgnored) {
  auto plan = plan_replay(kOpenb, "r.csv", "", true);
  ASSERT_TRUE(plan);
  EXPECT_EQ(order_of(*plan), "+pod-0 +pod-1 +pod-2 ");
}

TEST(ReplayPlanTest, OddRowsAreLaunchedOrRefusedAndAlwaysNamed) {
  auto plan = plan_replay(
      "name,vcpus,ram,created,deleted\n"
      "empty,0,0,1,9\nbackwards,1,1,9,1\nbrief,1,1,5,5\n",
      "r.csv", "", false);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->rows, 3u);
  ASSERT_EQ(plan->refused.size(), 1u);
  EXPECT_EQ(plan->refused[0].line, 3u);
  EXPECT_EQ(plan->refused[0].name, "backwards");
  ASSERT_EQ(plan->adjusted.size(), 3u);
  EXPECT_EQ(plan->adjusted[0].text, "asks for no cpu: launched with 1 vcpu");
  EXPECT_EQ(plan->adjusted[1].text, "asks for no memory: launched with 1 MiB");
  EXPECT_EQ(plan->adjusted[2].line, 4u);
  EXPECT_EQ(plan->requests[0].vcpus, 1);
  EXPECT_EQ(plan->requests[0].memory_mb, 1);
}

TEST(ReplayPlanTest, ABrokenFileIsRefusedWholeWithItsLine) {
  EXPECT_NE(message_of("").find("r.csv is empty"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\n").find("r.csv:1: there are columns but no request"), std::string::npos);
  EXPECT_NE(message_of("name,ram\na,1\n").find("r.csv:1: there is no column for 'vcpus'"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\na,1,1\nb,x,1\n").find("r.csv:3: column 'vcpus': 'x'"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\na,-1,1\n").find("r.csv:2: column 'vcpus': '-1'"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\na,1,\n").find("r.csv:2: column 'ram': ''"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\na,1\n").find("r.csv:2: 2 fields, but there are 3 columns"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\n,1,1\n").find("r.csv:2: a request has no name"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\na,1e99,1\n").find("r.csv:2"), std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\n\"a,1,1\n").find("r.csv:2"), std::string::npos);
}

TEST(ReplayPlanTest, OtherColumnsByAMap) {
  auto plan = plan_replay("id,mcpu,mem,start,end\nx,1500,64,3,4\n", "r.csv",
                          "name=id, vcpus=mcpu/1000, ram=mem, created=start/1000, deleted=end/1000", false);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->requests[0].name, "x");
  EXPECT_EQ(plan->requests[0].vcpus, 2);
  EXPECT_EQ(plan->requests[0].arrival, milliseconds(3));
  EXPECT_EQ(plan->requests[0].departure, milliseconds(4));
}

TEST(ReplayPlanTest, AWrongMapSaysWhatIsWrong) {
  constexpr std::string_view kFile = "name,vcpus,ram\na,1,1\n";
  EXPECT_NE(message_of(kFile, "cpus=vcpus").find("the fields are name, vcpus"), std::string::npos);
  EXPECT_NE(message_of(kFile, "vcpus=none").find("there is no column 'none'"), std::string::npos);
  EXPECT_NE(message_of(kFile, "vcpus=vcpus/0").find("above 0"), std::string::npos);
  EXPECT_NE(message_of(kFile, "vcpus").find("field=column"), std::string::npos);
}

}  // namespace
}  // namespace kilonova::cli
