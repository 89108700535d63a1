// DescribeRegions, DescribeAvailabilityZones, DescribeAccountAttributes, GetEbsEncryptionByDefault: where an account
// is, and what it may have.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "domain/form_rules.h"
#include "domain/nouns/quota.h"

namespace kilonova::api::ec2 {
namespace {

struct Region {
  std::string endpoint;
};
struct Zone {
  std::string name;
  bool available = false;
};

constexpr FilterRule<Region> kRegionRulesOf[] = {
    {"region-name", [](const Region&, std::string_view) -> Texts { return {std::string(kRegion)}; }},
    {"endpoint", [](const Region& region, std::string_view) -> Texts { return {region.endpoint}; }},
    {"opt-in-status", [](const Region&, std::string_view) -> Texts { return {"opt-in-not-required"}; }},
};
constexpr std::span<const FilterRule<Region>> kRegionRules(kRegionRulesOf);

const char* state_of(const Zone& zone) { return zone.available ? "available" : "unavailable"; }

constexpr FilterRule<Zone> kZoneRulesOf[] = {
    {"group-name", [](const Zone&, std::string_view) -> Texts { return {std::string(kRegion)}; }},
    {"opt-in-status", [](const Zone&, std::string_view) -> Texts { return {"opt-in-not-required"}; }},
    {"zone-type", [](const Zone&, std::string_view) -> Texts { return {"availability-zone"}; }},
    {"message", [](const Zone&, std::string_view) -> Texts { return {}; }},
    {"parent-zoneID", [](const Zone&, std::string_view) -> Texts { return {}; }},
    {"parent-zoneName", [](const Zone&, std::string_view) -> Texts { return {}; }},
    {"zone-name", [](const Zone& zone, std::string_view) -> Texts { return {zone.name}; }},
    {"zone-id", [](const Zone& zone, std::string_view) -> Texts { return {zone.name}; }},
    {"state", [](const Zone& zone, std::string_view) -> Texts { return {state_of(zone)}; }},
    {"region-name", [](const Zone&, std::string_view) -> Texts { return {std::string(kRegion)}; }},
};
constexpr std::span<const FilterRule<Zone>> kZoneRules(kZoneRulesOf);

// The first of these names that is none of the known ones; "" without one.
std::string unknown_of(const Texts& names, const Texts& known) {
  for (const std::string& name : names)
    if (std::ranges::find(known, name) == known.end()) return name;
  return "";
}

Task<Result<void>> describe_regions(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kRegionRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  if (std::string name = unknown_of(call.parameters.texts("RegionName"), {std::string(kRegion)}); !name.empty())
    co_return refused("InvalidParameterValue", fmt::format("Invalid region provided: {}", in_quotes(name)));
  const std::string_view host = std::string_view(call.base.base).substr(call.base.base.find("://") + 3);
  const Region region{std::string(host) + "/ec2"};
  Xml set = add(reply, "regionInfo");
  if (!passes(region, *filters, kRegionRules)) co_return Result<void>();
  Xml item = add(set, "item");
  add(item, "regionName", kRegion);
  add(item, "regionEndpoint", region.endpoint);
  add(item, "optInStatus", "opt-in-not-required");
  co_return Result<void>();
}

Task<Result<void>> describe_availability_zones(Ec2Call& call, Xml reply) {
  auto filters = read_filters(call.parameters, kZoneRules);
  if (!filters) co_return std::unexpected(std::move(filters.error()));
  auto known = co_await call.base.core.availability_zones(call.base.meta);
  if (!known) co_return std::unexpected(refusal_of(known.error()));
  Texts wanted = call.parameters.texts("ZoneName"), names;
  for (std::string& id : call.parameters.texts("ZoneId")) wanted.push_back(std::move(id));
  for (const auto& [name, available] : *known) names.push_back(name);
  if (std::string name = unknown_of(wanted, names); !name.empty())
    co_return refused("InvalidParameterValue", fmt::format("Invalid availability zone: [{}]", in_quotes(name)));
  Xml set = add(reply, "availabilityZoneInfo");
  for (const auto& [name, available] : *known) {
    const Zone zone{name, available};
    const bool is_named = wanted.empty() || std::ranges::find(wanted, name) != wanted.end();
    if (!is_named || !passes(zone, *filters, kZoneRules)) continue;
    Xml item = add(set, "item");
    add(item, "zoneName", name);
    add(item, "zoneState", state_of(zone));
    add(item, "regionName", kRegion);
    add(item, "zoneId", name);
    add(item, "zoneType", "availability-zone");
    add(item, "groupName", kRegion);
    add(item, "networkBorderGroup", kRegion);
    add(item, "optInStatus", "opt-in-not-required");
    add(item, "messageSet");
  }
  co_return Result<void>();
}

// max-instances is the project's quota; what is unlimited has no number in EC2.
Task<Result<void>> describe_account_attributes(Ec2Call& call, Xml reply) {
  auto quota = co_await ask(call, GetQuota{});
  if (!quota) co_return std::unexpected(refusal_of(quota.error()));
  const int64_t instances = quota->quota.instances < 0 ? INT32_MAX : quota->quota.instances;
  const std::pair<std::string, std::string> all[] = {{"supported-platforms", "VPC"},
                                                     {"default-vpc", vpc_id(call.project())},
                                                     {"max-instances", std::to_string(instances)}};
  const Texts wanted = call.parameters.texts("AttributeName");
  Texts names;
  for (const auto& [name, value] : all) names.push_back(name);
  if (std::string name = unknown_of(wanted, names); !name.empty())
    co_return refused("InvalidParameterValue", fmt::format("Invalid attribute name: {}", in_quotes(name)));
  Xml set = add(reply, "accountAttributeSet");
  for (const auto& [name, value] : all) {
    if (!wanted.empty() && std::ranges::find(wanted, name) == wanted.end()) continue;
    Xml item = add(set, "item");
    add(item, "attributeName", name);
    add(add(add(item, "attributeValueSet"), "item"), "attributeValue", value);
  }
  co_return Result<void>();
}

// There are no volumes that could be.
Task<Result<void>> get_encryption_by_default(Ec2Call&, Xml reply) {
  add(reply, "ebsEncryptionByDefault", false);
  co_return Result<void>();
}

constexpr std::string_view kOfRegions[] = {"Filter", "RegionName", "AllRegions"};
constexpr std::string_view kOfZones[] = {"Filter", "ZoneName", "ZoneId", "AllAvailabilityZones"};
constexpr std::string_view kOfAttributes[] = {"AttributeName"};

constexpr Action kActions[] = {
    {"DescribeRegions", UserRole::kReader, &describe_regions, kOfRegions},
    {"DescribeAvailabilityZones", UserRole::kReader, &describe_availability_zones, kOfZones},
    {"DescribeAccountAttributes", UserRole::kReader, &describe_account_attributes, kOfAttributes},
    {"GetEbsEncryptionByDefault", UserRole::kReader, &get_encryption_by_default, {}},
};

}  // namespace

std::span<const Action> account_actions() { return kActions; }

}  // namespace kilonova::api::ec2
