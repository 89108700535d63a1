// Placement: what is used of a provider and by whom, and what a project uses of all of them.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "api-server/front/openstack/compute/hosts.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/provider_view.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/placement/servers.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kUnknownType = "unknown";

Task<Answered> usages(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto provider = provider_in_path(call, *ledger);
  if (!provider) co_return std::unexpected(std::move(provider.error()));
  Json used = Json::object();
  for (const auto& [name, inventory] : (*provider)->inventories) append_member(used, name, inventory.used);
  co_return shown(call, {{"resource_provider_generation", (*provider)->generation}, {"usages", std::move(used)}});
}

Json allocation_view(const Call& call, const Amounts& amounts, uint64_t generation) {
  Json shown{{"resources", Json::object()}};
  for (const auto& [name, amount] : amounts) shown["resources"][name] = amount;
  if (is_since(call, 28)) shown["consumer_generation"] = generation;
  return shown;
}

Task<Answered> allocations(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto found = provider_in_path(call, *ledger);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Provider& provider = **found;
  struct Taken {
    Amounts amounts;
    uint64_t generation = 0;
  };
  std::map<std::string, Taken> by_consumer;
  if (provider.is_host) {
    auto all = co_await all_server_allocations(call);
    if (!all) co_return std::unexpected(std::move(all.error()));
    for (const Allocation& one : *all) {
      if (one.host != provider.name) continue;
      Taken& taken = by_consumer[to_string(one.instance)];
      add_amounts(taken.amounts, amounts_of(one.resources));
      taken.generation = one.epoch;
    }
  }
  for (const auto& [uuid, consumer] : ledger->consumers)
    if (auto taken = consumer.allocations.find(provider.uuid); taken != consumer.allocations.end())
      by_consumer[uuid] = {taken->second, consumer.generation};
  Json allocations = Json::object();
  for (const auto& [uuid, taken] : by_consumer)
    append_member(allocations, uuid, allocation_view(call, taken.amounts, taken.generation));
  co_return shown(call,
                  {{"allocations", std::move(allocations)}, {"resource_provider_generation", provider.generation}});
}

// What all consumers of a type use together.
struct Sum {
  Amounts amounts;
  size_t consumers = 0;
};

struct UsageQuery {
  std::string project_id;
  std::string user_id;  // "" = anybody
  std::string type;     // "" = each by itself, "all" = together
};

std::expected<UsageQuery, Refusal> read_usage_query(const Call& call) {
  std::vector<std::string_view> known{"project_id", "user_id"};
  if (is_since(call, 38)) known.emplace_back("consumer_type");
  if (Checked keys = check_query_keys(call, known); !keys) return std::unexpected(std::move(keys.error()));
  UsageQuery query;
  for (auto [key, value] : {std::pair("project_id", &query.project_id), std::pair("user_id", &query.user_id),
                            std::pair("consumer_type", &query.type)}) {
    const std::string* said = call.in_query(key);
    if (said == nullptr) continue;
    if (said->empty()) return wrong_query("'' is too short", key);
    if (said->size() > 255) return wrong_query(fmt::format("{} is too long", python_repr(Json(*said))), key);
    *value = *said;
  }
  if (call.in_query("project_id") == nullptr) return wrong_query("'project_id' is a required property");
  if (!query.type.empty() && query.type != "all" && query.type != kUnknownType && !is_upper_word(query.type))
    return wrong_query(fmt::format("{} does not match '^[A-Z0-9_]+$|^all|^unknown$'", python_repr(Json(query.type))));
  return query;
}

void add_consumer(const UsageQuery& query, const std::string& type, const Amounts& amounts,
                  std::map<std::string, Sum>& sums) {
  if (amounts.empty()) return;
  const std::string& shown_type = type.empty() ? std::string(kUnknownType) : type;
  if (!query.type.empty() && query.type != "all" && query.type != shown_type) return;
  Sum& sum = sums[query.type == "all" ? query.type : shown_type];
  add_amounts(sum.amounts, amounts);
  ++sum.consumers;
}

// Nova of Zed writes allocations in a microversion without types: a server's is unknown.
Task<Checked> add_servers(Call& call, const UsageQuery& query, std::map<std::string, Sum>& sums) {
  std::optional<Uuid> project = parse_uuid(query.project_id);
  if (!project) co_return Checked();
  auto servers = co_await servers_of_project(call, *project);
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  std::optional<Uuid> user = parse_uuid(query.user_id);
  for (const Instance& server : *servers) {
    if (!query.user_id.empty() && user != server.spec.user_id) continue;
    Amounts amounts;
    if (!server.other) {
      if (!server.current.host.empty()) amounts = amounts_of(resources_of(server.spec.flavor));
    } else {
      // It moves: what each of its placements takes, its allocations say.
      auto allocations = co_await server_allocations(call, server.uuid);
      if (!allocations) co_return std::unexpected(std::move(allocations.error()));
      for (const Allocation& one : *allocations) add_amounts(amounts, amounts_of(one.resources));
    }
    add_consumer(query, "", amounts, sums);
  }
  co_return Checked();
}

Json usage_view(const Call& call, const std::map<std::string, Sum>& sums) {
  Json usages = Json::object();
  for (const auto& [type, sum] : sums) {
    Json& shown = is_since(call, 38) ? usages[type] : usages;
    for (const auto& [name, amount] : sum.amounts)
      shown[name] = amount + (shown.contains(name) ? shown[name].get<int64_t>() : 0);
    if (is_since(call, 38)) shown["consumer_count"] = sum.consumers;
  }
  return {{"usages", std::move(usages)}};
}

// A project's, which its readers may ask for too.
Task<Answered> total(Call& call) {
  const std::string* project = call.in_query("project_id");
  bool is_own = project != nullptr && parse_uuid(*project) == call.caller.project_id;
  if (!call.is_admin() && project != nullptr && !is_own)
    co_return refused(403, "Policy does not allow placement:usages to be performed.");
  auto query = read_usage_query(call);
  if (!query) co_return std::unexpected(std::move(query.error()));
  std::map<std::string, Sum> sums;
  if (Checked added = co_await add_servers(call, *query, sums); !added)
    co_return std::unexpected(std::move(added.error()));
  auto consumers = co_await all_consumers(call);
  if (!consumers) co_return std::unexpected(std::move(consumers.error()));
  for (const Consumer& consumer : *consumers) {
    if (consumer.project_id != query->project_id) continue;
    if (!query->user_id.empty() && consumer.user_id != query->user_id) continue;
    Amounts amounts;
    for (const auto& [provider, of_provider] : consumer.allocations) add_amounts(amounts, of_provider);
    add_consumer(*query, consumer.type, amounts, sums);
  }
  co_return shown(call, usage_view(call, sums));
}

constexpr Service kHere = Service::kPlacement;

constexpr Route kRoutes[] = {
    {kHere, "GET", "/resource_providers/{uuid}/usages", UserRole::kAdmin, "placement:resource_providers:usages",
     &usages},
    {kHere, "GET", "/resource_providers/{uuid}/allocations", UserRole::kAdmin,
     "placement:resource_providers:allocations:list", &allocations},
    {kHere, "GET", "/usages", UserRole::kReader, "placement:usages", &total, v1(9)},
};

}  // namespace

std::span<const Route> provider_usage_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
