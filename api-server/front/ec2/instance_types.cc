// DescribeInstanceTypes: flavors, by name.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "domain/form_rules.h"
#include "domain/nouns/flavor.h"

namespace kilonova::api::ec2 {
namespace {

constexpr int64_t kMostResults = 100;  // AWS

constexpr FilterRule<Flavor> kRules[] = {
    {"instance-type", [](const Flavor& flavor, std::string_view) -> Texts { return {flavor.name}; }},
    {"vcpu-info.default-vcpus",
     [](const Flavor& flavor, std::string_view) -> Texts { return {std::to_string(flavor.vcpus)}; }},
    {"memory-info.size-in-mib",
     [](const Flavor& flavor, std::string_view) -> Texts { return {std::to_string(flavor.memory_mb)}; }},
    {"current-generation", [](const Flavor&, std::string_view) -> Texts { return {"true"}; }},
};
constexpr std::span<const FilterRule<Flavor>> kTypeRules(kRules);

void add_type(Xml item, const Flavor& flavor) {
  const int64_t disk_gb = flavor.root_gb + flavor.ephemeral_gb;
  add(item, "instanceType", flavor.name);
  add(item, "currentGeneration", true);
  add(item, "freeTierEligible", false);
  add(add(item, "supportedUsageClasses"), "item", "on-demand");
  add(add(item, "supportedRootDeviceTypes"), "item", "instance-store");
  add(add(item, "supportedVirtualizationTypes"), "item", "hvm");
  add(item, "bareMetal", false);
  add(item, "hypervisor", "kvm");
  add(add(add(item, "processorInfo"), "supportedArchitectures"), "item", "x86_64");
  add(add(item, "vCpuInfo"), "defaultVCpus", flavor.vcpus);
  add(add(item, "memoryInfo"), "sizeInMiB", flavor.memory_mb);
  add(item, "instanceStorageSupported", disk_gb > 0);
  if (disk_gb > 0) add(add(item, "instanceStorageInfo"), "totalSizeInGB", disk_gb);
  add(item, "hibernationSupported", false);
  add(item, "burstablePerformanceSupported", false);
  add(item, "dedicatedHostsSupported", false);
  add(item, "autoRecoverySupported", false);
}

// A NextToken is the name of the last type of the page before; they come by name.
Task<Result<void>> describe_instance_types(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kTypeRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto most = integer_of(call.parameters, "MaxResults", 1, kMostResults);
  if (!most) co_return std::unexpected(std::move(most.error()));
  const Texts names = call.parameters.texts("InstanceType");
  const std::string after = call.parameters.text("NextToken");
  auto flavors =
      co_await ask_all(call, ListFlavors{}, &FlavorList::flavors, [](const Flavor& flavor) { return flavor.id; });
  if (!flavors) co_return std::unexpected(refusal_of(flavors.error()));
  for (const std::string& name : names)
    if (std::ranges::find(*flavors, name, &Flavor::name) == flavors->end())
      co_return refused("InvalidInstanceType",
                        fmt::format("The following supplied instance types do not exist: [{}]", in_quotes(name)));
  std::ranges::sort(*flavors, {}, &Flavor::name);
  std::erase_if(*flavors, [&](const Flavor& flavor) {
    const bool is_named = names.empty() || std::ranges::find(names, flavor.name) != names.end();
    return !is_named || flavor.name <= after || !passes(flavor, *filters, kTypeRules);
  });
  const size_t shown = std::min(flavors->size(), static_cast<size_t>(most->value_or(kMostResults)));
  Xml set = add(reply, "instanceTypeSet");
  for (size_t i = 0; i < shown; ++i) add_type(add(set, "item"), (*flavors)[i]);
  if (shown < flavors->size()) add(reply, "nextToken", (*flavors)[shown - 1].name);
  co_return Result<void>();
}

constexpr std::string_view kParameters[] = {"Filter", "InstanceType", "MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"DescribeInstanceTypes", UserRole::kReader, &describe_instance_types, kParameters},
};

}  // namespace

std::span<const Action> instance_type_actions() { return kActions; }

}  // namespace kilonova::api::ec2
