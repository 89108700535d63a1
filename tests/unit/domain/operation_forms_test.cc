// The form that each operation must have: what a client gets for every wrong value.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/beliefs.h"
#include "domain/form_rules.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/flavor.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/network.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/service.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/server_actions.h"
#include "domain/user_role.h"

namespace kilonova {
namespace {

CreateServers servers() { return {.name = "web1", .flavor = "m1.tiny", .image = "cirros"}; }
Flavor flavor() { return {.id = "", .name = "f", .vcpus = 1, .memory_mb = 512}; }
CreateNetwork network(std::string cidr, std::string gateway = "") {
  return {.name = "n", .cidr = std::move(cidr), .gateway = std::move(gateway)};
}
FaultRule fault() { return {.step = LaunchStep::kGuestStarted, .count = 2}; }

template <class Request, class Change>
ApiRequest with(Request request, Change change) {
  change(request);
  return request;
}

Expected<> check(const ApiRequest& request) {
  return visit([](const auto& r) { return r.check(); }, request);
}

void expect_good(const std::vector<ApiRequest>& requests) {
  for (size_t i = 0; i < requests.size(); ++i) {
    auto result = check(requests[i]);
    EXPECT_TRUE(result.has_value()) << request_name(requests[i]) << " #" << i << ": " << result.error().message;
  }
}

struct Bad {
  ApiRequest request;
  std::string message_part;
};

void expect_bad(const std::vector<Bad>& cases) {
  for (const Bad& bad : cases) {
    auto result = check(bad.request);
    ASSERT_FALSE(result.has_value()) << request_name(bad.request) << ": " << bad.message_part;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(result.error().message.find(bad.message_part), std::string::npos) << result.error().message;
  }
}

TEST(OperationForms, Names) {
  for (std::string name : {"a", "web 1", "grüße", "名前", "a.b-c_d:e/f", "🚀"}) EXPECT_TRUE(check_name("it", name)) << name;
  EXPECT_TRUE(check_name("it", std::string(255, 'x')));
  std::string umlauts;
  for (int i = 0; i < 255; ++i) umlauts += "ü";
  EXPECT_TRUE(check_name("it", umlauts)) << "the limit counts characters, not bytes";
  for (std::string name : {std::string(), std::string(256, 'x'), umlauts + "ü", std::string(" a"), std::string("a "),
                           std::string("\xc2\xa0x"), std::string("x\xe3\x80\x80"), std::string(" "),
                           std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7f"), std::string("\xc2\x85"),
                           std::string("\xe2\x80\xae"), std::string("\xe2\x80\x8b"), std::string("\xff"),
                           std::string("a\xe2\x82"), std::string("\xed\xa0\x80"), std::string("\xc0\x80"),
                           std::string("\xee\x80\x80"), std::string("\xf4\x90\x80\x80")})
    EXPECT_FALSE(check_name("it", name).has_value()) << name;
}

TEST(OperationForms, MessagesShowNamesSafely) {
  EXPECT_EQ(in_quotes("a\nb\x1b[2J"), "'a?b?[2J'");
  EXPECT_EQ(in_quotes(std::string(100, 'x')), "'" + std::string(64, 'x') + "...'");
  EXPECT_EQ(check_name("the server's name", "").error().message,
            "the server's name is empty; it needs 1 to 255 characters");
}

TEST(OperationForms, CreateServers) {
  expect_good({servers(), with(servers(), [](auto& r) { r.max_count = 1000; }),
               with(servers(), [](auto& r) { r.min_count = r.max_count = 1000; }),
               with(servers(), [](auto& r) { r.availability_zone = "nova:c1"; }),
               with(servers(), [](auto& r) { r.key_name = "me@home.example"; }),
               with(servers(), [](auto& r) { r.client_token = std::string(64, 't'); }),
               with(servers(), [](auto& r) { r.networks = {"private", "public"}; })});
  expect_bad({{with(servers(), [](auto& r) { r.max_count = 0; }), "count of servers is 0"},
              {with(servers(), [](auto& r) { r.min_count = 0; }), "count of servers is 0"},
              {with(servers(), [](auto& r) { r.max_count = 1'000'000; }), "1000000 servers are asked for; one call creates at most 1000"},
              {with(servers(), [](auto& r) { r.min_count = 3; r.max_count = 2; }), "min_count 3 is above max_count 2"},
              {with(servers(), [](auto& r) { r.name = ""; }), "server's name is empty"},
              {with(servers(), [](auto& r) { r.flavor = ""; }), "no flavor is given"},
              {with(servers(), [](auto& r) { r.image = ""; }), "no image is given"},
              {with(servers(), [](auto& r) { r.key_name = "a/b"; }), "'a/b'"},
              {with(servers(), [](auto& r) { r.key_name = " a"; }), "white space"},
              {with(servers(), [](auto& r) { r.networks = {""}; }), "no network is given"},
              {with(servers(), [](auto& r) { r.networks.assign(17, "n"); }), "17 networks"},
              {with(servers(), [](auto& r) { r.availability_zone = ":c1"; }), "'zone' or 'zone:host'"},
              {with(servers(), [](auto& r) { r.availability_zone = "nova:"; }), "'zone' or 'zone:host'"},
              {with(servers(), [](auto& r) { r.availability_zone = "a:b:c"; }), "'zone' or 'zone:host'"},
              {with(servers(), [](auto& r) { r.client_token = std::string(65, 't'); }), "64 printable"},
              {with(servers(), [](auto& r) { r.client_token = "a b"; }), "64 printable"}});
}

TEST(OperationForms, OtherServerRequests) {
  expect_good({GetServer{.server = "x"}, DeleteServer{.server = "x"}, GetLaunchRecord{.server = "x"},
               ServerAction{.server = "x", .action = ServerActionKind::kRebootHard}, ListServers{},
               ListServers{.status = "ACTIVE", .limit = 1}, ReadEvents{},
               ListServers{.marker = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"}});
  expect_bad({{GetServer{}, "no server is given"}, {DeleteServer{}, "no server is given"},
              {GetLaunchRecord{}, "no server is given"}, {ServerAction{}, "no server is given"},
              {ServerAction{.server = "x", .action = static_cast<ServerActionKind>(0)}, "action 0"},
              {ServerAction{.server = "x", .action = static_cast<ServerActionKind>(99)}, "action 99 is unknown; it must be one of stop, start"},
              {ListServers{.status = "SLEEPING"}, "'SLEEPING'"}, {ListServers{.limit = 0}, "limit is 0"},
              {ListServers{.limit = 1001}, "limit is 1001; it must be from 1 to 1000"},
              {ListServers{.marker = "web1"}, "'web1'"}, {ReadEvents{.limit = 0}, "limit is 0"},
              {ReadEvents{.limit = 1001}, "limit is 1001"}});
}

TEST(OperationForms, RequestsOfServersThatSayMore) {
  expect_good({ResetServerState{"x", VmState::kActive}, ResetServerState{"x", VmState::kError}, ChangeServerPassword{"x"},
               RescueServer{"x", ""}, RescueServer{"x", "cirros"}, RebuildServer{.server = "x"},
               RebuildServer{.server = "x", .image = "i", .name = "n", .sets_key_name = true},
               CreateServerImage{"x", "snap", {{"a", "b"}}}, CreateServerBackup{"x", "b", "daily", 0, {}},
               GetConsoleOutput{"x", -1}, GetConsoleOutput{"x", 0}, GetConsoleUrl{"x", "serial"},
               GetServerDiagnostics{"x"}, StepServer{"x"}});
  expect_bad({{ResetServerState{"x", VmState::kStopped}, "active or error, not to stopped"},
              {ResetServerState{"", VmState::kActive}, "no server is given"},
              {ChangeServerPassword{}, "no server is given"}, {StepServer{}, "no server is given"}, {RescueServer{}, "no server is given"},
              {RebuildServer{}, "no server is given"}, {RebuildServer{.server = "x", .user_data = "abcde"}, "base64"},
              {CreateServerImage{"x", "", {}}, "image's name is empty"},
              {CreateServerBackup{"x", "b", "a\tb", 1, {}}, "backup type"},
              {CreateServerBackup{"x", "b", "daily", -1, {}}, "the rotation"},
              {GetConsoleOutput{"x", -2}, "number of lines"}, {GetConsoleUrl{"x", "telnet"}, "'telnet'"},
              {GetServerDiagnostics{}, "no server is given"},
              {ServerAction{.server = "x", .action = ServerActionKind::kSnapshot}, "is unknown; it must be one of stop"},
              {ServerAction{.server = "x", .action = ServerActionKind::kRescue}, "is unknown; it must be one of stop"}});
}

TEST(OperationForms, Moves) {
  expect_good({ResizeServer{"x", "m1.small"}, MigrateServer{"x", ""}, MigrateServer{"x", "host-1"},
               LiveMigrateServer{"x", "host-1", true}, EvacuateServer{"x", "", false}, UnshelveServer{.server = "x"},
               UnshelveServer{.server = "x", .sets_zone = true}, ListMigrations{}, AbortMigration{"x", 1, false},
               ForceCompleteMigration{"x", 1}});
  expect_bad({{ResizeServer{"x", ""}, "no flavor is given"},
              {MigrateServer{"", ""}, "no server is given"},
              {MigrateServer{"x", "\x01"}, "host"},
              {LiveMigrateServer{"x", "", true}, "forced to a host that is named"},
              {EvacuateServer{"x", "", true}, "forced to a host that is named"},
              {AbortMigration{"x", 0, false}, "the migration is 0"},
              {ForceCompleteMigration{"x", -1}, "the migration is -1"}});
}

TEST(OperationForms, CatalogRequests) {
  expect_good({CreateFlavor{flavor()}, with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.id = "auto"; }),
               with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.vcpus = kMaxAmount; }), ListFlavors{}, ListImages{},
               DeleteFlavor{"1"}, DeleteImage{"cirros"}, CreateImage{.name = "i"}, ListKeyPairs{}, DeleteKeyPair{"k"},
               CreateKeyPair{.name = "k"}});
  expect_bad({{with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.name = ""; }), "flavor's name is empty"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.id = "a/b"; }), "'a/b'"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.vcpus = 0; }), "vcpus is 0; it must be from 1"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.vcpus = kMaxAmount + 1; }), "vcpus is 2147483648"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.memory_mb = 0; }), "ram (MiB) is 0"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.root_gb = -1; }), "disk (GiB) is -1"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.ephemeral_gb = -1; }), "ephemeral"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.swap_mb = -1; }), "swap"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.rxtx_factor = 0; }), "rxtx factor 0 must be above 0"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.rxtx_factor = NAN; }), "rxtx factor nan"},
              {with(CreateFlavor{flavor()}, [](auto& r) { r.flavor.extra_specs = {{"a/b", ""}}; }), "'a/b'"},
              {SetFlavor{}, "no flavor is given"}, {SetFlavor{"f", {{"", "x"}}, {}}, "extra spec's key"},
              {SetFlavor{"f", {{"k", std::string(256, 'x')}}, {}}, "extra spec's value"},
              {SetFlavor{"f", {}, {"a\nb"}}, "'a?b'"}, {DeleteFlavor{}, "no flavor is given"}, {DeleteImage{}, "no image is given"},
              {CreateImage{.name = ""}, "image's name is empty"},
              {CreateImage{.name = "i", .size_bytes = UINT64_MAX}, "18446744073709551615 bytes"},
              {CreateImage{.name = "i", .min_disk_gb = -1}, "min_disk"},
              {CreateImage{.name = "i", .min_ram_mb = -1}, "min_ram"},
              {CreateImage{.name = "i", .disk_format = "floppy"}, "'floppy'"},
              {CreateKeyPair{}, "key pair's name is empty"}, {CreateKeyPair{.name = "a\nb"}, "'a?b'"},
              {DeleteKeyPair{}, "no key pair is given"},
              {TagKeyPair{.name = "k", .set_tags = {{"", "v"}}}, "a tag of the key pair has no key"},
              {TagKeyPair{.name = "k", .set_tags = std::vector<MetadataItem>(51, {"a", ""})},
               "51 tags are given; a key pair has at most 50"}});
}

TEST(OperationForms, Networks) {
  expect_good({network("10.0.0.0/8"), network("192.168.0.0/30"), network("10.1.0.0/16", "10.1.0.1"),
               network("10.1.0.0/16", "10.1.255.254"), ListNetworks{}, DeleteNetwork{"n"}, ListLeases{"n"}});
  expect_bad({{network(""), "the cidr ''"}, {network("10.0.0.1/8"), "'10.0.0.1/8'"}, {network("10.0.0.0"), "'10.0.0.0'"},
              {network("0.0.0.0/7"), "prefix /7"}, {network("10.0.0.0/31"), "prefix /31"},
              {network("10.1.0.0/16", "10.2.0.1"), "'10.2.0.1' must be an address of 10.1.0.0/16, from 10.1.0.1 to 10.1.255.254"},
              {network("10.1.0.0/16", "10.1.0.0"), "the gateway"}, {network("10.1.0.0/16", "10.1.255.255"), "the gateway"},
              {network("10.1.0.0/16", "gate"), "'gate'"}, {CreateNetwork{.cidr = "10.0.0.0/8"}, "network's name is empty"},
              {DeleteNetwork{}, "no network is given"}, {ListLeases{}, "no network is given"},
              {ListLeases{.network = "n", .limit = 0}, "limit is 0"}});
}

TEST(OperationForms, Identity) {
  expect_good({CreateProject{.name = std::string(64, 'p')}, CreateUser{"u", "kilonova"}, DeleteUser{"u"}, DeleteProject{"p"},
               GrantRole{"u", "p", UserRole::kNone}, GrantRole{"u", "p", UserRole::kAdmin}, GetQuota{}, ListUsers{},
               RotateTokenKey{}, RotateTokenKey{true}, StoreTokenKey{std::string(32, 'k')},
               ListProjects{}, SetQuota{"p", {.instances = -1, .cores = 0, .ram_mb = kMaxAmount}}, SetQuota{}});
  expect_bad({{CreateProject{.name = std::string(65, 'p')}, "at most 64"}, {CreateProject{}, "project's name is empty"},
              {CreateUser{"", "kilonova"}, "user's name is empty"}, {CreateUser{"u", ""}, "the password is empty"},
              {StoreTokenKey{std::string(31, 'k')}, "has 31 bytes, not 32"},
              {StoreUser{"u", "kilonova"}, "not hashed"}, {DeleteUser{}, "no user is given"},
              {DeleteProject{}, "no project is given"}, {GrantRole{"", "p"}, "no user"}, {GrantRole{"u", ""}, "no project"},
              {GrantRole{"u", "p", static_cast<UserRole>(4)}, "role 4 is unknown"},
              {SetQuota{"p", {.instances = -2}}, "instances is -2"}, {SetQuota{"p", {.cores = -2}}, "cores is -2"},
              {SetQuota{"p", {.ram_mb = kMaxAmount + 1}}, "ram"}, {ListUsers{.limit = 0}, "limit is 0"},
              {ListProjects{.limit = 1001}, "limit is 1001"}});
  auto too_long = CreateUser{"u", std::string(1025, 's')}.check();
  ASSERT_FALSE(too_long.has_value());
  EXPECT_EQ(too_long.error().message.find("sss"), std::string::npos) << "a password must not be shown";
  for (const char* type : {"", "ssh", "rsa", "ed25519"}) EXPECT_TRUE((CreateKeyPair{"k", type, ""}.check()));
  EXPECT_FALSE((CreateKeyPair{"k", "dsa", ""}.check()));
}

TEST(OperationForms, HostsAndFaults) {
  expect_good({SetHostEnabled{.host = "c1"}, SetHostPower{.host = "c1", .on = false}, ListHosts{}, ListServices{}, ListFaults{}, ClearFaults{}, GetCloudStatus{},
               ReadBeliefs{}, ReadBeliefs{.daemon = {Role::kCompute, 7}, .kind = BeliefKind::kGuests, .limit = 1},
               AddFault{fault()}, with(AddFault{fault()}, [](auto& r) { r.rule.count = -1; }),
               with(AddFault{fault()}, [](auto& r) { r.rule.fails = false; r.rule.delay = seconds(5); })});
  expect_bad({{ReadBeliefs{.kind = BeliefKind::kGuests}, "controller-0 has no beliefs of kind guests: ask a daemon of role compute"},
              {ReadBeliefs{.limit = 0}, "is 0; it must be from 1 to 2000"}, {ReadBeliefs{.limit = 2001}, "is 2001"},
              {SetHostEnabled{}, "no host is given"}, {SetHostPower{}, "no host is given"}, {SetHostEnabled{.host = "c", .reason = "a\nb"}, "reason"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.step = LaunchStep::kNone; }), "'none'; it must be one of request_accepted, instance_created, "},
              {with(AddFault{fault()},
                    [](auto& r) {
                      r.rule.step = LaunchStep::kScheduleCast;
                      r.rule.host_pattern = "h*";
                    }),
               "'h*' is of no use at step schedule_cast"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.step = static_cast<LaunchStep>(99); }), "99"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.count = 0; }), "count of the fault is 0"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.count = -2; }), "count of the fault is -2"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.fails = false; }), "does nothing"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.fails = false; r.rule.aborts = true; r.rule.delay = seconds(1); }), "aborts"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.delay = {-1}; }), "delay"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.host_pattern = "\x01"; }), "host pattern"},
              {with(AddFault{fault()}, [](auto& r) { r.rule.message = std::string(256, 'm'); }), "message"}});
}

}  // namespace
}  // namespace kilonova
