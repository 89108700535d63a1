#include "scheduler/core/index/point_blocks.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace kilonova::scheduler {
namespace {

constexpr size_t kPointsPerBlock = 64;
constexpr size_t kBlocksPerChunk = 64;

bool before(const HostPoint& a, const HostPoint& b) { return a.key() < b.key(); }

void close_chunk(Chunk& chunk) {
  chunk.box = {};
  for (const Box& box : chunk.boxes) chunk.box.add(box);
}

template <class T>
auto at(std::vector<T>& list, size_t place) {
  return list.begin() + static_cast<ptrdiff_t>(place);
}

// What a list has from there on; it keeps what is before.
template <class T>
std::vector<T> take_from(std::vector<T>& list, size_t place) {
  std::vector<T> rest(std::make_move_iterator(at(list, place)), std::make_move_iterator(list.end()));
  list.erase(at(list, place), list.end());
  return rest;
}

}  // namespace

Box PointBlocks::box_around(const Block& block) const {
  Box box;
  for (size_t i = 0; i < block.points.size(); ++i) box.add(block.points[i], block.raw_of(i, raw_->axes()));
  return box;
}

void PointBlocks::assign(std::vector<HostPoint> points) {
  std::sort(points.begin(), points.end(), before);
  chunks_.clear();
  size_ = static_cast<uint32_t>(points.size());
  // Two thirds full: changes come at once.
  constexpr size_t kPoints = kPointsPerBlock * 2 / 3, kBlocks = kBlocksPerChunk * 2 / 3;
  for (size_t i = 0; i < points.size(); i += kPoints) {
    if (chunks_.empty() || chunks_.back().blocks.size() == kBlocks) chunks_.emplace_back();
    Chunk& chunk = chunks_.back();
    Block& block = chunk.blocks.emplace_back();
    block.points.assign(at(points, i), at(points, std::min(i + kPoints, points.size())));
    for (const HostPoint& point : block.points) {
      std::span<const double> raw = raw_->of(point.host);
      block.raw.insert(block.raw.end(), raw.begin(), raw.end());
    }
    chunk.boxes.push_back(box_around(chunk.blocks.back()));
  }
  for (Chunk& chunk : chunks_) close_chunk(chunk);
}

std::pair<size_t, size_t> PointBlocks::find(const HostPoint& point) const {
  // The last that begins at or before the point, or the very first.
  auto last_of = [&point](const auto& list, auto first_point) {
    auto after = std::upper_bound(list.begin() + 1, list.end(), point, [&](const HostPoint& p, const auto& element) {
      return before(p, first_point(element));
    });
    return static_cast<size_t>(after - list.begin()) - 1;
  };
  size_t chunk = last_of(chunks_, [](const Chunk& c) -> const HostPoint& { return c.blocks.front().points.front(); });
  size_t block = last_of(chunks_[chunk].blocks, [](const Block& b) -> const HostPoint& { return b.points.front(); });
  return {chunk, block};
}

void PointBlocks::insert(const HostPoint& point) {
  if (chunks_.empty()) return assign({point});
  auto [c, b] = find(point);
  Chunk& chunk = chunks_[c];
  Block& block = chunk.blocks[b];
  std::span<const double> raw = raw_->of(point.host);
  auto place = std::upper_bound(block.points.begin(), block.points.end(), point, before);
  block.raw.insert(at(block.raw, static_cast<size_t>(place - block.points.begin()) * raw.size()), raw.begin(),
                   raw.end());
  block.points.insert(place, point);
  chunk.boxes[b].add(point, raw);
  chunk.box.add(point, raw);
  ++size_;
  if (block.points.size() > kPointsPerBlock) split_block(chunk, b);
  if (chunk.blocks.size() > kBlocksPerChunk) split_chunk(c);
}

void PointBlocks::erase(const HostPoint& point) {
  KN_CHECK(!chunks_.empty(), "a point that is not there cannot go");
  auto [c, b] = find(point);
  Chunk& chunk = chunks_[c];
  Block& block = chunk.blocks[b];
  auto place = std::lower_bound(block.points.begin(), block.points.end(), point, before);
  KN_CHECK(place != block.points.end() && *place == point, "a point that is not there cannot go");
  size_t axes = raw_->axes(), row = static_cast<size_t>(place - block.points.begin());
  std::span<const double> raw = block.raw_of(row, axes);
  bool block_rests = chunk.boxes[b].rests_on(point, raw), chunk_rests = chunk.box.rests_on(point, raw);
  block.raw.erase(at(block.raw, row * axes), at(block.raw, (row + 1) * axes));
  block.points.erase(place);
  --size_;
  if (block.points.empty()) return remove_block(c, b);
  --chunk.boxes[b].count;
  --chunk.box.count;
  if (block_rests) chunk.boxes[b] = box_around(block);
  if (chunk_rests) close_chunk(chunk);
  merge_block(chunk, b);
  if (b > 0) merge_block(chunk, b - 1);
  merge_chunk(c);
}

void PointBlocks::split_block(Chunk& chunk, size_t b) {
  Block& block = chunk.blocks[b];
  size_t middle = block.points.size() / 2;
  Block half{take_from(block.points, middle), take_from(block.raw, middle * raw_->axes())};
  chunk.boxes[b] = box_around(block);
  chunk.boxes.insert(at(chunk.boxes, b + 1), box_around(half));
  chunk.blocks.insert(at(chunk.blocks, b + 1), std::move(half));
}

void PointBlocks::split_chunk(size_t c) {
  Chunk half;
  size_t middle = chunks_[c].blocks.size() / 2;
  half.blocks = take_from(chunks_[c].blocks, middle);
  half.boxes = take_from(chunks_[c].boxes, middle);
  close_chunk(half);
  close_chunk(chunks_[c]);
  chunks_.insert(at(chunks_, c + 1), std::move(half));
}

// Takes in the next block when both are thin, so that there are never many more blocks than points ask for.
void PointBlocks::merge_block(Chunk& chunk, size_t b) {
  if (b + 1 >= chunk.blocks.size()) return;
  Block &block = chunk.blocks[b], &next = chunk.blocks[b + 1];
  if (block.points.size() + next.points.size() > kPointsPerBlock / 2) return;
  block.points.insert(block.points.end(), next.points.begin(), next.points.end());
  block.raw.insert(block.raw.end(), next.raw.begin(), next.raw.end());
  chunk.boxes[b].add(chunk.boxes[b + 1]);
  chunk.blocks.erase(at(chunk.blocks, b + 1));
  chunk.boxes.erase(at(chunk.boxes, b + 1));
}

void PointBlocks::remove_block(size_t c, size_t b) {
  Chunk& chunk = chunks_[c];
  chunk.blocks.erase(at(chunk.blocks, b));
  chunk.boxes.erase(at(chunk.boxes, b));
  if (chunk.blocks.empty()) {
    chunks_.erase(at(chunks_, c));
  } else {
    close_chunk(chunk);
    merge_chunk(c);
  }
}

void PointBlocks::merge_chunk(size_t c) {
  if (c + 1 >= chunks_.size()) return;
  Chunk &chunk = chunks_[c], &next = chunks_[c + 1];
  if (chunk.blocks.size() + next.blocks.size() > kBlocksPerChunk / 2) return;
  std::move(next.blocks.begin(), next.blocks.end(), std::back_inserter(chunk.blocks));
  chunk.boxes.insert(chunk.boxes.end(), next.boxes.begin(), next.boxes.end());
  chunk.box.add(next.box);
  chunks_.erase(at(chunks_, c + 1));
}

}  // namespace kilonova::scheduler
