// The controller: owns the rows of the cloud and drives every server to where it should be. This class only receives:
// it hands each message and call to the part that knows it (launch_flow.h, build_results.h, terminate_flow.h, ...).
// Everything on the loop thread.
#pragma once

#include <optional>

#include "controller/core/action_router.h"
#include "controller/core/address_returns.h"
#include "controller/core/beliefs.h"
#include "controller/core/bootstrap.h"
#include "controller/core/build_results.h"
#include "controller/core/controller_counts.h"
#include "controller/core/controller_world.h"
#include "controller/core/fault_desk.h"
#include "controller/core/fault_rules.h"
#include "controller/core/host_action_flow.h"
#include "controller/core/host_registry.h"
#include "controller/core/launch_flow.h"
#include "controller/core/lost_addresses.h"
#include "controller/core/lost_guests.h"
#include "controller/core/move_requests.h"
#include "controller/core/move_stages.h"
#include "controller/core/nouns/aggregates.h"
#include "controller/core/nouns/api_records.h"
#include "controller/core/nouns/cloud_resets.h"
#include "controller/core/nouns/flavors.h"
#include "controller/core/nouns/guest_views.h"
#include "controller/core/nouns/images.h"
#include "controller/core/nouns/key_pairs.h"
#include "controller/core/nouns/migrations.h"
#include "controller/core/nouns/projects.h"
#include "controller/core/nouns/quotas.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/nouns/server_groups.h"
#include "controller/core/nouns/server_interfaces.h"
#include "controller/core/nouns/servers.h"
#include "controller/core/nouns/services.h"
#include "controller/core/nouns/token_keys.h"
#include "controller/core/nouns/users.h"
#include "controller/core/peer_book.h"
#include "controller/core/periodic_tasks.h"
#include "controller/core/rebuild_flow.h"
#include "controller/core/reset_flow.h"
#include "controller/core/running_deleted.h"
#include "controller/core/server_steps.h"
#include "controller/core/snapshot_flow.h"
#include "controller/core/terminate_flow.h"
#include "controller/core/watchdog.h"
#include "domain/beliefs.h"
#include "domain/messages.h"
#include "ports/door.h"
#include "ports/transport.h"

namespace kilonova::controller {

// What main or a simulation builds a controller from. All of it outlives the core.
struct ControllerPorts {
  Loop& loop;
  Transport& transport;
  Log& log;
  Random& random;
  ControllerStore& store;
  CloudResets::BeginAgain begin_again = {};
  std::optional<FailedReset> failed_reset = {};  // that this core was made after
};

class ControllerCore : public PeerHandler {
 public:
  // `state`: what store.load() returned, with the bootstrap rows committed and a token_signing_key(). Destroying the
  // core ends every flow.
  ControllerCore(ControllerPorts ports, ControllerOptions options, ControllerState state);
  ~ControllerCore() override;

  // Takes up what the rows say is under way and starts the watchdog. Once the transport can send.
  void start();

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer& peer) override;
  void on_message(const Peer& from, Message message) override;

  const InstanceTable& instances() const { return instances_; }
  const AllocationTable& allocations() const { return allocations_; }
  const RecordTables& records() const { return records_; }
  // Walks all hosts.
  ControllerCounts counts() const;
  // One page of what the controller itself believes.
  Expected<BeliefPage> beliefs(const ReadBeliefs& request) const { return describe_beliefs(world_, hosts_, request); }

 private:
  Task<> answer_call(Peer from, uint64_t call_id, ApiCall call);
  // dispatch.cc: each operation goes to the part that has a handle() for it.
  Task<Expected<ApiResponse>> dispatch(ApiCall call);
  auto parts();
  Task<Expected<ApiResponse>> read_beliefs(ApiCall call);
  Task<Expected<ApiResponse>> forward_to(PeerId daemon, ApiCall call, Duration timeout);
  Duration reading_timeout() const;  // of another daemon's memory
  // Not so a guest whose server is deleted, and that stays on its host for now.
  bool is_wanted_or_reaped(PeerId process, const std::string& host, const PlacementId& guest);
  void on_ownership_query(const Peer& from, uint64_t call, const OwnershipQuery& query);
  void hear_power_states(const Peer& from, const OwnershipQuery& query);
  // False: the message is to be ignored. What it says of others' hosts is taken out of it.
  bool may_speak_of_hosts(const Peer& from, Message& message) const;
  void on_no_valid_host(NoValidHost message);
  Task<> register_hosts(Peer from, RegisterHosts part);
  void check_recovery();
  void look_after();
  void announce_again();
  void schedule_look();

  ControllerOptions options_;
  Log& log_;
  Transport& transport_;
  Loop& loop_;
  InstanceTable instances_;
  AllocationTable allocations_;
  RecordTables records_;
  FaultBook faults_;
  DriveTable drives_;
  Schedulers schedulers_;
  EventLog events_;
  AddressReturns returns_;
  RowWriter rows_;
  Caller caller_;
  KeyedLock<Uuid> instance_locks_;
  KeyedLock<std::string> record_locks_;
  std::optional<Scope> flows_;  // destroyed first: flows use every part below
  ControllerWorld world_;
  ServiceBook services_;
  PeerBook peers_;
  HostRegistry hosts_;
  FaultDesk fault_desk_;
  Terminations terminations_;
  LaunchFlow launches_;
  MoveStages stages_;
  BuildResults results_;
  Watchdog watchdog_;
  LostGuests lost_guests_;
  LostAddresses lost_addresses_;
  HostActionFlow host_actions_;
  TerminateFlow terminates_;
  RebuildFlow rebuilds_;
  SnapshotFlow snapshots_;
  ResetFlow resets_;
  ServerSteps steps_;
  MoveRequests moves_;
  ActionRouter actions_;
  PeriodicTasks periodic_;
  RunningDeleted running_deleted_;
  FaultRules fault_rules_;
  Servers servers_;
  ServerChanges server_changes_;
  ServerInterfaces interfaces_;
  GuestViews guest_views_;
  Services cloud_;
  Flavors flavors_;
  Images images_;
  KeyPairs key_pairs_;
  Projects projects_;
  Users users_;
  TokenKeyBook token_keys_;
  Quotas quotas_;
  Aggregates aggregates_;
  ServerGroups server_groups_;
  ApiRecords api_records_;
  Migrations migrations_;
  CloudResets cloud_resets_;
  Instant started_at_;
  TimerId look_timer_ = 0;
  Instant announced_;  // when everybody was last told again what they heard on connection
  Instant hosts_announced_;
};

}  // namespace kilonova::controller
