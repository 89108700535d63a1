#include "api-server/front/openstack/placement/servers.h"

#include <fmt/format.h>

#include <utility>

#include "domain/beliefs.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {

Task<std::expected<std::vector<Allocation>, Refusal>> all_server_allocations(Call& call) {
  std::vector<Allocation> all;
  ReadBeliefs page{.kind = BeliefKind::kAllocations, .after = {}};
  for (;;) {
    auto beliefs = co_await ask(call, page);
    if (!beliefs) co_return std::unexpected(std::move(beliefs.error()));
    for (Allocation& allocation : beliefs->allocations) all.push_back(std::move(allocation));
    if (beliefs->next.empty()) co_return all;
    page.after = beliefs->next;
  }
}

Task<std::expected<std::vector<Allocation>, Refusal>> server_allocations(Call& call, const Uuid& server) {
  constexpr uint32_t kPlacements = 2;  // a server has no more
  // As a page would say it that ended before the first placement of this server.
  ReadBeliefs page{
      .kind = BeliefKind::kAllocations, .after = fmt::format("{} 0", to_string(server)), .limit = kPlacements};
  Call own = as_itself(call);
  auto beliefs = co_await ask(own, std::move(page));
  if (!beliefs) co_return std::unexpected(std::move(beliefs.error()));
  std::erase_if(beliefs->allocations, [&](const Allocation& one) { return one.instance != server; });
  co_return std::move(beliefs->allocations);
}

Task<std::expected<std::optional<Instance>, Refusal>> find_server(Call& call, const std::string& uuid) {
  std::optional<Uuid> id = parse_uuid(uuid);
  if (!id) co_return std::nullopt;
  auto found = co_await ask(call, GetServer{.server = to_string(*id), .all_projects = true});
  // Two of that name, and none of that id.
  if (!found && (found.error().status == 404 || found.error().status == 409)) co_return std::nullopt;
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (found->servers.empty() || found->servers.front().uuid != *id) co_return std::nullopt;
  co_return std::move(found->servers.front());
}

Task<std::expected<std::vector<Instance>, Refusal>> servers_of_project(Call& call, const Uuid& project) {
  bool is_own = project == call.caller.project_id;
  auto servers = co_await ask_all(call, ListServers{.all_projects = !is_own}, &ServerList::servers,
                                  [](const Instance& server) { return to_string(server.uuid); });
  if (!servers) co_return std::unexpected(std::move(servers.error()));
  std::erase_if(*servers, [&](const Instance& server) { return server.spec.project_id != project; });
  co_return servers;
}

Amounts amounts_of(const Resources& resources) {
  Amounts amounts;
  if (resources.vcpus > 0) amounts["VCPU"] = resources.vcpus;
  if (resources.memory_mb > 0) amounts["MEMORY_MB"] = resources.memory_mb;
  if (resources.disk_gb > 0) amounts["DISK_GB"] = resources.disk_gb;
  return amounts;
}

void add_amounts(Amounts& sum, const Amounts& more) {
  for (const auto& [name, amount] : more) sum[name] += amount;
}

}  // namespace kilonova::api::openstack
