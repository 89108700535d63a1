// The suite of ports/transport.h. A transport takes it by
//   INSTANTIATE_TEST_SUITE_P(Mine, TransportContract, ::testing::Values(WorldKind{"Mine", make}), world_name);
// in a program that also compiles transport_contract.cc and transport_storm.cc.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "transport_world.h"

namespace kilonova::testing {

inline constexpr PeerId kTheController{Role::kController, 0};
inline constexpr PeerId kTheNetwork{Role::kNetwork, 0};
constexpr PeerId scheduler(uint32_t index) { return {Role::kScheduler, index}; }
constexpr PeerId compute(uint32_t index) { return {Role::kCompute, index}; }

class TransportContract : public ::testing::TestWithParam<WorldKind> {
 protected:
  TransportContract() : world_(GetParam().make()) {}

  // Both see each other.
  bool joined(Peer a, Peer b) {
    return world_->run_until([&] { return world_->recorder(a.id).is_up(b) && world_->recorder(b.id).is_up(a); });
  }
  // Controller and one compute process, joined, both in incarnation 1.
  void start_two(size_t queue_limit = 1 << 16) {
    world_->start(kTheController, 1, queue_limit);
    world_->start(compute(0), 1, queue_limit);
    ASSERT_TRUE(joined({kTheController, 1}, {compute(0), 1}));
  }
  bool send(PeerId from, PeerId to, Message message) {
    bool queued = false;
    world_->on(from, [&](Transport& transport) { queued = transport.send(to, std::move(message)); });
    return queued;
  }
  // Messages first to last with these calls, in one turn of the loop.
  void send_numbered(PeerId from, PeerId to, uint64_t first, uint64_t last);
  bool received(PeerId at, PeerId from, size_t count) {
    return world_->run_until([&] { return world_->recorder(at).calls(from).size() >= count; });
  }
  // The same for one incarnation of the sender.
  bool received_from(PeerId at, Peer from, size_t count) {
    return world_->run_until([&] {
      size_t found = 0;
      for (const PeerEvent& event : world_->recorder(at).events()) {
        found += event.kind == PeerEvent::kMessage && event.peer == from;
      }
      return found >= count;
    });
  }

  std::unique_ptr<TransportWorld> world_;
};

inline std::string world_name(const ::testing::TestParamInfo<WorldKind>& info) { return info.param.name; }

}  // namespace kilonova::testing
