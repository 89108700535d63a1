// The comparison of beliefs: a cloud whose daemons agree is clean, and each kind of contradiction that is planted in it is
// found, by its kind and with the names of what it is about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "audit/findings.h"
#include "domain/beliefs.h"
#include "tests/unit/audit/audit_cloud.h"

namespace kilonova::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::multiset<std::string> kinds(const std::vector<Discrepancy>& found) {
  std::multiset<std::string> names;
  for (const Discrepancy& one : found) names.insert(std::string(to_string(one.kind)));
  return names;
}

std::string all_messages(const std::vector<Discrepancy>& found) {
  std::string text;
  for (const Discrepancy& one : found) text += std::string(to_string(one.kind)) + ": " + one.message + "\n";
  return text;
}

TEST(Audit, ACloudThatAgreesIsClean) {
  Cloud cloud;
  Findings findings = compare(cloud.beliefs);
  EXPECT_THAT(findings.discrepancies, IsEmpty()) << all_messages(findings.discrepancies);
  EXPECT_THAT(findings.in_motion, IsEmpty());
  EXPECT_EQ(findings.servers, 3u);
  EXPECT_EQ(findings.hosts, 2u);
  EXPECT_EQ(findings.guests, 2u);
  EXPECT_EQ(findings.leases, 2u);
  EXPECT_EQ(findings.schedulers, 1u);
}

struct Planted {
  const char* what;
  std::function<void(Cloud&)> plant;
  std::multiset<std::string> found;  // all of it, and nothing else
  const char* named;                 // in the messages
};

GuestBelief guest(const char* host, uint8_t server, uint64_t epoch) {
  return {host, uuid_of(server), epoch, kTiny, PowerState::kRunning, true};
}
ClaimBelief claim(const char* host, uint8_t server, uint64_t epoch) {
  return {host, uuid_of(server), epoch, true, kTiny, PowerState::kRunning, true, false};
}
// One more guest on h1, with its claim, counted in the usage and heard of by the scheduler.
void add_guest_on_h1(Cloud& cloud, uint8_t server, uint64_t epoch) {
  cloud.compute().guests.push_back(guest("h1", server, epoch));
  cloud.compute().claims.push_back(claim("h1", server, epoch));
  for (auto* used : {&cloud.compute().usages[0].used, &cloud.scheduler().views[0].reported}) *used += kTiny;
  cloud.compute().usages[0].instances = cloud.scheduler().views[0].instances = 2;
}

const std::vector<Planted>& planted_guests() {
  static const std::vector<Planted> kPlanted{
      {"a server without its guest",
       [](Cloud& c) {
         c.compute().guests.erase(c.compute().guests.begin());
         c.compute().claims.erase(c.compute().claims.begin());
         c.compute().usages[0] = {"h1", 7, 2, {}, 0};
         c.scheduler().views[0].version = 2;
         c.scheduler().views[0].reported = {};
         c.scheduler().views[0].instances = 0;
       },
       {"guest-missing"},
       "(s1) is active, epoch 2 on h1; there is no guest of it"},
      {"a guest without a row", [](Cloud& c) { add_guest_on_h1(c, 9, 1); }, {"guest-orphan"}, "which has no row"},
      {"a guest of a server in ERROR",
       [](Cloud& c) { add_guest_on_h1(c, 3, 1); },
       {"guest-orphan"},
       "(s3) (epoch 1), which is error"},
      {"a guest of an older epoch",
       [](Cloud& c) { c.change_guest(0, [](auto& g, auto& k) { g.epoch = k.epoch = 1; }); },
       {"guest-stale"},
       "h1 has a guest of epoch 1"},
      {"a guest on two hosts",
       [](Cloud& c) { add_guest_on_h1(c, 2, 2); },
       {"guest-elsewhere", "server-twice"},
       "has guests on h1 and h2"},
      {"a guest on another host than the row says",
       [](Cloud& c) {
         c.server(1).host = "h1";
         c.controller().allocations[1].host = "h1";
       },
       {"guest-elsewhere", "guest-missing"},
       "h2 has a guest of server"},
      {"an unfinished guest of a server that is there",
       [](Cloud& c) { c.change_guest(0, [](auto& g, auto& k) { g.built = k.built = false; }); },
       {"guest-unfinished"},
       "never finished"},
      {"a guest that takes something else",
       [](Cloud& c) {
         c.server(0).resources.vcpus = 2;
         c.controller().allocations[0].resources.vcpus = 2;
       },
       {"guest-differs"},
       "takes 1 vcpus, 512 MiB, 1 GiB; its flavor says 2 vcpus"},
      {"a guest that is off",
       [](Cloud& c) {
         c.change_guest(0, [](auto& g, auto& k) { g.power_state = k.power_state = PowerState::kShutdown; });
       },
       {"power-state"},
       "is active, epoch 2 on h1 with power state"},
      {"a row that is off and active",
       [](Cloud& c) { c.server(0).power_state = PowerState::kShutdown; },
       {"power-state"},
       "s1"},
  };
  return kPlanted;
}

const std::vector<Planted>& planted_rows() {
  static const std::vector<Planted> kPlanted{
      {"no allocation",
       [](Cloud& c) { c.controller().allocations.pop_back(); },
       {"allocation-missing"},
       "(s2) is stopped, epoch 2 on h2, without an allocation"},
      {"an allocation of nobody",
       [](Cloud& c) { c.controller().allocations.push_back({uuid_of(9), 1, "h2", kTiny}); },
       {"allocation-orphan"},
       "which has no row"},
      {"an allocation of a server in ERROR",
       [](Cloud& c) { c.controller().allocations.push_back({uuid_of(3), 1, "h2", kTiny}); },
       {"allocation-orphan"},
       "(s3), which is error"},
      {"an allocation on another host",
       [](Cloud& c) { c.controller().allocations[0].host = "h2"; },
       {"allocation-differs"},
       "on h2 is allocated"},
      {"an allocation of another epoch",
       [](Cloud& c) { c.controller().allocations[0].epoch = 1; },
       {"allocation-differs"},
       "for epoch 1"},
      {"an allocation of another amount",
       [](Cloud& c) { c.controller().allocations[0].resources.memory_mb = 1024; },
       {"allocation-differs"},
       "1 vcpus, 1024 MiB, 1 GiB on h1"},
  };
  return kPlanted;
}

const std::vector<Planted>& planted_addresses() {
  static const std::vector<Planted> kPlanted{
      {"a server without an address",
       [](Cloud& c) {
         c.server(0).addresses.clear();
         c.network().leases.erase(c.network().leases.begin());
       },
       {"address-missing"},
       "with 0 addresses for 1 nics"},
      {"an address that is not leased",
       [](Cloud& c) { c.network().leases.pop_back(); },
       {"lease-missing"},
       "(s2) says it has 10.0.0.2"},
      {"a lease of nobody",
       [](Cloud& c) { c.network().leases.push_back({uuid_of(9), 1, {0, kNetworkId, Ipv4{0x0a000009}, Mac{9}}}); },
       {"lease-orphan"},
       "10.0.0.9 with 00:00:00:00:00:09 is leased to epoch 1 of server 00000000-0000-0000-0000-000000000009"},
      {"a lease of a server in ERROR",
       [](Cloud& c) { c.network().leases.push_back({uuid_of(3), 1, {0, kNetworkId, Ipv4{0x0a000009}, Mac{9}}}); },
       {"lease-orphan"},
       "(s3), which is error"},
      {"a lease of a nic that the server does not have",
       [](Cloud& c) { c.network().leases.push_back({uuid_of(1), 2, {1, kNetworkId, Ipv4{0x0a000009}, Mac{9}}}); },
       {"lease-orphan"},
       "does not have it"},
      {"a lease of another address",
       [](Cloud& c) { c.network().leases[0].address.ip = Ipv4{0x0a000063}; },
       {"lease-differs"},
       "10.0.0.99 with"},
      {"a lease of another MAC",
       [](Cloud& c) { c.network().leases[0].address.mac = Mac{0x63}; },
       {"lease-differs"},
       "00:00:00:00:00:63"},
      {"a lease of another epoch", [](Cloud& c) { c.network().leases[0].epoch = 1; }, {"lease-differs"}, "to epoch 1"},
      {"two leases of one address",
       [](Cloud& c) { c.network().leases[1].address.ip = c.server(1).addresses[0].ip = Ipv4{0x0a000001}; },
       {"address-twice", "address-twice"},
       "10.0.0.1 of network"},
      {"two rows with one address",
       [](Cloud& c) { c.server(1).addresses[0].ip = Ipv4{0x0a000001}; },
       {"address-twice", "lease-differs"},
       "both say they have 10.0.0.1 of network"},
      {"two rows with one MAC",
       [](Cloud& c) { c.server(1).addresses[0].mac = Mac{1}; },
       {"mac-twice", "lease-differs"},
       "both say they have MAC 00:00:00:00:00:01"},
      {"two leases of one MAC",
       [](Cloud& c) { c.network().leases[1].address.mac = c.server(1).addresses[0].mac = Mac{1}; },
       {"mac-twice", "mac-twice"},
       "MAC 00:00:00:00:00:01 is leased to"},
      {"a quota that counts a server too many",
       [](Cloud& c) { c.controller().quotas[0].counted.instances = 4; },
       {"quota-usage"},
       "4 servers, 3 cores, 1536 MiB, its rows use 3 servers"},
  };
  return kPlanted;
}

// Hosts that this start of the cloud has left out: their guests are in the journal, and nobody claims for them.
void leave_out(Cloud& c, const std::string& host) {
  for (HostBelief& known : c.controller().hosts)
    if (known.name == host) known.up = false;
  for (ViewBelief& view : c.scheduler().views)
    if (view.host == host) view.up = false;
  std::erase_if(c.compute().usages, [&](const UsageBelief& usage) { return usage.host == host; });
  std::erase_if(c.compute().claims, [&](const ClaimBelief& claim) { return claim.host == host; });
}

TEST(Compare, AHostThatWasLeftOutKeepsItsGuests) {
  Cloud cloud;
  leave_out(cloud, "h2");
  Findings found = compare(cloud.beliefs);
  EXPECT_THAT(found.discrepancies, IsEmpty()) << all_messages(found.discrepancies);
  // One that is carried elsewhere has no such excuse: its room is given out a second time there.
  for (HostBelief& host : cloud.controller().hosts) host.up = true;
  for (ViewBelief& view : cloud.scheduler().views) view.up = true;
  EXPECT_EQ(kinds(compare(cloud.beliefs).discrepancies), std::multiset<std::string>{"guest-without-claim"});
}

const std::vector<Planted>& planted_daemons() {
  static const std::vector<Planted> kPlanted{
      {"a guest that its process forgot",
       [](Cloud& c) {
         c.compute().claims.pop_back();
         c.compute().usages[1].used = c.scheduler().views[1].reported = {};
         c.compute().usages[1].instances = c.scheduler().views[1].instances = 0;
       },
       {"guest-without-claim"},
       "on h2, for which nothing is claimed"},
      {"a claim without a guest",
       [](Cloud& c) {
         c.compute().claims.push_back(claim("h1", 9, 1));
         for (auto* used : {&c.compute().usages[0].used, &c.scheduler().views[0].reported}) *used += kTiny;
         c.compute().usages[0].instances = c.scheduler().views[0].instances = 2;
       },
       {"claim-without-guest"},
       "compute-0 holds a claim of 1 vcpus, 512 MiB, 1 GiB on h1 for epoch 1"},
      {"a claim of another epoch",
       [](Cloud& c) { c.compute().claims[0].epoch = 3; },
       {"claim-differs"},
       "compute-0 remembers epoch 3"},
      {"a claim of another power state",
       [](Cloud& c) { c.compute().claims[0].power_state = PowerState::kShutdown; },
       {"claim-differs"},
       "on h1"},
      {"a usage that is not what is claimed",
       [](Cloud& c) { c.compute().usages[0].used.vcpus = c.scheduler().views[0].reported.vcpus = 5; },
       {"usage-differs"},
       "1 servers use 5 vcpus, 512 MiB, 1 GiB of h1"},
      {"a usage of too many servers",
       [](Cloud& c) { c.compute().usages[0].instances = c.scheduler().views[0].instances = 5; },
       {"usage-differs"},
       "5 servers use"},
  };
  return kPlanted;
}

const std::vector<Planted>& planted_schedulers() {
  static const std::vector<Planted> kPlanted{
      {"a scheduler that never heard of a host",
       [](Cloud& c) { c.scheduler().views.pop_back(); },
       {"view-missing", "view-missing"},
       "scheduler-0 has not heard the status of h2"},
      {"a scheduler that never heard a host's usage",
       [](Cloud& c) { c.scheduler().views[1].usage_heard = false; },
       {"view-missing"},
       "scheduler-0 has not heard the usage of h2"},
      {"a scheduler that believes in less usage",
       [](Cloud& c) { c.scheduler().views[0].reported.memory_mb = 0; },
       {"view-differs"},
       "scheduler-0 believes that on h1 1 servers use 1 vcpus, 0 MiB"},
      {"a scheduler that missed an update",
       [](Cloud& c) { c.compute().usages[0].version = 2; },
       {"view-differs"},
       "version 1 of"},
      {"a scheduler that believes an earlier process",
       [](Cloud& c) { c.scheduler().views[0].incarnation = 6; },
       {"view-differs"},
       "of incarnation 6"},
      {"a scheduler that believes a host down",
       [](Cloud& c) { c.scheduler().views[0].up = false; },
       {"view-status"},
       "believes that h1 is down, enabled, carried by compute-0; the controller says up"},
      {"a scheduler that believes a host disabled",
       [](Cloud& c) { c.scheduler().views[0].enabled = false; },
       {"view-status"},
       "disabled"},
      {"a debit of a server that is there",
       [](Cloud& c) { c.scheduler().debits.push_back({"h1", uuid_of(1), 2, kTiny, seconds(60)}); },
       {"debit-left"},
       "scheduler-0 debits 1 vcpus, 512 MiB, 1 GiB on h1 for epoch 2"},
      {"a debit of a server that is gone",
       [](Cloud& c) { c.scheduler().debits.push_back({"h1", uuid_of(9), 1, kTiny, seconds(60)}); },
       {"debit-left"},
       "which has no row"},
  };
  return kPlanted;
}

void expect_found(const std::vector<Planted>& all, std::set<std::string>& seen) {
  for (const Planted& planted : all) {
    SCOPED_TRACE(planted.what);
    Cloud cloud;
    planted.plant(cloud);
    Findings findings = compare(cloud.beliefs);
    EXPECT_EQ(kinds(findings.discrepancies), planted.found) << all_messages(findings.discrepancies);
    EXPECT_THAT(all_messages(findings.discrepancies), HasSubstr(planted.named));
    seen.insert(planted.found.begin(), planted.found.end());
  }
}

TEST(Audit, EachKindThatIsPlantedIsFoundAndNothingElse) {
  std::set<std::string> seen;
  expect_found(planted_guests(), seen);
  expect_found(planted_rows(), seen);
  expect_found(planted_addresses(), seen);
  expect_found(planted_daemons(), seen);
  expect_found(planted_schedulers(), seen);
  for (int kind = 0; kind <= static_cast<int>(Kind::kQuotaUsage); ++kind)
    EXPECT_TRUE(seen.contains(std::string(to_string(static_cast<Kind>(kind))))) << to_string(static_cast<Kind>(kind));
  EXPECT_EQ(to_string(static_cast<Kind>(static_cast<int>(Kind::kQuotaUsage) + 1)), "unknown");
}

// What is wrong with a server that something is being done with is no discrepancy: it is on its way.
TEST(Audit, ServersInMotionAreLeftOut) {
  const std::vector<std::function<void(Cloud&)>> reasons{
      [](Cloud& c) { c.server(0).task_state = TaskState::kDeleting; },
      [](Cloud& c) { c.server(0).task_state = TaskState::kPoweringOff; },
      [](Cloud& c) { c.server(0).vm_state = VmState::kBuilding; },
      [](Cloud& c) { c.compute().claims[0].working = true; },
      [](Cloud& c) { c.compute().claims.push_back({.host = "", .instance = uuid_of(1), .working = true}); },
      [](Cloud& c) { c.scheduler().debits.push_back({"h1", uuid_of(1), 2, kTiny, milliseconds(5)}); }};
  for (size_t i = 0; i < reasons.size(); ++i) {
    SCOPED_TRACE(i);
    Cloud cloud;
    reasons[i](cloud);
    cloud.compute().guests[0].epoch = 1;
    cloud.controller().allocations.erase(cloud.controller().allocations.begin());
    cloud.network().leases.erase(cloud.network().leases.begin());
    Findings findings = compare(cloud.beliefs);
    EXPECT_THAT(findings.discrepancies, IsEmpty()) << all_messages(findings.discrepancies);
    ASSERT_EQ(findings.in_motion.size(), 1u);
    EXPECT_EQ(findings.in_motion[0].server, uuid_of(1));
    EXPECT_THAT(findings.in_motion[0].what, HasSubstr("s1 is "));
  }
}

TEST(Audit, APowerStateThatNovaLeavesIsNoDiscrepancy) {
  using enum PowerState;
  for (auto [state, power, is_left] :
       {std::tuple(VmState::kActive, kPaused, true), std::tuple(VmState::kPaused, kRunning, true),
        std::tuple(VmState::kSuspended, kRunning, true), std::tuple(VmState::kActive, kSuspended, false)}) {
    Cloud cloud;
    cloud.server(0).vm_state = state;
    cloud.server(0).power_state = power;
    cloud.change_guest(0, [&](auto& g, auto& k) { g.power_state = k.power_state = power; });
    EXPECT_EQ(compare(cloud.beliefs).discrepancies.empty(), is_left) << to_string(state) << ", " << to_string(power);
  }
}

TEST(Audit, AServerInErrorWhoseAddressesAStoreHasLostIsTold) {
  Cloud cloud;
  cloud.server(0).vm_state = VmState::kError;
  cloud.server(0).addresses.clear();
  cloud.network().leases.erase(cloud.network().leases.begin());
  Findings findings = compare(cloud.beliefs);
  EXPECT_FALSE(kinds(findings.discrepancies).contains("address-missing"));
  cloud.server(0).vm_state = VmState::kActive;
  EXPECT_TRUE(kinds(compare(cloud.beliefs).discrepancies).contains("address-missing"));
}

TEST(Audit, AGuestThatIsBeingDestroyedIsInMotionThoughItsRowIsGone) {
  Cloud cloud;
  add_guest_on_h1(cloud, 9, 1);
  cloud.compute().claims.back().working = true;
  Findings findings = compare(cloud.beliefs);
  EXPECT_THAT(findings.discrepancies, IsEmpty()) << all_messages(findings.discrepancies);
  ASSERT_EQ(findings.in_motion.size(), 1u);
  EXPECT_EQ(findings.in_motion[0].what, "its row is gone");
}

TEST(Audit, NothingIsSaidOfWhatASilentDaemonHolds) {
  {
    Cloud cloud;
    cloud.beliefs.silent = {{{Role::kCompute, 0}, "compute-0 is not connected"}};
    cloud.beliefs.daemons.erase(cloud.beliefs.daemons.begin() + 2);
    EXPECT_THAT(compare(cloud.beliefs).discrepancies, IsEmpty());
  }
  Cloud cloud;
  cloud.beliefs.silent = {{{Role::kNetwork, 0}, "network-0 is not connected"}};
  cloud.beliefs.daemons.erase(cloud.beliefs.daemons.begin() + 1);
  EXPECT_THAT(compare(cloud.beliefs).discrepancies, IsEmpty());
}

TEST(Audit, AServerOnAHostThatNobodyCarriesHasNoGuest) {
  Cloud cloud;
  cloud.server(0).host = cloud.controller().allocations[0].host = "gone";
  EXPECT_EQ(kinds(compare(cloud.beliefs).discrepancies),
            (std::multiset<std::string>{"guest-elsewhere", "guest-missing"}));
}

// The second look: what was found twice with the same values, while the row did not change.
TEST(Audit, OnlyWhatASecondLookFindsAgainIsConfirmed) {
  Cloud first;
  first.compute().usages[0].version = 2;          // an update on its way
  first.controller().allocations[1].host = "h1";  // wrong, and stays
  first.controller().allocations[0].epoch = 1;    // wrong, but the row changes
  Cloud second;
  second.controller().allocations[1].host = "h1";
  second.controller().allocations[0].epoch = 1;
  second.server(0).updated_at = WallTime{99};
  Findings earlier = compare(first.beliefs), later = compare(second.beliefs);
  EXPECT_EQ(earlier.discrepancies.size(), 3u);
  EXPECT_EQ(later.discrepancies.size(), 2u);
  std::vector<Discrepancy> found = confirmed(earlier, later);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].server, uuid_of(2));
}

TEST(Audit, PagesAreAddedTogether) {
  BeliefPage all, page;
  page.debits = {{"h1", uuid_of(1), 1, kTiny, {}}};
  page.hosts = {{"h1", {}, true, true}};
  append(all, page);
  append(all, page);
  EXPECT_EQ(all.debits.size(), 2u);
  EXPECT_EQ(all.hosts.size(), 2u);
}

}  // namespace
}  // namespace kilonova::audit
