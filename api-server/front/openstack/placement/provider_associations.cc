// Placement: aggregates and traits of a provider. What a compute host has of its own, Nova's host aggregates and the
// traits of its capabilities, stays, whatever is set: Nova would bring it back.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/provider_view.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kGeneration = "resource_provider_generation";
constexpr std::string_view kAlreadyChanged =
    "Resource provider's generation already changed. Please update the generation and try again.";

Checked check_generation(const Provider& provider, const Json& body) {
  if (integer_at(body, kGeneration, -1) == static_cast<int64_t>(provider.generation)) return {};
  return old_generation(std::string(kAlreadyChanged));
}

Task<Checked> store(Call& call, const Provider& provider) {
  LedgerChange change;
  put(change, provider);
  co_return co_await commit(call, std::move(change));
}

Json aggregates_view(const Call& call, const Provider& provider) {
  Json shown{{"aggregates", provider.aggregate_uuids}};
  if (is_since(call, 19)) shown[std::string(kGeneration)] = provider.generation;
  return shown;
}

Task<Answered> show_aggregates(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto provider = provider_in_path(call, *ledger);
  if (!provider) co_return std::unexpected(std::move(provider.error()));
  co_return shown(call, aggregates_view(call, **provider));
}

const Rule& aggregates_rule(const Call& call) {
  static const Rule bare = unique_list_of(uuid_in_form());
  static const Rule with_generation =
      object({{"aggregates", bare, true}, {std::string(kGeneration), whole(INT64_MIN, INT64_MAX), true}});
  return is_since(call, 19) ? with_generation : bare;
}

Task<Answered> set_aggregates(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto found = provider_in_path(call, *ledger);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto body = read_json(call, aggregates_rule(call));
  if (!body) co_return std::unexpected(std::move(body.error()));
  Provider& provider = **found;
  bool has_generation = is_since(call, 19);
  if (has_generation)
    if (Checked same = check_generation(provider, *body); !same) co_return std::unexpected(std::move(same.error()));
  provider.aggregate_uuids = provider.own_aggregates;
  for (const Json& uuid : has_generation ? *member(*body, "aggregates") : *body)
    provider.aggregate_uuids.insert(uuid_text(uuid.get_ref<const std::string&>()));
  if (has_generation) ++provider.generation;
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  Json answer = aggregates_view(call, provider);
  // In the order in which they were said.
  if (!provider.is_host) answer["aggregates"] = has_generation ? *member(*body, "aggregates") : *body;
  co_return shown(call, std::move(answer));
}

Json traits_view(const Provider& provider) {
  return {{"traits", provider.traits}, {std::string(kGeneration), provider.generation}};
}

Task<Answered> show_traits(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto provider = provider_in_path(call, *ledger);
  if (!provider) co_return std::unexpected(std::move(provider.error()));
  co_return shown(call, traits_view(**provider), (*provider)->changed);
}

const Rule& traits_rule() {
  static const Rule rule =
      object({{"traits", list_of(text(1, 255)), true}, {std::string(kGeneration), whole(INT64_MIN, INT64_MAX), true}});
  return rule;
}

// Whether the host is enabled, the cloud says: nobody sets that trait.
std::set<std::string, std::less<>> with_own_traits(const Provider& provider,
                                                   std::set<std::string, std::less<>> traits) {
  if (!provider.is_host) return traits;
  traits.erase("COMPUTE_STATUS_DISABLED");
  traits.insert(provider.own_traits.begin(), provider.own_traits.end());
  return traits;
}

// Equal ones change nothing, not even the generation.
Task<Checked> change_traits(Call& call, Provider& provider, std::set<std::string, std::less<>> traits) {
  traits = with_own_traits(provider, std::move(traits));
  if (traits == provider.traits) co_return Checked();
  provider.traits = std::move(traits);
  ++provider.generation;
  co_return co_await store(call, provider);
}

Task<Answered> set_traits(Call& call) {
  auto body = read_json(call, traits_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto found = provider_in_path(call, *ledger);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (Checked same = check_generation(**found, *body); !same) co_return std::unexpected(std::move(same.error()));
  std::set<std::string, std::less<>> wanted;
  for (const Json& trait : *member(*body, "traits")) wanted.insert(trait.get<std::string>());
  std::vector<std::string> unknown;
  std::ranges::copy_if(wanted, std::back_inserter(unknown), [&](const auto& name) { return !ledger->has_trait(name); });
  if (!unknown.empty()) co_return refused(400, fmt::format("No such trait {}", fmt::join(unknown, ", ")));
  if (Checked done = co_await change_traits(call, **found, std::move(wanted)); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return shown(call, traits_view(**found));
}

Task<Answered> remove_traits(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto found = provider_in_path(call, *ledger);
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (Checked done = co_await change_traits(call, **found, {}); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return nothing_to_say();
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;
constexpr std::string_view kAggregates = "/resource_providers/{uuid}/aggregates";
constexpr std::string_view kTraits = "/resource_providers/{uuid}/traits";

constexpr Route kRoutes[] = {
    {kHere, "GET", kAggregates, kAdmin, "placement:resource_providers:aggregates:list", &show_aggregates, v1(1)},
    {kHere, "PUT", kAggregates, kAdmin, "placement:resource_providers:aggregates:update", &set_aggregates, v1(1)},
    {kHere, "GET", kTraits, kAdmin, "placement:resource_providers:traits:list", &show_traits, v1(6)},
    {kHere, "PUT", kTraits, kAdmin, "placement:resource_providers:traits:update", &set_traits, v1(6)},
    {kHere, "DELETE", kTraits, kAdmin, "placement:resource_providers:traits:delete", &remove_traits, v1(6)},
};

}  // namespace

std::span<const Route> provider_association_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
