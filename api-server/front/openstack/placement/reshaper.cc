// Placement: the reshaper. Inventories of providers and allocations of consumers change in one step: what was taken of
// one provider is moved to another before its inventory goes (placement/objects/reshaper.py).
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "api-server/front/openstack/placement/allocation_plan.h"
#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/inventory_form.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {
namespace {

const Rule& reshape_rule() {
  static const Rule rule =
      object({{"inventories", keyed(&is_uuid_key, "^[0-9a-fA-F-]{36}$", inventories_rule(), 1), true},
              {"allocations", allocations_rule(0), true}});
  return rule;
}

struct NewInventories {
  Provider* provider;
  Inventories wanted;
};

// 400 for a provider or class that there is not, 409 for one whose generation is another.
std::expected<std::vector<NewInventories>, Refusal> read_inventories(const Call& call, Ledger& ledger,
                                                                     const Json& body) {
  std::vector<NewInventories> all;
  for (const auto& [uuid, wanted] : body.items()) {
    Provider* provider = ledger.find(uuid_text(uuid));
    if (provider == nullptr)
      return refused_with(
          400, kProviderNotFound,
          fmt::format("Resource provider {} in inventories not found: No resource provider with uuid {} "
                      "found",
                      uuid, uuid));
    int64_t given = integer_at(wanted, "resource_provider_generation", -1);
    if (given != static_cast<int64_t>(provider->generation))
      return refused_with(409, kConcurrentUpdate,
                          fmt::format("resource provider generation conflict for provider {}: actual: {}, given: {}",
                                      uuid, provider->generation, given));
    all.push_back({provider, inventories_of(*member(wanted, "inventories"))});
    if (Checked ok = check_inventories(call, ledger, *provider, all.back().wanted); !ok)
      return std::unexpected(std::move(ok.error()));
  }
  return all;
}

// For a while a provider has both what it had and what it is to have.
void add_interim(LedgerEdit& edit, const NewInventories& change) {
  if (change.wanted.empty()) return;
  Inventories both = change.wanted;
  both.insert(change.provider->inventories.begin(), change.provider->inventories.end());
  set_inventories(*change.provider, both);
  edit.touch(*change.provider);
}

std::expected<LedgerChange, Refusal> plan(const Call& call, Ledger& ledger, const Json& body,
                                          const std::vector<AllocationRequest>& requests) {
  auto changes = read_inventories(call, ledger, *member(body, "inventories"));
  if (!changes) return std::unexpected(std::move(changes.error()));
  LedgerEdit edit(call, ledger);
  for (const NewInventories& change : *changes) add_interim(edit, change);
  if (Checked taken = edit.allocate(requests); !taken) return std::unexpected(std::move(taken.error()));
  for (const NewInventories& change : *changes) {
    if (Checked unused = check_unused(ledger, *change.provider, change.wanted); !unused)
      return std::unexpected(std::move(unused.error()));
    set_inventories(*change.provider, change.wanted);
    edit.touch(*change.provider);
  }
  return edit.change();
}

Task<Answered> reshape(Call& call) {
  auto body = read_json(call, reshape_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto requests = allocation_requests(call, *member(*body, "allocations"));
  if (!requests) co_return std::unexpected(std::move(requests.error()));
  if (Checked ok = co_await check_no_servers(call, *requests); !ok) co_return std::unexpected(std::move(ok.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto change = plan(call, *ledger, *body, *requests);
  if (!change) co_return std::unexpected(std::move(change.error()));
  if (Checked done = co_await commit(call, std::move(*change)); !done)
    co_return std::unexpected(std::move(done.error()));
  co_return nothing_to_say();
}

constexpr Route kRoutes[] = {
    {Service::kPlacement, "POST", "/reshaper", UserRole::kAdmin, "placement:reshaper:reshape", &reshape, v1(30)},
};

}  // namespace

std::span<const Route> reshaper_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
