// Which scheduler gets a cast: connected ones in turn. Counts the casts of each, so that a scheduler's heartbeat can say
// up to which it has worked. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "domain/messages.h"
#include "ports/transport.h"

namespace kilonova::controller {

struct SentCast {
  Peer scheduler;
  uint64_t cast_number = 0;
};

class Schedulers {
 public:
  explicit Schedulers(Transport& transport) : transport_(transport) {}

  // Fills in scheduler and cast_number and sends; `is_lost`: it is counted as sent and is not. Nothing when no scheduler
  // is connected or takes it.
  std::optional<SentCast> cast(SelectDestinations message, bool is_lost = false);

  // True when this incarnation was not known: its predecessor's casts may be lost.
  bool on_peer_up(const Peer& scheduler);
  void on_heartbeat(PeerId scheduler, const SchedulerHeartbeat& heartbeat);

  // As the scheduler that was heard last says; all 0 before.
  const AllocationRatios& ratios() const { return ratios_; }

  Incarnation incarnation(PeerId scheduler) const;
  uint64_t watermark(PeerId scheduler) const;

 private:
  struct State {
    Incarnation incarnation = 0;
    uint64_t last_cast = 0;
    uint64_t watermark = 0;
  };

  Transport& transport_;
  std::map<PeerId, State> states_;
  uint32_t turn_ = 0;
  AllocationRatios ratios_{0, 0, 0};
};

}  // namespace kilonova::controller
