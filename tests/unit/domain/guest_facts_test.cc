#include "domain/guest_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace kilonova {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

Instance launched() {
  Instance server;
  server.id = 7;
  server.name = "web";
  server.hostname = "web-1";
  server.spec.flavor = {.id = "2", .name = "m1.small", .vcpus = 3, .memory_mb = 2048, .root_gb = 20, .swap_mb = 64};
  server.spec.key_name = "mine";
  server.current.host = "h1";
  server.current.addresses = {
      Address{.network_name = "private", .ip = Ipv4{0x0a000005}, .prefix = 8, .gateway = Ipv4{0x0a000001}, .mac = Mac{9}}};
  server.power_state = PowerState::kRunning;
  server.launched_at = {1'000'000'000};
  return server;
}

TEST(ConsoleLog, HasTheFactsOfItsLaunch) {
  KeyPair key{.name = "mine", .fingerprint = "11:22:33"};
  const std::string log = console_log(launched(), &key);
  for (const char* fact : {"smpboot: Allowing 3 CPUs", "2097152K available", "local-hostname: web-1",
                           "public-key: mine 11:22:33", "lease of 10.0.0.5 obtained from 10.0.0.1", "name: web"})
    EXPECT_THAT(log, HasSubstr(fact));
  EXPECT_THAT(log,
              EndsWith("login as 'cirros' user. default password: 'gocubsgo'. use 'sudo' for root.\nweb-1 login: "));
  EXPECT_EQ(log, console_log(launched(), &key)) << "it is the same whenever it is asked for";
  EXPECT_THAT(console_log(launched(), nullptr), HasSubstr("public-key: mine\n")) << "the key was deleted since";
  Instance without = launched();
  without.spec.key_name.clear();
  without.current.addresses.clear();
  EXPECT_THAT(console_log(without, nullptr), Not(HasSubstr("public-key")));
}

TEST(ConsoleLog, IsCutFromItsEnd) {
  EXPECT_EQ(last_lines("a\nb\nc", -1), "a\nb\nc");
  EXPECT_EQ(last_lines("a\nb\nc", 0), "");
  EXPECT_EQ(last_lines("a\nb\nc", 1), "c");
  EXPECT_EQ(last_lines("a\nb\nc", 2), "b\nc");
  EXPECT_EQ(last_lines("a\nb\nc", 3), "a\nb\nc");
  EXPECT_EQ(last_lines("a\nb\nc", INT64_MAX), "a\nb\nc");
  EXPECT_EQ(last_lines("", 2), "");
}

TEST(Diagnostics, GrowWithTime) {
  ServerDiagnostics first = diagnostics_of(launched(), true, {1'060'000'000});
  EXPECT_EQ(first.uptime_s, 60u);
  EXPECT_EQ(first.vcpus, 3u);
  EXPECT_EQ(first.memory_mb, 2048u);
  EXPECT_EQ(first.disks.size(), 2u) << "root and swap";
  ASSERT_EQ(first.nics.size(), 1u);
  EXPECT_TRUE(first.config_drive);
  ServerDiagnostics later = diagnostics_of(launched(), true, {4'600'000'000});
  EXPECT_GT(later.cpu_time_ns, first.cpu_time_ns);
  EXPECT_GT(later.nics[0].rx_octets, first.nics[0].rx_octets);
  EXPECT_EQ(diagnostics_of(launched(), false, {0}).uptime_s, 0u) << "a clock that was set back";
}

}  // namespace
}  // namespace kilonova
