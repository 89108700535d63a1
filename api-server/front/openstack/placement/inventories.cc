// Placement: the inventories of a provider. Those that a compute host has of its own are the controller's, and stay as
// they are.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/inventory_form.h"
#include "api-server/front/openstack/placement/provider_view.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/placement/standard_names.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kGeneration = "resource_provider_generation";

std::vector<Property> inventory_properties(bool needs_generation) {
  return {{std::string(kGeneration), whole(INT64_MIN, INT64_MAX), needs_generation},
          {"total", whole(1), true},
          {"reserved", whole(0)},
          {"min_unit", whole(1)},
          {"max_unit", whole(1)},
          {"step_size", whole(1)},
          {"allocation_ratio", number()}};
}

const Rule& create_rule() {
  static const Rule rule = [] {
    std::vector<Property> properties = inventory_properties(false);
    properties.push_back({"resource_class", upper_word(SIZE_MAX), true});
    return object(std::move(properties));
  }();
  return rule;
}

const Rule& update_rule() {
  static const Rule rule = object(inventory_properties(true));
  return rule;
}

std::unexpected<Refusal> own_inventory(const Provider& provider, std::string_view name) {
  return refused_of_host(provider, fmt::format("its inventory of {} is its own", name));
}

}  // namespace

const Rule& inventories_rule() {
  static const Rule rule =
      object({{std::string(kGeneration), whole(INT64_MIN, INT64_MAX), true},
              {"inventories", keyed(&is_upper_word, "^[A-Z0-9_]+$", object(inventory_properties(false))), true}});
  return rule;
}

Inventory inventory_of(const Json& body) {
  const Json* ratio = member(body, "allocation_ratio");
  return {.total = integer_at(body, "total", 1),
          .reserved = integer_at(body, "reserved", 0),
          .min_unit = integer_at(body, "min_unit", 1),
          .max_unit = integer_at(body, "max_unit", kMaxAmount),
          .step_size = integer_at(body, "step_size", 1),
          .allocation_ratio = ratio == nullptr ? 1.0 : ratio->get<double>()};
}

Inventories inventories_of(const Json& body) {
  Inventories inventories;
  for (const auto& [name, inventory] : body.items()) inventories.emplace(name, inventory_of(inventory));
  return inventories;
}

Json inventory_view(const Inventory& inventory) {
  return {{"total", inventory.total},         {"reserved", inventory.reserved},
          {"min_unit", inventory.min_unit},   {"max_unit", inventory.max_unit},
          {"step_size", inventory.step_size}, {"allocation_ratio", inventory.allocation_ratio}};
}

Checked check_capacity(const Call& call, const Provider& provider, const std::string& resource_class,
                       const Inventory& inventory, std::string_view verb) {
  bool may_be_none = is_since(call, 26);
  int64_t capacity = capacity_of(inventory);
  if (capacity > 0 || (may_be_none && capacity == 0)) return {};
  return refused(400,
                 fmt::format("Unable to {} inventory for resource provider {}: Invalid inventory for '{}' on "
                             "resource provider '{}'. The reserved value is greater than {}total.",
                             verb, provider.uuid, resource_class, provider.uuid, may_be_none ? "" : "or equal to "));
}

Checked check_inventories(const Call& call, const Ledger& ledger, const Provider& provider, const Inventories& wanted) {
  for (const auto& [name, inventory] : wanted)
    if (Checked has = check_capacity(call, provider, name, inventory); !has) return has;
  for (const auto& [name, inventory] : wanted)
    if (!ledger.has_class(name))
      return refused(400, fmt::format("Unknown resource class in inventory for resource provider {}: No such resource "
                                      "class {}.",
                                      provider.uuid, name));
  if (!provider.is_host) return {};
  auto as_given = [](Inventory inventory) {
    inventory.used = 0;
    return inventory;
  };
  for (std::string_view name : {"VCPU", "MEMORY_MB", "DISK_GB"}) {
    auto own = provider.inventories.find(name), given = wanted.find(name);
    bool has_own = own != provider.inventories.end(), has_given = given != wanted.end();
    if (has_own != has_given || (has_own && as_given(own->second) != as_given(given->second)))
      return own_inventory(provider, name);
  }
  return {};
}

Checked check_unused(const Ledger& ledger, const Provider& provider, const Inventories& wanted) {
  auto is_used = [&](const std::string& name) {
    return std::ranges::any_of(ledger.consumers, [&](const auto& entry) {
      auto taken = entry.second.allocations.find(provider.uuid);
      return taken != entry.second.allocations.end() && taken->second.contains(name);
    });
  };
  std::vector<std::string> used;  // standard ones in their order, then the others
  for (std::string_view name : standard_classes()) used.emplace_back(name);
  for (const auto& [name, inventory] : provider.inventories)
    if (!is_standard_class(name)) used.push_back(name);
  std::erase_if(used, [&](const std::string& name) {
    return !provider.inventories.contains(name) || wanted.contains(name) || !is_used(name);
  });
  if (used.empty()) return {};
  return refused_with(409, kInventoryInUse,
                      fmt::format("update conflict: Inventory for '{}' on resource provider '{}' in use.",
                                  fmt::join(used, ", "), provider.uuid));
}

void set_inventories(Provider& provider, const Inventories& wanted) {
  Inventories old = std::exchange(provider.inventories, wanted);
  for (auto& [name, inventory] : provider.inventories)
    if (auto known = old.find(name); known != old.end()) inventory.used = known->second.used;
}

namespace {

Json view_of_all(const Provider& provider) {
  Json inventories = Json::object();
  for (const auto& [name, inventory] : provider.inventories)
    append_member(inventories, name, inventory_view(inventory));
  return {{std::string(kGeneration), provider.generation}, {"inventories", std::move(inventories)}};
}

// Generation 0 is left out, as Placement does.
Json view_of_one(const Provider& provider, const Inventory& inventory) {
  Json shown = inventory_view(inventory);
  if (provider.generation != 0) shown[std::string(kGeneration)] = provider.generation;
  return shown;
}

Checked check_generation(const Provider& provider, const Json& body) {
  if (integer_at(body, kGeneration, -1) == static_cast<int64_t>(provider.generation)) return {};
  return old_generation("resource provider generation conflict");
}

// Stores the provider, one generation later.
Task<Checked> store(Call& call, Provider& provider) {
  ++provider.generation;
  provider.changed = {};
  LedgerChange change;
  put(change, provider);
  co_return co_await commit(call, std::move(change));
}

struct Found {
  Ledger ledger;
  Provider* provider = nullptr;  // in it
};

Task<std::expected<Found, Refusal>> find(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  Found found{std::move(*ledger), nullptr};
  auto provider = provider_in_path(call, found.ledger);
  if (!provider) co_return std::unexpected(std::move(provider.error()));
  found.provider = *provider;
  co_return found;
}

Task<Answered> list(Call& call) {
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return shown(call, view_of_all(*found->provider), found->provider->changed);
}

Task<Answered> show(Call& call) {
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const Provider& provider = *found->provider;
  const std::string& name = call.in_path("resource_class");
  auto inventory = provider.inventories.find(name);
  if (inventory == provider.inventories.end())
    co_return refused(404, fmt::format("No inventory of class {} for {}", name, provider.uuid));
  co_return shown(call, view_of_one(provider, inventory->second), provider.changed);
}

Task<Answered> create(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto body = read_json(call, create_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  Provider& provider = *found->provider;
  std::string name = text_at(*body, "resource_class");
  Inventory inventory = inventory_of(*body);
  if (Checked has = check_capacity(call, provider, name, inventory, "create"); !has)
    co_return std::unexpected(std::move(has.error()));
  if (!found->ledger.has_class(name))
    co_return refused(400,
                      fmt::format("Unable to create inventory for resource provider {}: No such resource class {}.",
                                  provider.uuid, name));
  if (provider.is_host && is_of_servers(name)) co_return own_inventory(provider, name);
  if (!provider.inventories.emplace(name, inventory).second)
    co_return old_generation(fmt::format("Update conflict: There is an inventory of {} already.", name));
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  Answer answer = shown(call, view_of_one(provider, inventory), {}, 201);
  answer.headers.emplace_back("Location", fmt::format("{}{}/inventories/{}", call.base, provider_path(provider), name));
  co_return answer;
}

Task<Answered> replace_all(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto body = read_json(call, inventories_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  Provider& provider = *found->provider;
  if (Checked same = check_generation(provider, *body); !same) co_return std::unexpected(std::move(same.error()));
  Inventories wanted = inventories_of(*member(*body, "inventories"));
  if (Checked ok = check_inventories(call, found->ledger, provider, wanted); !ok)
    co_return std::unexpected(std::move(ok.error()));
  if (Checked unused = check_unused(found->ledger, provider, wanted); !unused)
    co_return std::unexpected(std::move(unused.error()));
  set_inventories(provider, wanted);
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  co_return shown(call, view_of_all(provider));
}

Task<Answered> replace_one(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto body = read_json(call, update_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  Provider& provider = *found->provider;
  std::string name = call.in_path("resource_class");
  if (Checked same = check_generation(provider, *body); !same) co_return std::unexpected(std::move(same.error()));
  Inventory inventory = inventory_of(*body);
  if (Checked has = check_capacity(call, provider, name, inventory); !has)
    co_return std::unexpected(std::move(has.error()));
  if (!found->ledger.has_class(name)) co_return refused(404, fmt::format("No such resource class {}.", name));
  auto known = provider.inventories.find(name);
  if (known == provider.inventories.end())
    co_return refused(400, fmt::format("No inventory record with resource class for resource provider {}: No inventory "
                                       "of class {} found.",
                                       provider.uuid, name));
  if (provider.is_host && is_of_servers(name)) co_return own_inventory(provider, name);
  inventory.used = known->second.used;
  known->second = inventory;
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  co_return shown(call, view_of_one(provider, inventory));
}

Task<Answered> remove_one(Call& call) {
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Provider& provider = *found->provider;
  std::string name = call.in_path("resource_class");
  Inventories left = provider.inventories;
  if (left.erase(name) == 0)
    co_return refused(404, fmt::format("No inventory of class {} found for delete: No inventory of class {} found for "
                                       "delete",
                                       name, name));
  if (provider.is_host && is_of_servers(name)) co_return own_inventory(provider, name);
  if (Checked unused = check_unused(found->ledger, provider, left); !unused)
    co_return old_generation(
        fmt::format("Unable to delete inventory of class {}: Inventory for '{}' on resource "
                    "provider '{}' in use.",
                    name, name, provider.uuid));
  set_inventories(provider, left);
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  co_return nothing_to_say();
}

Task<Answered> remove_all(Call& call) {
  if (!is_since(call, 5)) co_return refused(405, "The method is not allowed for this resource.");
  auto found = co_await find(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Provider& provider = *found->provider;
  if (Checked ok = check_inventories(call, found->ledger, provider, {}); !ok)
    co_return std::unexpected(std::move(ok.error()));
  if (Checked unused = check_unused(found->ledger, provider, {}); !unused)
    co_return std::unexpected(std::move(unused.error()));
  set_inventories(provider, {});
  if (Checked done = co_await store(call, provider); !done) co_return std::unexpected(std::move(done.error()));
  co_return nothing_to_say();
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;
constexpr std::string_view kAll = "/resource_providers/{uuid}/inventories";
constexpr std::string_view kOne = "/resource_providers/{uuid}/inventories/{resource_class}";

constexpr Route kRoutes[] = {
    {kHere, "GET", kAll, kAdmin, "placement:resource_providers:inventories:list", &list},
    {kHere, "POST", kAll, kAdmin, "placement:resource_providers:inventories:create", &create},
    {kHere, "PUT", kAll, kAdmin, "placement:resource_providers:inventories:update", &replace_all},
    {kHere, "DELETE", kAll, kAdmin, "placement:resource_providers:inventories:delete", &remove_all},
    {kHere, "GET", kOne, kAdmin, "placement:resource_providers:inventories:show", &show},
    {kHere, "PUT", kOne, kAdmin, "placement:resource_providers:inventories:update", &replace_one},
    {kHere, "DELETE", kOne, kAdmin, "placement:resource_providers:inventories:delete", &remove_one},
};

}  // namespace

std::span<const Route> provider_inventory_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
