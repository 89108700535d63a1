// HostPoint: one host as the placement index sees it, and Box: many of them at once. What a decision asks of a host is
// answered from its point alone; what it asks of a box is true of every point in it, so that whole boxes can be passed
// over. Pure data; nothing here can fail.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "domain/resources.h"
#include "scheduler/core/host_state.h"

namespace kilonova::scheduler {

// An axis is a weigher that looks at the host alone. An index has as many as are enabled, at most so many.
inline constexpr size_t kMostAxes = 12;
using RawValues = std::array<double, kMostAxes>;  // the first of them count

// The raw values of all hosts, in rows of as many doubles as there are axes.
class RawTable {
 public:
  explicit RawTable(size_t axes) : axes_(axes) {}
  size_t axes() const { return axes_; }
  void resize(size_t hosts) { values_.resize(hosts * axes_); }
  std::span<double> of(HostIndex host) { return {values_.data() + host * axes_, axes_}; }
  std::span<const double> of(HostIndex host) const { return {values_.data() + host * axes_, axes_}; }

 private:
  size_t axes_;
  std::vector<double> values_;
};

// The most of each class that the host still takes: fits(total, ratios, used, amount) holds exactly when no class of
// the (not negative) amount exceeds it.
Resources room_of(const Resources& total, const AllocationRatios& ratios, const Resources& used);

// Exponent and ten bits of the fraction of a number: ordered as the numbers are from 0 on, and close enough to tell
// neighbours. Below 0 the order is another, which costs a search time and no more.
uint64_t coarse(double value);
// The coarse values interleaved bit by bit: near codes mean near points. At most kCodeAxes.
inline constexpr size_t kCodeAxes = 3;
uint64_t code_of(std::span<const uint64_t> coarse_values);

struct HostPoint {
  uint64_t code = 0;
  int64_t id = 0;  // registration order
  HostIndex host = kNoIndex;
  Resources room;

  // The order in which an index keeps them.
  auto key() const { return std::tie(code, id, host); }
  bool operator==(const HostPoint&) const = default;
};

inline bool takes(const Resources& room, const Resources& amount) {
  return amount.vcpus <= room.vcpus && amount.memory_mb <= room.memory_mb && amount.disk_gb <= room.disk_gb;
}

// The least box around points. An empty one is around none.
struct Box {
  Resources room_min;
  Resources room_max;
  int64_t first_id = 0;
  uint32_t count = 0;
  uint32_t axes = 0;  // as many of the raw values count
  RawValues raw_max{};
  RawValues raw_min{};

  void add(const HostPoint& point, std::span<const double> raw);
  void add(const Box& box);
  // Whether the box may shrink when this point of it goes.
  bool rests_on(const HostPoint& point, std::span<const double> raw) const;
  // Every point takes the amount; none does. Neither: it depends.
  bool all_take(const Resources& amount) const { return takes(room_min, amount); }
  bool none_takes(const Resources& amount) const { return !takes(room_max, amount); }
  bool operator==(const Box&) const = default;
};

}  // namespace kilonova::scheduler
