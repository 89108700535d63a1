// Fault rules: what is to go wrong on purpose (kilonova fault add). InjectedFault says how one strikes, and
// docs/adr/0005-fault-rules.md who decides that it does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/launch_steps.h"
#include "domain/operation.h"
#include "domain/record.h"
#include "domain/request_spec.h"
#include "domain/server_actions.h"

namespace kilonova {

inline constexpr int64_t kAlways = 1'000'000;  // of FaultRule::per_million

struct FaultRule {
  static constexpr Record kRecord{"fault_rules", "id", "fault_rule"};
  uint64_t key() const { return id; }

  uint64_t id = 0;
  // Where it strikes: one of these three.
  LaunchStep step = LaunchStep::kNone;
  std::string host_pattern;    // glob, "" = any
  std::string server_pattern;  // glob on the server's name, "" = any
  int64_t count = -1;          // how often it still strikes, -1 = until cleared
  int64_t struck = 0;
  Duration delay;
  bool fails = true;
  bool aborts = false;
  std::string message;
  std::string action;          // of a server, by its row's name: "reboot-hard"; "" = none
  std::string http;            // "POST /compute/v2.1/servers": domain/http_route.h; "" = none
  std::string daemon_pattern;  // glob on the daemon's name, "" = any
  std::string project;         // id or name as it was given, then the id's digits; "" = any
  FaultEffect effect = FaultEffect::kNone;
  int64_t skip = 0;               // the first so many that reach it pass
  int64_t per_million = kAlways;  // how many of those that reach it are struck
  uint64_t seed = 0;              // draws them
  int64_t reached = 0;            // how many have reached it
  int64_t status = 0;             // of the answer to an HTTP request that it fails
  int64_t retry_after = -1;       // seconds, in that answer; -1 = not said
  bool operator==(const FaultRule&) const = default;
};

template <class Io, RowOf<FaultRule> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.step, row.host_pattern, row.server_pattern, row.count, row.struck, row.delay, row.fails, row.aborts,
     row.message, row.action, row.http, row.daemon_pattern, row.project, row.effect, row.skip, row.per_million,
     row.seed, row.reached, row.status, row.retry_after);
}

// That a try of a server, or an action on it, has reached a rule, and what was decided: who asks again, for the answer
// was lost, gets the same, and who does the same work anew passes. Kept until the work is over.
struct FaultHit {
  static constexpr Record kRecord{"fault_hits", "rule_id, instance", "fault_hit"};
  std::pair<uint64_t, Uuid> key() const { return {rule_id, instance}; }

  uint64_t rule_id = 0;
  Uuid instance;             // of a call without a server: made of who asks, and its number
  uint64_t epoch = 0;        // 0 = of such a call
  uint64_t operation = 0;    // 0 = a try
  uint64_t incarnation = 0;  // of the daemon that asked
  uint64_t number = 0;       // that it gave to its question
  bool strikes = false;
  bool operator==(const FaultHit&) const = default;
};

template <class Io, RowOf<FaultHit> Row>
void visit(Io& io, Row& row) {
  io(row.rule_id, row.instance, row.epoch, row.operation, row.incarnation, row.number, row.strikes);
}

// All thirteen. At 1 and 2 there is no server yet: the call is struck, once, and refused. From 5 on the host is known.
bool can_strike(LaunchStep step);
// The actions that one can strike, for messages: "stop, start, ...".
std::string strikeable_actions();

// Which daemon it strikes.
Role daemon_of(const FaultRule& rule);
// "guest_started", "reboot-hard", "POST /compute/v2.1/servers".
std::string_view place_of(const FaultRule& rule);

// What of the rule goes with the work that may reach it.
InjectedFault injected(const FaultRule& rule);

// One has reached the rule: counts that, and whether it strikes. What is drawn hangs on the seed and on how many came
// before.
bool count_reached(FaultRule& rule);

struct FaultList {
  std::vector<FaultRule> rules;  // by id
  bool operator==(const FaultList&) const = default;
};

struct AddFault {
  static constexpr Operation kOperation{"AddFault", UserRole::kAdmin, Effect::kChanges};
  using Reply = FaultList;
  FaultRule rule;

  Expected<> check() const;
  bool operator==(const AddFault&) const = default;
};

struct ListFaults {
  static constexpr Operation kOperation{"ListFaults", UserRole::kAdmin, Effect::kReads};
  using Reply = FaultList;

  Expected<> check() const;
  bool operator==(const ListFaults&) const = default;
};

struct ClearFaults {
  static constexpr Operation kOperation{"ClearFaults", UserRole::kAdmin, Effect::kChanges};
  using Reply = Empty;
  uint64_t id = 0;  // 0 = all

  Expected<> check() const;
  bool operator==(const ClearFaults&) const = default;
};

using FaultOperations = TypeList<AddFault, ListFaults, ClearFaults>;

}  // namespace kilonova
