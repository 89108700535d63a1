// Fault rules: what is to go wrong on purpose (kilonova fault add). InjectedFault says how one strikes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/launch_steps.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

struct FaultRule {
  static constexpr Record kRecord{"fault_rules", "id", "fault_rule"};
  uint64_t key() const { return id; }

  uint64_t id = 0;
  LaunchStep step = LaunchStep::kNone;
  std::string host_pattern;    // glob, "" = any
  std::string server_pattern;  // glob on the server's name, "" = any
  int64_t count = -1;          // how many tries it still strikes, -1 = until cleared
  int64_t struck = 0;
  Duration delay;
  bool fails = true;
  bool aborts = false;
  std::string message;
  bool operator==(const FaultRule&) const = default;
};

template <class Io, RowOf<FaultRule> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.step, row.host_pattern, row.server_pattern, row.count, row.struck, row.delay, row.fails, row.aborts,
     row.message);
}

// All thirteen. At 1 and 2 there is no server yet: the call is struck, once, and refused. From 5 on the host is known.
bool can_strike(LaunchStep step);

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
