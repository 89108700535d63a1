// A server in microversions, to members and to admins: which fields there are, as real Nova's were recorded.
#include "api-server/front/openstack/compute/server_view.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/nouns/api_record.h"
#include "domain/nouns/host.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

using Names = std::vector<std::string>;

class ServerViewTest : public FrontWorld {
 protected:
  Instance server() const {
    Instance row;
    row.id = 572;
    row.uuid = *parse_uuid("9fd8028d-250d-4412-b186-b0cd8a45f925");
    row.name = "wire";
    row.hostname = "wire";
    row.reservation_id = "r-anth4mv9";
    row.vm_state = VmState::kActive;
    row.task_state = TaskState::kNone;
    row.power_state = PowerState::kRunning;
    row.created_at = {1'795'442'709'123'456};
    row.launched_at = {1'795'442'712'000'000};
    row.spec.project_id = project_;
    row.spec.user_id = user_;
    row.spec.flavor = {.id = "42", .name = "m1.nano", .vcpus = 1, .memory_mb = 64, .root_gb = 1};
    row.spec.availability_zone = "nova";
    row.spec.security_groups = {"default"};
    row.current.host = "host-4";
    row.current.addresses = {{.network_name = "private", .ip = {0x0a0a0273}, .mac = {0xfa163e96ecab}}};
    return row;
  }
  // What GET /servers/ID shows of it.
  Json shown(const Instance& row, UserRole role, const char* version) {
    Reply& reply = ask(role, "GET", "/compute/v2.1/servers/" + to_string(row.uuid), "",
                       {{"X-OpenStack-Nova-API-Version", version}});
    answer(ApiResponse(ServerList{{row}, false}));
    if (!row.current.addresses.empty()) {
      EXPECT_EQ(asked<ListNetworkParts>().device_id, to_string(row.uuid));
      answer(ApiResponse(NetworkParts{.ports = ports_}));
      EXPECT_EQ(asked<ListApiRecords>().kind, "floating-ip");
      answer(ApiResponse(ApiRecordList{floating_, false}));
      if (!groups_.empty()) answer(ApiResponse(ApiRecordList{groups_, false}));
    }
    if (!reply) answer(ApiResponse(HostList{{HostView{.host = {.name = "host-4"}, .up = true}}, false}));
    Json body = json_of(reply);
    const Json* json = member(body, "server");
    EXPECT_NE(json, nullptr) << reply->body;
    return json == nullptr ? Json() : *json;
  }
  std::vector<Port> ports_;
  std::vector<ApiRecord> floating_;
  std::vector<ApiRecord> groups_;

  static Names keys(const Json& object) {
    Names names;
    for (const auto& [key, value] : object.items()) names.push_back(key);
    return names;
  }
};

const Names kFirst{"id",
                   "name",
                   "status",
                   "tenant_id",
                   "user_id",
                   "metadata",
                   "hostId",
                   "image",
                   "flavor",
                   "created",
                   "updated",
                   "addresses",
                   "accessIPv4",
                   "accessIPv6",
                   "links",
                   "OS-DCF:diskConfig",
                   "progress",
                   "OS-EXT-AZ:availability_zone",
                   "config_drive",
                   "key_name",
                   "OS-SRV-USG:launched_at",
                   "OS-SRV-USG:terminated_at",
                   "security_groups",
                   "OS-EXT-STS:task_state",
                   "OS-EXT-STS:vm_state",
                   "OS-EXT-STS:power_state",
                   "os-extended-volumes:volumes_attached"};

Names with(Names names, const Names& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

TEST_F(ServerViewTest, AMemberSeesTheFieldsOfItsMicroversion) {
  EXPECT_EQ(keys(shown(server(), UserRole::kMember, "2.1")), kFirst);
  EXPECT_EQ(keys(shown(server(), UserRole::kMember, "2.26")), with(kFirst, {"locked", "description", "tags"}));
  std::vector<std::string> last = keys(shown(server(), UserRole::kMember, "2.93"));
  std::ranges::sort(last);
  Names wanted = with(kFirst, {"OS-EXT-SRV-ATTR:hostname", "locked", "locked_reason", "description", "tags",
                               "trusted_image_certificates", "server_groups"});
  std::ranges::sort(wanted);
  EXPECT_EQ(last, wanted);
}

TEST_F(ServerViewTest, AnAdminSeesWhereItRuns) {
  Json json = shown(server(), UserRole::kAdmin, "2.93");
  EXPECT_EQ(json.size(), 44u);
  EXPECT_EQ(json["OS-EXT-SRV-ATTR:host"], "host-4");
  EXPECT_EQ(json["OS-EXT-SRV-ATTR:hypervisor_hostname"], "host-4");
  EXPECT_EQ(json["OS-EXT-SRV-ATTR:instance_name"], "instance-0000023c");
  EXPECT_EQ(json["host_status"], "UP");
  Json first = shown(server(), UserRole::kAdmin, "2.1");
  EXPECT_EQ(first.size(), 30u);
  EXPECT_FALSE(first.contains("OS-EXT-SRV-ATTR:reservation_id"));
}

TEST_F(ServerViewTest, ValuesAreNovas) {
  Json json = shown(server(), UserRole::kMember, "2.1");
  EXPECT_EQ(json["status"], "ACTIVE");
  EXPECT_EQ(json["created"], "2026-11-23T14:05:09Z");
  EXPECT_EQ(json["updated"], "2026-11-23T14:05:09Z");
  EXPECT_EQ(json["OS-SRV-USG:launched_at"], "2026-11-23T14:05:12.000000");
  EXPECT_EQ(json["tenant_id"], "0000000000000000000000000000000b");
  EXPECT_EQ(json["OS-EXT-STS:task_state"], nullptr);
  EXPECT_EQ(json["OS-EXT-STS:power_state"], 1);
  EXPECT_EQ(json["key_name"], nullptr);
  EXPECT_EQ(json["addresses"], (Json{{"private", Json::array({{{"version", 4},
                                                               {"addr", "10.10.2.115"},
                                                               {"OS-EXT-IPS:type", "fixed"},
                                                               {"OS-EXT-IPS-MAC:mac_addr", "fa:16:3e:96:ec:ab"}}})}}));
  EXPECT_EQ(json["flavor"]["links"][0]["href"], "http://here:8774/compute/flavors/42");
  EXPECT_EQ(json["links"][0]["href"], "http://here:8774/compute/v2.1/servers/9fd8028d-250d-4412-b186-b0cd8a45f925");
  EXPECT_EQ(shown(server(), UserRole::kMember, "2.47")["flavor"], (Json{{"vcpus", 1},
                                                                        {"ram", 64},
                                                                        {"disk", 1},
                                                                        {"ephemeral", 0},
                                                                        {"swap", 0},
                                                                        {"original_name", "m1.nano"},
                                                                        {"extra_specs", Json::object()}}));
}

TEST_F(ServerViewTest, AddressesAndGroupsAreThoseOfItsPorts) {
  Instance row = server();
  Port port;
  port.id = *parse_uuid("11111111-1111-1111-1111-111111111111");
  port.project_id = project_;
  port.mac = {0xfa163e96ecab};
  port.fixed_ips = {{{}, "10.10.2.115"}, {{}, "fd00::5"}, {{}, "10.10.2.7"}};
  port.details = R"({"security_groups": ["22222222-2222-2222-2222-222222222222"]})";
  ports_ = {port};
  ApiRecord floating;
  floating.kind = "floating-ip";
  floating.id = "f";
  floating.body = R"({"port_id": "11111111-1111-1111-1111-111111111111", "fixed_ip_address": "10.10.2.115",
                      "floating_ip_address": "172.24.4.9"})";
  floating_ = {floating};
  ApiRecord group;
  group.kind = "security-group";
  group.id = "22222222-2222-2222-2222-222222222222";
  group.body = R"({"name": "web"})";
  groups_ = {group};
  Json json = shown(row, UserRole::kMember, "2.1");
  std::vector<std::string> addresses;
  for (const Json& one : json["addresses"]["private"])
    addresses.push_back(text_at(one, "addr") + " " + text_at(one, "OS-EXT-IPS:type") + " " + to_text(one["version"]));
  EXPECT_EQ(addresses, (std::vector<std::string>{"10.10.2.115 fixed 4", "fd00::5 fixed 6", "10.10.2.7 fixed 4",
                                                 "172.24.4.9 floating 4"}));
  EXPECT_EQ(json["addresses"]["private"][3]["OS-EXT-IPS-MAC:mac_addr"], "fa:16:3e:96:ec:ab");
  EXPECT_EQ(json["security_groups"], Json::array({{{"name", "web"}}}));
}

TEST_F(ServerViewTest, APortThatIsInNoGroupShowsNone) {
  Port port;
  port.mac = {0xfa163e96ecab};
  port.details = R"({"security_groups": []})";
  ports_ = {port};
  ApiRecord other;
  other.id = "22222222-2222-2222-2222-222222222222";
  other.body = R"({"name": "web"})";
  groups_ = {other};
  EXPECT_FALSE(shown(server(), UserRole::kMember, "2.1").contains("security_groups"));
}

TEST_F(ServerViewTest, ItIsShownWhereTheNetworkControllerIsAway) {
  Instance row = server();
  Reply& reply = ask(UserRole::kMember, "GET", "/compute/v2.1/servers/" + to_string(row.uuid));
  answer(ApiResponse(ServerList{{row}, false}));
  answer(fail(ErrorCode::kUnavailable, "network-0 is not connected"));
  answer(ApiResponse(ApiRecordList{}));
  EXPECT_EQ(json_of(reply)["server"]["addresses"]["private"].size(), 1u);
}

// sha224 of the project's id and the host's name, as Nova has it.
TEST_F(ServerViewTest, TheHostIsHidden) {
  EXPECT_EQ(host_id(project_, "host-4"), host_id(project_, "host-4"));
  EXPECT_NE(host_id(project_, "host-4"), host_id(user_, "host-4"));
  EXPECT_EQ(host_id(*parse_uuid("63b0ee074426410e90b03c18cc4e70b5"), "host-4"),
            "1a0b2a37e2cb31822da960969b0c99aa302b3c65a0f3c3a55c2e0c6e");
  EXPECT_EQ(host_id(project_, ""), "");
}

TEST_F(ServerViewTest, OneThatIsBeingBuiltHasNoAddresses) {
  Instance row = server();
  row.vm_state = VmState::kBuilding;
  row.task_state = TaskState::kSpawning;
  Json json = shown(row, UserRole::kMember, "2.1");
  EXPECT_EQ(json["status"], "BUILD");
  EXPECT_EQ(json["addresses"], Json::object());
  row.current = {};
  json = shown(row, UserRole::kMember, "2.1");
  EXPECT_FALSE(json.contains("security_groups")) << "they belong to ports, which it has not";
  EXPECT_EQ(json["hostId"], "");
}

TEST_F(ServerViewTest, AFaultsTraceIsForAdmins) {
  Instance row = server();
  row.vm_state = VmState::kError;
  row.fault = {500, "No valid host was found.", "trace", {1'795'442'709'000'000}};
  Json json = shown(row, UserRole::kMember, "2.1");
  EXPECT_EQ(json["fault"],
            (Json{{"code", 500}, {"created", "2026-11-23T14:05:09Z"}, {"message", "No valid host was found."}}));
  EXPECT_FALSE(json.contains("progress"));
  EXPECT_EQ(shown(row, UserRole::kAdmin, "2.1")["fault"]["details"], "trace");
  row.fault.code = 403;
  EXPECT_EQ(shown(row, UserRole::kMember, "2.1")["fault"]["details"], "trace");
  row.vm_state = VmState::kActive;
  EXPECT_FALSE(shown(row, UserRole::kMember, "2.1").contains("fault"));
}

}  // namespace
}  // namespace kilonova::api::openstack
