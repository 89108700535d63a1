// HostPoint: one host as the placement index sees it, and Box: many of them at once. What a decision asks of a host is
// answered from its point alone; what it asks of a box is true of every point in it, so that whole boxes can be passed
// over. Pure data; nothing here can fail.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <tuple>

#include "domain/resources.h"
#include "scheduler/core/host_state.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

// CPU, RAM, disk: what make_weighers() gives.
inline constexpr size_t kWeighers = 3;
using RawValues = std::array<double, kWeighers>;

// The most of each class that the host still takes: fits(total, ratios, used, amount) holds exactly when no class of the
// (not negative) amount exceeds it.
Resources room_of(const Resources& total, const AllocationRatios& ratios, const Resources& used);

struct HostPoint {
  uint64_t code = 0;  // the raw values interleaved bit by bit: points with near codes are near each other
  int64_t id = 0;     // registration order
  HostIndex host = kNoIndex;
  RawValues raw{};  // of each weigher, not below its minval
  Resources room;

  // The order in which an index keeps them.
  auto key() const { return std::tie(code, id, host); }
  bool operator==(const HostPoint&) const = default;
};

// All weighers must have a minval.
HostPoint point_of(const HostState& state, HostIndex host, std::span<const std::unique_ptr<Weigher>> weighers,
                   const AllocationRatios& ratios);

inline bool takes(const Resources& room, const Resources& amount) {
  return amount.vcpus <= room.vcpus && amount.memory_mb <= room.memory_mb && amount.disk_gb <= room.disk_gb;
}

// The least box around points. An empty one is around none.
struct Box {
  RawValues raw_min{};
  RawValues raw_max{};
  Resources room_min;
  Resources room_max;
  int64_t first_id = 0;
  uint32_t count = 0;

  void add(const HostPoint& point);
  void add(const Box& box);
  // Whether the box may shrink when this point of it goes.
  bool rests_on(const HostPoint& point) const;
  // Every point takes the amount; none does. Neither: it depends.
  bool all_take(const Resources& amount) const { return takes(room_min, amount); }
  bool none_takes(const Resources& amount) const { return !takes(room_max, amount); }
  bool operator==(const Box&) const = default;
};

}  // namespace kilonova::scheduler
