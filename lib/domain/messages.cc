#include "domain/messages.h"

#include <array>

#include "base/one_of_types.h"

namespace kilonova {

template <>
const HeldType* OneOf<MessageSet>::types() {
  return held_types(MessageSet::Types{});
}

namespace {

constexpr std::array<std::string_view, MessageSet::Types::kSize> kNames{
    "SelectDestinations",  "HostStatuses",       "NoValidHost",      "SelectDestinationsRefused",
    "SchedulerHeartbeat",  "BuildAndRunInstance", "UsageUpdate",      "RegisterHosts",
    "ComputeHeartbeat",    "InstanceReport",     "InstanceTerminated", "ServerActionDone",
    "RegisterHostsAnswer", "ReportAnswer",       "TerminateInstance", "ApplyServerAction",
    "AllocateAddresses",   "ReleaseAddresses",   "AllocateAddressesReply", "AddressesReleased",
    "NetworksSnapshot",    "OwnershipQuery",     "OwnershipAnswer",  "ApiCall",
    "ApiReply",            "TokenKeys",          "WatchEvents"};

}  // namespace

std::string_view message_name(const Message& message) { return kNames[message.body.index()]; }

bool supersedes(const Message& later, const Message& earlier) {
  const auto* newer = get_if<InstanceReport>(&later.body);
  const auto* older = get_if<InstanceReport>(&earlier.body);
  return newer && older && older->result == BuildResult::kProgress && newer->placement == older->placement &&
         newer->host == older->host;
}

}  // namespace kilonova
