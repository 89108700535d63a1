// A network-controller over a store in memory, with controller and compute played by the test.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "domain/api.h"
#include "domain/messages.h"
#include "domain/nouns/network.h"
#include "domain/operation.h"
#include "domain/user_role.h"
#include "network-controller/core/network_core.h"
#include "runtime/virtual_loop.h"
#include "store/memory_network_store.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"

namespace kilonova::network {

inline constexpr PeerId kController{Role::kController, 0};
inline constexpr PeerId kCompute{Role::kCompute, 0};
inline constexpr PeerId kSelf{Role::kNetwork, 0};

inline constexpr TicketKey kTicketKey{7, 11};

inline Uuid uuid_of(uint64_t number) {
  Uuid uuid;
  for (int i = 0; i < 8; ++i) uuid.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return uuid;
}
inline PlacementId placement(uint64_t number, uint64_t epoch = 1) { return {uuid_of(number), epoch}; }
inline RequestContext member(uint64_t project) { return {uuid_of(900), uuid_of(project), UserRole::kMember, {}}; }
inline RequestContext admin(uint64_t project = 1) { return {uuid_of(901), uuid_of(project), UserRole::kAdmin, {}}; }

class NetworkWorld {
 public:
  explicit NetworkWorld(NetworkOptions options = {}) : options_(options) { restart(); }

  // A crash and a new incarnation over the same disk.
  void restart() {
    core.reset();
    store.reset();
    store.emplace(loop, image, disk);
    core.emplace(NetworkPorts{loop, transport, log, Random(1), *store, options_});
    started = core->start();
    if (!started) return;
    transport.connect(*core, kController, ++incarnation_);
    send(kController, AddressKey{kTicketKey});
    transport.connect(*core, kCompute, 1);
    settle();
  }
  // Everything that is under way now and within a second.
  void settle() { loop.run_until(loop.now() + seconds(1)); }

  void send(PeerId from, Message::Body body, uint64_t call = 0) {
    transport.deliver(*core, from, std::move(body), call);
  }
  AllocateAddressesReply allocate(PlacementId id, std::vector<Uuid> networks, uint64_t project = 1) {
    return allocate(request(id, std::move(networks), project));
  }
  // For a server that moves away from this epoch.
  AllocateAddressesReply allocate_shared(PlacementId id, std::vector<Uuid> networks, uint64_t shares_with) {
    AllocateAddresses shared = request(id, std::move(networks));
    shared.shares_with = shares_with;
    return allocate(std::move(shared));
  }
  AllocateAddressesReply allocate(AllocateAddresses wanted) {
    transport.take<AllocateAddressesReply>();
    send(kCompute, std::move(wanted), 5);
    settle();
    auto replies = transport.take<AllocateAddressesReply>();
    return replies.size() == 1 ? replies[0] : AllocateAddressesReply{.fault = {ErrorCode::kInternal, "no reply"}};
  }
  static AllocateAddresses request(PlacementId id, std::vector<Uuid> networks, uint64_t project = 1) {
    AllocateAddresses result{.placement = id, .attempt = 1, .project_id = uuid_of(project), .host = "h1"};
    result.hostname = "web";
    result.networks = std::move(networks);
    result.ticket = ticket_for(id, kTicketKey);
    return result;
  }
  // True when it was confirmed.
  bool release(PlacementId id, PeerId from = kCompute, uint64_t kept_by = 0) {
    transport.take<AddressesReleased>();
    send(from, ReleaseAddresses{id, {}, kept_by, ticket_for(id, kTicketKey)});
    settle();
    return transport.take<AddressesReleased>() == std::vector<AddressesReleased>{{id}};
  }
  ApiReply ask(RequestContext context, ApiRequest api_request) {
    transport.take<ApiReply>();
    send(kController, ApiCall{std::move(context), {}, std::move(api_request)}, 9);
    settle();
    auto replies = transport.take<ApiReply>();
    return replies.size() == 1 ? replies[0] : ApiReply{fail(ErrorCode::kInternal, "no reply")};
  }
  NetworkList networks(RequestContext context, std::string name = "") {
    ApiReply answer = ask(std::move(context), ListNetworks{std::move(name)});
    return answer.result ? get<NetworkList>(*answer.result) : NetworkList{};
  }
  Network create(RequestContext context, CreateNetwork wanted) {
    ApiReply answer = ask(std::move(context), std::move(wanted));
    return answer.result ? get<NetworkList>(*answer.result).networks.at(0) : Network{};
  }
  Uuid private_network() { return networks(admin(), "private").networks.at(0).id; }
  size_t leases() { return image.state().leases.size(); }
  NetworkCoreState state() { return core->core_state(); }

  VirtualLoop loop;
  MemoryNetworkImage image;
  MemoryDisk disk;
  testing::FakeTransport transport{kSelf};
  testing::RecordingLog log;
  std::optional<MemoryNetworkStore> store;
  std::optional<NetworkCore> core;
  Expected<> started;

 private:
  NetworkOptions options_;
  Incarnation incarnation_ = 0;
};

}  // namespace kilonova::network
