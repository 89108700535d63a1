// Placement: which providers could meet a request, and what is left of them (domain/granular_candidates.h decides).
#include <fmt/format.h>

#include <set>
#include <utility>

#include "api-server/front/openstack/placement/candidate_query.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {
namespace {

Checked check_names(const Ledger& ledger, const CandidateQuery& query) {
  for (const auto& [suffix, group] : query.groups)
    if (Checked known = check_classes(ledger, group.resources); !known) return known;
  std::string trait = unknown_trait(ledger, query.root);
  for (const auto& [suffix, group] : query.groups)
    if (trait.empty()) trait = unknown_trait(ledger, group);
  if (!trait.empty()) return refused(400, fmt::format("No such trait(s): {}.", trait));
  return {};
}

// Nothing where a tree is asked for that there is not.
std::optional<CandidatesRequest> request_from(const Call& call, const Ledger& ledger, const CandidateQuery& query) {
  CandidatesRequest request{.groups = {},
                            .isolates = query.isolates,
                            .same_subtree = query.same_subtree,
                            .root_required = {},
                            .root_forbidden = query.root.forbidden,
                            .limit = query.limit,
                            .knows_trees = is_since(call, 29)};
  for (const auto& any_of : query.root.required) request.root_required.push_back(any_of.front());
  for (const auto& [suffix, group] : query.groups) {
    RequestGroup& added = request.groups.emplace_back(RequestGroup{suffix, request_of(ledger, group), {}});
    if (group.in_tree.empty()) continue;
    const Provider* in_tree = ledger.find(group.in_tree);
    if (in_tree == nullptr) return std::nullopt;
    added.tree = in_tree->root;
  }
  return request;
}

Json resources_view(const Amounts& amounts) {
  Json resources = Json::object();
  for (const auto& [name, amount] : amounts) resources[name] = amount;
  return resources;
}

Json request_view(const Call& call, const Ledger& ledger, const AllocationCandidate& candidate) {
  bool is_list = !is_since(call, 12);
  Json allocations = is_list ? Json::array() : Json::object();
  for (const auto& [place, amounts] : candidate.allocations) {
    const std::string& uuid = ledger.providers[place].uuid;
    if (is_list)
      allocations.push_back({{"resource_provider", {{"uuid", uuid}}}, {"resources", resources_view(amounts)}});
    else
      append_member(allocations, uuid, {{"resources", resources_view(amounts)}});
  }
  Json shown{{"allocations", std::move(allocations)}};
  if (!is_since(call, 34)) return shown;
  Json mappings = Json::object();
  for (const auto& [suffix, places] : candidate.mappings) {
    Json uuids = Json::array();
    for (uint32_t place : places) uuids.push_back(ledger.providers[place].uuid);
    append_member(mappings, suffix, std::move(uuids));
  }
  shown["mappings"] = std::move(mappings);
  return shown;
}

Json summary_view(const Call& call, const Ledger& ledger, const Provider& provider,
                  const std::set<std::string>& requested) {
  Json resources = Json::object();
  for (const auto& [name, inventory] : provider.inventories)
    if (is_since(call, 27) || requested.contains(name))
      append_member(resources, name, {{"capacity", capacity_of(inventory)}, {"used", inventory.used}});
  Json shown{{"resources", std::move(resources)}};
  if (is_since(call, 17)) shown["traits"] = provider.traits;
  if (is_since(call, 29)) {
    shown["parent_provider_uuid"] = or_null(provider.parent_uuid);
    shown["root_provider_uuid"] = ledger.root_uuid_of(provider);
  }
  return shown;
}

Task<Answered> list(Call& call) {
  auto query = read_candidate_query(call);
  if (!query) co_return std::unexpected(std::move(query.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  if (Checked known = check_names(*ledger, *query); !known) co_return std::unexpected(std::move(known.error()));
  Json requests = Json::array(), summaries = Json::object();
  if (auto request = request_from(call, *ledger, *query)) {
    AllocationCandidates found = granular_candidates(ledger->forest(), *request);
    if (found.is_cut)
      co_return refused(400, fmt::format("The request can be met in more than {} ways: ask for less, or in one tree.",
                                         kMaxCombinations));
    std::set<std::string> requested;
    for (const auto& [suffix, group] : query->groups)
      for (const auto& [name, amount] : group.resources) requested.insert(name);
    for (const AllocationCandidate& candidate : found.candidates) {
      requests.push_back(request_view(call, *ledger, candidate));
      if (requests.size() % kProvidersAtOnce == 0) co_await let_others_go(call);
    }
    for (uint32_t place : found.shown) {
      append_member(summaries, ledger->providers[place].uuid,
                    summary_view(call, *ledger, ledger->providers[place], requested));
      if (summaries.size() % kProvidersAtOnce == 0) co_await let_others_go(call);
    }
  }
  if (ledger->providers.size() > kProvidersAtOnce) co_await forget(call, std::move(*ledger));
  co_return shown(call, {{"allocation_requests", std::move(requests)}, {"provider_summaries", std::move(summaries)}});
}

constexpr Route kRoutes[] = {
    {Service::kPlacement, "GET", "/allocation_candidates", UserRole::kAdmin, "placement:allocation_candidates:list",
     &list, v1(10)},
};

}  // namespace

std::span<const Route> allocation_candidate_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
