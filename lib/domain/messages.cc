#include "domain/messages.h"

#include <array>
#include <cstdint>

#include "base/one_of_types.h"

namespace kilonova {

template <>
const HeldType* OneOf<MessageSet>::types() {
  return held_types(MessageSet::Types{});
}

namespace {

// One bit for each way from a role to a role.
using Ways = uint64_t;
constexpr unsigned kRoles = static_cast<unsigned>(Role::kClient) + 1;
static_assert(kRoles * kRoles <= 64, "a way must have a bit of its own");

constexpr Ways way(Role from, Role to) {
  return Ways{1} << (static_cast<unsigned>(from) * kRoles + static_cast<unsigned>(to));
}

constexpr Ways kControllerToScheduler = way(Role::kController, Role::kScheduler);
constexpr Ways kControllerToCompute = way(Role::kController, Role::kCompute);
constexpr Ways kControllerToNetwork = way(Role::kController, Role::kNetwork);
constexpr Ways kControllerToApi = way(Role::kController, Role::kApi);
constexpr Ways kSchedulerToController = way(Role::kScheduler, Role::kController);
constexpr Ways kSchedulerToCompute = way(Role::kScheduler, Role::kCompute);
constexpr Ways kComputeToScheduler = way(Role::kCompute, Role::kScheduler);
constexpr Ways kComputeToController = way(Role::kCompute, Role::kController);
constexpr Ways kComputeToNetwork = way(Role::kCompute, Role::kNetwork);
constexpr Ways kNetworkToController = way(Role::kNetwork, Role::kController);
constexpr Ways kNetworkToCompute = way(Role::kNetwork, Role::kCompute);
constexpr Ways kApiToController = way(Role::kApi, Role::kController);

struct Facts {
  std::string_view name;
  Ways ways = 0;  // who may send it to whom
};

// In the order of MessageSet. docs/protocol.md shows it as a table.
constexpr std::array<Facts, MessageSet::Types::kSize> kFacts{{
    {"SelectDestinations", kControllerToScheduler},
    {"HostStatuses", kControllerToScheduler},
    {"NoValidHost", kSchedulerToController},
    {"SelectDestinationsRefused", kSchedulerToController},
    {"SchedulerHeartbeat", kSchedulerToController},
    {"BuildAndRunInstance", kSchedulerToCompute},
    {"UsageUpdate", kComputeToScheduler},
    {"RegisterHosts", kComputeToController},
    {"ComputeHeartbeat", kComputeToController},
    {"InstanceReport", kComputeToController | kSchedulerToController},
    {"InstanceTerminated", kComputeToController},
    {"ServerActionDone", kComputeToController},
    {"RegisterHostsAnswer", kControllerToCompute},
    {"ReportAnswer", kControllerToCompute},
    {"TerminateInstance", kControllerToCompute},
    {"ApplyServerAction", kControllerToCompute},
    {"AllocateAddresses", kComputeToNetwork | kControllerToNetwork},
    {"ReleaseAddresses", kComputeToNetwork | kControllerToNetwork},
    {"AllocateAddressesReply", kNetworkToCompute | kNetworkToController},
    {"AddressesReleased", kNetworkToCompute | kNetworkToController},
    {"NetworksSnapshot", kNetworkToController},
    {"OwnershipQuery", kComputeToController | kNetworkToController},
    {"OwnershipAnswer", kControllerToCompute | kControllerToNetwork},
    {"ApiCall", kApiToController | kControllerToNetwork | kControllerToCompute | kControllerToScheduler},
    {"ApiReply", kControllerToApi | kNetworkToController | kComputeToController | kSchedulerToController},
    {"TokenKeys", kControllerToApi},
    {"WatchEvents", kControllerToApi},
    {"AddressKey", kControllerToNetwork},
    {"FaultReached", kComputeToController | kSchedulerToController | kApiToController},
    {"FaultVerdict", kControllerToCompute | kControllerToScheduler | kControllerToApi},
    {"HttpFaults", kControllerToApi},
    {"EndProcess", kControllerToCompute | kControllerToScheduler | kControllerToNetwork | kControllerToApi},
    {"CacheImages", kControllerToCompute},
    {"HostsDeleted", kControllerToCompute},
}};

// The name of a message's type as the compiler writes it: "... [T = kilonova::SelectDestinations]".
template <class T>
consteval std::string_view type_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_suffix(1);
  return text.substr(text.rfind(':') + 1);
}
template <class... Ts>
consteval bool are_in_order(TypeList<Ts...>) {
  size_t row = 0;
  return ((kFacts[row++].name == type_name<Ts>()) && ...);
}
static_assert(are_in_order(MessageSet::Types{}), "each message has a row of its name, in the order of MessageSet");

}  // namespace

std::string_view message_name(const Message& message) { return kFacts[message.body.index()].name; }

bool may_send(const Message& message, Role from, Role to) {
  // A scheduler says of a try that an injected fault has ended it; how a build went is its host's to say.
  if (const auto* report = get_if<InstanceReport>(&message.body); report && from == Role::kScheduler)
    if (report->result != BuildResult::kRescheduled && report->result != BuildResult::kFailed) return false;
  return (kFacts[message.body.index()].ways & way(from, to)) != 0;
}

bool supersedes(const Message& later, const Message& earlier) {
  const auto* newer = get_if<InstanceReport>(&later.body);
  const auto* older = get_if<InstanceReport>(&earlier.body);
  return newer && older && older->result == BuildResult::kProgress && newer->placement == older->placement &&
         newer->host == older->host;
}

}  // namespace kilonova
