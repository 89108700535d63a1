// PointBlocks: the points of one group of hosts, in the order of their keys, cut into blocks and those into chunks,
// each with its box: a B-tree of three levels, whose top is walked. Since near keys mean near points, boxes are small,
// and a search passes most of them over. At 100,000 hosts some 50 chunks of some 45 blocks of some 45 points. A pure
// data structure; loop thread only.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/core/index/host_point.h"

namespace kilonova::scheduler {

// The raw values lie in an array of their own: most points are passed over for want of room.
struct Block {
  std::vector<HostPoint> points;  // never none
  std::vector<double> raw;        // of each point, one for each axis

  std::span<const double> raw_of(size_t point, size_t axes) const { return {raw.data() + point * axes, axes}; }
};

struct Chunk {
  Box box;
  std::vector<Box> boxes;     // of each block
  std::vector<Block> blocks;  // never none
};

class PointBlocks {
 public:
  // The raw values of a host are read when its point comes in; later changes of the table do not matter.
  explicit PointBlocks(const RawTable& raw) : raw_(&raw) {}

  // In place of all that was there. O(n log n).
  void assign(std::vector<HostPoint> points);
  // The point must not be there.
  void insert(const HostPoint& point);
  // The point must be there.
  void erase(const HostPoint& point);

  // Valid until the next change.
  const std::vector<Chunk>& chunks() const { return chunks_; }
  uint32_t size() const { return size_; }

 private:
  // Where the point is, or would go; there must be a chunk.
  std::pair<size_t, size_t> find(const HostPoint& point) const;
  Box box_around(const Block& block) const;
  void split_block(Chunk& chunk, size_t block);
  void split_chunk(size_t chunk);
  void merge_block(Chunk& chunk, size_t block);
  void merge_chunk(size_t chunk);
  void remove_block(size_t chunk, size_t block);

  const RawTable* raw_;
  std::vector<Chunk> chunks_;
  uint32_t size_ = 0;
};

}  // namespace kilonova::scheduler
