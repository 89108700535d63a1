// What may refuse a transaction of the controller, told from the uuids and ids of its instances and the newest revision
// alone. Stores that know these in memory ask before they write: what is left can't be refused.
#pragma once

#include <functional>

#include "base/hash_map.h"
#include "base/ids.h"
#include "ports/controller_store.h"

namespace kilonova {

// kConflict as ControllerStore::commit says. `ids`: of the instances that are there, by uuid; `id_taken`: whether one
// of them has the id.
Expected<> check_transaction(const Transaction& transaction, const HashMap<Uuid, int64_t>& ids, uint64_t revision,
                             const std::function<bool(int64_t)>& id_taken);

}  // namespace kilonova
