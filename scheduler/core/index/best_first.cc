// The search of the placement index: the best hosts of the groups that a survey left, without looking at the rest.
#include <algorithm>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

#include "scheduler/core/index/placement_index.h"

namespace kilonova::scheduler {
namespace {

// Something the search has still to look at, and the weight it cannot exceed: a chunk of a group, a block of it, or a
// host.
struct Candidate {
  double bound = 0;
  int64_t first_id = 0;
  uint32_t group = kNoIndex;
  uint32_t chunk = kNoIndex;
  uint32_t block = kNoIndex;  // kNoIndex: the whole chunk
  HostIndex host = kNoIndex;  // kNoIndex: the chunk or block
};

// Higher weights first, of equal ones the earlier registered (by id, then by name). What may hold the next host comes
// before a host that may not be it.
struct ComesLater {
  const HostManager& hosts;
  bool operator()(const Candidate& a, const Candidate& b) const {
    if (a.bound != b.bound) return a.bound < b.bound;
    if (a.first_id != b.first_id) return a.first_id > b.first_id;
    if ((a.host == kNoIndex) != (b.host == kNoIndex)) return a.host != kNoIndex;
    return a.host != kNoIndex && hosts.host(a.host).name > hosts.host(b.host).name;
  }
};

// The least weight that can still be among the best so many, going by the hosts seen.
class Floor {
 public:
  explicit Floor(size_t wanted) : wanted_(wanted) {}
  double weight() const { return weight_; }
  void see(double weight) {
    if (weight <= weight_) return;
    if (best_.size() == wanted_) best_.pop();
    best_.push(weight);
    if (best_.size() == wanted_) weight_ = best_.top();
  }

 private:
  size_t wanted_;  // at least 1
  double weight_ = -std::numeric_limits<double>::infinity();
  std::priority_queue<double, std::vector<double>, std::greater<>> best_;
};

std::vector<Candidate> room_for_candidates() {
  std::vector<Candidate> candidates;
  candidates.reserve(256);
  return candidates;
}

class Search {
 public:
  Search(const HostManager& hosts, const Resources& amount, size_t wanted, size_t groups)
      : amount_(amount), wanted_(wanted), open_(ComesLater{hosts}, room_for_candidates()), floor_(wanted) {
    groups_.reserve(groups);
  }

  void add_group(const PointBlocks& points, Scale scale) {
    const Group& group = groups_.emplace_back(points.chunks(), std::move(scale));
    Candidate candidate{.group = static_cast<uint32_t>(groups_.size() - 1)};
    for (size_t c = 0; c < group.chunks.size(); ++c) {
      candidate.chunk = static_cast<uint32_t>(c);
      add_box(group.chunks[c].box, group.scale, candidate);
    }
  }

  void add_host(HostIndex host, int64_t id, double weight) {
    if (weight < floor_.weight()) return;
    open_.push({.bound = weight, .first_id = id, .host = host});
    floor_.see(weight);
  }

  std::vector<RankedHost> run() {
    std::vector<RankedHost> best;
    best.reserve(wanted_);
    while (!open_.empty() && best.size() < wanted_) {
      Candidate next = open_.top();
      open_.pop();
      if (next.host != kNoIndex) {
        best.push_back({next.bound, next.host});
        continue;
      }
      const Group& group = groups_[next.group];
      if (next.block == kNoIndex) {
        open_chunk(next, group);
      } else {
        open_block(group.chunks[next.chunk].blocks[next.block], group.scale);
      }
    }
    return best;
  }

 private:
  struct Group {
    const std::vector<Chunk>& chunks;
    Scale scale;
  };

  void open_chunk(Candidate candidate, const Group& group) {
    const std::vector<Box>& boxes = group.chunks[candidate.chunk].boxes;
    for (size_t b = 0; b < boxes.size(); ++b) {
      candidate.block = static_cast<uint32_t>(b);
      add_box(boxes[b], group.scale, candidate);
    }
  }

  void add_box(const Box& box, const Scale& scale, Candidate& candidate) {
    if (box.none_takes(amount_)) return;
    candidate.bound = scale.bound(box);
    candidate.first_id = box.first_id;
    if (candidate.bound >= floor_.weight()) open_.push(candidate);
  }

  void open_block(const Block& block, const Scale& scale) {
    size_t axes = block.raw.size() / block.points.size();
    for (size_t i = 0; i < block.points.size(); ++i)
      if (const HostPoint& point = block.points[i]; takes(point.room, amount_))
        add_host(point.host, point.id, scale.weight(block.raw_of(i, axes)));
  }

  Resources amount_;
  size_t wanted_;
  std::vector<Group> groups_;
  std::priority_queue<Candidate, std::vector<Candidate>, ComesLater> open_;
  Floor floor_;
};

}  // namespace

std::vector<RankedHost> PlacementIndex::best_of(const HostManager& hosts, const SchedulingRequest& request,
                                                const Survey& survey, size_t wanted) const {
  Search search(hosts, amount_of(request), wanted, survey.groups.size());
  for (const Group* group : survey.groups) search.add_group(group->points, scale_of(*group, request, survey));
  for (HostIndex host : survey.apart)
    search.add_host(host, hosts.host(host).id, weigh(hosts.host(host), host, request, survey.extents).weight);
  return search.run();
}

}  // namespace kilonova::scheduler
