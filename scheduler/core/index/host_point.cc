#include "scheduler/core/index/host_point.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace kilonova::scheduler {
namespace {

// The bits of a 21 bit number, two places apart.
uint64_t spread_bits(uint64_t x) {
  x = (x | x << 32) & 0x001f00000000ffffULL;
  x = (x | x << 16) & 0x001f0000ff0000ffULL;
  x = (x | x << 8) & 0x100f00f00f00f00fULL;
  x = (x | x << 4) & 0x10c30c30c30c30c3ULL;
  x = (x | x << 2) & 0x1249249249249249ULL;
  return x;
}

// Exponent and ten bits of the fraction: ordered as the numbers are, and close enough to tell neighbours.
uint64_t coarse(double value) { return std::bit_cast<uint64_t>(value) >> 42 & 0x1fffff; }

Resources in_class(int64_t Resources::* kind, int64_t amount) {
  Resources only;
  only.*kind = amount;
  return only;
}

// The floor of the quotient is the answer, but for the rounding of very large amounts: fits() itself has the last word.
int64_t room_in_class(int64_t Resources::* kind, double ratio, const Resources& total, const AllocationRatios& ratios,
                      const Resources& used) {
  auto fit = [&](int64_t amount) { return fits(total, ratios, used, in_class(kind, amount)); };
  double guess = std::floor(static_cast<double>(total.*kind) * ratio) - static_cast<double>(used.*kind);
  auto room = static_cast<int64_t>(std::clamp(guess, 0.0, static_cast<double>(total.*kind)));
  while (room > 0 && !fit(room)) --room;
  while (room < total.*kind && fit(room + 1)) ++room;
  return room;
}

template <class Better>
void take_each(Resources& into, const Resources& other, Better better) {
  into.vcpus = better(into.vcpus, other.vcpus);
  into.memory_mb = better(into.memory_mb, other.memory_mb);
  into.disk_gb = better(into.disk_gb, other.disk_gb);
}

int64_t least(int64_t a, int64_t b) { return std::min(a, b); }
int64_t most(int64_t a, int64_t b) { return std::max(a, b); }

bool touches(const Resources& edge, const Resources& room) {
  return edge.vcpus == room.vcpus || edge.memory_mb == room.memory_mb || edge.disk_gb == room.disk_gb;
}

}  // namespace

Resources room_of(const Resources& total, const AllocationRatios& ratios, const Resources& used) {
  return {room_in_class(&Resources::vcpus, ratios.vcpus, total, ratios, used),
          room_in_class(&Resources::memory_mb, ratios.memory, total, ratios, used),
          room_in_class(&Resources::disk_gb, ratios.disk, total, ratios, used)};
}

HostPoint point_of(const HostState& state, HostIndex host, std::span<const std::unique_ptr<Weigher>> weighers,
                   const AllocationRatios& ratios) {
  static const RequestSpec spec;
  static const SchedulingRequest any{spec, {}, {}, {}};
  HostPoint point{.id = state.id, .host = host, .room = room_of(state.total, ratios, state.used())};
  for (size_t w = 0; w < kWeighers; ++w) {
    point.raw[w] = clamped(weighers[w]->weigh_host(state, host, any), weighers[w]->minval());
    point.code |= spread_bits(coarse(point.raw[w])) << w;
  }
  return point;
}

void Box::add(const HostPoint& point) {
  add(Box{.raw_min = point.raw,
          .raw_max = point.raw,
          .room_min = point.room,
          .room_max = point.room,
          .first_id = point.id,
          .count = 1});
}

void Box::add(const Box& box) {
  if (box.count == 0) return;
  if (count == 0) {
    *this = box;
    return;
  }
  for (size_t w = 0; w < kWeighers; ++w) {
    raw_min[w] = std::min(raw_min[w], box.raw_min[w]);
    raw_max[w] = std::max(raw_max[w], box.raw_max[w]);
  }
  take_each(room_min, box.room_min, least);
  take_each(room_max, box.room_max, most);
  first_id = std::min(first_id, box.first_id);
  count += box.count;
}

bool Box::rests_on(const HostPoint& point) const {
  for (size_t w = 0; w < kWeighers; ++w)
    if (point.raw[w] == raw_min[w] || point.raw[w] == raw_max[w]) return true;
  return point.id == first_id || touches(room_min, point.room) || touches(room_max, point.room);
}

}  // namespace kilonova::scheduler
