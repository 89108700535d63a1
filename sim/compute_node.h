// A compute process of a simulated cloud with its hosts, and the journal of their hypervisors.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "compute-node/core/compute_core.h"
#include "compute-node/hypervisor/simulated_hypervisor.h"
#include "sim/node.h"
#include "sim/watched_journal.h"
#include "store/memory_guest_journal.h"

namespace kilonova::sim {

class ComputeNode final : public Node {
 public:
  ComputeNode(World world, uint32_t index, compute::ComputeOptions options, compute::TimingModel timing,
              std::vector<HostInfo> hosts, Ledger* ledger = nullptr);

  // nullptr while it is dead.
  const compute::ComputeCore* core() const;
  const std::vector<HostInfo>& hosts() const { return hosts_; }
  const MemoryGuestImage& guests() const { return files_->image; }

  // One host loses its power; its process and the other hosts live on. It stays down, also when the process restarts,
  // until start_host().
  void crash_host(const std::string& host);
  void start_host(const std::string& host);
  const std::set<std::string>& hosts_down() const { return hosts_down_; }
  // The machine loses its power: the process dies, and all guests are off.
  void cut_power();
  // As cut_power(), and so many of the journal's newest changes had not reached the disk. How many it took.
  size_t take_back(size_t changes);
  MemoryDisk& disk() { return disk_; }
  // Told of each guest that the journal's disk did not take.
  void observe_refusals(WatchedJournal::Refused observer) { refused_ = std::move(observer); }

 private:
  struct ComputeLife : Life {
    ComputeLife(World& world, PeerId id, Incarnation incarnation, ComputeNode& node);

    WatchedJournal journal;
    compute::SimulatedHypervisor hypervisor;
    compute::ComputeCore core;
  };

  struct Files {
    MemoryGuestImage image;
    JournalPast past;
    Ledger* ledger = nullptr;
  };

  std::unique_ptr<Life> be_born(Incarnation incarnation) override;
  void part_files() override;
  void wake_up(Life& life) override;

  // Guests do not survive that; their disks do. No disk is asked. "" = of every host.
  void switch_guests_off(const std::string& host);

  compute::ComputeOptions options_;
  compute::TimingModel timing_;
  std::vector<HostInfo> hosts_;
  std::unique_ptr<Files> files_;
  std::unique_ptr<Files> files_left_;  // to a process that was replaced
  MemoryDisk disk_;
  std::set<std::string> hosts_down_;
  std::vector<std::pair<std::string, bool>> missed_;  // by the frozen process: hosts that went on, or off
  WatchedJournal::Refused refused_;
};

}  // namespace kilonova::sim
