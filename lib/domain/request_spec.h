// What a launch asks for and how the scheduler answered: travels with the work from daemon to daemon.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/launch_steps.h"
#include "domain/resources.h"

namespace kilonova {

// The image as it was when the request was accepted.
struct ImageRef {
  Uuid id;
  std::string name;
  uint64_t size_bytes = 0;

  bool operator==(const ImageRef&) const = default;
};

// The policies of Nova's server groups (nova/objects/instance_group.py). The numbers are stored and sent.
enum class GroupPolicy : uint8_t { kAffinity = 1, kAntiAffinity, kSoftAffinity, kSoftAntiAffinity };

constexpr bool is_known(GroupPolicy policy) {
  return policy >= GroupPolicy::kAffinity && policy <= GroupPolicy::kSoftAntiAffinity;
}

// Nova's scheduler hints, those that filters and weighers here read. The servers that are named need not be there.
struct SchedulerHints {
  Uuid group;  // the server's group, for as long as both are there; nil = none
  std::vector<Uuid> same_host;
  std::vector<Uuid> different_host;

  bool operator==(const SchedulerHints&) const = default;
};

// Nova's RequestSpec: shared by all servers of one create call.
struct RequestSpec {
  Uuid project_id;
  Uuid user_id;
  Flavor flavor;
  ImageRef image;
  std::vector<Uuid> networks;  // one nic each, in order
  std::string key_name;
  std::string availability_zone;  // "" = any
  std::string forced_host;        // "" = none; only admins: "zone:host", skips all filters
  std::vector<std::string> security_groups;
  SchedulerHints hints = {};
  std::string requested_host = {};  // "" = any; only admins: the one host that filters are asked about

  bool operator==(const RequestSpec&) const = default;
};

// What a fault does, besides its delay and its failure. The numbers are stored and sent.
enum class FaultEffect : uint8_t {
  kNone = 0,
  kHang,       // until the rule is cleared
  kDrop,       // the message that the step or action sends, or the request's connection, is lost
  kLoseReply,  // what it asks for is done, and the answer is lost
  kCrash,      // the daemon dies
};

constexpr bool is_known(FaultEffect effect) { return effect <= FaultEffect::kCrash; }
// "hang", "drop", "lose_reply", "crash"; "" for none.
constexpr std::string_view to_string(FaultEffect effect) {
  switch (effect) {
    case FaultEffect::kNone: return "";
    case FaultEffect::kHang: return "hang";
    case FaultEffect::kDrop: return "drop";
    case FaultEffect::kLoseReply: return "lose_reply";
    case FaultEffect::kCrash: return "crash";
  }
  return "";
}

// A fault that may strike this very try, or this action (kilonova fault add): who comes to the step on a host and in a
// daemon whose names match asks the controller whether it does.
struct InjectedFault {
  uint64_t rule_id = 0;
  LaunchStep step = LaunchStep::kNone;  // none: of an action
  std::string host_pattern;             // glob, "" = any
  Duration delay;                       // waited first
  bool fails = true;                    // false: delay, or effect, only
  bool aborts = false;                  // true: BuildAbort (ERROR at once) instead of reschedule
  std::string message;
  std::string daemon_pattern = {};  // glob, "" = any
  FaultEffect effect = FaultEffect::kNone;

  bool operator==(const InjectedFault&) const = default;
};

struct FilterCount {
  std::string filter;
  uint32_t hosts_left = 0;
  bool operator==(const FilterCount&) const = default;
};

struct WeigherScore {
  std::string weigher;
  double raw = 0;
  double weight = 0;      // multiplier * normalised
  double multiplier = 1;  // the option's, or what the host's aggregates say
  bool operator==(const WeigherScore&) const = default;
};

struct WeighedHost {
  std::string host;
  double weight = 0;
  std::vector<WeigherScore> scores;
  bool operator==(const WeighedHost&) const = default;
};

// Why this host, or why none: what `kilonova explain` shows.
struct Decision {
  uint64_t epoch = 0;
  uint32_t attempt = 0;
  std::string scheduler;  // "scheduler-0"
  std::string driver;     // "filter", "chance", "simple", "zone"
  uint32_t hosts_total = 0;
  std::vector<FilterCount> filters;  // in the order they ran
  std::vector<WeighedHost> weighed;  // best first, at most kMaxWeighedHosts
  std::string chosen;                // "" = none
  std::vector<std::string> alternates;
  bool from_alternates = false;      // a reschedule that took the first alternate which still fits
  std::string reason;                // why none was chosen, in words that the owner of the server may read
  std::string explanation;           // the same for admins: which filter and resource, and how much room there is
  AllocationRatios ratios{0, 0, 0};  // with which room was counted; 0: an older build did not record it

  bool operator==(const Decision&) const = default;
};

inline constexpr size_t kMaxWeighedHosts = 10;

}  // namespace kilonova
