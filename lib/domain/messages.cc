#include "domain/messages.h"

#include <array>

namespace kilonova {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<Message::Body>> kNames{
    "SelectDestinations",  "HostStatuses",       "NoValidHost",      "SelectDestinationsRefused",
    "SchedulerHeartbeat",  "BuildAndRunInstance", "UsageUpdate",      "RegisterHosts",
    "ComputeHeartbeat",    "InstanceReport",     "InstanceTerminated", "PowerActionDone",
    "RegisterHostsAnswer", "ReportAnswer",       "TerminateInstance", "ApplyPowerAction",
    "AllocateAddresses",   "ReleaseAddresses",   "AllocateAddressesReply", "AddressesReleased",
    "NetworksSnapshot",    "OwnershipQuery",     "OwnershipAnswer",  "ApiCall",
    "ApiReply",            "TokenKeys",          "WatchEvents"};

}  // namespace

std::string_view message_name(const Message& message) { return kNames[message.body.index()]; }

bool supersedes(const Message& later, const Message& earlier) {
  const auto* newer = std::get_if<InstanceReport>(&later.body);
  const auto* older = std::get_if<InstanceReport>(&earlier.body);
  return newer && older && older->result == BuildResult::kProgress && newer->placement == older->placement &&
         newer->host == older->host;
}

}  // namespace kilonova
