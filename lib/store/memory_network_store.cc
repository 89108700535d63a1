#include "store/memory_network_store.h"

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
                 [&](const PutLease& change) { leases_[{change.row.instance, change.row.address.nic}] = change.row; },
                 [&](const EraseLeases& change) {
                   leases_.erase(leases_.lower_bound({change.instance, 0}),
                                 leases_.upper_bound({change.instance, UINT32_MAX}));
                 },
                 [&](const PutFence& change) { fences_[change.row.placement.instance] = change.row; },
                 [&](const EraseFence& change) { fences_.erase(change.instance); },
             },
             mutation);
}

NetworkState MemoryNetworkImage::state() const {
  NetworkState state;
  for (const auto& [id, row] : networks_) state.networks.push_back(row);
  for (const auto& [key, row] : leases_) state.leases.push_back(row);
  for (const auto& [instance, row] : fences_) state.fences.push_back(row);
  return state;
}

MemoryNetworkStore::MemoryNetworkStore(Loop& loop, MemoryNetworkImage& image, MemoryDisk& disk)
    : image_(image), queue_(loop, disk, image) {}

Expected<NetworkState> MemoryNetworkStore::load() { return image_.state(); }

Task<Expected<>> MemoryNetworkStore::commit(NetworkTransaction transaction) {
  return queue_.commit(std::move(transaction));
}

}  // namespace kilonova
