#include "store/memory_network_store.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "store/overloaded.h"

namespace kilonova {

Expected<> MemoryNetworkImage::apply(const NetworkTransaction& transaction) {
  for (const NetworkMutation& mutation : transaction) apply_one(mutation);
  if (observer_) observer_(transaction);
  return {};
}

void MemoryNetworkImage::apply_one(const NetworkMutation& mutation) {
  using namespace network_mutation;
  std::visit(Overloaded{
                 [&](const PutNetwork& change) { networks_[change.row.id] = change.row; },
                 [&](const EraseNetwork& change) { networks_.erase(change.id); },
                 [&](const PutLease& change) { put_lease(change.row); },
                 [&](const EraseLeases& change) { leases_.erase(change.instance); },
                 [&](const PutFence& change) { fences_[change.row.placement.instance] = change.row; },
                 [&](const EraseFence& change) { fences_.erase(change.instance); },
                 [&](const PutDetails& change) { details_[change.row.id] = change.row; },
                 [&](const EraseDetails& change) { details_.erase(change.id); },
                 [&](const PutSubnet& change) { subnets_[change.row.id] = change.row; },
                 [&](const EraseSubnet& change) { subnets_.erase(change.id); },
                 [&](const PutPort& change) { ports_[change.row.id] = change.row; },
                 [&](const ErasePort& change) { ports_.erase(change.id); },
                 [&](const EraseEverything&) { clear(); },
             },
             mutation);
}

void MemoryNetworkImage::clear() {
  networks_.clear();
  leases_.clear();
  fences_.clear();
  details_.clear();
  subnets_.clear();
  ports_.clear();
}

void MemoryNetworkImage::put_lease(const Lease& row) {
  std::vector<Lease>& leases = leases_[row.instance];
  auto nic_of = [](const Lease& lease) { return lease.address.nic; };
  auto at = std::ranges::lower_bound(leases, row.address.nic, {}, nic_of);
  if (at != leases.end() && nic_of(*at) == row.address.nic) {
    *at = row;
  } else {
    leases.insert(at, row);
  }
}

NetworkState MemoryNetworkImage::state() const {
  NetworkState state;
  for (const auto& [id, row] : networks_) state.networks.push_back(row);
  for (const auto& [instance, rows] : leases_) state.leases.insert(state.leases.end(), rows.begin(), rows.end());
  for (const auto& [instance, row] : fences_) state.fences.push_back(row);
  for (const auto& [id, row] : details_) state.details.push_back(row);
  for (const auto& [id, row] : subnets_) state.subnets.push_back(row);
  for (const auto& [id, row] : ports_) state.ports.push_back(row);
  return state;
}

void MemoryNetworkImage::go_back_to(std::span<const NetworkTransaction> committed) {
  clear();
  for (const NetworkTransaction& transaction : committed)
    for (const NetworkMutation& mutation : transaction) apply_one(mutation);
}

MemoryNetworkStore::MemoryNetworkStore(Loop& loop, MemoryNetworkImage& image, MemoryDisk& disk)
    : image_(image), queue_(loop, disk, image) {}

Expected<NetworkState> MemoryNetworkStore::load() { return image_.state(); }

Task<Expected<>> MemoryNetworkStore::commit(NetworkTransaction transaction) {
  return queue_.commit(std::move(transaction));
}

}  // namespace kilonova
