#include "compute-node/hosts_file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

namespace kilonova::compute {
namespace {

std::vector<HostInfo> hosts_of(std::string_view text, std::string_view columns = "") {
  auto hosts = parse_hosts(text, "hosts.csv", columns);
  EXPECT_TRUE(hosts.has_value()) << hosts.error().message;
  return hosts.value_or(std::vector<HostInfo>());
}

std::string error_of(std::string_view text, std::string_view columns = "") {
  auto hosts = parse_hosts(text, "hosts.csv", columns);
  if (hosts) return "";
  EXPECT_EQ(hosts.error().code, ErrorCode::kInvalidArgument);
  return hosts.error().message;
}

TEST(HostsFile, ReadsItsOwnColumnsInAnyOrder) {
  auto hosts = hosts_of("zone,name,rack,ram,vcpus,disk\naz1,a,7,2048,4,10\n,b,7,1,1,0\n");
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0], (HostInfo{"a", "az1", {4, 2048, 10}}));
  EXPECT_EQ(hosts[1], (HostInfo{"b", "nova", {1, 1, 0}}));
}

TEST(HostsFile, ColumnsThatAreNotThereHaveDefaults) {
  EXPECT_EQ(hosts_of("name,vcpus,memory_mb\na,4,2048").at(0), (HostInfo{"a", "nova", {4, 2048, kDefaultHost.disk_gb}}));
}

TEST(HostsFile, AMappingOfOneColumnOfOpenbLeavesTheOthersAsTheyAre) {
  auto hosts = parse_hosts("sn,cpu_milli,memory_mib,gpu\na,32000,1024,8\n", "hosts.csv", "disk=gpu");
  ASSERT_TRUE(hosts) << hosts.error().message;
  EXPECT_EQ(hosts->front().total, (Resources{32, 1024, 8}));
  EXPECT_EQ(hosts->front().name, "a");
}

TEST(HostsFile, KnowsTheColumnsOfOpenb) {
  auto hosts = hosts_of("sn,cpu_milli,memory_mib,gpu,model\nopenb-node-0000,32500,262144,0,\n");
  EXPECT_EQ(hosts.at(0), (HostInfo{"openb-node-0000", "nova", {32, 262'144, kDefaultHost.disk_gb}}));
}

TEST(HostsFile, AMappingNamesColumnsAndDivides) {
  auto hosts = hosts_of("id,cores,bytes,disk\nx,8,4194304,5\n", " name = id , vcpus=cores, ram=bytes/1024");
  EXPECT_EQ(hosts.at(0), (HostInfo{"x", "nova", {8, 4096, 5}}));
}

TEST(HostsFile, QuotesLineEndsAndByteOrderMark) {
  auto hosts = hosts_of("\xEF\xBB\xBF\"name\",vcpus,ram\r\n\r\n\"a,\"\"b\"\"\",1,2\r\n c ,\"3\",4");
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0].name, "a,\"b\"");
  EXPECT_EQ(hosts[1].name, "c");
  EXPECT_EQ(hosts[1].total.vcpus, 3);
}

TEST(HostsFile, ErrorsNameFileLineColumnAndValue) {
  EXPECT_EQ(error_of(""), "hosts.csv is empty: the first line must name the columns");
  EXPECT_EQ(error_of("\n\n"), "hosts.csv is empty: the first line must name the columns");
  EXPECT_EQ(error_of("name,vcpus,ram\n"), "hosts.csv:1: there are columns but no host");
  EXPECT_EQ(error_of("name,vcpus,ram\na,4,2\n\nb,four,2"),
            "hosts.csv:4: column 'vcpus': 'four' is not a whole number from 1 to 1000000000");
  EXPECT_EQ(error_of("name,vcpus,ram,disk_gb\na,4,2,-1"),
            "hosts.csv:2: column 'disk_gb': '-1' is not a whole number from 0 to 1000000000");
  EXPECT_EQ(error_of("name,vcpus,ram\na,4"),
            "hosts.csv:2: column 'ram': '' is not a whole number from 1 to 1000000000");
  EXPECT_EQ(error_of("sn,cpu_milli,memory_mib\na,999,1"),
            "hosts.csv:2: column 'cpu_milli': '999' is not a whole number from 1 to 1000000000 after division by 1000");
  EXPECT_EQ(error_of("name,vcpus,ram\na,4,2\nb,1,1\na,1,1"),
            "hosts.csv:4: column 'name': host 'a' is already on line 2");
  EXPECT_EQ(error_of("name,vcpus,ram\n ,4,2"), "hosts.csv:2: column 'name': a host has no name");
  EXPECT_EQ(error_of("name,vcpus,ram\na\"b,4,2"), "hosts.csv:2: a quote inside an unquoted field");
  EXPECT_EQ(error_of("name,vcpus,ram\n\"a,4,2\n"), "hosts.csv:2: a quote that is not closed");
  EXPECT_EQ(error_of("name,vcpus,ram\n\"a\"b,4,2\n"), "hosts.csv:2: text after a closing quote");
  EXPECT_EQ(error_of("name,vcpus,mem\na,1,1").substr(0, 53), "hosts.csv:1: there is no column 'ram' or 'ram_mib' or");
  EXPECT_NE(error_of("name,vcpus,ram\na,99999999999999999999,1"), "");
  EXPECT_NE(error_of("name,vcpus,ram\n" + std::string(256, 'x') + ",1,1"), "");
}

// A host that cannot be named would get casts that nobody could read.
TEST(HostsFile, NamesAreText) {
  EXPECT_EQ(
      error_of("name,vcpus,ram\na,4,2\ncaf\xe9,4,2"),
      "hosts.csv:3: column 'name': the host's name 'caf?' has a character that cannot be printed, or broken UTF-8, at "
      "position 4");
  EXPECT_EQ(error_of("name,vcpus,ram\ncaf\xc3\xa9,4,2"), "");
  EXPECT_EQ(error_of("name,vcpus,ram\ncaf\xef\xbf\xbd,4,2"),
            "hosts.csv:2: column 'name': the host's name 'caf\xef\xbf\xbd' had bytes that are not UTF-8");
  EXPECT_EQ(error_of("name,vcpus,ram,zone\na,4,2,z\x01"),
            "hosts.csv:2: column 'zone': the zone 'z?' has a character that cannot be printed, or broken UTF-8, at "
            "position 2");
}

TEST(HostsFile, NumbersAsToolsWriteThem) {
  auto hosts = hosts_of("name,vcpus,ram\na,1.0e+00,4e3\n");
  EXPECT_EQ(hosts.at(0), (HostInfo{"a", "nova", {1, 4000, kDefaultHost.disk_gb}}));
  EXPECT_EQ(error_of("name,vcpus,ram\na,1.5,1"),
            "hosts.csv:2: column 'vcpus': '1.5' is not a whole number from 1 to 1000000000");
  EXPECT_EQ(hosts_of("sn,cpu_milli,memory_mib\na,1.5e3,1").at(0).total.vcpus, 1);
}

TEST(HostsFile, FilesOfOtherToolsGetWhatWasFoundAndWhatIsRight) {
  EXPECT_NE(error_of("name;vcpus;ram\na;1;1\n").find("separated by semicolons, they must be separated by commas"),
            std::string::npos);
  EXPECT_NE(error_of("name\tvcpus\tram\na\t1\t1\n").find("separated by tabs"), std::string::npos);
  EXPECT_NE(error_of("Name,VCPUs,RAM\na,1,1\n").find("'Name' is there, but the names of columns are in lower case"),
            std::string::npos);
  EXPECT_EQ(error_of("name,vcpus,ram\ra,1,1\r"),
            "hosts.csv:1: its lines end with CR alone; they must end with LF or CR LF: tr '\\r' '\\n'");
}

TEST(HostsFile, WrongMappingsSayWhatIsWrong) {
  constexpr std::string_view kText = "a,b,c\nx,1,1";
  EXPECT_EQ(error_of(kText, "name=a,vcpus=d,ram=c"), "hosts.csv:1: there is no column 'd'");
  EXPECT_EQ(error_of(kText, "name"), "column mapping 'name': say field=column or field=column/divisor");
  EXPECT_EQ(error_of(kText, "cpu=a"), "column mapping 'cpu=a': the fields are name, vcpus, ram, disk, zone");
  EXPECT_EQ(error_of(kText, "name=a,name=b"), "column mapping 'name=b': name is there twice");
  EXPECT_EQ(error_of(kText, "vcpus=b/0"), "column mapping 'vcpus=b/0': the divisor must be a whole number above 0");
  EXPECT_EQ(error_of(kText, "name=a/2"), "column mapping 'name=a/2': a text cannot be divided");
  EXPECT_EQ(error_of(kText, "name="), "column mapping 'name=': the column has no name");
}

TEST(HostsFile, AFileThatIsNotThereIsNotFound) {
  auto hosts = load_hosts_file("/nowhere/hosts.csv", "");
  ASSERT_FALSE(hosts.has_value());
  EXPECT_EQ(hosts.error().code, ErrorCode::kNotFound);
}

TEST(HostsFile, ReadsTheOpenbTrace) {
  const char* data = std::getenv("KILONOVA_TEST_DATA");
  std::string path = (data != nullptr ? std::string(data) : std::string("../shared/data")) + "/openb/hosts.csv";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there; set KILONOVA_TEST_DATA";
  auto hosts = load_hosts_file(path, "");
  ASSERT_TRUE(hosts.has_value()) << hosts.error().message;
  EXPECT_GT(hosts->size(), 1000U);
  EXPECT_EQ(hosts->at(0), (HostInfo{"openb-node-0000", "nova", {32, 262'144, kDefaultHost.disk_gb}}));
}

TEST(MakeHosts, NumbersThem) {
  auto hosts = make_hosts(2, 99'999);
  ASSERT_EQ(hosts.size(), 2U);
  EXPECT_EQ(hosts[0], (HostInfo{"host-99999", "nova", kDefaultHost}));
  EXPECT_EQ(hosts[1].name, "host-100000");
  EXPECT_EQ(make_hosts(1, 7)[0].name, "host-00007");
}

TEST(SelectPart, CoversEachHostOnceInEvenShares) {
  auto hosts = make_hosts(10, 0);
  for (size_t processes = 1; processes <= 12; ++processes) {
    std::vector<HostInfo> all;
    for (size_t i = 0; i < processes; ++i) {
      auto part = select_part(hosts, i, processes);
      EXPECT_GE(part.size(), 10 / processes);
      EXPECT_LE(part.size(), (10 + processes - 1) / processes);
      all.insert(all.end(), part.begin(), part.end());
    }
    EXPECT_EQ(all, hosts);
  }
}

}  // namespace
}  // namespace kilonova::compute
