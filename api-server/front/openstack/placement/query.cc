#include "api-server/front/openstack/placement/query.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/request.h"

namespace kilonova::api::openstack {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// As Python's split: an empty text is one empty part.
std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    size_t comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

std::unexpected<Refusal> badly_formed(std::string_view got) {
  return refused(400,
                 fmt::format("Badly formed resources parameter. Expected resources query string parameter in form: "
                             "?resources=VCPU:2,MEMORY_MB:1024. Got: {}.",
                             got));
}

std::unexpected<Refusal> empty_trait(std::string_view form, std::string_view got) {
  return wrong_query(
      fmt::format("Expected 'required' parameter value of the form: {}. Got an empty trait in: {}", form, got));
}

// Behind "in:".
Checked read_any_of(std::string_view value, bool may_choose, ProviderQuery& query) {
  if (!may_choose)
    return wrong_query(
        fmt::format("The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' only supported since microversion "
                    "1.39. Got: {}",
                    value));
  std::vector<std::string> any_of;
  for (std::string_view part : split(value.substr(3))) any_of.emplace_back(trim(part));
  if (std::ranges::find(any_of, "") != any_of.end()) return empty_trait("in:HW_CPU_X86_VMX,CUSTOM_MAGIC", value);
  if (std::ranges::any_of(any_of, [](const std::string& trait) { return trait.starts_with('!'); }))
    return wrong_query(
        fmt::format("The format 'in:HW_CPU_X86_VMX,CUSTOM_MAGIC' does not support forbidden traits. "
                    "Got: {}",
                    value));
  query.required.push_back(std::move(any_of));
  return {};
}

// One value of member_of: "U", "in:U,V", "!U", "!in:U,V".
Checked read_aggregates(std::string_view value, const std::string& suffix, bool may_forbid, ProviderQuery& query) {
  bool is_forbidden = value.starts_with('!');
  std::string_view rest = is_forbidden ? value.substr(1) : value;
  bool is_list = rest.starts_with("in:");
  if (!is_list && rest.find(',') != std::string_view::npos)
    return refused(400, fmt::format("Multiple values for 'member_of' must be prefixed with the 'in:' or '!in:' keyword "
                                    "using the valid microversion. Got: {}",
                                    value));
  std::vector<std::string> uuids;
  for (std::string_view part : split(is_list ? rest.substr(3) : rest)) {
    uuids.push_back(uuid_text(part));
    if (uuids.back().empty())
      return wrong_query(fmt::format("Expected 'member_of' parameter to contain valid UUID(s). Got: {}", part));
  }
  if (!is_forbidden) {
    query.member_of.push_back(std::move(uuids));
    return {};
  }
  if (!may_forbid)
    return refused(
        400, fmt::format("Forbidden member_of{} parameters are not supported in the specified microversion", suffix));
  query.forbidden_aggregates.insert(query.forbidden_aggregates.end(), uuids.begin(), uuids.end());
  return {};
}

}  // namespace

Checked read_resources(std::string_view text, ProviderQuery& query) {
  query.resources.clear();
  if (trim(text).empty()) return badly_formed("empty string");
  for (std::string_view part : split(text)) {
    size_t colon = part.find(':');
    if (colon == std::string_view::npos || part.find(':', colon + 1) != std::string_view::npos)
      return badly_formed(part);
    std::string name(part.substr(0, colon));
    std::string_view digits = trim(part.substr(colon + 1));
    int64_t amount = 0;
    auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size())
      return refused(400, fmt::format("Requested resource {} expected positive integer amount. Got: {}.", name,
                                      part.substr(colon + 1)));
    if (amount < 1)
      return refused(400, fmt::format("Requested resource {} requires amount >= 1. Got: {}.", name, amount));
    // What no inventory can have is as much as is never there; sums of such amounts do not overflow.
    query.resources[name] = std::min<int64_t>(amount, int64_t{1} << 40);
  }
  return {};
}

Checked read_traits(std::string_view text, bool may_forbid, bool may_choose, ProviderQuery& query) {
  if (text.starts_with("in:")) return read_any_of(text, may_choose, query);
  for (std::string_view part : split(text)) {
    std::string_view trait = trim(part);
    bool is_forbidden = trait.starts_with('!');
    while (trait.starts_with('!')) trait.remove_prefix(1);
    if (trait.empty())
      return empty_trait(may_forbid ? "HW_CPU_X86_VMX,!CUSTOM_MAGIC" : "HW_CPU_X86_VMX,CUSTOM_MAGIC", text);
    if (!is_forbidden) {
      query.required.push_back({std::string(trait)});
      continue;
    }
    if (!may_forbid)
      return wrong_query(
          fmt::format("Expected 'required' parameter value of the form: HW_CPU_X86_VMX,CUSTOM_MAGIC. "
                      "Got: {}",
                      text));
    query.forbidden.emplace_back(trait);
  }
  return {};
}

Checked read_required(const Call& call, const std::string& suffix, ProviderQuery& query) {
  std::vector<std::string> values = call.all_in_query("required" + suffix);
  // Until it was defined what a second one means, the last one counted.
  if (!is_since(call, 39) && values.size() > 1) values.erase(values.begin(), values.end() - 1);
  for (const std::string& value : values)
    if (Checked read = read_traits(value, is_since(call, 22), is_since(call, 39), query); !read) return read;
  return {};
}

Checked read_member_of(const Call& call, const std::string& suffix, ProviderQuery& query) {
  std::vector<std::string> values = call.all_in_query("member_of" + suffix);
  if (values.size() > 1 && !is_since(call, 24))
    return refused(400, fmt::format("Multiple member_of{} parameters are not supported", suffix));
  for (const std::string& value : values)
    if (Checked read = read_aggregates(value, suffix, is_since(call, 32), query); !read) return read;
  return {};
}

Checked read_in_tree(std::string_view text, ProviderQuery& query) {
  query.in_tree = uuid_text(trim(text));
  if (!query.in_tree.empty()) return {};
  return wrong_query(fmt::format("Expected 'in_tree' parameter to be a format of uuid. Got: {}", text));
}

Checked check_classes(const Ledger& ledger, const Amounts& resources) {
  for (const auto& [name, amount] : resources)
    if (!ledger.has_class(name))
      return refused(400,
                     fmt::format("Invalid resource class in resources parameter: No such resource class {}.", name));
  return {};
}

std::string unknown_trait(const Ledger& ledger, const ProviderQuery& query) {
  for (const auto& any_of : query.required)
    for (const std::string& trait : any_of)
      if (!ledger.has_trait(trait)) return trait;
  for (const std::string& trait : query.forbidden)
    if (!ledger.has_trait(trait)) return trait;
  return "";
}

ResourceRequest request_of(const Ledger& ledger, const ProviderQuery& query) {
  ResourceRequest request{query.resources, query.required, query.forbidden, {}, {}};
  for (const auto& any_of : query.member_of) {
    auto& numbers = request.member_of.emplace_back();
    for (const std::string& uuid : any_of) numbers.push_back(ledger.number_of(uuid));
  }
  for (const std::string& uuid : query.forbidden_aggregates)
    request.forbidden_aggregates.push_back(ledger.number_of(uuid));
  return request;
}

}  // namespace kilonova::api::openstack
