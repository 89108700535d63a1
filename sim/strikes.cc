#include "sim/strikes.h"

#include <algorithm>

#include "domain/api.h"
#include "domain/nouns/server.h"

namespace kilonova::sim {
namespace {

struct StepOf {
  LaunchStep operator()(const SelectDestinations&) const { return LaunchStep::kScheduleCast; }
  LaunchStep operator()(const NoValidHost&) const { return LaunchStep::kHostSelected; }
  LaunchStep operator()(const SelectDestinationsRefused&) const { return LaunchStep::kHostSelected; }
  LaunchStep operator()(const BuildAndRunInstance&) const { return LaunchStep::kRunCast; }
  LaunchStep operator()(const AllocateAddresses&) const { return LaunchStep::kNetworkRequested; }
  LaunchStep operator()(const AllocateAddressesReply&) const { return LaunchStep::kAddressAllocated; }
  LaunchStep operator()(const InstanceReport& report) const {
    return report.result == BuildResult::kProgress ? report.step : LaunchStep::kActive;
  }
  LaunchStep operator()(const ReportAnswer&) const { return LaunchStep::kActive; }
  LaunchStep operator()(const ApiCall& call) const {
    return holds_alternative<CreateServers>(call.request) ? LaunchStep::kRequestAccepted : LaunchStep::kNone;
  }
  LaunchStep operator()(const ApiReply& reply) const {
    bool created = reply.result && holds_alternative<CreateServersReply>(*reply.result);
    return created ? LaunchStep::kInstanceCreated : LaunchStep::kNone;
  }
  template <class Other>
  LaunchStep operator()(const Other&) const {
    return LaunchStep::kNone;
  }
};

struct WorkOf {
  LaunchStep operator()(const SelectDestinations&) const { return LaunchStep::kHostSelected; }
  LaunchStep operator()(const BuildAndRunInstance&) const { return LaunchStep::kClaimed; }
  LaunchStep operator()(const AllocateAddresses&) const { return LaunchStep::kAddressAllocated; }
  LaunchStep operator()(const AllocateAddressesReply&) const { return LaunchStep::kNetworkRequested; }
  LaunchStep operator()(const InstanceReport& report) const {
    return report.result == BuildResult::kActive ? LaunchStep::kActive : LaunchStep::kNone;
  }
  LaunchStep operator()(const ApiCall& call) const {
    return holds_alternative<CreateServers>(call.request) ? LaunchStep::kInstanceCreated : LaunchStep::kNone;
  }
  LaunchStep operator()(const ApiReply& reply) const {
    bool created = reply.result && holds_alternative<CreateServersReply>(*reply.result);
    return created ? LaunchStep::kRequestAccepted : LaunchStep::kNone;
  }
  template <class Other>
  LaunchStep operator()(const Other&) const {
    return LaunchStep::kNone;
  }
};

// Why a fault of this kind cannot strike this step; "" when it can.
using WhyNot = std::string_view (*)(LaunchStep step);

std::string_view always(LaunchStep) { return ""; }

std::string_view of_messages(LaunchStep step) {
  return step == LaunchStep::kGuestStarted ? "nothing is said of it alone: the report of 13 says it" : "";
}

std::string_view of_arrivals(LaunchStep step) {
  if (step == LaunchStep::kScheduleCast) return "no message asks for it: it follows 2 in one turn";
  if (step == LaunchStep::kRunCast) return "no message asks for it: it follows 4 in one turn";
  if (step >= LaunchStep::kBlockDevicesMapped && step <= LaunchStep::kGuestStarted)
    return "no message arrives in it: the hypervisor is at work";
  return "";
}

std::string_view of_writes(LaunchStep step) {
  if (step == LaunchStep::kScheduleCast) return "it writes nothing: the row of 2 is its outbox";
  bool at_compute = step >= LaunchStep::kClaimed && step <= LaunchStep::kGuestStarted;
  bool of_network = step == LaunchStep::kAddressAllocated;
  if (at_compute && !of_network && step != LaunchStep::kClaimed && step != LaunchStep::kGuestStarted)
    return "it writes nothing: the journal gets the guest in 6 and again in 12";
  return "";
}

std::string_view of_rules(LaunchStep step) {
  return step <= LaunchStep::kInstanceCreated ? "it refuses the call: there is no server yet that it could strike" : "";
}

struct FaultKind {
  std::string_view key;  // of the profile
  std::string name;
  std::vector<Role> roles;  // whose steps it strikes
  WhyNot why_not = always;
};

const std::vector<Role> kAllRoles{Role::kApi, Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute};

// What touches messages, or a connection.
void add_kinds_of_messages(std::vector<FaultKind>& kinds) {
  for (auto [key, name] : {std::pair{"lose_message", "message lost"},
                           {"repeat_message", "message repeated"},
                           {"lose_frame", "frame lost"},
                           {"repeat_frame", "frame repeated"},
                           {"reorder_frame", "frame reordered"},
                           {"break_connection", "connection broken"},
                           {"cut", "cut"},
                           {"clog", "clog"},
                           {"disconnect", "disconnect"},
                           {"narrow", "narrow"},
                           {"deaf", "deaf"},
                           {"liar", "lie"}})
    kinds.push_back({key, name, kAllRoles, of_messages});
}

// One for each of these roles.
void add_kinds_of(std::vector<FaultKind>& kinds, std::string_view key, std::string_view name,
                  const std::vector<Role>& roles, WhyNot why_not = always) {
  for (Role role : roles) kinds.push_back({key, kind_of(name, {role, 0}), {role}, why_not});
}

std::string_view key_of_kill(Role role) {
  switch (role) {
    case Role::kController: return "kill_controller";
    case Role::kScheduler: return "kill_scheduler";
    case Role::kNetwork: return "kill_network";
    case Role::kCompute: return "kill_compute";
    default: return "kill_api";
  }
}

std::vector<FaultKind> make_fault_kinds() {
  std::vector<FaultKind> kinds{{"skew", "skew", kAllRoles},
                               {"crash_host", "crash host", {Role::kCompute}},
                               {"cut_power", "cut power", {Role::kCompute}},
                               {"reset_cloud", "reset cloud", {Role::kController, Role::kNetwork, Role::kCompute}},
                               {"fault_rules", "fault rule", kAllRoles, of_rules}};
  add_kinds_of_messages(kinds);
  for (Role role : kAllRoles) add_kinds_of(kinds, key_of_kill(role), "kill", {role});
  add_kinds_of(kinds, "second_process", "second process", {Role::kCompute, Role::kScheduler, Role::kNetwork});
  add_kinds_of(kinds, "slow_daemon", "slow", kAllRoles, of_arrivals);
  add_kinds_of(kinds, "go_back", "go back", {Role::kController, Role::kNetwork, Role::kCompute});
  const std::vector<Role> with_disk{Role::kController, Role::kNetwork, Role::kCompute};
  add_kinds_of(kinds, "full_disk", "full disk", with_disk, of_writes);
  add_kinds_of(kinds, "refusal", "refusal", with_disk, of_writes);
  add_kinds_of(kinds, "weary_disk", "weary disk", {Role::kController, Role::kNetwork}, of_writes);
  // A journal's writes take no time here.
  add_kinds_of(kinds, "slow_disk", "slow disk", {Role::kController, Role::kNetwork}, of_writes);
  return kinds;
}

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kKinds = make_fault_kinds();
  return kKinds;
}

}  // namespace

std::vector<Gap> find_gaps(const Strikes& strikes) {
  std::vector<Gap> gaps;
  for (const FaultKind& kind : fault_kinds())
    for (const LaunchStepInfo& info : launch_steps()) {
      if (std::ranges::find(kind.roles, info.daemon) == kind.roles.end()) continue;
      if (!strikes.counts().contains({kind.name, info.step}))
        gaps.push_back({kind.name, info.step, kind.why_not(info.step)});
    }
  return gaps;
}

std::vector<std::string> find_unstruck(const Strikes& strikes) {
  std::vector<std::string> unstruck;
  for (const FaultKind& kind : fault_kinds()) {
    bool struck = std::ranges::any_of(strikes.counts(), [&](const auto& count) {
      return count.first.first == kind.name && count.first.second != LaunchStep::kNone;
    });
    if (!struck) unstruck.push_back(kind.name);
  }
  return unstruck;
}

std::vector<std::string> kinds_of_key(std::string_view key) {
  std::vector<std::string> names;
  for (const FaultKind& kind : fault_kinds())
    if (kind.key == key) names.push_back(kind.name);
  return names;
}

std::string kind_of(std::string_view fault, PeerId of) {
  return std::string(fault) + " " + std::string(to_string(of.role));
}

bool is_kind_of_fault(std::string_view kind) {
  return std::ranges::find(fault_kinds(), kind, &FaultKind::name) != fault_kinds().end();
}

LaunchStep step_of(const Message& message) { return visit(StepOf{}, message.body); }

LaunchStep work_of(const Message& message) { return visit(WorkOf{}, message.body); }

}  // namespace kilonova::sim
