// Which database a daemon's rows are in: a file of SQLite, or PostgreSQL. Nobody else names the one or the other.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "ports/controller_store.h"
#include "ports/network_store.h"
#include "runtime/real_loop.h"
#include "store/counted_store.h"
#include "store/postgres_options.h"
#include "store/sync_mode.h"

namespace kilonova {

struct StorePlace {
  std::string file;  // of SQLite
  SyncMode sync = SyncMode::kNormal;
  std::optional<PostgresOptions> postgres;  // instead of the file
};

// Not yet loaded. The loop outlives them.
std::unique_ptr<CountedStore<ControllerStore>> make_controller_store(RealLoop& loop, const StorePlace& place);
std::unique_ptr<CountedStore<NetworkStore>> make_network_store(RealLoop& loop, const StorePlace& place);

}  // namespace kilonova
