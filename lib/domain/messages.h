// Every message between daemons, one struct each. docs/protocol.md says who sends which when, and why.
// lib/rpc converts them to kilonova.v1 protobufs; a simulation hands them over as they are, or through the converters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/one_of.h"
#include "base/time.h"
#include "domain/address_ticket.h"
#include "domain/instance.h"
#include "domain/launch_steps.h"
#include "domain/net.h"
#include "domain/nouns/fault_rule.h"
#include "domain/operation.h"
#include "domain/request_spec.h"
#include "domain/server_actions.h"
#include "domain/watch_event.h"

namespace kilonova {

// ---- controller -> scheduler

// One server of a SelectDestinations.
struct PlacementRequest {
  PlacementId placement;
  uint32_t attempt = 0;
  uint64_t operation = 0;
  std::string name;
  std::string hostname;
  std::vector<InjectedFault> faults;
  std::vector<StepRecord> steps;  // 1 to 3 so far
  uint64_t ticket = 0;            // for the addresses of this placement: domain/address_ticket.h
  bool operator==(const PlacementRequest&) const = default;
};

// Where a server is, or is about to be. One that moves is in two places.
struct PlacedServer {
  Uuid instance;
  std::string host;  // "" = the controller knows of none yet
  bool operator==(const PlacedServer&) const = default;
};

// The server group of those that are placed.
struct SchedulingGroup {
  GroupPolicy policy = GroupPolicy::kAffinity;
  uint32_t max_server_per_host = 1;   // of kAntiAffinity
  std::vector<PlacedServer> members;  // those that are placed too
  bool operator==(const SchedulingGroup&) const = default;
};

// Cast, step 3. All servers of one create call, placed all or none (Nova); or one server of a reschedule.
// Refused by a scheduler of another incarnation.
struct SelectDestinations {
  Incarnation scheduler = 0;
  uint64_t cast_number = 0;  // counts the casts of this controller incarnation to this scheduler from 1
  TraceContext trace;
  RequestSpec spec;
  std::vector<PlacementRequest> requests;
  std::vector<std::string> excluded_hosts;  // tried before
  std::vector<std::string> alternates;      // reschedule: take the first that still fits; empty on a first try
  std::string requested_host;               // the only one that filters are asked about; "" = any
  uint64_t shares_with = 0;                 // the epoch that the one server moves away from, 0 = it does not move
  std::optional<SchedulingGroup> group = {};
  std::vector<PlacedServer> hinted = {};  // the servers that spec.hints names, as far as they are there
  bool operator==(const SelectDestinations&) const = default;
};

struct HostStatus {
  // An aggregate that has the host, as filters and weighers see it.
  struct InAggregate {
    int64_t id = 0;
    std::vector<MetadataItem> metadata;  // by key; its zone, where it has one, is `availability_zone`, as in Nova
    bool operator==(const InAggregate&) const = default;
  };

  int64_t id = 0;  // registration order
  std::string name;
  std::string zone;
  PeerId process;
  bool enabled = true;
  bool up = false;
  std::vector<InAggregate> aggregates;  // by id
  bool operator==(const HostStatus&) const = default;
};

// What the controller alone knows of hosts. Full after (re)connection, then changes.
struct HostStatuses {
  bool full = false;
  std::vector<HostStatus> hosts;
  std::vector<std::string> deleted = {};  // hosts that are no longer there
  bool operator==(const HostStatuses&) const = default;
};

// ---- scheduler -> controller

// Terminal: no host for these. Nova's NoValidHost.
struct NoValidHost {
  std::vector<PlacementId> placements;
  std::string reason;  // decision.reason
  Decision decision;
  std::vector<StepRecord> steps;  // of the first placement; the others' differ in nothing
  bool operator==(const NoValidHost&) const = default;
};

// The cast named another incarnation of this scheduler: nothing was done.
struct SelectDestinationsRefused {
  uint64_t cast_number = 0;
  std::vector<PlacementId> placements;
  bool operator==(const SelectDestinationsRefused&) const = default;
};

// Every report_interval: all casts up to the watermark were turned into run casts or NoValidHost.
struct SchedulerHeartbeat {
  uint64_t cast_watermark = 0;
  uint64_t decisions = 0;
  uint64_t debits = 0;  // unsettled, for `kilonova check`
  double cpu_allocation_ratio = 0;
  double ram_allocation_ratio = 0;
  double disk_allocation_ratio = 0;
  bool operator==(const SchedulerHeartbeat&) const = default;
};

// ---- scheduler -> compute

// Cast, step 5. A repeated cast of one placement is the same cast.
struct BuildAndRunInstance {
  std::string host;
  PlacementId placement;
  uint32_t attempt = 0;
  uint64_t operation = 0;
  std::string name;
  std::string hostname;
  TraceContext trace;
  RequestSpec spec;
  std::vector<std::string> alternates;
  std::vector<InjectedFault> faults;
  std::vector<StepRecord> steps;  // 1 to 5
  Decision decision;
  // The epoch that the server moves away from and shares its addresses with; its guest is defined and left off then. 0 =
  // it does not move.
  uint64_t shares_with = 0;
  uint64_t ticket = 0;  // for the addresses of this placement: domain/address_ticket.h
  bool operator==(const BuildAndRunInstance&) const = default;
};

// ---- compute -> scheduler

struct HostUsage {
  std::string host;
  uint64_t version = 0;  // grows with every change of this host in this incarnation
  Resources total;
  Resources used;
  uint32_t instances = 0;
  std::vector<PlacementId>
      settled;  // included, refused or released since the last usage of this host: ends their debits
  bool operator==(const HostUsage&) const = default;
};

// Absolute usage. Full after (re)connection, then the hosts that changed.
struct UsageUpdate {
  bool full = false;
  std::vector<HostUsage> hosts;
  bool operator==(const UsageUpdate&) const = default;
};

// ---- compute -> controller

struct HostInfo {
  std::string name;
  std::string zone;
  Resources total;
  bool operator==(const HostInfo&) const = default;
};

struct GuestInfo {
  std::string host;
  PlacementId placement;
  PowerState power_state = PowerState::kNoState;
  bool built = false;  // false: the build never finished
  bool operator==(const GuestInfo&) const = default;
};

// First message of a compute process to each controller incarnation, in parts; the last one has `last`.
// Guests: what the hypervisor's journal says, kept or destroyed by the answer.
struct RegisterHosts {
  std::vector<HostInfo> hosts;
  std::vector<GuestInfo> guests;
  bool last = true;
  bool operator==(const RegisterHosts&) const = default;
};

// Every report_interval, the first at once. Hosts of the process that are not named down are alive.
struct ComputeHeartbeat {
  std::vector<std::string> hosts_down;
  struct Unfinished {
    std::string host;
    PlacementId placement;
    bool operator==(const Unfinished&) const = default;
  };
  std::vector<Unfinished> unfinished;  // from receipt of the cast until the terminal result is answered
  bool operator==(const ComputeHeartbeat&) const = default;
};

enum class BuildResult : uint8_t {
  kProgress = 1,     // step reached, or a long wait begun; overwritten in the queue by what follows
  kActive = 2,       // terminal: guest runs
  kRescheduled = 3,  // terminal for this host: claim, group or unclassified failure; all released
  kFailed = 4,       // terminal: BuildAbort; all released
  kLost = 5,         // terminal: an unfinished build found at start-up and destroyed
};

// Progress and results of one try. Terminal ones are resent until answered.
struct InstanceReport {
  std::string host;
  PlacementId placement;
  uint32_t attempt = 0;
  BuildResult result = BuildResult::kProgress;
  LaunchStep step = LaunchStep::kNone;  // the last step that finished
  TraceContext trace;
  std::vector<StepRecord> steps;  // all so far
  Decision decision;
  std::vector<Address> addresses;
  Error fault{ErrorCode::kInternal, ""};  // of kRescheduled, kFailed
  std::vector<std::string> alternates;    // left, of terminal ones
  bool operator==(const InstanceReport&) const = default;
};

// Guest, claim and addresses of this placement are gone (or never were).
struct InstanceTerminated {
  std::string host;
  PlacementId placement;  // the epoch of the TerminateInstance
  bool operator==(const InstanceTerminated&) const = default;
};

// A server action is an operation within an epoch.
struct ServerActionDone {
  std::string host;
  PlacementId placement;
  uint64_t operation = 0;
  PowerState power_state = PowerState::kNoState;
  Error fault{ErrorCode::kInternal, ""};  // message "" = done
  bool operator==(const ServerActionDone&) const = default;
};

// ---- controller -> compute

struct RegisterHostsAnswer {
  struct Refused {
    std::string host;
    std::string reason;  // "host 'c1' is already carried by compute-0"
    bool operator==(const Refused&) const = default;
  };
  std::vector<Refused> refused;
  bool operator==(const RegisterHostsAnswer&) const = default;
};

// Answers a terminal report (kAccepted: it is committed) or any message of a stale placement
// (kStale: destroy guest, claim and addresses of that epoch).
struct ReportAnswer {
  enum class Verdict : uint8_t { kAccepted = 1, kStale = 2 };
  std::string host;
  PlacementId placement;
  Verdict verdict = Verdict::kAccepted;
  bool operator==(const ReportAnswer&) const = default;
};

// Destroy whatever there is of this server up to this epoch; confirm also when there is nothing.
struct TerminateInstance {
  std::string host;
  PlacementId placement;  // epoch = that of the delete
  TraceContext trace;
  bool operator==(const TerminateInstance&) const = default;
};

struct ApplyServerAction {
  std::string host;
  PlacementId placement;
  uint64_t operation = 0;
  ServerActionKind action = ServerActionKind::kStop;
  TraceContext trace;
  ImageRef image = {};  // of the server: what new disks are made of, and about the size of a snapshot
  std::vector<InjectedFault> faults = {};  // that may strike it
  bool operator==(const ApplyServerAction&) const = default;
};

// These hosts download the images that they have not. Nothing answers it, and a lost one costs a launch its download.
struct CacheImages {
  std::vector<std::string> hosts;
  std::vector<ImageRef> images;
  bool operator==(const CacheImages&) const = default;
};

// An administrator deleted these hosts, which that life of the process had registered: it registers them no more.
struct HostsDeleted {
  Incarnation of = 0;
  std::vector<std::string> hosts;
  bool operator==(const HostsDeleted&) const = default;
};

// ---- to the network-controller

// Call from compute, step 7. A repeat gets the same addresses; a higher epoch supersedes, or shares the addresses of
// the one that it names; a lower or released one is refused.
struct AllocateAddresses {
  PlacementId placement;
  uint32_t attempt = 0;
  Uuid project_id;
  std::string host;
  std::string hostname;
  std::vector<Uuid> networks;
  TraceContext trace;
  uint64_t shares_with = 0;  // the epoch that the server moves away from, 0 = it does not move
  uint64_t ticket = 0;       // from compute: that of the cast
  bool operator==(const AllocateAddresses&) const = default;
};

// From compute (a failed try) or the controller (delete): frees every address of the server up to this epoch, unless
// the placement that is named as keeping them has them.
struct ReleaseAddresses {
  PlacementId placement;
  TraceContext trace;
  uint64_t kept_by = 0;         // epoch, 0 = nobody keeps them
  uint64_t ticket = 0;          // from compute: that of the cast, 0 = it has none any more
  bool server_is_gone = false;  // the controller's, of a delete: ports that were made for the server go too
  bool operator==(const ReleaseAddresses&) const = default;
};

// ---- from the network-controller

struct AllocateAddressesReply {
  PlacementId placement;
  std::vector<Address> addresses;
  std::vector<StepRecord> steps;          // step 8
  Error fault{ErrorCode::kInternal, ""};  // message "" = allocated
  bool operator==(const AllocateAddressesReply&) const = default;
};

// Confirms, also when there was nothing.
struct AddressesReleased {
  PlacementId placement;
  bool operator==(const AddressesReleased&) const = default;
};

// To the controller: the networks a create may name. Full after (re)connection, then changes come with their ApiReply.
struct NetworksSnapshot {
  std::vector<Network> networks;
  bool operator==(const NetworksSnapshot&) const = default;
};

// ---- audits: who owns what I hold? From compute and the network-controller, now and then.

// Of an OwnershipAnswer, at least: it ends with whole servers.
inline constexpr size_t kLeasesLearntAtOnce = 2000;

struct OwnershipQuery {
  std::vector<PlacementId> held;
  // From the network-controller. `held` is all that it has of servers after `after` (nil = from the first on) and up to
  // `through` (nil = to the last): what a row says it has and what is not here was lost.
  bool is_range = false;
  Uuid after = {};
  Uuid through = {};
  // In the order of `held`: digest_of() of its addresses; from compute the power state of its guest.
  std::vector<uint64_t> digests = {};
  bool operator==(const OwnershipQuery&) const = default;
};

struct OwnershipAnswer {
  std::vector<PlacementId> orphans;  // release these: the row is gone or has moved on
  // To the network-controller: what rows of servers that run say they have, and was not held so. By server, then nic.
  std::vector<Lease> leases = {};
  bool operator==(const OwnershipAnswer&) const = default;
};

// ---- api-server <-> controller (and controller -> network-controller for network operations)

// What is asked and what is answered: domain/api.h, which only those need who look inside.
struct OperationSet;
struct ReplySet;
using ApiRequest = OneOf<OperationSet>;
using ApiResponse = OneOf<ReplySet>;

struct ApiCall {
  RequestContext context;
  StepRecord accepted;  // step 1, of launches
  ApiRequest request;
  bool operator==(const ApiCall&) const = default;
};

struct ApiReply {
  Expected<ApiResponse> result;
  bool operator==(const ApiReply&) const = default;
};

// To every api-server: what it needs to check tokens; again whenever it changes.
struct TokenKeys {
  std::string signing_key;  // 32 bytes; never logged
  bool operator==(const TokenKeys&) const = default;
};

// To the network-controller: what it needs to check tickets for addresses; repeated.
struct AddressKey {
  TicketKey key;
  bool operator==(const AddressKey&) const = default;
};

// To every api-server: committed changes in order. `after` is the newest revision committed before these, so that a
// receiver that knows less than `after` sees its gap; events may be empty (on connection, to tell the revision).
struct WatchEvents {
  uint64_t after = 0;
  std::vector<WatchEvent> events;
  std::vector<CloudEvent> cloud_events = {};
  uint64_t generation = 0;  // of the revisions: docs/protocol.md, "Revisions"
  bool operator==(const WatchEvents&) const = default;
};

// ---- fault rules (docs/adr/0005-fault-rules.md)

// A call, repeated until it is answered: something here has come to where a rule may strike. Does it?
struct FaultReached {
  uint64_t rule_id = 0;
  uint64_t number = 0;     // given by the daemon that asks, each once in its life
  PlacementId placement;   // nil: of an HTTP request
  uint64_t operation = 0;  // of an action on the placement; 0 = of a try
  std::string host;        // "" = none is known
  bool operator==(const FaultReached&) const = default;
};

// To who asked. Of a rule that hangs or crashes the asker asks again and again, until it does not strike any more.
struct FaultVerdict {
  bool strikes = false;
  bool operator==(const FaultVerdict&) const = default;
};

// To every api-server: the rules of HTTP requests, all of them; again whenever they change, and now and then.
struct HttpFaults {
  std::vector<FaultRule> rules;
  bool operator==(const HttpFaults&) const = default;
};

// To a daemon that a fault rule crashes: it dies at once, as if killed.
struct EndProcess {
  bool operator==(const EndProcess&) const = default;
};

// In the order of kilonova.v1.Envelope's tags.
struct MessageSet {
  using Types = TypeList<SelectDestinations, HostStatuses, NoValidHost, SelectDestinationsRefused, SchedulerHeartbeat,
                         BuildAndRunInstance, UsageUpdate, RegisterHosts, ComputeHeartbeat, InstanceReport,
                         InstanceTerminated, ServerActionDone, RegisterHostsAnswer, ReportAnswer, TerminateInstance,
                         ApplyServerAction, AllocateAddresses, ReleaseAddresses, AllocateAddressesReply,
                         AddressesReleased, NetworksSnapshot, OwnershipQuery, OwnershipAnswer, ApiCall, ApiReply,
                         TokenKeys, WatchEvents, AddressKey, FaultReached, FaultVerdict, HttpFaults, EndProcess, CacheImages,
                         HostsDeleted>;
};

// A message on the wire. `call` ties a reply to its call; 0 = cast.
struct Message {
  using Body = OneOf<MessageSet>;
  uint64_t call = 0;
  Body body;

  bool operator==(const Message&) const = default;
};

// "SelectDestinations": for logs, fault rules of the transport, and transcripts.
std::string_view message_name(const Message& message);

// Whether daemons of the one role may send such a message to daemons of the other: the door of each daemon asks
// (ports/door.h), and nothing behind it asks again.
bool may_send(const Message& message, Role from, Role to);

// True when `later` makes `earlier` needless in a queue that was not sent yet: progress of one placement.
bool supersedes(const Message& later, const Message& earlier);

}  // namespace kilonova
