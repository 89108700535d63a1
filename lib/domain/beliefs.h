// What each daemon believes of the servers, in pages: what `kilonova check` compares (lib/audit). Every daemon tells
// what it holds itself, independently of what the others told it; small records, because there are very many of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/instance.h"
#include "domain/net.h"
#include "base/type_list.h"
#include "domain/nouns/quota.h"
#include "domain/operation.h"
#include "domain/resources.h"
#include "domain/states.h"

namespace kilonova {

enum class BeliefKind : uint8_t {
  kServers = 1,  // controller: its rows
  kAllocations,  // controller
  kHosts,        // controller: the hosts as it knows them
  kQuotas,       // controller: used of each project's quota, by its counters and by its rows
  kLeases,       // network-controller: addresses held
  kGuests,       // compute: the hypervisors' journal
  kClaims,       // compute: what the process itself remembers
  kUsages,       // compute: its hosts' usage, as the schedulers are told
  kViews,        // scheduler: the hosts as it believes them to be
  kDebits,       // scheduler: casts that no host has accounted for
};
std::string_view to_string(BeliefKind kind);  // "servers"
// The daemons that hold such beliefs.
Role role_of(BeliefKind kind);

struct HeldAddress {
  uint32_t nic = 0;
  Uuid network_id;
  Ipv4 ip;
  Mac mac;
  bool operator==(const HeldAddress&) const = default;
};

// Where a server is moving to.
struct PlacementBelief {
  uint64_t epoch = 0;
  std::string host;  // "" until one was heard
  bool operator==(const PlacementBelief&) const = default;
};

struct ServerBelief {
  Uuid uuid;
  std::string name;
  VmState vm_state = VmState::kBuilding;
  TaskState task_state = TaskState::kNone;
  PowerState power_state = PowerState::kNoState;
  uint64_t epoch = 0;
  uint64_t operation = 0;
  std::string host;
  Resources resources;  // of its flavor
  uint32_t nics = 0;    // that it asked for
  std::vector<HeldAddress> addresses;
  WallTime updated_at;
  std::optional<PlacementBelief> next;
  bool operator==(const ServerBelief&) const = default;
};

struct HostBelief {
  std::string name;
  PeerId process;
  bool enabled = false;
  bool up = false;
  bool operator==(const HostBelief&) const = default;
};

// Both of one moment.
struct QuotaBelief {
  Uuid project_id;
  QuotaUsage counted;  // kept up to date with every change
  QuotaUsage rows;     // added up from the rows
  bool operator==(const QuotaBelief&) const = default;
};

struct LeaseBelief {
  Uuid instance;
  uint64_t epoch = 0;
  HeldAddress address;
  uint64_t shared_with = 0;  // the epoch that has it too, 0 = none
  bool operator==(const LeaseBelief&) const = default;
};

struct GuestBelief {
  std::string host;
  Uuid instance;
  uint64_t epoch = 0;
  Resources resources;
  PowerState power_state = PowerState::kNoState;
  bool built = false;  // its build has finished
  bool operator==(const GuestBelief&) const = default;
};

struct ClaimBelief {
  std::string host;  // "" = none: a release of addresses that is not confirmed
  Uuid instance;
  uint64_t epoch = 0;   // of the guest; without one, the highest heard of
  bool held = false;    // there is a guest, and its claim
  Resources resources;  // of the claim
  PowerState power_state = PowerState::kNoState;
  bool built = false;
  bool working = false;  // a build, a removal or a power action is under way, or an answer awaited
  bool operator==(const ClaimBelief&) const = default;
};

struct UsageBelief {
  std::string host;
  Incarnation incarnation = 0;  // of the process
  uint64_t version = 0;         // see HostUsage
  Resources used;
  uint32_t instances = 0;
  bool operator==(const UsageBelief&) const = default;
};

struct ViewBelief {
  std::string host;
  bool status_heard = false;  // from the controller
  PeerId process;
  bool enabled = false;
  bool up = false;
  bool usage_heard = false;  // from the host
  Incarnation incarnation = 0;
  uint64_t version = 0;
  Resources reported;
  uint32_t instances = 0;
  bool operator==(const ViewBelief&) const = default;
};

struct DebitBelief {
  std::string host;
  Uuid instance;
  uint64_t epoch = 0;
  Resources amount;
  Duration age;
  bool operator==(const DebitBelief&) const = default;
};

// Answers ReadBeliefs: one list has records, in the order that `next` continues.
struct BeliefPage {
  std::vector<ServerBelief> servers;
  std::vector<Allocation> allocations;
  std::vector<HostBelief> hosts;
  std::vector<QuotaBelief> quotas;
  std::vector<LeaseBelief> leases;
  std::vector<GuestBelief> guests;
  std::vector<ClaimBelief> claims;
  std::vector<UsageBelief> usages;
  std::vector<ViewBelief> views;
  std::vector<DebitBelief> debits;
  std::string next;  // "" = that was all
  bool operator==(const BeliefPage&) const = default;
};

inline constexpr uint32_t kBeliefsPerPage = 2000;

// One page of what one daemon believes. Pages are of different moments, the records of one page are of the same.
struct ReadBeliefs {
  static constexpr Operation kOperation{"ReadBeliefs", UserRole::kAdmin, Effect::kReads, DecidedBy::kAnyDaemon};
  using Reply = BeliefPage;
  PeerId daemon{Role::kController, 0};
  BeliefKind kind = BeliefKind::kServers;
  std::string after;                 // `next` of the page before; "" = from the beginning
  uint32_t limit = kBeliefsPerPage;  // at most that many, 1 to kBeliefsPerPage

  Expected<> check() const;
  bool operator==(const ReadBeliefs&) const = default;
};

using BeliefOperations = TypeList<ReadBeliefs>;

// Where a page goes on that is ordered by host and server: `after` as text, and back. Nothing for any other text.
struct HostAndServer {
  std::string host;
  Uuid instance;
};
std::string to_string(const HostAndServer& position);
std::optional<HostAndServer> parse_host_and_server(std::string_view text);

// kInvalidArgument where this daemon does not hold the beliefs, or `limit` is out of bounds.
Expected<> check_beliefs_request(PeerId self, const ReadBeliefs& request);
// kInvalidArgument: `after` is not what a page of this kind ended with.
std::unexpected<Error> wrong_beliefs_position(const ReadBeliefs& request);

}  // namespace kilonova
