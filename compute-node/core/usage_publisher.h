// UsagePublisher: tells every scheduler what the hosts have left. Absolute figures: all of them to a scheduler that was
// not known or was away during a change, afterwards the hosts that changed, in one message for each round of the loop.
// Owned by ComputeCore; loop thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compute-node/core/resource_tracker.h"
#include "ports/transport.h"
#include "runtime/loop.h"

namespace kilonova::compute {

class UsagePublisher {
 public:
  // Hosts to leave out have no name ("").
  using HostName = std::function<std::string(uint32_t host)>;

  UsagePublisher(Loop& loop, Transport& transport, HostName host_name, size_t hosts)
      : loop_(loop), transport_(transport), host_name_(std::move(host_name)), hosts_(hosts) {}
  // Once, before anything else.
  void follow(ResourceTracker& tracker) { tracker_ = &tracker; }

  void on_scheduler_up(const Peer& scheduler);
  // Nothing is queued for it until it is up again; if anything changed meanwhile, it hears all then.
  void on_scheduler_down(const Peer& scheduler);
  // Something changed: publishes when the loop has drained.
  void on_change();
  // Tries again to tell all to the schedulers that refused a message.
  void retry();
  // Each report interval: says again what a part of the hosts have left, so that a scheduler which missed an update
  // is wrong for 30 intervals at most.
  void refresh();

 private:
  struct Scheduler {
    Incarnation incarnation = 0;
    bool up = true;
    bool needs_all = true;
    bool due = true;  // of those that need all: try at the next occasion
  };
  void publish();
  HostUsage usage_of(uint32_t host, std::vector<PlacementId> settled) const;
  // In parts of a bounded size; the first one is marked full. False when one was refused.
  bool send_all(PeerId scheduler, const std::vector<ResourceTracker::Change>& changes) const;

  Loop& loop_;
  Transport& transport_;
  HostName host_name_;
  size_t hosts_;
  ResourceTracker* tracker_ = nullptr;
  std::map<PeerId, Scheduler> schedulers_;
  bool scheduled_ = false;
  size_t refresh_calls_ = 0;
  // A drain callback cannot be cancelled: it asks whether this still lives.
  std::shared_ptr<UsagePublisher*> alive_ = std::make_shared<UsagePublisher*>(this);
};

}  // namespace kilonova::compute
