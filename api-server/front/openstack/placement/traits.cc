// Placement: traits, the standard ones and those of ones own.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/placement/standard_names.h"

namespace kilonova::api::openstack {
namespace {

std::string path_of(std::string_view name) { return fmt::format("/placement/traits/{}", name); }

std::unexpected<Refusal> no_trait(const std::string& name) {
  return refused(404, fmt::format("No such trait(s): {}.", name));
}

// The filters of the list. Another operator than these two filters nothing, as in Placement.
struct TraitFilter {
  std::optional<std::string> prefix;
  std::optional<std::set<std::string, std::less<>>> names;
  std::optional<bool> associated;

  bool passes(std::string_view name, const std::set<std::string_view>& in_use) const {
    return (!prefix || name.starts_with(*prefix)) && (!names || names->contains(name)) &&
           (!associated || in_use.contains(name) == *associated);
  }
};

std::expected<TraitFilter, Refusal> read_filter(const Call& call) {
  if (Checked known = check_query_keys(call, {"name", "associated"}); !known)
    return std::unexpected(std::move(known.error()));
  TraitFilter filter;
  if (const std::string* name = call.in_query("name"); name != nullptr) {
    size_t colon = name->find(':');
    if (colon == std::string::npos)
      return refused(400, fmt::format("Badly formatted name parameter. Expected name query string parameter in form: "
                                      "?name=[in|startswith]:[name1,name2|prefix]. Got: \"{}\"",
                                      *name));
    std::string rest = name->substr(colon + 1);
    if (name->starts_with("startswith:")) filter.prefix = rest;
    if (name->starts_with("in:")) {
      filter.names.emplace();
      for (std::string_view left = rest;;) {
        size_t comma = left.find(',');
        filter.names->emplace(left.substr(0, comma));
        if (comma == std::string_view::npos) break;
        left.remove_prefix(comma + 1);
      }
    }
  }
  if (const std::string* associated = call.in_query("associated"); associated != nullptr) {
    std::string lower = *associated;
    std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    if (lower != "true" && lower != "false")
      return refused(400, "The query parameter \"associated\" only accepts \"true\" or \"false\"");
    filter.associated = lower == "true";
  }
  return filter;
}

Task<Answered> list(Call& call) {
  auto filter = read_filter(call);
  if (!filter) co_return std::unexpected(std::move(filter.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  std::set<std::string_view> in_use;
  for (const Provider& provider : ledger->providers) in_use.insert(provider.traits.begin(), provider.traits.end());
  Json names = Json::array();
  WallTime modified;
  for (std::string_view name : standard_traits())
    if (filter->passes(name, in_use)) names.push_back(name);
  for (const auto& [name, record] : ledger->traits) {
    if (!filter->passes(name, in_use)) continue;
    names.push_back(name);
    modified = later(modified, record.updated_at);
  }
  co_return shown(call, {{"traits", std::move(names)}}, modified);
}

// 204 says that it is there.
Answer found(const Call& call, WallTime made) { return shown(call, nullptr, made, 204); }

Task<Answered> show(Call& call) {
  const std::string& name = call.in_path("name");
  if (is_standard_trait(name)) co_return found(call, {});
  auto own = co_await all_names(call, kTraitKind);
  if (!own) co_return std::unexpected(std::move(own.error()));
  auto known = own->find(name);
  if (known == own->end()) co_return no_trait(name);
  co_return found(call, known->second.created_at);
}

Task<Answered> ensure(Call& call) {
  const std::string& name = call.in_path("name");
  if (!is_custom_name(name) || name.size() > 255)
    co_return refused(400,
                      "The trait is invalid. A valid trait must be no longer than 255 characters, start with the "
                      "prefix \"CUSTOM_\" and use following characters: \"A\"-\"Z\", \"0\"-\"9\" and \"_\"");
  auto own = co_await all_names(call, kTraitKind);
  if (!own) co_return std::unexpected(std::move(own.error()));
  auto known = own->find(name);
  bool is_new = known == own->end();
  if (is_new) {
    LedgerChange change;
    put_name(change, kTraitKind, name);
    Checked done = co_await commit(call, std::move(change));
    is_new = done.has_value();
    // Somebody else has just made it.
    if (!done && done.error().type != kConcurrentUpdate) co_return std::unexpected(std::move(done.error()));
  }
  Answer answer = shown(call, nullptr, known == own->end() ? WallTime() : known->second.created_at, is_new ? 201 : 204);
  answer.headers.emplace_back("Location", call.base + path_of(name));
  co_return answer;
}

Task<Answered> remove(Call& call) {
  const std::string& name = call.in_path("name");
  if (is_standard_trait(name)) co_return refused(400, fmt::format("Cannot delete standard trait {}.", name));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto known = ledger->traits.find(name);
  if (known == ledger->traits.end()) co_return no_trait(name);
  if (std::ranges::any_of(ledger->providers, [&](const Provider& p) { return p.traits.contains(name); }))
    co_return refused(409, fmt::format("The trait {} is in use by a resource provider.", name));
  co_return co_await remove_record(call, kTraitKind, known->second);
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kHere, "GET", "/traits", kAdmin, "placement:traits:list", &list, v1(6)},
    {kHere, "GET", "/traits/{name}", kAdmin, "placement:traits:show", &show, v1(6)},
    {kHere, "PUT", "/traits/{name}", kAdmin, "placement:traits:update", &ensure, v1(6)},
    {kHere, "DELETE", "/traits/{name}", kAdmin, "placement:traits:delete", &remove, v1(6)},
};

}  // namespace

std::span<const Route> trait_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
