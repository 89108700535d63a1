// HostState: what one scheduler believes of one host. Nova's class of that name, with the debits kept apart from what
// the host itself reported, so that an absolute report never counts a server twice.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/ids.h"
#include "domain/resources.h"
#include "scheduler/core/attributes.h"

namespace kilonova::scheduler {

// A host's place in the HostManager: dense, given when it is first heard of, never reused.
using HostIndex = uint32_t;
inline constexpr uint32_t kNoIndex = std::numeric_limits<uint32_t>::max();

// More of anything is a peer's mistake; sums of such amounts cannot overflow.
inline constexpr int64_t kMaxAmount = int64_t{1} << 40;
Resources clamp_amounts(const Resources& amounts);

// All that decisions hang on.
struct HostFacts {
  // From the controller (HostStatus).
  bool status_heard = false;
  int64_t id = 0;                              // registration order
  AttributesRef attributes = no_attributes();  // never null
  PeerId process;
  bool enabled = false;
  bool up = false;

  // From the host's compute process (HostUsage).
  bool usage_heard = false;
  PeerId usage_process;
  Incarnation usage_incarnation = 0;
  uint64_t usage_version = 0;
  Resources total;
  Resources reported;
  uint32_t reported_instances = 0;

  // Placements cast here that no usage has accounted for yet.
  Resources debited;
  uint32_t debited_instances = 0;

  // A host can be chosen once both sides were heard, and agree on who carries it.
  bool is_candidate() const { return status_heard && usage_heard && usage_process == process; }
  // The controller says that it is up, but what it has room for is still to come.
  bool awaits_usage() const { return status_heard && up && !is_candidate(); }
  Resources used() const {
    Resources sum = reported;
    return sum += debited;
  }
  uint64_t instances() const { return uint64_t{reported_instances} + debited_instances; }
};

struct HostState : HostFacts {
  std::string name;
  uint32_t first_debit = kNoIndex;  // a list in the DebitTable
};

}  // namespace kilonova::scheduler
