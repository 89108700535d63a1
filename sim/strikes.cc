#include "sim/strikes.h"

#include <algorithm>
#include <variant>

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
    return std::holds_alternative<CreateServers>(call.request) ? LaunchStep::kRequestAccepted : LaunchStep::kNone;
  }
  LaunchStep operator()(const ApiReply& reply) const {
    bool created = reply.result && std::holds_alternative<CreateServersReply>(*reply.result);
    return created ? LaunchStep::kInstanceCreated : LaunchStep::kNone;
  }
  template <class Other>
  LaunchStep operator()(const Other&) const {
    return LaunchStep::kNone;
  }
};

struct FaultKind {
  std::string name;
  std::vector<Role> roles;  // whose steps it strikes
  bool of_messages = false;
};

const std::vector<FaultKind>& fault_kinds() {
  static const std::vector<FaultKind> kKinds = [] {
    const std::vector<Role> all{Role::kApi, Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute};
    std::vector<FaultKind> kinds{{"message lost", all, true},
                                 {"message repeated", all, true},
                                 {"cut", all},
                                 {"clog", all},
                                 {"disconnect", all},
                                 {"crash host", {Role::kCompute}},
                                 {"cut power", {Role::kCompute}}};
    for (Role role : all) {
      kinds.push_back({std::string("kill ") + std::string(to_string(role)), {role}});
      kinds.push_back({std::string("slow ") + std::string(to_string(role)), {role}});
    }
    for (Role role : {Role::kController, Role::kNetwork, Role::kCompute})
      for (std::string_view what : {"full disk ", "refusal ", "slow disk "})
        if (role != Role::kCompute || what != "slow disk ")  // a journal's writes take no time here
          kinds.push_back({std::string(what) + std::string(to_string(role)), {role}});
    return kinds;
  }();
  return kKinds;
}

std::string_view why_impossible(const FaultKind& kind, LaunchStep step) {
  if (kind.of_messages && step == LaunchStep::kGuestStarted)
    return "nothing is said of it alone: the report of 13 says it";
  if (!kind.of_messages && step == LaunchStep::kScheduleCast) return "the controller casts in the turn in which 2 ends";
  if (!kind.of_messages && step == LaunchStep::kRunCast) return "the scheduler casts in the turn in which it decides";
  return "";
}

}  // namespace

std::vector<Gap> find_gaps(const Strikes& strikes) {
  std::vector<Gap> gaps;
  for (const FaultKind& kind : fault_kinds())
    for (const LaunchStepInfo& info : launch_steps()) {
      if (std::ranges::find(kind.roles, info.daemon) == kind.roles.end()) continue;
      if (!strikes.counts().contains({kind.name, info.step}))
        gaps.push_back({kind.name, info.step, why_impossible(kind, info.step)});
    }
  return gaps;
}

LaunchStep step_of(const Message& message) { return std::visit(StepOf{}, message.body); }

}  // namespace kilonova::sim
