#include "api-server/front/openstack/placement/candidate_query.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/request.h"

namespace kilonova::api::openstack {
namespace {

// From 1.33 on 1 to 64 of [a-zA-Z0-9_-], before a number, before 1.25 nothing.
bool is_suffix(const Call& call, std::string_view text) {
  if (text.empty()) return true;
  auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (is_since(call, 33))
    return text.size() <= 64 && std::ranges::all_of(text, [&](char c) {
             return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
           });
  return is_since(call, 25) && text.front() != '0' && std::ranges::all_of(text, is_digit);
}

// "required_A" is {"required", "_A"}. Nothing for a key that is no group's.
struct GroupKey {
  std::string_view parameter;
  std::string suffix;
};
std::optional<GroupKey> group_key(const Call& call, std::string_view key) {
  struct Parameter {
    std::string_view name;
    Minor since;
  };
  for (const Parameter& parameter :
       {Parameter{"resources", 10}, Parameter{"required", 17}, Parameter{"member_of", 21}, Parameter{"in_tree", 31}})
    if (is_since(call, parameter.since) && key.starts_with(parameter.name) &&
        is_suffix(call, key.substr(parameter.name.size())))
      return GroupKey{parameter.name, std::string(key.substr(parameter.name.size()))};
  return std::nullopt;
}

bool is_plain_key(const Call& call, std::string_view key) {
  return (key == "limit" && is_since(call, 16)) || (key == "group_policy" && is_since(call, 25)) ||
         (key == "root_required" && is_since(call, 35)) || (key == "same_subtree" && is_since(call, 36));
}

Checked check_keys(const Call& call) {
  for (const auto& [key, value] : call.target.query)
    if (!is_plain_key(call, key) && !group_key(call, key))
      return wrong_query(
          is_since(call, 25)
              ? fmt::format("{} does not match any of the regexes: '^resources({})?$' and the like",
                            python_repr(Json(key)), is_since(call, 33) ? "[a-zA-Z0-9_-]{1,64}" : "[1-9][0-9]*")
              : fmt::format("Additional properties are not allowed ({} was unexpected)", python_repr(Json(key))));
  if (!is_since(call, 25) && call.in_query("resources") == nullptr)
    return wrong_query("'resources' is a required property");
  if (const std::string* policy = call.in_query("group_policy"); policy != nullptr)
    if (*policy != "none" && *policy != "isolate")
      return wrong_query(fmt::format("{} is not one of ['none', 'isolate']", python_repr(Json(*policy))));
  if (const std::string* limit = call.in_query("limit"); limit != nullptr)
    if (std::optional<int64_t> number = whole_number(*limit);
        limit->empty() || limit->front() < '1' || limit->front() > '9' || !number)
      return wrong_query(fmt::format("{} does not match '^[1-9][0-9]*$'", python_repr(Json(*limit))));
  return {};
}

Checked read_groups(const Call& call, CandidateQuery& query) {
  for (const auto& [key, value] : call.target.query) {
    std::optional<GroupKey> part = group_key(call, key);
    if (!part) continue;
    ProviderQuery& group = query.groups[part->suffix];
    Checked read;
    if (part->parameter == "resources") read = read_resources(value, group);
    if (part->parameter == "in_tree") read = read_in_tree(value, group);
    // All of this key at once.
    if (part->parameter == "required" && group.required.empty() && group.forbidden.empty())
      read = read_required(call, part->suffix, group);
    if (part->parameter == "member_of" && group.member_of.empty() && group.forbidden_aggregates.empty())
      read = read_member_of(call, part->suffix, group);
    if (!read) return read;
  }
  return {};
}

Checked read_same_subtree(const Call& call, CandidateQuery& query) {
  for (const std::string& value : call.all_in_query("same_subtree")) {
    std::set<std::string> suffixes;
    for (std::string_view left = value;;) {
      std::string_view part = left.substr(0, left.find(','));
      while (part.starts_with(' ')) part.remove_prefix(1);
      while (part.ends_with(' ')) part.remove_suffix(1);
      if (part.empty())
        return refused_with(400, kBadValue, "Empty string (unsuffixed group) can not be specified in `same_subtree` ");
      suffixes.emplace(part);
      if (left.find(',') == std::string_view::npos) break;
      left.remove_prefix(left.find(',') + 1);
    }
    query.same_subtree.push_back(std::move(suffixes));
  }
  return {};
}

// Traits that are required and forbidden at once: of each list of alternatives all.
std::vector<std::string> conflicts_of(const ProviderQuery& group) {
  std::vector<std::string> conflicts;
  for (const auto& any_of : group.required) {
    bool is_ruled_out = std::ranges::all_of(any_of, [&](const std::string& trait) {
      return std::ranges::find(group.forbidden, trait) != group.forbidden.end();
    });
    if (is_ruled_out) conflicts.push_back(fmt::format("{}", fmt::join(any_of, ", ")));
  }
  return conflicts;
}

Checked read_root(const Call& call, CandidateQuery& query) {
  std::vector<std::string> values = call.all_in_query("root_required");
  if (values.empty()) return {};
  if (values.size() > 1)
    return refused_with(400, kDuplicateKey, "Query parameter 'root_required' may be specified only once.");
  if (Checked read = read_traits(values.front(), true, false, query.root); !read) return read;
  if (auto conflicts = conflicts_of(query.root); !conflicts.empty())
    return refused_with(400, kBadValue,
                        fmt::format("Conflicting required and forbidden traits found in root_required: {}",
                                    fmt::join(conflicts, ", ")));
  return {};
}

// Before 1.36 each group takes something.
Checked check_each_takes(const CandidateQuery& query) {
  std::vector<std::string> traits, members;
  for (const auto& [suffix, group] : query.groups) {
    if (!group.resources.empty()) continue;
    if (!group.required.empty()) traits.push_back("required" + suffix);
    if (!group.member_of.empty() || !group.forbidden_aggregates.empty()) members.push_back("member_of" + suffix);
  }
  if (!traits.empty())
    return refused(400, fmt::format("All traits parameters must be associated with resources.  Found the following "
                                    "orphaned traits keys: {}",
                                    fmt::join(traits, ", ")));
  if (!members.empty())
    return refused(400, fmt::format("All member_of parameters must be associated with resources. Found the following "
                                    "orphaned member_of keys: {}",
                                    fmt::join(members, ", ")));
  if (std::ranges::any_of(query.groups, [](const auto& entry) { return entry.second.resources.empty(); }))
    return refused(400, "All request groups must specify resources.");
  if (query.groups.empty())
    return refused(400, "At least one request group (`resources` or `resources{$S}`) is required.");
  return {};
}

// From then on those that take nothing are named in same_subtree.
Checked check_subtrees(const CandidateQuery& query) {
  std::set<std::string> named;
  for (const auto& suffixes : query.same_subtree) named.insert(suffixes.begin(), suffixes.end());
  std::vector<std::string> idle, unknown, all;
  size_t without = 0;
  for (const auto& [suffix, group] : query.groups) {
    all.push_back(suffix);
    if (!group.resources.empty()) continue;
    ++without;
    if (!named.contains(suffix)) idle.push_back(suffix);
  }
  for (const std::string& suffix : named)
    if (!query.groups.contains(suffix)) unknown.push_back(suffix);
  if (without == query.groups.size())
    return refused_with(400, kMissingValue, "There must be at least one resources or resources[$S] parameter.");
  if (!idle.empty())
    return refused_with(400, kBadValue,
                        fmt::format("Resourceless suffixed group request should be specified in `same_subtree` query "
                                    "param: bad group(s) - {}.",
                                    python_repr(Json(idle))));
  if (!unknown.empty())
    return refused_with(400, kBadValue,
                        fmt::format("Real suffixes should be specified in `same_subtree`: {} not found in {}.",
                                    python_repr(Json(unknown)), python_repr(Json(all))));
  return {};
}

Checked check_conflicts(const CandidateQuery& query) {
  std::vector<std::string> found;
  for (const auto& [suffix, group] : query.groups)
    for (const std::string& conflict : conflicts_of(group))
      found.push_back(fmt::format("required{}: ({})", suffix, conflict));
  if (found.empty()) return {};
  return refused(400, fmt::format("Conflicting required and forbidden traits found in the following traits keys: {}",
                                  fmt::join(found, ", ")));
}

Checked read_all(const Call& call, CandidateQuery& query) {
  if (Checked ok = check_keys(call); !ok) return ok;
  if (Checked ok = read_root(call, query); !ok) return ok;
  if (Checked ok = read_same_subtree(call, query); !ok) return ok;
  if (Checked ok = read_groups(call, query); !ok) return ok;
  if (Checked ok = is_since(call, 36) ? check_subtrees(query) : check_each_takes(query); !ok) return ok;
  if (Checked ok = check_conflicts(query); !ok) return ok;
  size_t suffixed = query.groups.size() - query.groups.count("");
  // Of several the first one counts.
  std::vector<std::string> policies = call.all_in_query("group_policy"), limits = call.all_in_query("limit");
  if (suffixed > 1 && policies.empty())
    return refused(400,
                   "The \"group_policy\" parameter is required when specifying more than one \"resources{N}\" "
                   "parameter.");
  query.isolates = !policies.empty() && policies.front() == "isolate";
  if (!limits.empty()) query.limit = static_cast<size_t>(whole_number(limits.front()).value_or(INT64_MAX));
  return {};
}

}  // namespace

std::expected<CandidateQuery, Refusal> read_candidate_query(const Call& call) {
  CandidateQuery query;
  if (Checked read = read_all(call, query); !read) return std::unexpected(std::move(read.error()));
  return query;
}

}  // namespace kilonova::api::openstack
