#include "api-server/front/ec2/block_devices.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

constexpr std::string_view kInstanceStore = "ephemeral";
constexpr auto kVolumeTypes = std::to_array<std::string_view>({"standard", "gp2", "gp3"});
constexpr auto kOfEbs =
    std::to_array<std::string_view>({"DeleteOnTermination", "Encrypted", "SnapshotId", "VolumeSize", "VolumeType"});

std::unexpected<Refusal> wrong_mapping(std::string why) { return refused("InvalidBlockDeviceMapping", std::move(why)); }

std::unexpected<Refusal> not_honoured(std::string_view name, std::string_view why) {
  return refused("UnsupportedOperation", fmt::format("BlockDeviceMapping.Ebs.{} is not honoured: {}", name, why));
}

// What would make of the root disk another one than it is.
Result<void> check_root(const Parameter& ebs, const Flavor& type) {
  for (const auto& [name, parameter] : ebs.members)
    if (std::ranges::find(kOfEbs, name) == kOfEbs.end())
      return not_honoured(in_quotes(name), "a root disk is no volume.");
  if (std::string snapshot = ebs.text("SnapshotId"); !snapshot.empty())
    return refused("InvalidSnapshot.NotFound", fmt::format("The snapshot {} does not exist.", in_quotes(snapshot)));
  if (std::string kind = ebs.text("VolumeType");
      !kind.empty() && std::ranges::find(kVolumeTypes, kind) == kVolumeTypes.end())
    return not_honoured("VolumeType", fmt::format("it may be {}.", fmt::join(kVolumeTypes, ", ")));
  auto encrypted = boolean_of(ebs, "Encrypted");
  if (!encrypted) return std::unexpected(std::move(encrypted.error()));
  if (*encrypted) return not_honoured("Encrypted", "it may be false.");
  if (ebs.has("DeleteOnTermination")) {
    auto goes = boolean_of(ebs, "DeleteOnTermination");
    if (!goes) return std::unexpected(std::move(goes.error()));
    if (!*goes) return not_honoured("DeleteOnTermination", "a root disk goes with its instance; it may be true.");
  }
  auto size = integer_of(ebs, "VolumeSize", 1, INT32_MAX);
  if (!size) return std::unexpected(std::move(size.error()));
  if (*size && **size > type.root_gb)
    return not_honoured("VolumeSize",
                        fmt::format("the root disk of {} has {} GiB.", in_quotes(type.name), type.root_gb));
  return {};
}

bool is_instance_store(std::string_view name) {
  if (!name.starts_with(kInstanceStore)) return false;
  name.remove_prefix(kInstanceStore.size());
  return !name.empty() && name.size() <= 2 && name.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

Result<void> check_block_devices(const Parameter& parameters, const Flavor& type) {
  std::set<std::string> devices;
  for (const Parameter* mapping : parameters.items("BlockDeviceMapping")) {
    auto device = required(*mapping, "DeviceName");
    if (!device) return std::unexpected(std::move(device.error()));
    if (!devices.insert(*device).second)
      return wrong_mapping(fmt::format("The device {} is mapped twice.", in_quotes(*device)));
    const bool is_root = *device == kRootDeviceName;
    const Parameter* ebs = mapping->member("Ebs");
    const std::string store = mapping->text("VirtualName");
    if (mapping->has("NoDevice") + (ebs != nullptr) + !store.empty() != 1)
      return wrong_mapping(
          fmt::format("The mapping of device {} needs one of Ebs, VirtualName and NoDevice.", in_quotes(*device)));
    if (ebs != nullptr && !is_root)
      return refused("UnsupportedOperation",
                     fmt::format("There are no volumes: device {} cannot be one. {} alone may have Ebs.",
                                 in_quotes(*device), kRootDeviceName));
    if (ebs == nullptr && is_root)
      return wrong_mapping(fmt::format("An instance cannot be without its root device {}.", kRootDeviceName));
    if (!store.empty() && !is_instance_store(store))
      return wrong_mapping(
          fmt::format("The virtual name {} is none: it may be ephemeral0 to ephemeral99.", in_quotes(store)));
    if (ebs == nullptr) continue;
    if (auto root = check_root(*ebs, type); !root) return root;
  }
  return {};
}

}  // namespace kilonova::api::ec2
