// MemoryNetworkStore: the network-controller's store over an image in memory, for tests and the simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "base/keyed_map.h"
#include "ports/network_store.h"
#include "runtime/loop.h"
#include "store/memory_commit_queue.h"
#include "store/memory_disk.h"

namespace kilonova {

// The durable rows: what outlives a crash of the daemon.
class MemoryNetworkImage {
 public:
  Expected<> apply(const NetworkTransaction& transaction);
  NetworkState state() const;
  // As MemoryControllerImage::go_back_to.
  void go_back_to(std::span<const NetworkTransaction> committed);
  // Told of every transaction that has become durable, in their order: how a simulation watches the truth.
  void observe(std::function<void(const NetworkTransaction&)> observer) { observer_ = std::move(observer); }
  // Told of every transaction that the disk refused.
  void observe_refusals(std::function<void(const NetworkTransaction&)> observer) { refusals_ = std::move(observer); }
  void refused(const NetworkTransaction& transaction) const {
    if (refusals_) refusals_(transaction);
  }

 private:
  void apply_one(const NetworkMutation& mutation);
  void clear();
  void put_lease(const Lease& row);

  std::map<Uuid, Network> networks_;
  KeyedMap<Uuid, std::vector<Lease>> leases_;  // of each server, by nic
  KeyedMap<Uuid, ReleaseFence> fences_;
  std::map<Uuid, NetworkDetails> details_;
  std::map<Uuid, Subnet> subnets_;
  std::map<Uuid, Port> ports_;
  std::function<void(const NetworkTransaction&)> observer_;
  std::function<void(const NetworkTransaction&)> refusals_;
};

// As MemoryControllerStore.
class MemoryNetworkStore final : public NetworkStore {
 public:
  MemoryNetworkStore(Loop& loop, MemoryNetworkImage& image, MemoryDisk& disk);

  Expected<NetworkState> load() override;
  Task<Expected<>> commit(NetworkTransaction transaction) override;

 private:
  MemoryNetworkImage& image_;
  MemoryCommitQueue<NetworkTransaction, MemoryNetworkImage> queue_;
};

}  // namespace kilonova
