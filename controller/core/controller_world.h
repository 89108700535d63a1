// What every part of the controller works with: the ports it was given and the tables it owns. Plain references: one
// struct instead of constructors with a dozen arguments.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/hash_map.h"
#include "base/random.h"
#include "base/time.h"
#include "controller/core/address_index.h"
#include "controller/core/address_returns.h"
#include "controller/core/allocation_table.h"
#include "controller/core/client_tokens.h"
#include "controller/core/drive_table.h"
#include "controller/core/event_log.h"
#include "controller/core/fault_book.h"
#include "controller/core/instance_table.h"
#include "controller/core/record_tables.h"
#include "controller/core/row_writer.h"
#include "controller/core/schedulers.h"
#include "domain/address_ticket.h"
#include "domain/nouns/quota.h"
#include "ports/caller.h"
#include "ports/controller_store.h"
#include "ports/log.h"
#include "ports/transport.h"
#include "runtime/keyed_lock.h"
#include "runtime/scope.h"

namespace kilonova::controller {

// What becomes of a guest whose server is deleted: nova/conf/compute.py running_deleted_instance_action.
enum class RunningDeletedAction : uint8_t { kNoop, kLog, kShutdown, kReap };

// Nova's names and defaults where Nova has them.
struct ControllerOptions {
  uint32_t max_attempts = 3;
  // As in Nova of 2011: a server that no host takes stays in BUILD, task scheduling, and nobody asks again until a restart.
  bool leaves_unplaced = false;
  Duration report_interval = seconds(10);
  Duration service_down_time = seconds(60);
  Duration rpc_response_timeout = seconds(60);
  // Casts of one server that may be lost in a row, without any host having heard of them and without a restart that
  // explains it, before the server goes to ERROR: what vanishes so often would vanish for ever. Each takes at least two
  // report intervals.
  uint32_t max_lost_casts = 10;
  size_t max_unstable_instances = 200'000;  // admission: creates beyond it are refused with kResourceExhausted
  size_t max_client_tokens = 1'000'000;     // of a project, remembered at once; likewise for creates that bring another
  Duration client_token_lifetime = kClientTokenLifetime;
  Duration resize_confirm_window;      // after which a resize is confirmed by itself; 0 = never
  Duration shelved_offload_time;       // after which a shelved server leaves its host; 0 = at once, below = never
  Duration reclaim_instance_interval;  // for which a deleted server can be restored; 0 = not at all
  Duration instance_build_timeout;     // after which a build is given up; 0 = never
  uint32_t deleted_servers_kept = 1'000;  // remembered of those that are gone, the newest
  RunningDeletedAction running_deleted_instance_action = RunningDeletedAction::kReap;
  // Between two looks. Nova: 1800 s, and 0 for never; here 0 is at once, whenever a host names such a guest.
  Duration running_deleted_instance_poll_interval;
  Duration running_deleted_instance_timeout;  // for which such a guest is left alone
};

constexpr Duration kStoreRetry = seconds(1);    // until what the store refused is tried again
constexpr Duration kLookInterval = seconds(1);  // between looks at what is overdue
// A timer that comes later than this says that this process itself was away.
constexpr Duration kOwnAbsence = seconds(1);

struct ControllerWorld {
  Loop& loop;
  Transport& transport;
  Log& log;
  Random& random;
  ControllerStore& store;
  const ControllerOptions& options;

  Scope& flows;
  Caller& caller;
  KeyedLock<Uuid>& instance_locks;
  KeyedLock<std::string>& record_locks;  // by kind ("flavor"): held from the check that a name is free until its commit

  const InstanceTable& instances;
  const AllocationTable& allocations;
  RowWriter& rows;  // changes these two
  RecordTables& records;
  FaultBook& faults;
  DriveTable& drives;
  Schedulers& schedulers;
  EventLog& events;
  AddressReturns& returns;
  // Since a restart not every compute process has registered: casts wait, for their hosts would seem to be down.
  bool recovering = false;
  // Likewise, however long that takes: a guest may stand that no row knows of (used_epochs.h).
  bool unheard = false;
  // By project: of creates whose commit is under way. And by project and user.
  std::map<Uuid, QuotaUsage> reserved;
  std::map<std::pair<Uuid, Uuid>, QuotaUsage> reserved_of_users;
  AddressIndex coming_addresses;  // of rows whose commit is under way: they count as had
  // Claims that hosts refused since the start: a scheduler's picture of them was old.
  uint64_t claim_conflicts = 0;
  TicketKey ticket_key = {};  // for addresses
  // Servers whose interfaces are being changed: their rows and the network-controller differ until that is committed.
  std::set<Uuid> changing_nics;
  // What asked for the actions that are under way, as far as this process has heard it: by server and number.
  std::map<std::pair<Uuid, uint64_t>, TraceContext> action_traces;
  int64_t last_deleted_server = 0;  // the highest number that one was given
};

}  // namespace kilonova::controller
