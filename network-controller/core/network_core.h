// NetworkCore: step 8 of a launch. Owns the networks, the addresses that servers hold and the fences of those released;
// gives addresses out, takes them back, and answers what clients ask of networks (forwarded by the controller).
//
// Everything is called on the loop's thread. Commit, then act: memory and answers follow the store. Work on one server is
// done one after the other, whoever asks. No message can make it fail. Flow: docs/life-of-a-launch.md; rules:
// docs/protocol.md, "Addresses".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/elapsed_clock.h"
#include "base/hash_map.h"
#include "base/random.h"
#include "domain/beliefs.h"
#include "domain/messages.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/network.h"
#include "domain/nouns/network_part.h"
#include "domain/nouns/server_interface.h"
#include "domain/operation.h"
#include "network-controller/core/address_pool.h"
#include "network-controller/core/holdings.h"
#include "network-controller/core/mac_pool.h"
#include "network-controller/core/network_table.h"
#include "network-controller/core/open_requests.h"
#include "network-controller/core/ownership_round.h"
#include "network-controller/core/port_addresses.h"
#include "ports/log.h"
#include "ports/network_store.h"
#include "ports/transport.h"
#include "runtime/event.h"
#include "runtime/keyed_lock.h"
#include "runtime/loop.h"
#include "runtime/scope.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"

namespace kilonova::network {

struct NetworkOptions {
  Duration lease_time = seconds(86400);  // dhcp_lease_duration of Neutron
  uint16_t vlan_start = 100;             // nova-network's flag
  size_t max_networks_of_project = 100;  // quota_network of Neutron: each takes one of 4,094 VLANs
  // How long a release is remembered. Longer than any message of the released try can be under way.
  Duration fence_retention = seconds(3600);
  Duration audit_interval = seconds(300);
  size_t audit_chunk = 1000;  // holders asked for in one OwnershipQuery
};

// kInvalidArgument naming the option, its value and what would be right.
Expected<> validate(const NetworkOptions& options);

struct NetworkPorts {
  Loop& loop;
  Transport& transport;
  Log& log;
  Random random;
  NetworkStore& store;
  NetworkOptions options;  // must be valid
};

// What `kilonova check` and tests look at.
struct NetworkCoreState {
  const NetworkTable& networks;
  const PortTable& ports;
  const Holdings& holdings;
  const MacPool& macs;
};

class NetworkCore final : public PeerHandler {
 public:
  explicit NetworkCore(NetworkPorts ports);

  // Once, before peers connect: loads the store (may block), and makes the first networks where it is empty; what peers
  // ask meanwhile waits. Errors: the store's; kDataLoss for rows that contradict each other.
  Expected<> start();

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer& peer) override;
  void on_message(const Peer& from, Message message) override;

  NetworkCoreState core_state() const { return {networks_, ports_, holdings_, macs_}; }
  // One page of the addresses held, for audits. kInvalidArgument for other kinds, and for a position that no page ended
  // with.
  Expected<BeliefPage> beliefs(const ReadBeliefs& request) const;

 private:
  // One nic on its way to a server: what is new of it frees itself unless kept.
  struct NicReservation {
    HeldNic nic;
    ReservedAddresses addresses;
    std::optional<MacReservation> mac;
    std::optional<Port> port;  // as it is once it is bound
  };
  // What becomes of ports when servers get and lose them.
  struct PortChanges {
    std::vector<Port> put;
    std::vector<Port> erased;
  };

  Expected<> load_networks(NetworkState& state);
  Expected<> load_ports(std::vector<Port> rows);
  Expected<> load_leases(std::vector<Lease> rows);
  void load_fences(const std::vector<ReleaseFence>& rows);
  // Of the networks that a cloud begins with; nil: drawn.
  struct FirstNetworkIds {
    Uuid private_network;
    Uuid public_network;
    Uuid private_subnet;
    Uuid public_subnet;
  };
  // Tries until they are stored; `erase_all`: in place of everything else. Peers are served from then on.
  Task<void> create_first_networks(FirstNetworkIds ids, bool erase_all);

  // reset_networks.cc
  Task<Expected<Empty>> handle(ResetNetworks request, RequestContext context);
  // Those that are there still.
  FirstNetworkIds first_network_ids() const;
  void forget_everything();

  // A compute process acts for the placements that it has tickets for.
  bool may_act_for(const Peer& from, const PlacementId& placement, uint64_t ticket) const;
  // allocate_for_instance.cc
  Task<void> allocate_for_instance(Peer from, uint64_t call, AllocateAddresses request);
  Task<Expected<std::vector<Address>>> allocate(AllocateAddresses request);
  Task<Expected<std::vector<Address>>> share(PlacementId placement, uint64_t shares_with);
  void put_leases(const Uuid& instance, const Holding& holding, NetworkTransaction& transaction);
  Task<Expected<>> store_leases(NetworkTransaction transaction);
  Expected<std::vector<NicReservation>> reserve_nics(const AllocateAddresses& request);
  Expected<NicReservation> reserve_nic(const AllocateAddresses& request, const Uuid& id);
  Expected<NicReservation> reserve_own_nic(NetworkEntry& entry);
  Expected<NicReservation> reserve_new_port(NetworkEntry& entry, const AllocateAddresses& request,
                                            const std::string& fixed_ip = {});
  Expected<NicReservation> reserve_port(const Port& port, const AllocateAddresses& request);
  static Port bound_to(Port port, const Uuid& instance);
  std::vector<Uuid> ports_of(const AllocateAddresses& request) const;
  PortChanges unbound(const Uuid& instance, const std::vector<NicReservation>& kept, bool server_is_gone) const;
  // One that was made for its server is to go, another one is free.
  void let_go(const Port& port, PortChanges& changes) const;
  static void put_ports(const PortChanges& changes, NetworkTransaction& transaction);
  void take_port_changes(PortChanges changes);
  void note_holder(const HeldNic& nic, const Uuid& instance);
  Address address_of(const HeldNic& nic);
  std::vector<Address> addresses_of(const Holding& holding);
  void free_addresses(const Holding& holding);

  // deallocate_for_instance.cc
  Task<void> deallocate_for_instance(Peer from, uint64_t call, ReleaseAddresses request);
  // Ports that were made for a server stay for its next try, and go with it, or where nobody knows it.
  enum class Release { kOfPlacement, kOfServer, kOfOrphan };
  // `heard`: when it was said; what the controller has changed since then stays.
  Task<bool> deallocate(PlacementId placement, uint64_t kept_by, Release release, uint64_t heard = UINT64_MAX);
  Task<void> release_orphan(PlacementId placement, uint64_t heard);
  Task<void> audit_flow();
  // Once round: asks for all that is held.
  Task<void> ask_for_owners();
  Task<void> forget_fences();

  // network_parts.cc
  Expected<NetworkParts> handle(const ListNetworkParts& request, const RequestContext& context);
  Task<Expected<NetworkParts>> handle(StoreNetwork request, RequestContext context);
  Task<Expected<NetworkParts>> handle(StoreSubnet request, RequestContext context);
  Task<Expected<NetworkParts>> handle(StorePort request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteNetworkPart request, RequestContext context);
  static HeldNic* bare_nic_of(const Port& port, Holding& holding);
  Task<Expected<NetworkParts>> adopt_nic(Port row, Uuid instance);
  Task<Expected<Empty>> delete_network(NetworkEntry* entry);
  Task<Expected<Empty>> delete_subnet(Uuid id);
  Task<Expected<Empty>> delete_port(Uuid id);
  void forget_port(const Port& port);
  std::vector<Port> with_automatic_addresses(const Subnet& subnet) const;
  std::vector<Uuid> ports_on(const Uuid& network) const;
  Task<std::vector<KeyedLock<Uuid>::Guard>> lock_ports(std::vector<Uuid> ports);
  bool is_bound(const Port& port) const;
  Expected<std::optional<MacReservation>> reserve_mac(Port& row, const Port* before);

  // change_nics.cc
  // What is to become of a server's nics; what is new of it frees itself unless kept.
  struct NicsPlan {
    Holding next;
    Holding gone;  // the nics that it loses
    std::optional<NicReservation> added;
    PortChanges ports;
    std::optional<Port> shrunk;  // as it was before it lost an address
  };
  Task<Expected<LeaseList>> handle(ChangeServerNics request, RequestContext context);
  Expected<NicsPlan> plan_nics(const ChangeServerNics& request) const;
  Expected<> drop_fixed_ip(const ChangeServerNics& request, NicsPlan& plan) const;
  Expected<NicReservation> reserve_added(const ChangeServerNics& request, const Holding& next);
  std::unexpected<Error> lost(const Uuid& instance);
  LeaseList leases_of(const Uuid& instance, const Holding& holding);

  // learn_leases.cc
  // `heard`: when they were told.
  Task<void> learn_leases(uint64_t round, std::vector<Lease> rows, bool ask_again, uint64_t heard);
  // Of one server.
  Task<void> learn_lease(uint64_t round, std::vector<Lease> rows, uint64_t heard);
  bool is_held(const std::vector<Lease>& rows) const;
  // Others that hold one of these addresses or MACs. Nothing where one cannot be held now.
  std::optional<std::vector<PlacementId>> holders_of(const std::vector<Lease>& rows);
  Task<void> hold(std::vector<Lease> rows);
  bool reserve_learnt(const Address& address, std::vector<AddressReservation>& addresses,
                      std::vector<MacReservation>& macs);
  void free_what_is_not_in(const Holding& holding, const Uuid& instance);

  // network_requests.cc
  Task<void> answer_network_request(Peer from, uint64_t call, ApiCall request);
  Task<ApiReply> handle_network_request(ApiCall request);
  Task<Expected<NetworkList>> handle(CreateNetwork request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteNetwork request, RequestContext context);
  Expected<NetworkList> handle(const ListNetworks& request, const RequestContext& context);
  Expected<LeaseList> handle(const ListLeases& request, const RequestContext& context);
  Expected<BeliefPage> handle(const ReadBeliefs& request, const RequestContext& context);

  void send_snapshot(PeerId to);
  // Only to the incarnation that asked: a later one has other calls with the same numbers.
  void reply(const Peer& to, uint64_t call, Message::Body body);

  Loop& loop_;
  Transport& transport_;
  Log& log_;
  Random random_;
  NetworkStore& store_;
  NetworkOptions options_;
  std::string self_;  // "network-0"

  NetworkTable networks_;
  PortTable ports_;
  Holdings holdings_;
  ElapsedClock fence_clock_;  // stamps the releases
  MacPool macs_;
  HashMap<PeerId, Incarnation> incarnations_;  // of every peer, as last heard
  std::optional<Peer> controller_;             // while connected
  TicketKey ticket_key_;                       // none before the controller has told it
  uint64_t heard_ = 0;                         // messages so far
  Incarnation reconciled_with_ = 0;            // the controller that was asked for owners last on its connection

  Event ready_;                  // loaded, and the first networks are there
  KeyedLock<Uuid> locks_;        // an instance's: held across its commits
  KeyedLock<Uuid> port_locks_;   // a port's, likewise; taken after all others, in the order of their ids
  Semaphore changing_networks_;  // one creation or deletion at a time
  Semaphore asking_;             // one round of ask_for_owners() at a time
  OwnershipRound round_;
  OpenRequests open_requests_;  // for addresses
  std::optional<Scope> scope_;  // none of its flows ends it: a reset does
  Semaphore resetting_;         // one at a time
  Uuid last_reset_;             // that this life did
  Scope resets_;
};

}  // namespace kilonova::network
