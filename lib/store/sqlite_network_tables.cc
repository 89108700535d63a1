#include "store/sqlite_network_tables.h"

#include <variant>

#include "store/overloaded.h"

namespace kilonova {

SqliteNetworkTables::SqliteNetworkTables(Database& database, const SqliteOptions&)
    : networks_(database, "networks", "id"),
      leases_(database, "leases", "instance, nic"),
      fences_(database, "fences", "instance"),
      details_(database, "network_details", "id"),
      subnets_(database, "subnets", "id"),
      ports_(database, "ports", "id"),
      erase_leases_(database, "DELETE FROM leases WHERE instance=?") {}

Expected<NetworkState> SqliteNetworkTables::load() {
  NetworkState state;
  auto loaded = networks_.load(state.networks);
  if (loaded) loaded = leases_.load(state.leases);
  if (loaded) loaded = fences_.load(state.fences);
  if (loaded) loaded = details_.load(state.details);
  if (loaded) loaded = subnets_.load(state.subnets);
  if (loaded) loaded = ports_.load(state.ports);
  if (!loaded) return std::unexpected(loaded.error());
  return state;
}

Expected<> SqliteNetworkTables::apply(const NetworkTransaction& transaction) {
  for (const NetworkMutation& mutation : transaction) {
    if (auto applied = apply_one(mutation); !applied) return applied;
  }
  return {};
}

Expected<> SqliteNetworkTables::apply_one(const NetworkMutation& mutation) {
  using namespace network_mutation;
  return std::visit(Overloaded{
                        [&](const PutNetwork& change) { return networks_.put(change.row); },
                        [&](const EraseNetwork& change) { return networks_.erase(change.id); },
                        [&](const PutLease& change) { return leases_.put(change.row); },
                        [&](const EraseLeases& change) -> Expected<> {
                          erase_leases_.bind()(change.instance);
                          if (auto erased = erase_leases_.run(); !erased) return std::unexpected(erased.error());
                          return {};
                        },
                        [&](const PutFence& change) { return fences_.put(change.row); },
                        [&](const EraseFence& change) { return fences_.erase(change.instance); },
                        [&](const PutDetails& change) { return details_.put(change.row); },
                        [&](const EraseDetails& change) { return details_.erase(change.id); },
                        [&](const PutSubnet& change) { return subnets_.put(change.row); },
                        [&](const EraseSubnet& change) { return subnets_.erase(change.id); },
                        [&](const PutPort& change) { return ports_.put(change.row); },
                        [&](const ErasePort& change) { return ports_.erase(change.id); },
                        [&](const EraseEverything&) { return clear(); },
                    },
                    mutation);
}

Expected<> SqliteNetworkTables::clear() {
  Expected<> cleared = networks_.clear();
  if (cleared) cleared = leases_.clear();
  if (cleared) cleared = fences_.clear();
  if (cleared) cleared = details_.clear();
  if (cleared) cleared = subnets_.clear();
  if (cleared) cleared = ports_.clear();
  return cleared;
}

}  // namespace kilonova
