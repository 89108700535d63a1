#include "cli/study/read_workload.h"

#include <gtest/gtest.h>

namespace kilonova::cli {
namespace {

constexpr std::string_view kHosts = "name,vcpus,ram,gpus\na,8,1000,2\n";
constexpr std::string_view kRequests = "name,vcpus,ram,gpus,created,deleted\nr,1,100,0.5,10,30\ns,1,100,0,20,\n";

Expected<study::Workload> read(const StudyFile& file, std::string_view hosts = kHosts,
                               std::string_view requests = kRequests) {
  return make_workload(file, hosts, "h.csv", requests, "r.csv");
}

std::string message_of(const StudyFile& file, std::string_view hosts, std::string_view requests) {
  auto workload = read(file, hosts, requests);
  EXPECT_FALSE(workload);
  return workload ? "" : workload.error().message;
}

TEST(ReadWorkloadTest, TimesBeginWithTheFirstArrival) {
  auto workload = read({});
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_EQ(workload->requests[0].arrival, seconds(0));
  EXPECT_EQ(workload->requests[0].departure, seconds(20));
  EXPECT_EQ(workload->requests[1].arrival, seconds(10));
  EXPECT_EQ(workload->requests[1].departure, std::nullopt);
  EXPECT_EQ(workload->hosts[0].total, (Resources{8, 1000, 2000}));
}

TEST(ReadWorkloadTest, SpeedAndLifetimes) {
  StudyFile file;
  file.speed = 10;
  file.lifetime_factor = 3;
  auto workload = read(file);
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->requests[0].departure, seconds(6));
  EXPECT_EQ(workload->requests[1].arrival, seconds(1));
  file.departures = false;
  EXPECT_EQ(read(file)->requests[0].departure, std::nullopt);
}

TEST(ReadWorkloadTest, GpusStandInThePlaceOfTheDisk) {
  StudyFile file;
  file.has_gpus = true;
  auto workload = read(file);
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_EQ(workload->hosts[0].total.disk_gb, 2000);
  EXPECT_EQ(workload->requests[0].amount, (Resources{1, 100, 500}));
  EXPECT_EQ(workload->requests[1].amount.disk_gb, 0);
}

TEST(ReadWorkloadTest, OpenbIsReadAsItIs) {
  StudyFile file;
  file.has_gpus = true;
  auto workload = read(file, "sn,cpu_milli,memory_mib,gpu,model\nn,32000,1000,8,T4\n",
                       "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time\n"
                       "p,1000,100,1,460,0,5\nq,1000,100,8,1000,1,5\nz,1000,100,0,0,2,5\n");
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_EQ(workload->hosts[0].total, (Resources{32, 1000, 8000}));
  EXPECT_EQ(workload->requests[0].amount.disk_gb, 460);
  EXPECT_EQ(workload->requests[1].amount.disk_gb, 8000);
  EXPECT_EQ(workload->requests[2].amount.disk_gb, 0);
}

TEST(ReadWorkloadTest, RequestsWithoutTimesComeASecondApart) {
  auto workload = read({}, kHosts, "name,vcpus,ram\na,1,1\nb,1,1\nc,1,1\n");
  ASSERT_TRUE(workload);
  EXPECT_EQ(workload->requests[2].arrival, seconds(2));
}

TEST(ReadWorkloadTest, AnErrorNamesFileLineAndColumn) {
  StudyFile file;
  EXPECT_EQ(message_of(file, "name,vcpus,ram\na,x,1\n", kRequests),
            "h.csv:2: column 'vcpus': 'x' is not a whole number from 1 to 1000000000");
  EXPECT_EQ(message_of(file, kHosts, "name,vcpus,ram\na,1,1\nb,-1,1\n"),
            "r.csv:3: column 'vcpus': '-1' is not a number from 0 to 1000000000");
  EXPECT_EQ(message_of(file, kHosts, "name,vcpus,ram,created,deleted\na,1,1,5,4\nb,1,1,5,6\n"),
            "r.csv:2: its deletion is before its creation");
  file.has_gpus = true;
  EXPECT_EQ(message_of(file, "name,vcpus,ram\na,1,1\n", kRequests),
            "h.csv:1: gpus = yes, and there is no column 'gpus' or 'gpu'; hosts-columns says which one it is, as in "
            "disk=accelerators");
  EXPECT_EQ(message_of(file, "name,vcpus,ram,gpus\na,1,1,1001\n", kRequests),
            "h.csv: host 'a' has 1001 GPUs; at most 1000 can be studied");
  EXPECT_EQ(message_of(file, kHosts, "name,vcpus,ram,gpus\na,1,1,many\n"),
            "r.csv:2: column 'num_gpu', 'gpu_milli' or 'gpus' is not a number from 0 to 1000");
}

TEST(ReadWorkloadTest, TimesAreBounded) {
  StudyFile file;
  file.lifetime_factor = 1e6;
  auto workload = read(file, kHosts, "name,vcpus,ram,created,deleted\na,1,1,0,100000000000\nb,1,1,1,2\n");
  ASSERT_TRUE(workload) << workload.error().message;
  EXPECT_LE(*workload->requests[0].departure, microseconds(100'000'000'000'000'000));
}

}  // namespace
}  // namespace kilonova::cli
