// NetworkWatch: every message that arrives goes into the digest of the history: who told whom, of which placement, when.
#pragma once

#include "runtime/loop.h"
#include "sim/sim_log.h"
#include "sim/network/sim_network.h"

namespace kilonova::sim {

class NetworkWatch final : public NetworkObserver {
 public:
  // Both outlive it.
  NetworkWatch(History& history, const Loop& world) : history_(history), world_(world) {}
  // Sees the same, after it. nullptr: nobody.
  void set_next(NetworkObserver* next) { next_ = next; }

  void sent(PeerId from, PeerId to, const Message& message) override {
    if (next_ != nullptr) next_->sent(from, to, message);
  }
  void arrives(PeerId from, PeerId to, const Message& message) override;
  void handled() override {
    if (next_ != nullptr) next_->handled();
  }
  void struck(std::string_view fault, PeerId from, PeerId to, const Message* message) override {
    if (next_ != nullptr) next_->struck(fault, from, to, message);
  }

 private:
  History& history_;
  const Loop& world_;
  NetworkObserver* next_ = nullptr;
};

}  // namespace kilonova::sim
