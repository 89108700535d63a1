// Interfaces that a server that is there gets and loses.
#include <gmock/gmock.h>

#include "domain/nouns/server_interface.h"
#include "tests/unit/controller/controller_fixture.h"

namespace kilonova::controller {
namespace {

using ::testing::HasSubstr;

class ServerInterfacesTest : public ControllerTest {
 protected:
  ServerInterfacesTest() {
    connect_all();
    server = create();
    InstanceReport done = report(server, BuildResult::kActive);
    done.addresses = {address(2)};
    deliver(std::move(done));
  }
  Address address(uint32_t last, uint32_t nic = 0) {
    Address address;
    address.network_id = network_id;
    address.network_name = "private";
    address.nic = nic;
    address.ip = Ipv4{0x0a000000 + last};
    address.mac = Mac{uint64_t{0xfa163e000000} + last};
    return address;
  }
  // Asked, and not answered yet.
  uint64_t begin(ApiRequest request, std::optional<RequestContext> context = std::nullopt) {
    uint64_t id = ++calls;
    transport->deliver(*core, kApi, ApiCall{context.value_or(admin()), {}, std::move(request)}, id);
    settle();
    return id;
  }
  std::optional<Expected<ApiResponse>> answer_to(uint64_t id) {
    for (const auto& sent : transport->sent())
      if (sent.to == kApi && sent.message.call == id && holds_alternative<ApiReply>(sent.message.body))
        return get<ApiReply>(sent.message.body).result;
    return std::nullopt;
  }
  // What the network-controller was asked last.
  std::optional<ChangeServerNics> asked() {
    auto all = transport->all_to<ApiCall>(kNetwork);
    const auto* change = all.empty() ? nullptr : get_if<ChangeServerNics>(&all.back().request);
    return change == nullptr ? std::nullopt : std::optional(*change);
  }
  void reply(Expected<ApiResponse> result) {
    for (auto sent = transport->sent().rbegin(); sent != transport->sent().rend(); ++sent)
      if (sent->to == kNetwork && holds_alternative<ApiCall>(sent->message.body)) {
        uint64_t call = sent->message.call;
        transport->deliver(*core, kNetwork, ApiReply{std::move(result)}, call);
        settle();
        return;
      }
    FAIL() << "nothing was asked";
  }
  void reply_with(const std::vector<Address>& addresses) {
    LeaseList leases;
    for (const Address& one : addresses) leases.leases.push_back({server.uuid, 1, "web", one});
    reply(ApiResponse(std::move(leases)));
  }
  Error refusal_of(uint64_t id) {
    auto answer = answer_to(id);
    EXPECT_TRUE(answer && !answer->has_value());
    return answer && !answer->has_value() ? answer->error() : Error{ErrorCode::kInternal, ""};
  }
  OwnershipAnswer audit(const std::vector<Address>& held) {
    transport->take<OwnershipAnswer>();
    deliver(OwnershipQuery{{{server.uuid, 1}}, true, {}, {}, {digest_of(held)}}, kNetwork);
    return transport->take<OwnershipAnswer>().at(0);
  }
  std::vector<std::string> actions() {
    std::vector<std::string> names;
    for (const InstanceAction& one : get<InstanceActionList>(*call(ListInstanceActions{"web"})).actions)
      names.push_back(one.action);
    return names;
  }
  RequestContext member() const {
    RequestContext context = admin();
    context.role = UserRole::kMember;
    return context;
  }

  Instance server;
};

TEST_F(ServerInterfacesTest, TheNetworkControllerHoldsAnInterfaceBeforeTheRowHasIt) {
  uint64_t id = begin(AttachInterface{.server = "web"});
  ASSERT_TRUE(asked());
  EXPECT_EQ(asked()->network, network_id);
  EXPECT_EQ(asked()->kept, std::vector{address(2)});
  EXPECT_FALSE(answer_to(id));
  EXPECT_EQ(row(server.uuid)->current.addresses.size(), 1u);
  EXPECT_TRUE(audit({address(2), address(3, 1)}).leases.empty()) << "audits let it alone meanwhile";
  reply_with({address(2), address(3, 1)});
  ASSERT_TRUE(answer_to(id) && answer_to(id)->has_value());
  EXPECT_EQ(get<ServerList>(**answer_to(id)).servers.at(0).current.addresses.size(), 2u);
  restart();
  connect_all();
  EXPECT_EQ(row(server.uuid)->current.addresses, (std::vector{address(2), address(3, 1)}));
  EXPECT_EQ(row(server.uuid)->spec.networks, (std::vector{network_id, network_id}));
  EXPECT_EQ(actions(), (std::vector<std::string>{"attach_interface", "create"}));
  EXPECT_EQ(audit({address(2)}).leases.size(), 2u) << "and held to it from then on";
}

TEST_F(ServerInterfacesTest, APortIsNamedByItsId) {
  uint64_t id = begin(AttachInterface{.server = "web", .port = to_string(Uuid{{7}})});
  EXPECT_EQ(asked()->port, Uuid{{7}});
  EXPECT_TRUE(asked()->network.is_nil());
  reply_with({address(2), address(3, 1)});
  EXPECT_TRUE(answer_to(id)->has_value());
  EXPECT_EQ(row(server.uuid)->spec.networks, (std::vector{network_id, Uuid{{7}}}));
}

TEST_F(ServerInterfacesTest, WhatTheNetworkControllerRefusesChangesNothing) {
  uint64_t id = begin(AttachInterface{.server = "web"});
  reply(fail(ErrorCode::kConflict, "Port 7 is still in use."));
  EXPECT_EQ(refusal_of(id).message, "Port 7 is still in use.");
  EXPECT_EQ(row(server.uuid)->current.addresses.size(), 1u);
  EXPECT_EQ(actions(), (std::vector<std::string>{"create"}));
}

TEST_F(ServerInterfacesTest, WhereTheAnswerIsLostTheInterfaceIsGivenUp) {
  uint64_t id = begin(AttachInterface{.server = "web"});
  const Uuid first = asked()->change;
  pass(options.rpc_response_timeout + seconds(1));
  EXPECT_EQ(refusal_of(id).code, ErrorCode::kDeadlineExceeded);
  ASSERT_TRUE(asked());
  EXPECT_NE(asked()->change, first);
  EXPECT_TRUE(asked()->network.is_nil());
  EXPECT_EQ(asked()->kept, std::vector{address(2)});
}

TEST_F(ServerInterfacesTest, ADeleteDoesNotWaitForIt) {
  uint64_t id = begin(AttachInterface{.server = "web"});
  ASSERT_TRUE(call(DeleteServer{"web"}).has_value());
  reply_with({address(2), address(3, 1)});
  EXPECT_EQ(refusal_of(id).code, ErrorCode::kConflict);
  EXPECT_EQ(row(server.uuid)->current.addresses.size(), 1u);
}

TEST_F(ServerInterfacesTest, WhatTheStoreRefusesIsGivenUp) {
  uint64_t id = begin(AttachInterface{.server = "web"});
  disk.fail_next({ErrorCode::kUnavailable, "full"});
  reply_with({address(2), address(3, 1)});
  EXPECT_EQ(refusal_of(id).code, ErrorCode::kUnavailable);
  EXPECT_TRUE(asked()->network.is_nil());
  EXPECT_EQ(asked()->kept, std::vector{address(2)});
}

TEST_F(ServerInterfacesTest, AnAddressOfAnotherServerIsNotTaken) {
  Instance other = create("other");
  InstanceReport done = report(other, BuildResult::kActive);
  done.addresses = {address(3)};
  deliver(std::move(done));
  uint64_t id = begin(AttachInterface{.server = "web"});
  reply_with({address(2), address(3, 1)});
  EXPECT_EQ(refusal_of(id).code, ErrorCode::kUnavailable);
}

TEST_F(ServerInterfacesTest, TheRowLosesAnInterfaceBeforeTheNetworkControllerDoes) {
  uint64_t id = begin(DetachInterface{"web", to_string(address(2).mac)});
  ASSERT_TRUE(answer_to(id) && answer_to(id)->has_value());
  EXPECT_TRUE(row(server.uuid)->current.addresses.empty());
  EXPECT_TRUE(row(server.uuid)->spec.networks.empty());
  ASSERT_TRUE(asked());
  EXPECT_TRUE(asked()->kept.empty());
  EXPECT_EQ(actions(), (std::vector<std::string>{"detach_interface", "create"}));
  EXPECT_TRUE(audit({address(2)}).orphans.empty()) << "it is being told";
  restart();
  connect_all();
  EXPECT_EQ(audit({address(2)}).orphans.size(), 1u) << "it was not told";
  EXPECT_TRUE(audit({}).orphans.empty());
}

TEST_F(ServerInterfacesTest, AnInterfaceIsCalledByMacOrAddress) {
  EXPECT_EQ(refusal_of(begin(DetachInterface{"web", "10.0.0.9"})).code, ErrorCode::kNotFound);
  EXPECT_TRUE(answer_to(begin(DetachInterface{"web", "10.0.0.2"}))->has_value());
}

TEST_F(ServerInterfacesTest, TheFirstAddressGivesItsPlaceToAnother) {
  uint64_t id = begin(RemoveFixedIp{"web", "10.0.0.2"});
  EXPECT_EQ(asked()->kept.at(0).ip, Ipv4{});
  Address turned = address(2);
  turned.ip = Ipv4{0x0a000005};
  reply_with({turned});
  EXPECT_EQ(row(server.uuid)->current.addresses, std::vector{turned}) << "committed before the address is free";
  EXPECT_FALSE(answer_to(id));
  EXPECT_EQ(asked()->fixed_ip, "10.0.0.2");
  reply_with({turned});
  EXPECT_TRUE(answer_to(id)->has_value());
}

TEST_F(ServerInterfacesTest, StatesAndLocksAreNovas) {
  ASSERT_TRUE(call(LockServer{.server = "web"}).has_value());
  for (ApiRequest request :
       {ApiRequest(AttachInterface{.server = "web"}), ApiRequest(DetachInterface{"web", "10.0.0.2"}),
        ApiRequest(RemoveFixedIp{"web", "10.0.0.2"})})
    EXPECT_EQ(refusal_of(begin(request, member())).message, "Instance " + to_string(server.uuid) + " is locked");
  ASSERT_TRUE(call(LockServer{.server = "web", .locked = false}).has_value());
  ASSERT_TRUE(call(ServerAction{"web", ServerActionKind::kSuspend}).has_value());
  EXPECT_EQ(refusal_of(begin(AttachInterface{.server = "web"})).message,
            "Cannot 'attach_interface' instance " + to_string(server.uuid) + " while it is in task_state suspending");
  deliver(ServerActionDone{"h1", {server.uuid, 1}, 1, PowerState::kSuspended});
  EXPECT_EQ(refusal_of(begin(DetachInterface{"web", "10.0.0.2"})).message,
            "Cannot 'detach_interface' instance " + to_string(server.uuid) + " while it is in vm_state suspended");
  EXPECT_EQ(refusal_of(begin(AttachInterface{.server = "nobody"})).code, ErrorCode::kNotFound);
}

TEST_F(ServerInterfacesTest, AServerThatWasResetWithoutAHostGetsNone) {
  connect_all();
  Instance server = create("lost");
  ASSERT_TRUE(call(ResetServerState{"lost", VmState::kActive}).has_value());
  ASSERT_EQ(row(server.uuid)->current.host, "");
  auto refused = call(AttachInterface{.server = "lost", .network = "private"});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().message, "Instance " + to_string(server.uuid) + " is not ready");
  EXPECT_FALSE(asked());
}

TEST_F(ServerInterfacesTest, TheNetworkIsChosenAsAtACreate) {
  EXPECT_EQ(refusal_of(begin(AttachInterface{.server = "web", .network = "nowhere"})).message,
            "Network nowhere could not be found.");
  Network first{.id = network_id, .name = "private", .shared = true},
      second{.id = Uuid{{8}}, .name = "b", .shared = true};
  deliver(NetworksSnapshot{{first, second}}, kNetwork);
  EXPECT_EQ(refusal_of(begin(AttachInterface{.server = "web"})).code, ErrorCode::kConflict);
  deliver(NetworksSnapshot{{}}, kNetwork);
  EXPECT_THAT(refusal_of(begin(AttachInterface{.server = "web"})).message,
              HasSubstr("No specific network was requested and none are available for project"));
}

TEST_F(ServerInterfacesTest, AServerIsAskedForWithoutANetwork) {
  CreateServers request = create_request("bare");
  request.networks = {"none"};
  auto made = call(request);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(get<CreateServersReply>(*made).servers.at(0).spec.networks.empty());
  request.networks = {"none", "private"};
  EXPECT_FALSE(call(request).has_value());
}

TEST_F(ServerInterfacesTest, ServersWithoutAnAddressHaveNoneInCommon) {
  for (const char* name : {"a", "b"}) {
    Instance one = create(name);
    InstanceReport done = report(one, BuildResult::kActive);
    Address none = address(name[0]);
    none.ip = Ipv4{};
    done.addresses = {none};
    deliver(std::move(done));
    EXPECT_EQ(row(one.uuid)->vm_state, VmState::kActive) << "nobody else has 0.0.0.0";
  }
}

}  // namespace
}  // namespace kilonova::controller
