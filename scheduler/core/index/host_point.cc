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

uint64_t coarse(double value) { return std::bit_cast<uint64_t>(value) >> 42 & 0x1fffff; }

uint64_t code_of(std::span<const uint64_t> coarse_values) {
  uint64_t code = 0;
  for (size_t i = 0; i < coarse_values.size(); ++i) code |= spread_bits(coarse_values[i]) << i;
  return code;
}

void Box::add(const HostPoint& point, std::span<const double> raw) {
  if (count == 0) {
    *this = {.room_min = point.room, .room_max = point.room, .first_id = point.id};
    axes = static_cast<uint32_t>(raw.size());
    std::ranges::copy(raw, raw_min.begin());
    std::ranges::copy(raw, raw_max.begin());
  }
  for (size_t a = 0; a < axes; ++a) {
    raw_min[a] = std::min(raw_min[a], raw[a]);
    raw_max[a] = std::max(raw_max[a], raw[a]);
  }
  take_each(room_min, point.room, least);
  take_each(room_max, point.room, most);
  first_id = std::min(first_id, point.id);
  ++count;
}

void Box::add(const Box& box) {
  if (box.count == 0) return;
  if (count == 0) {
    *this = box;
    return;
  }
  for (size_t a = 0; a < axes; ++a) {
    raw_min[a] = std::min(raw_min[a], box.raw_min[a]);
    raw_max[a] = std::max(raw_max[a], box.raw_max[a]);
  }
  take_each(room_min, box.room_min, least);
  take_each(room_max, box.room_max, most);
  first_id = std::min(first_id, box.first_id);
  count += box.count;
}

bool Box::rests_on(const HostPoint& point, std::span<const double> raw) const {
  for (size_t a = 0; a < axes; ++a)
    if (raw[a] == raw_min[a] || raw[a] == raw_max[a]) return true;
  return point.id == first_id || touches(room_min, point.room) || touches(room_max, point.room);
}

}  // namespace kilonova::scheduler
