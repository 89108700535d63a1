// os-interface, the networks of a create, and the forms of addresses.
#include "domain/nouns/server_interface.h"

#include <gtest/gtest.h>

#include <string>

#include "domain/nouns/network_part.h"
#include "domain/nouns/server.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerInterfaceTest : public FrontWorld {
 protected:
  static constexpr const char* kPath = "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111/os-interface";
  static constexpr const char* kNet = "22222222-2222-2222-2222-222222222222";

  Instance server() const {
    Instance row;
    row.uuid = *parse_uuid("11111111-1111-1111-1111-111111111111");
    row.vm_state = VmState::kActive;
    row.task_state = TaskState::kNone;
    row.spec.project_id = project_;
    row.spec.security_groups = {"default"};
    row.current.addresses = {address(1, 0)};
    return row;
  }
  static Address address(uint32_t last, uint32_t nic) {
    Address one;
    one.network_id = *parse_uuid(kNet);
    one.network_name = "private";
    one.nic = nic;
    one.ip = {0x0a000000 + last};
    one.mac = {uint64_t{0xfa163e000000} + last};
    return one;
  }
  http::Headers version(const char* number) { return {{"X-OpenStack-Nova-API-Version", number}}; }
  std::string refusal(std::string body, const char* number = "2.49") {
    Json json = *parse_json(ask_now(UserRole::kMember, "POST", kPath, std::move(body), version(number)).body);
    return json.begin().key() + ": " + text_at(json.begin().value(), "message");
  }
  std::string refusal_of_create(std::string networks, const char* number) {
    std::string body =
        R"({"server": {"name": "a", "flavorRef": "1", "imageRef": "11111111-1111-1111-1111-111111111111", )"
        R"("networks": )" +
        networks + "}}";
    Json json =
        *parse_json(ask_now(UserRole::kMember, "POST", "/compute/v2.1/servers", std::move(body), version(number)).body);
    return text_at(json.begin().value(), "message");
  }
};

TEST_F(ServerInterfaceTest, TheFormIsNovas) {
  EXPECT_EQ(refusal(R"({"interfaceAttachment": {"x": 1}})"),
            "badRequest: Invalid input for field/attribute interfaceAttachment. Value: {'x': 1}. Additional properties "
            "are not allowed ('x' was unexpected)");
  EXPECT_EQ(refusal(R"({"interfaceAttachment": {"fixed_ips": []}})"),
            "badRequest: Invalid input for field/attribute fixed_ips. Value: []. [] is too short");
  EXPECT_EQ(refusal(R"({"interfaceAttachment": {"fixed_ips": [{"ip_address": "1.2.3"}]}})"),
            "badRequest: Invalid input for field/attribute ip_address. Value: 1.2.3. '1.2.3' is not valid under any of "
            "the given schemas");
  EXPECT_NE(refusal(R"({"interfaceAttachment": {"tag": "a"}})", "2.48").find("'tag' was unexpected"),
            std::string::npos);
}

TEST_F(ServerInterfaceTest, ANetworkOrAPortIsNamed) {
  Reply& both =
      ask(UserRole::kMember, "POST", kPath,
          std::string(R"({"interfaceAttachment": {"net_id": ")") + kNet + R"(", "port_id": ")" + kNet + R"("}})");
  answer(ApiResponse(ServerList{{server()}, false}));
  EXPECT_NE(both->body.find("Must not input both network_id and port_id"), std::string::npos);
  Reply& alone =
      ask(UserRole::kMember, "POST", kPath, R"({"interfaceAttachment": {"fixed_ips": [{"ip_address": "10.0.0.1"}]}})");
  answer(ApiResponse(ServerList{{server()}, false}));
  EXPECT_NE(alone->body.find("Must input network_id when request IP address"), std::string::npos);
}

TEST_F(ServerInterfaceTest, TheNewOneIsAnswered) {
  Reply& reply =
      ask(UserRole::kMember, "POST", kPath, std::string(R"({"interfaceAttachment": {"net_id": ")") + kNet + R"("}})");
  answer(ApiResponse(ServerList{{server()}, false}));
  EXPECT_EQ(asked<AttachInterface>().network, kNet);
  Instance more = server();
  more.current.addresses.push_back(address(2, 1));
  answer(ApiResponse(ServerList{{more}, false}));
  answer(ApiResponse(NetworkParts{}));  // ports
  answer(ApiResponse(NetworkParts{}));  // subnets
  Json json = json_of(reply)["interfaceAttachment"];
  EXPECT_EQ(json["mac_addr"], "fa:16:3e:00:00:02");
  EXPECT_EQ(json["net_id"], kNet);
  EXPECT_EQ(json["port_state"], "ACTIVE");
  EXPECT_FALSE(json.contains("tag"));
}

TEST_F(ServerInterfaceTest, RefusalsAreInNovasWords) {
  struct Case {
    Error error;
    unsigned status;
    std::string message;
  };
  const std::string net = kNet;
  for (const Case& c :
       {Case{{ErrorCode::kConflict, "IpAddressAlreadyAllocated: IP address 10.0.0.9 already allocated"},
             409,
             "Fixed IP address 10.0.0.9 is already in use on instance "
             "11111111-1111-1111-1111-111111111111."},
        Case{{ErrorCode::kInvalidArgument, "InvalidIpForNetwork: IP address 10.0.0.9"},
             400,
             "Fixed IP 10.0.0.9 is not a valid ip address for network " + net + "."},
        Case{{ErrorCode::kResourceExhausted, "IpAddressGenerationFailure: No more IP addresses"},
             400,
             "No fixed IP addresses available for network: " + net},
        Case{{ErrorCode::kConflict, "Instance 7 is locked"}, 409, "Instance 7 is locked"},
        Case{{ErrorCode::kNotFound, "Network 7 could not be found."}, 404, "Network 7 could not be found."}}) {
    Reply& reply =
        ask(UserRole::kMember, "POST", kPath,
            R"({"interfaceAttachment": {"net_id": ")" + net + R"(", "fixed_ips": [{"ip_address": "10.0.0.9"}]}})");
    answer(ApiResponse(ServerList{{server()}, false}));
    answer(std::unexpected(c.error));
    EXPECT_EQ(reply->status, c.status);
    EXPECT_EQ(text_at(json_of(reply).begin().value(), "message"), c.message);
  }
}

TEST_F(ServerInterfaceTest, OneIsTakenAwayByItsPort) {
  Reply& missing = ask(UserRole::kMember, "DELETE", std::string(kPath) + "/33333333-3333-3333-3333-333333333333");
  answer(ApiResponse(ServerList{{server()}, false}));
  answer(ApiResponse(NetworkParts{}));
  answer(ApiResponse(NetworkParts{}));
  EXPECT_EQ(missing->status, 404u);
  Port port;
  port.id = *parse_uuid("33333333-3333-3333-3333-333333333333");
  port.network_id = *parse_uuid(kNet);
  port.mac = address(1, 0).mac;
  port.device_id = to_string(server().uuid);
  Reply& gone = ask(UserRole::kMember, "DELETE", std::string(kPath) + "/33333333-3333-3333-3333-333333333333");
  answer(ApiResponse(ServerList{{server()}, false}));
  answer(ApiResponse(NetworkParts{.ports = {port}}));
  answer(ApiResponse(NetworkParts{}));
  EXPECT_EQ(asked<DetachInterface>().interface, "fa:16:3e:00:00:01");
  answer(ApiResponse(Empty{}));
  EXPECT_EQ(gone->status, 202u);
  EXPECT_EQ(gone->body, "");
}

TEST_F(ServerInterfaceTest, NetworksOfACreateAreAListOrAWordFrom237On) {
  EXPECT_EQ(
      refusal_of_create("\"some\"", "2.37"),
      "Invalid input for field/attribute networks. Value: some. 'some' is not valid under any of the given schemas");
  EXPECT_EQ(refusal_of_create("\"none\"", "2.36"),
            "Invalid input for field/attribute networks. Value: none. 'none' is not of type 'array'");
  EXPECT_FALSE(ask(UserRole::kMember, "POST", "/compute/v2.1/servers",
                   R"({"server": {"name": "a", "flavorRef": "1", "imageRef": "11111111-1111-1111-1111-111111111111",
                       "networks": "none"}})",
                   version("2.37")));
}

TEST_F(ServerInterfaceTest, ActionsOnAddressesEndWith243) {
  const char* path = "/compute/v2.1/servers/11111111-1111-1111-1111-111111111111/action";
  for (const char* body :
       {R"({"addFixedIp": {"networkId": "x"}})", R"({"removeFixedIp": {"address": "10.0.0.1"}})",
        R"({"addFloatingIp": {"address": "10.0.0.1"}})", R"({"removeFloatingIp": {"address": "10.0.0.1"}})"}) {
    EXPECT_EQ(ask_now(UserRole::kMember, "POST", path, body, version("2.44")).status, 404u) << body;
    EXPECT_FALSE(ask(UserRole::kMember, "POST", path, body, version("2.43"))) << "asks the controller: " << body;
  }
  EXPECT_EQ(ask_now(UserRole::kMember, "POST", path, R"({"addFloatingIp": {"address": "x"}})").status, 400u);
}

TEST_F(ServerInterfaceTest, ProxiesEndWith235) {
  for (const char* path : {"os-networks", "os-tenant-networks", "os-floating-ips", "os-floating-ip-pools"}) {
    std::string target = std::string("/compute/v2.1/") + path;
    EXPECT_EQ(ask_now(UserRole::kMember, "GET", target, "", version("2.36")).status, 404u) << path;
    EXPECT_FALSE(ask(UserRole::kMember, "GET", target, "", version("2.35"))) << path;
  }
  EXPECT_EQ(ask_now(UserRole::kMember, "POST", "/compute/v2.1/os-networks", "{}", version("2.90")).status, 410u);
  for (const char* gone : {"os-agents", "os-cells", "os-cloudpipe", "os-fixed-ips/10.0.0.1", "os-fping"})
    EXPECT_EQ(ask_now(UserRole::kReader, "GET", std::string("/compute/v2.1/") + gone, "", version("2.1")).status, 410u);
}

}  // namespace
}  // namespace kilonova::api::openstack
