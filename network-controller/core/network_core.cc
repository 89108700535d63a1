#include "network-controller/core/network_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/sometimes.h"
#include "domain/api.h"
#include "domain/subnet_rules.h"
#include "network-controller/core/subnet_checks.h"
#include "ports/door.h"
#include "runtime/sleep.h"

namespace kilonova::network {
namespace {

// Of `public`, in the words of the api-server, whose details these are: the network that topologies which are allocated
// automatically lead to, as DevStack has it.
constexpr std::string_view kDefaultWayOut = R"({"is_default":true})";

Network first_network(const Uuid& id, std::string name, std::string_view cidr, uint16_t vlan, WallTime now) {
  Cidr parsed = *parse_cidr(cidr);
  return Network{.id = id,
                 .name = std::move(name),
                 .shared = true,
                 .cidr = parsed,
                 .gateway = Ipv4{parsed.network.value + 1},
                 .vlan = vlan,
                 .created_at = now};
}

Error contradiction(std::string what) {
  return {ErrorCode::kDataLoss, fmt::format("the network store contradicts itself: {}", what)};
}

}  // namespace

Expected<> validate(const NetworkOptions& options) {
  if (options.vlan_start < 1 || options.vlan_start > kLastVlan)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("vlan_start is {}; it must be from 1 to {}", options.vlan_start, kLastVlan));
  if (options.lease_time < seconds(2) || options.fence_retention.us <= 0 || options.audit_interval.us <= 0)
    return fail(ErrorCode::kInvalidArgument,
                "lease_time must be at least 2 s, fence_retention and audit_interval longer than 0");
  if (options.audit_chunk == 0) return fail(ErrorCode::kInvalidArgument, "audit_chunk must be at least 1");
  return {};
}

NetworkCore::NetworkCore(NetworkPorts ports)
    : loop_(ports.loop),
      transport_(ports.transport),
      log_(ports.log),
      random_(ports.random),
      store_(ports.store),
      options_(ports.options),
      self_(to_string(ports.transport.self())),
      fence_clock_(ports.loop.wall_now(), ports.loop.now()),
      ready_(ports.loop),
      locks_(ports.loop),
      port_locks_(ports.loop),
      changing_networks_(ports.loop, 1),
      asking_(ports.loop, 1),
      scope_(std::in_place, ports.loop),
      resetting_(ports.loop, 1),
      resets_(ports.loop) {
  KN_CHECK(validate(options_).has_value(), "the options were not validated");
}

Expected<> NetworkCore::start() {
  Expected<NetworkState> state = store_.load();
  if (!state) return std::unexpected(state.error());
  if (auto loaded = load_networks(*state); !loaded) return loaded;
  if (auto loaded = load_ports(std::move(state->ports)); !loaded) return loaded;
  if (auto loaded = load_leases(std::move(state->leases)); !loaded) return loaded;
  load_fences(state->fences);
  // An empty store is a first start. (It is also that of an admin who deleted every network, long ago.)
  if (networks_.empty() && holdings_.fences() == 0) {
    scope_->spawn(create_first_networks({}, false));
  } else {
    ready_.set();
  }
  scope_->spawn(audit_flow());
  return {};
}

Expected<> NetworkCore::load_networks(NetworkState& state) {
  for (Network& row : state.networks) {
    if (networks_.find(row.id) != nullptr)
      return std::unexpected(contradiction(fmt::format("network {} is there twice", to_string(row.id))));
    networks_.insert(std::move(row));
  }
  for (NetworkDetails& row : state.details)
    if (NetworkEntry* entry = networks_.find(row.id)) entry->details = std::move(row);
  for (Subnet& row : state.subnets) {
    NetworkEntry* entry = networks_.find(row.network_id);
    if (entry == nullptr || entry->find(row.id) != nullptr || !check_subnet(row, *entry))
      return std::unexpected(
          contradiction(fmt::format("subnet {} with cidr {} and gateway {} cannot be of network {}", to_string(row.id),
                                    row.cidr, row.gateway, to_string(row.network_id))));
    entry->insert(std::move(row));
  }
  return {};
}

Expected<> NetworkCore::load_ports(std::vector<Port> rows) {
  for (Port& row : rows) {
    NetworkEntry* entry = networks_.find(row.network_id);
    bool sound = entry != nullptr && ports_.find(row.network_id, row.mac) == nullptr &&
                 (!MacPool::is_ours(row.mac) || macs_.take(row.mac));
    if (sound) {
      auto taken = take_addresses(*entry, row.fixed_ips, row.mac, {});
      sound = taken.has_value();
      if (sound) taken->keep();
    }
    if (!sound)
      return std::unexpected(
          contradiction(fmt::format("port {} cannot have {} and its addresses on network {}", to_string(row.id),
                                    to_string(row.mac), to_string(row.network_id))));
    ports_.put(std::move(row));
  }
  return {};
}

Expected<> NetworkCore::load_leases(std::vector<Lease> rows) {
  std::optional<Uuid> instance;
  Holding holding;
  auto put = [&] {
    if (instance) holdings_.put(*instance, std::exchange(holding, {}));
  };
  for (Lease& row : rows) {  // by (instance, nic)
    NetworkEntry* entry = networks_.find(row.address.network_id);
    IpAddress ip = to_ip(row.address.ip);
    SubnetEntry* subnet = entry == nullptr ? nullptr : entry->subnet_of(ip);
    // The port with this MAC has it, and has the address.
    const Port* port = ports_.find(row.address.network_id, row.address.mac);
    bool sound = port != nullptr ? first_ipv4(*port) == row.address.ip
                                 : subnet != nullptr && subnet->pool.take(ip) && macs_.take(row.address.mac);
    if (!sound || (instance == row.instance && (holding.epoch != row.epoch || holding.shared_with != row.shared_with)))
      return std::unexpected(contradiction(fmt::format(
          "server {} cannot hold {} with {} on network {} at epoch {}", to_string(row.instance),
          to_string(row.address.ip), to_string(row.address.mac), to_string(row.address.network_id), row.epoch)));
    if (subnet != nullptr) subnet->holders.insert(row.address.ip.value, row.instance);
    if (instance != row.instance) {
      put();
      instance = row.instance;
      holding.epoch = row.epoch;
      holding.shared_with = row.shared_with;
      holding.hostname = std::move(row.hostname);
    }
    holding.nics.push_back({row.address.network_id, row.address.mac, row.address.ip, row.address.nic,
                            row.address.lease_expires_at, port == nullptr ? Uuid{} : port->id});
  }
  put();
  return {};
}

// The rest of their time. By the wall clock it could be none, and late messages would find no fence.
void NetworkCore::load_fences(const std::vector<ReleaseFence>& rows) {
  if (rows.empty()) return;
  fence_clock_ = {std::ranges::max(rows, {}, &ReleaseFence::released_at).released_at, loop_.now()};
  for (const ReleaseFence& row : rows) {
    int64_t age =
        std::clamp<int64_t>((fence_clock_.at(loop_.now()) - row.released_at).us, 0, options_.fence_retention.us);
    holdings_.put_fence(row.placement, loop_.now() + (options_.fence_retention - microseconds(age)));
  }
}

// Admins' ready-made networks: `private` so large that a million servers fit, `public` for floating addresses. Their
// owner is the nil project: which one is the admins' is not known here.
Task<void> NetworkCore::create_first_networks(FirstNetworkIds ids, bool erase_all) {
  auto public_vlan = static_cast<uint16_t>(options_.vlan_start < kLastVlan ? options_.vlan_start + 1 : 1);
  for (Uuid* id : {&ids.private_network, &ids.public_network, &ids.private_subnet, &ids.public_subnet})
    if (id->is_nil()) *id = random_uuid(random_);
  Network private_network =
      first_network(ids.private_network, "private", "10.0.0.0/8", options_.vlan_start, loop_.wall_now());
  Network public_network = first_network(ids.public_network, "public", "172.24.4.0/24", public_vlan, loop_.wall_now());
  public_network.external = true;
  const NetworkDetails public_details{public_network.id, std::string(kDefaultWayOut), 1, loop_.wall_now()};
  Subnet private_subnet = ipv4_subnet_of(private_network, ids.private_subnet);
  Subnet public_subnet = ipv4_subnet_of(public_network, ids.public_subnet);
  for (;;) {
    NetworkTransaction transaction;
    if (erase_all) transaction.emplace_back(network_mutation::EraseEverything{});
    transaction.emplace_back(network_mutation::PutNetwork{private_network});
    transaction.emplace_back(network_mutation::PutSubnet{private_subnet});
    transaction.emplace_back(network_mutation::PutNetwork{public_network});
    transaction.emplace_back(network_mutation::PutSubnet{public_subnet});
    transaction.emplace_back(network_mutation::PutDetails{public_details});
    Expected<> committed = co_await store_.commit(std::move(transaction));
    if (committed) break;
    log_.event(LogLevel::kError, "the first networks were not stored; trying again",
               {{"error", committed.error().message}});
    co_await sleep_for(loop_, seconds(1));
  }
  networks_.insert(std::move(private_network)).insert(std::move(private_subnet));
  NetworkEntry& way_out = networks_.insert(std::move(public_network));
  way_out.insert(std::move(public_subnet));
  way_out.details = public_details;
  ready_.set();
  if (controller_) send_snapshot(controller_->id);
}

void NetworkCore::on_peer_up(const Peer& peer) {
  incarnations_.insert_or_assign(peer.id, peer.incarnation);
  if (peer.id.role != Role::kController) return;
  controller_ = peer;
  if (ready_.is_set()) send_snapshot(peer.id);
  // Either store may have gone back since the two last spoke.
  if (std::exchange(reconciled_with_, peer.incarnation) != peer.incarnation) scope_->spawn(ask_for_owners());
}

void NetworkCore::on_peer_down(const Peer& peer) {
  if (controller_ && controller_->id == peer.id) controller_.reset();
}

void NetworkCore::on_message(const Peer& from, Message message) {
  if (!may_enter(log_, from, Role::kNetwork, message)) return;
  heard_ += 1;
  if (const auto* told = get_if<AddressKey>(&message.body)) ticket_key_ = told->key;
  // Before that nobody's ticket can be checked: who asks asks again.
  if (from.id.role == Role::kCompute && ticket_key_ == TicketKey{}) {
    KN_SOMETIMES("network: a process asks before the key for tickets is known");
    return;
  }
  // Addresses: of compute, and of the controller for a guest that was built unheard.
  if (auto* allocate = get_if<AllocateAddresses>(&message.body)) {
    scope_->spawn(allocate_for_instance(from, message.call, std::move(*allocate)));
  } else if (auto* release = get_if<ReleaseAddresses>(&message.body)) {
    scope_->spawn(deallocate_for_instance(from, message.call, std::move(*release)));
  } else if (auto* request = get_if<ApiCall>(&message.body)) {
    // It ends all other flows.
    Scope& flows = holds_alternative<ResetNetworks>(request->request) ? resets_ : *scope_;
    flows.spawn(answer_network_request(from, message.call, std::move(*request)));
  } else if (auto* answer = get_if<OwnershipAnswer>(&message.body)) {
    // In this order for each server: what it should not have goes first.
    for (const PlacementId& orphan : answer->orphans) scope_->spawn(release_orphan(orphan, heard_));
    scope_->spawn(learn_leases(message.call, std::move(answer->leases), answer->orphans.empty(), heard_));
  }
}

bool NetworkCore::may_act_for(const Peer& from, const PlacementId& placement, uint64_t ticket) const {
  if (from.id.role != Role::kCompute) return true;
  return ticket == ticket_for(placement, ticket_key_);
}

void NetworkCore::send_snapshot(PeerId to) {
  transport_.send(to, Message{.call = 0, .body = NetworksSnapshot{networks_.rows()}});
}

void NetworkCore::reply(const Peer& to, uint64_t call, Message::Body body) {
  const Incarnation* current = incarnations_.find(to.id);
  if (current == nullptr || *current != to.incarnation) {
    KN_SOMETIMES("network: who asked has restarted since");
    return;
  }
  transport_.send(to.id, Message{.call = call, .body = std::move(body)});
}

}  // namespace kilonova::network
