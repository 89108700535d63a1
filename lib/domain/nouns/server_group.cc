#include "domain/nouns/server_group.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace kilonova {
namespace {

constexpr auto kPolicies = std::to_array<std::pair<GroupPolicy, std::string_view>>({
    {GroupPolicy::kAffinity, "affinity"},
    {GroupPolicy::kAntiAffinity, "anti-affinity"},
    {GroupPolicy::kSoftAffinity, "soft-affinity"},
    {GroupPolicy::kSoftAntiAffinity, "soft-anti-affinity"},
});

std::string_view all_projects_only(bool all_projects) { return all_projects ? "all_projects" : ""; }

}  // namespace

std::string_view to_string(GroupPolicy policy) {
  for (const auto& [known, name] : kPolicies)
    if (known == policy) return name;
  return "";
}

std::optional<GroupPolicy> find_group_policy(std::string_view name) {
  for (const auto& [policy, known] : kPolicies)
    if (known == name) return policy;
  return std::nullopt;
}

Expected<> ListServerGroups::check() const {
  return check_all(check_text("the server group", group), check_limit(limit), check_text("the marker", marker));
}

std::string_view ListServerGroups::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

Expected<> CreateServerGroup::check() const {
  if (!is_known(policy))
    return refuse("the policy must be affinity, anti-affinity, soft-affinity or soft-anti-affinity");
  if (max_server_per_host != 0 && policy != GroupPolicy::kAntiAffinity)
    return refuse(
        fmt::format("max_server_per_host is for groups of the policy anti-affinity, not of {}", to_string(policy)));
  return check_name("the server group's name", name);
}

Expected<> DeleteServerGroup::check() const { return check_reference("server group", group); }

std::string_view DeleteServerGroup::admin_only(const RequestContext&) const { return all_projects_only(all_projects); }

}  // namespace kilonova
