#include "store/postgres_network_tables.h"

#include <utility>
#include <variant>

#include "store/overloaded.h"

namespace kilonova {

PostgresNetworkTables::PostgresNetworkTables(const PostgresCatalog& catalog, const PostgresOptions&)
    : networks_(catalog, "networks", "id"),
      leases_(catalog, "leases", "instance, nic"),
      fences_(catalog, "fences", "instance"),
      details_(catalog, "network_details", "id"),
      subnets_(catalog, "subnets", "id"),
      ports_(catalog, "ports", "id"),
      erase_leases_{"erase leases of servers", "DELETE FROM leases WHERE instance = ANY ($1::uuid[])"} {
  for (const char* table : {"networks", "leases", "fences", "network_details", "subnets", "ports"})
    clear_.push_back({fmt::format("clear {}", table), fmt::format("DELETE FROM {}", table)});
}

Expected<NetworkState> PostgresNetworkTables::load(PostgresConnection& connection, const PostgresCatalog& catalog) {
  NetworkState state;
  auto loaded = networks_.load(connection, catalog, state.networks);
  if (loaded) loaded = leases_.load(connection, catalog, state.leases);
  if (loaded) loaded = fences_.load(connection, catalog, state.fences);
  if (loaded) loaded = details_.load(connection, catalog, state.details);
  if (loaded) loaded = subnets_.load(connection, catalog, state.subnets);
  if (loaded) loaded = ports_.load(connection, catalog, state.ports);
  if (!loaded) return std::unexpected(loaded.error());
  return state;
}

std::vector<const PostgresStatement*> PostgresNetworkTables::statements() const {
  std::vector<const PostgresStatement*> list = {&erase_leases_};
  for (const PostgresStatement& statement : clear_) list.push_back(&statement);
  networks_.list_statements(list);
  leases_.list_statements(list);
  fences_.list_statements(list);
  details_.list_statements(list);
  subnets_.list_statements(list);
  ports_.list_statements(list);
  return list;
}

Expected<> PostgresNetworkTables::add(const NetworkTransaction& transaction) {
  for (const NetworkMutation& mutation : transaction) add_one(mutation);
  return {};
}

void PostgresNetworkTables::add_one(const NetworkMutation& mutation) {
  using namespace network_mutation;
  std::visit(
      Overloaded{
          [&](const PutNetwork& change) { networks_.put(change.row.id, change.row); },
          [&](const EraseNetwork& change) { networks_.erase(change.id); },
          [&](const PutLease& change) { leases_.put({change.row.instance, change.row.address.nic}, change.row); },
          [&](const EraseLeases& change) { erase_leases(change.instance); },
          [&](const PutFence& change) { fences_.put(change.row.placement.instance, change.row); },
          [&](const EraseFence& change) { fences_.erase(change.instance); },
          [&](const PutDetails& change) { details_.put(change.row.id, change.row); },
          [&](const EraseDetails& change) { details_.erase(change.id); },
          [&](const PutSubnet& change) { subnets_.put(change.row.id, change.row); },
          [&](const EraseSubnet& change) { subnets_.erase(change.id); },
          [&](const PutPort& change) { ports_.put(change.row.id, change.row); },
          [&](const ErasePort& change) { ports_.erase(change.id); },
          [&](const EraseEverything&) { erase_everything(); },
      },
      mutation);
}

void PostgresNetworkTables::erase_leases(const Uuid& instance) {
  leases_.forget({instance, 0}, {instance, UINT32_MAX});
  without_leases_.insert(instance);
}

void PostgresNetworkTables::erase_everything() {
  networks_.forget();
  leases_.forget();
  fences_.forget();
  details_.forget();
  subnets_.forget();
  ports_.forget();
  without_leases_.clear();
  everything_erased_ = true;
}

std::vector<PostgresCall> PostgresNetworkTables::take_calls() {
  std::vector<PostgresCall> calls;
  if (std::exchange(everything_erased_, false))
    for (const PostgresStatement& statement : clear_) calls.push_back({&statement, {}});
  PostgresArrays instances;
  for (const Uuid& instance : std::exchange(without_leases_, {})) instances.row()(instance);
  if (!instances.empty()) calls.push_back({&erase_leases_, instances.take()});
  networks_.take_calls(calls);
  leases_.take_calls(calls);
  fences_.take_calls(calls);
  details_.take_calls(calls);
  subnets_.take_calls(calls);
  ports_.take_calls(calls);
  return calls;
}

}  // namespace kilonova
