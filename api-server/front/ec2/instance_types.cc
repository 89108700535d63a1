// DescribeInstanceTypes, DescribeInstanceTypeOfferings: flavors, by name.
#include "api-server/front/ec2/instance_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/rows.h"
#include "domain/form_rules.h"
#include "domain/nouns/flavor.h"

namespace kilonova::api::ec2 {
namespace {

constexpr int64_t kMostResults = 100;  // AWS

int64_t disk_gb(const Flavor& flavor) { return flavor.root_gb + flavor.ephemeral_gb; }

// What every type here is.
template <const char* text>
Texts always(const Flavor&, std::string_view) {
  return {text};
}
constexpr char kTrue[] = "true", kFalse[] = "false", kKvm[] = "kvm", kX86[] = "x86_64", kStore[] = "instance-store",
               kOnDemand[] = "on-demand", kHvm[] = "hvm";

Texts nothing(const Flavor&, std::string_view) { return {}; }

constexpr FilterRule<Flavor> kRules[] = {
    {"instance-type", [](const Flavor& flavor, std::string_view) -> Texts { return {flavor.name}; }},
    {"vcpu-info.default-vcpus",
     [](const Flavor& flavor, std::string_view) -> Texts { return {std::to_string(flavor.vcpus)}; }},
    {"memory-info.size-in-mib",
     [](const Flavor& flavor, std::string_view) -> Texts { return {std::to_string(flavor.memory_mb)}; }},
    {"instance-storage-supported",
     [](const Flavor& flavor, std::string_view) -> Texts { return {disk_gb(flavor) > 0 ? "true" : "false"}; }},
    {"instance-storage-info.total-size-in-gb",
     [](const Flavor& flavor, std::string_view) -> Texts {
       return disk_gb(flavor) > 0 ? Texts{std::to_string(disk_gb(flavor))} : Texts();
     }},
    {"current-generation", &always<kTrue>},
    {"auto-recovery-supported", &always<kFalse>},
    {"bare-metal", &always<kFalse>},
    {"burstable-performance-supported", &always<kFalse>},
    {"dedicated-hosts-supported", &always<kFalse>},
    {"free-tier-eligible", &always<kFalse>},
    {"hibernation-supported", &always<kFalse>},
    {"hypervisor", &always<kKvm>},
    {"processor-info.supported-architecture", &always<kX86>},
    {"supported-root-device-type", &always<kStore>},
    {"supported-usage-class", &always<kOnDemand>},
    {"supported-virtualization-type", &always<kHvm>},
    // What a flavor does not say.
    {"ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps", &nothing},
    {"ebs-info.ebs-optimized-info.baseline-iops", &nothing},
    {"ebs-info.ebs-optimized-info.baseline-throughput-in-mbps", &nothing},
    {"ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps", &nothing},
    {"ebs-info.ebs-optimized-info.maximum-iops", &nothing},
    {"ebs-info.ebs-optimized-info.maximum-throughput-in-mbps", &nothing},
    {"ebs-info.ebs-optimized-support", &nothing},
    {"ebs-info.encryption-support", &nothing},
    {"ebs-info.nvme-support", &nothing},
    {"instance-storage-info.disk.count", &nothing},
    {"instance-storage-info.disk.size-in-gb", &nothing},
    {"instance-storage-info.disk.type", &nothing},
    {"instance-storage-info.encryption-support", &nothing},
    {"instance-storage-info.nvme-support", &nothing},
    {"network-info.efa-info.maximum-efa-interfaces", &nothing},
    {"network-info.efa-supported", &nothing},
    {"network-info.ena-support", &nothing},
    {"network-info.encryption-in-transit-supported", &nothing},
    {"network-info.ipv4-addresses-per-interface", &nothing},
    {"network-info.ipv6-addresses-per-interface", &nothing},
    {"network-info.ipv6-supported", &nothing},
    {"network-info.maximum-network-cards", &nothing},
    {"network-info.maximum-network-interfaces", &nothing},
    {"network-info.network-performance", &nothing},
    {"processor-info.sustained-clock-speed-in-ghz", &nothing},
    {"supported-boot-mode", &nothing},
    {"vcpu-info.default-cores", &nothing},
    {"vcpu-info.default-threads-per-core", &nothing},
    {"vcpu-info.valid-cores", &nothing},
    {"vcpu-info.valid-threads-per-core", &nothing},
};
constexpr std::span<const FilterRule<Flavor>> kTypeRules(kRules);

void add_type(Xml item, const Flavor& flavor) {
  add(item, "instanceType", flavor.name);
  add(item, "currentGeneration", true);
  add(item, "freeTierEligible", false);
  add(add(item, "supportedUsageClasses"), "item", kOnDemand);
  add(add(item, "supportedRootDeviceTypes"), "item", kStore);
  add(add(item, "supportedVirtualizationTypes"), "item", kHvm);
  add(item, "bareMetal", false);
  add(item, "hypervisor", kKvm);
  add(add(add(item, "processorInfo"), "supportedArchitectures"), "item", kX86);
  add(add(item, "vCpuInfo"), "defaultVCpus", flavor.vcpus);
  add(add(item, "memoryInfo"), "sizeInMiB", flavor.memory_mb);
  add(item, "instanceStorageSupported", disk_gb(flavor) > 0);
  if (disk_gb(flavor) > 0) add(add(item, "instanceStorageInfo"), "totalSizeInGB", disk_gb(flavor));
  add(item, "hibernationSupported", false);
  add(item, "burstablePerformanceSupported", false);
  add(item, "dedicatedHostsSupported", false);
  add(item, "autoRecoverySupported", false);
}

Task<Result<std::vector<Flavor>>> all_flavors(Ec2Call& call) {
  auto flavors =
      co_await ask_all(call, ListFlavors{}, &FlavorList::flavors, [](const Flavor& flavor) { return flavor.id; });
  if (!flavors) co_return std::unexpected(refusal_of(flavors.error()));
  std::ranges::sort(*flavors, {}, &Flavor::name);
  co_return std::move(*flavors);
}

// A NextToken is the name of the last type of the page before; they come by name.
Task<Result<void>> describe_instance_types(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kTypeRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto most = integer_of(call.parameters, "MaxResults", 1, kMostResults);
  if (!most) co_return std::unexpected(std::move(most.error()));
  const Texts names = call.parameters.texts("InstanceType");
  const std::string after = call.parameters.text("NextToken");
  auto flavors = co_await all_flavors(call);
  if (!flavors) co_return std::unexpected(std::move(flavors.error()));
  for (const std::string& name : names)
    if (std::ranges::find(*flavors, name, &Flavor::name) == flavors->end())
      co_return refused("InvalidInstanceType",
                        fmt::format("The following supplied instance types do not exist: [{}]", in_quotes(name)));
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

// ---- offerings: every type is to be had everywhere

struct Offering {
  std::string type;
  std::string location;
  std::string kind;
};
std::string place_of(const Offering& one) { return one.type + " " + one.location; }

constexpr FilterRule<Offering> kOfferingRulesOf[] = {
    {"instance-type", [](const Offering& one, std::string_view) -> Texts { return {one.type}; }},
    {"location", [](const Offering& one, std::string_view) -> Texts { return {one.location}; }},
};
constexpr std::span<const FilterRule<Offering>> kOfferingRules(kOfferingRulesOf);

Task<Result<Texts>> locations_of(Ec2Call& call, const std::string& kind) {
  if (kind == "region") co_return Texts{std::string(kRegion)};
  if (kind != "availability-zone" && kind != "availability-zone-id")
    co_return refused(
        "InvalidParameterValue",
        fmt::format("LocationType {} must be region, availability-zone or availability-zone-id.", in_quotes(kind)));
  auto zones = co_await call.base.core.availability_zones(call.base.meta);
  if (!zones) co_return std::unexpected(refusal_of(zones.error()));
  Texts names;
  for (const auto& [name, available] : *zones) names.push_back(name);
  co_return names;
}

// A NextToken is type and location of the last one of the page before.
Task<Result<void>> describe_offerings(Ec2Call& call, Xml reply) {
  constexpr int64_t kLeast = 5, kMost = 1'000;
  auto filters = read_filters(call.parameters, kOfferingRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto most = integer_of(call.parameters, "MaxResults", kLeast, kMost);
  if (!most) co_return std::unexpected(std::move(most.error()));
  std::string kind = call.parameters.text("LocationType");
  if (kind.empty()) kind = "region";
  auto locations = co_await locations_of(call, kind);
  if (!locations) co_return std::unexpected(std::move(locations.error()));
  auto flavors = co_await all_flavors(call);
  if (!flavors) co_return std::unexpected(std::move(flavors.error()));
  std::vector<Offering> offerings;
  for (const Flavor& flavor : *flavors)
    for (const std::string& location : *locations)
      if (Offering one{flavor.name, location, kind}; passes(one, *filters, kOfferingRules))
        offerings.push_back(std::move(one));
  const Paging paging{static_cast<size_t>(most->value_or(kMost)), call.parameters.text("NextToken")};
  add_page(reply, "instanceTypeOfferingSet", offerings, paging, &place_of, [](Xml item, const Offering& one) {
    add(item, "instanceType", one.type);
    add(item, "locationType", one.kind);
    add(item, "location", one.location);
  });
  co_return Result<void>();
}

constexpr std::string_view kParameters[] = {"Filter", "InstanceType", "MaxResults", "NextToken"};
constexpr std::string_view kOfOfferings[] = {"Filter", "LocationType", "MaxResults", "NextToken"};

constexpr Action kActions[] = {
    {"DescribeInstanceTypes", UserRole::kReader, &describe_instance_types, kParameters},
    {"DescribeInstanceTypeOfferings", UserRole::kReader, &describe_offerings, kOfOfferings},
};

}  // namespace

Task<Result<Flavor>> find_type(Ec2Call& call, std::string name, std::string invalid) {
  auto flavors = co_await ask(call, ListFlavors{.flavor = name});
  const bool is_none =
      flavors ? flavors->flavors.empty() || flavors->flavors.front().name != name
              : flavors.error().code == ErrorCode::kNotFound || flavors.error().code == ErrorCode::kInvalidArgument;
  if (is_none)
    co_return refused(std::move(invalid), fmt::format("Invalid value {} for InstanceType.", in_quotes(name)));
  if (!flavors) co_return std::unexpected(refusal_of(flavors.error()));
  co_return std::move(flavors->flavors.front());
}

std::span<const Action> instance_type_actions() { return kActions; }

}  // namespace kilonova::api::ec2
