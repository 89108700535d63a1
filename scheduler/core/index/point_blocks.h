// PointBlocks: the points of one group of hosts, in the order of their keys, cut into blocks and those into chunks, each
// with its box: a B-tree of three levels, whose top is walked. Since near keys mean near points, boxes are small, and a
// search passes most of them over. At 100,000 hosts some 50 chunks of some 45 blocks of some 45 points.
// A pure data structure; loop thread only.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "scheduler/core/index/host_point.h"

namespace kilonova::scheduler {

using Block = std::vector<HostPoint>;

struct Chunk {
  Box box;
  std::vector<Box> boxes;     // of each block
  std::vector<Block> blocks;  // none is empty
};

class PointBlocks {
 public:
  // In place of all that was there. O(n log n).
  void assign(std::vector<HostPoint> points);
  // The point must not be there.
  void insert(const HostPoint& point);
  // The point must be there.
  void erase(const HostPoint& point);

  // None is empty. Valid until the next change.
  const std::vector<Chunk>& chunks() const { return chunks_; }
  uint32_t size() const { return size_; }

 private:
  // Where the point is, or would go; there must be a chunk.
  std::pair<size_t, size_t> find(const HostPoint& point) const;
  void split_block(Chunk& chunk, size_t block);
  void split_chunk(size_t chunk);
  void merge_block(Chunk& chunk, size_t block);
  void merge_chunk(size_t chunk);
  void remove_block(size_t chunk, size_t block);

  std::vector<Chunk> chunks_;
  uint32_t size_ = 0;
};

}  // namespace kilonova::scheduler
