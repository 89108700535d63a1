// Placement: resource classes, the standard ones and those of ones own.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"
#include "api-server/front/openstack/placement/standard_names.h"

namespace kilonova::api::openstack {
namespace {

using Names = std::map<std::string, StoredObject>;

std::string path_of(std::string_view name) { return fmt::format("/placement/resource_classes/{}", name); }

Json class_view(std::string_view name) {
  return {{"name", name}, {"links", Json::array({{{"rel", "self"}, {"href", path_of(name)}}})}};
}

std::unexpected<Refusal> no_class(const std::string& name) {
  return refused(404, fmt::format("No such resource class {}.", name));
}

Task<Answered> list(Call& call) {
  auto own = co_await all_names(call, kClassKind);
  if (!own) co_return std::unexpected(std::move(own.error()));
  Json items = Json::array();
  for (std::string_view name : standard_classes()) items.push_back(class_view(name));
  WallTime modified;
  for (const auto& [name, record] : *own) {
    items.push_back(class_view(name));
    modified = later(modified, record.updated_at);
  }
  co_return shown(call, {{"resource_classes", std::move(items)}}, modified);
}

Task<Answered> show(Call& call) {
  const std::string& name = call.in_path("name");
  auto own = co_await all_names(call, kClassKind);
  if (!own) co_return std::unexpected(std::move(own.error()));
  auto known = own->find(name);
  if (known == own->end() && !is_standard_class(name)) co_return no_class(name);
  co_return shown(call, class_view(name), known == own->end() ? WallTime() : known->second.updated_at);
}

const Rule& name_rule() {
  static const Rule rule = object({{"name", custom_name(), true}});
  return rule;
}

// Stores a new one. False where somebody else had just done it.
Task<std::expected<bool, Refusal>> store(Call& call, const std::string& name) {
  LedgerChange change;
  put_name(change, kClassKind, name);
  Checked done = co_await commit(call, std::move(change));
  if (!done && done.error().type != kConcurrentUpdate) co_return std::unexpected(std::move(done.error()));
  co_return done.has_value();
}

Task<Answered> create(Call& call) {
  auto body = read_json(call, name_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  std::string name = text_at(*body, "name");
  auto is_new = co_await store(call, name);
  if (!is_new) co_return std::unexpected(std::move(is_new.error()));
  if (!*is_new) co_return refused(409, fmt::format("Conflicting resource class already exists: {}", name));
  co_return placed(201, call.base + path_of(name));
}

// Whether a provider has an inventory of it.
bool is_in_use(const Ledger& ledger, const std::string& name) {
  return std::ranges::any_of(ledger.providers, [&](const Provider& p) { return p.inventories.contains(name); });
}

Task<Answered> remove(Call& call) {
  const std::string& name = call.in_path("name");
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  if (is_standard_class(name))
    co_return refused(400,
                      fmt::format("Error in delete resource class: Cannot delete standard resource class {}.", name));
  auto known = ledger->classes.find(name);
  if (known == ledger->classes.end()) co_return no_class(name);
  if (is_in_use(*ledger, name))
    co_return refused(409, fmt::format("Error in delete resource class: Cannot delete resource class {}. Class is in "
                                       "use in inventory.",
                                       name));
  co_return co_await remove_record(call, kClassKind, known->second);
}

// What a class is called, where it is used too.
void rename(Ledger& ledger, LedgerChange& change, const std::string& old_name, const std::string& new_name) {
  erase(change, kClassKind, ledger.classes.find(old_name)->second);
  put_name(change, kClassKind, new_name);
  for (Provider& provider : ledger.providers) {
    auto inventory = provider.inventories.extract(old_name);
    if (inventory.empty()) continue;
    inventory.key() = new_name;
    provider.inventories.insert(std::move(inventory));
    put(change, provider);
  }
  for (auto& [uuid, consumer] : ledger.consumers) {
    bool has_it = false;
    for (auto& [provider, amounts] : consumer.allocations) {
      auto amount = amounts.extract(old_name);
      if (amount.empty()) continue;
      has_it = true;
      amount.key() = new_name;
      amounts.insert(std::move(amount));
    }
    if (has_it) put(change, consumer);
  }
}

// 1.2 to 1.6: another name.
Task<Answered> set_name(Call& call) {
  auto body = read_json(call, name_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  const std::string& old_name = call.in_path("name");
  std::string name = text_at(*body, "name");
  if (is_standard_class(old_name))
    co_return refused(400, fmt::format("Cannot update standard resource class {}", old_name));
  if (!ledger->classes.contains(old_name)) co_return no_class(old_name);
  if (name != old_name) {
    if (ledger->classes.contains(name)) co_return refused(409, fmt::format("Resource class already exists: {}", name));
    LedgerChange change;
    rename(*ledger, change, old_name, name);
    if (Checked done = co_await commit(call, std::move(change)); !done)
      co_return std::unexpected(std::move(done.error()));
  }
  co_return shown(call, class_view(name));
}

// From 1.7 on: it is there afterwards, if it was not before.
Task<Answered> ensure(Call& call) {
  const std::string& name = call.in_path("name");
  if (auto wrong = custom_name()(Json(name), "name", call.minor))
    co_return refused(400, fmt::format("JSON does not validate: {}", validation_text(*wrong)));
  auto own = co_await all_names(call, kClassKind);
  if (!own) co_return std::unexpected(std::move(own.error()));
  bool is_new = false;
  if (!own->contains(name)) {
    auto stored = co_await store(call, name);
    if (!stored) co_return std::unexpected(std::move(stored.error()));
    is_new = *stored;
  }
  co_return placed(is_new ? 201 : 204, call.base + path_of(name));
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kHere, "GET", "/resource_classes", kAdmin, "placement:resource_classes:list", &list, v1(2)},
    {kHere, "POST", "/resource_classes", kAdmin, "placement:resource_classes:create", &create, v1(2)},
    {kHere, "GET", "/resource_classes/{name}", kAdmin, "placement:resource_classes:show", &show, v1(2)},
    {kHere, "PUT", "/resource_classes/{name}", kAdmin, "placement:resource_classes:update", &set_name, v1(2), v1(6)},
    {kHere, "PUT", "/resource_classes/{name}", kAdmin, "placement:resource_classes:update", &ensure, v1(7)},
    {kHere, "DELETE", "/resource_classes/{name}", kAdmin, "placement:resource_classes:delete", &remove, v1(2)},
};

}  // namespace

std::span<const Route> resource_class_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
