#include "domain/launch_steps.h"

namespace kilonova {

namespace {

constexpr auto kSteps = std::to_array<LaunchStepInfo>({
    {LaunchStep::kRequestAccepted, "request_accepted", "1", Role::kApi},
    {LaunchStep::kInstanceCreated, "instance_created", "1", Role::kController},
    {LaunchStep::kScheduleCast, "schedule_cast", "2", Role::kController},
    {LaunchStep::kHostSelected, "host_selected", "3", Role::kScheduler},
    {LaunchStep::kRunCast, "run_cast", "3", Role::kScheduler},
    {LaunchStep::kClaimed, "claimed", "4", Role::kCompute},
    {LaunchStep::kNetworkRequested, "network_requested", "5, 6", Role::kCompute},
    {LaunchStep::kAddressAllocated, "address_allocated", "7, 8", Role::kNetwork},
    {LaunchStep::kBlockDevicesMapped, "block_devices_mapped", "-", Role::kCompute},
    {LaunchStep::kImageReady, "image_ready", "-", Role::kCompute},
    {LaunchStep::kGuestDefined, "guest_defined", "-", Role::kCompute},
    {LaunchStep::kGuestStarted, "guest_started", "-", Role::kCompute},
    {LaunchStep::kActive, "active", "-", Role::kController},
});

consteval bool are_in_order() {
  for (size_t i = 0; i < kSteps.size(); ++i)
    if (kSteps[i].step != static_cast<LaunchStep>(i + 1)) return false;
  return kSteps.back().step == LaunchStep::kActive;
}
static_assert(are_in_order(), "a row of kSteps stands in the wrong place, or is missing");

}  // namespace

const std::array<LaunchStepInfo, kSteps.size()>& launch_steps() { return kSteps; }

std::string_view to_string(LaunchStep step) {
  if (step == LaunchStep::kNone) return "none";
  return launch_steps()[static_cast<size_t>(step) - 1].name;
}

std::optional<LaunchStep> parse_launch_step(std::string_view name) {
  for (const auto& info : launch_steps())
    if (info.name == name) return info.step;
  return std::nullopt;
}

}  // namespace kilonova
