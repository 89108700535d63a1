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
  EXPECT_EQ(plan->requests[0].gpu_milli, 1000);
  EXPECT_EQ(plan->requests[1].gpu_milli, 0);
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
  EXPECT_NE(message_of("name,vcpus,ram\n\"a,1,1\n").find("r.csv:2"), std::string::npos);
  EXPECT_EQ(message_of("name,vcpus,ram\na,x,1\nb,y,1\n"),
            "r.csv:2: column 'vcpus': 'x' is not a number from 0 to 1000000000; no row of the file can be launched");
}

TEST(ReplayPlanTest, ABadRowRefusesItselfAndNoOther) {
  auto plan = plan_replay(
      "name,vcpus,ram,created\ngood,1,1,5\nb,x,1,5\nc,-1,1,5\nd,1,,5\ne,1\n,1,1,5\nf,1e99,1,5\nlate,1,1,-3\n"
      "ms,1,1,1700000000000\n\xe9,1,1,5\n",
      "r.csv", "", false);
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->requests.size(), 1u);
  EXPECT_EQ(plan->requests[0].name, "good");
  EXPECT_EQ(plan->rows, 10u);
  std::vector<std::string> reasons;
  for (const ReplayNote& note : plan->refused) reasons.push_back(std::to_string(note.line) + " " + note.text);
  EXPECT_EQ(
      reasons,
      (std::vector<std::string>{
          "3 column 'vcpus': 'x' is not a number from 0 to 1000000000",
          "4 column 'vcpus': '-1' is not a number from 0 to 1000000000",
          "5 column 'ram': '' is not a number from 0 to 1000000000", "6 2 fields, but there are 4 columns",
          "7 a request has no name", "8 column 'vcpus': '1e99' is not a number from 0 to 1000000000",
          "9 column 'created': '-3' is not a number of seconds of at least 0",
          "10 column 'created': '1700000000000' is not a number of seconds of at least 0; if it is milliseconds, say "
          "created=created/1000 in --columns",
          "11 its name is not UTF-8 (byte 0xe9 at position 1)"}));
}

TEST(ReplayPlanTest, NumbersAsToolsWriteThem) {
  auto plan = plan_replay("name,vcpus,ram,created\na,1.0e+00,4e3,2.5e1\n", "r.csv", "", false);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_EQ(plan->requests[0].vcpus, 1);
  EXPECT_EQ(plan->requests[0].memory_mb, 4000);
  EXPECT_EQ(plan->requests[0].arrival, seconds(25));
}

TEST(ReplayPlanTest, FilesOfOtherToolsGetWhatWasFoundAndWhatIsRight) {
  EXPECT_NE(message_of("name;vcpus;ram\na;1;1\n").find("separated by semicolons, they must be separated by commas"),
            std::string::npos);
  EXPECT_NE(message_of("name\tvcpus\tram\na\t1\t1\n").find("separated by tabs"), std::string::npos);
  EXPECT_NE(message_of("NAME,VCPUS,RAM\na,1,1\n").find("'NAME' is there, but the names of columns are in lower case"),
            std::string::npos);
  EXPECT_NE(message_of("name,vcpus,ram\ra,1,1\r").find("end with CR alone"), std::string::npos);
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
