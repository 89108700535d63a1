#include "sim/strikes.h"

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

}  // namespace

LaunchStep step_of(const Message& message) { return std::visit(StepOf{}, message.body); }

}  // namespace kilonova::sim
