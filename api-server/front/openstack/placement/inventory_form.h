// Inventories as bodies have them and answers show them (placement/handlers/inventory.py).
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/answer.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/placement/ledger.h"
#include "api-server/front/openstack/schema.h"
#include "domain/allocation_candidates.h"

namespace kilonova::api::openstack {

// {resource_provider_generation, inventories: {CLASS: INVENTORY}}, which the reshaper has too.
const Rule& inventories_rule();

// Of a body that followed the rule.
Inventory inventory_of(const Json& body);
Json inventory_view(const Inventory& inventory);

// 400: the capacity is below what the microversion takes. `verb`: "update".
Checked check_capacity(const Call& call, const Provider& provider, const std::string& resource_class,
                       const Inventory& inventory, std::string_view verb = "update");
// Whether `wanted` may take the place of all inventories: the classes are known (400), and a host's own ones stay as
// they are (409). Who uses them is another question.
Checked check_inventories(const Call& call, const Ledger& ledger, const Provider& provider, const Inventories& wanted);
// 409 placement.inventory.inuse for the classes of `provider` that `wanted` has not, and somebody uses.
Checked check_unused(const Ledger& ledger, const Provider& provider, const Inventories& wanted);
// Of all inventories in a body: {CLASS: INVENTORY}.
Inventories inventories_of(const Json& body);

// Puts them in the place of what is there; what is used stays so.
void set_inventories(Provider& provider, const Inventories& wanted);

}  // namespace kilonova::api::openstack
