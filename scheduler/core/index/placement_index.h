// PlacementIndex: filter and weigh without asking every host. Gives exactly what get_filtered_hosts and
// get_weighed_hosts give: the same hosts in the same order, equal weights by registration, and the same counts, raw
// values and scores in the decision, to the last bit; docs/adr/0006-placement-index.md says why it can.
//
// Hosts are grouped by what the filters see of them besides capacity (up, enabled, zone), a group's hosts lie in
// PointBlocks. One walk over the boxes counts who has room and finds each weigher's greatest value; a best-first search
// over the boxes then finds the best hosts: no weight in a box exceeds the weight of its best corner, in floating point
// too, because each operation of the sum is monotone in it.
//
// Owned by a driver, loop thread only. A cache of one HostManager, brought up to date at each use: O(changed hosts).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/index/point_blocks.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

// Turns raw values into weights, given the greatest raw values of all hosts that compete.
class Scale {
 public:
  // No weight: all are alike.
  Scale() = default;
  Scale(std::span<const std::unique_ptr<Weigher>> weighers, const RawValues& high);
  // multiplier * normalised, of one weigher.
  double score(size_t weigher, double raw) const;
  double weight(const RawValues& raw) const;
  // What no point in the box exceeds.
  double bound(const Box& box) const;

 private:
  // Of each weigher; apart from the weighers, because this is asked thousands of times a decision.
  struct Axis {
    double multiplier = 0;
    double low = 0;
    double high = 0;
  };
  std::array<Axis, kWeighers> axes_{};
};

class PlacementIndex {
 public:
  // The filters and weighers must outlive it, and be such that serves() holds.
  PlacementIndex(std::span<const std::unique_ptr<Filter>> filters, std::span<const std::unique_ptr<Weigher>> weighers,
                 const AllocationRatios& ratios);
  // False when hosts have to be asked one by one: a filter it does not know, other weighers than make_weighers gives.
  static bool serves(std::span<const std::unique_ptr<Filter>> filters,
                     std::span<const std::unique_ptr<Weigher>> weighers);
  // The request must not name processes out of reach. Always called with the same manager.
  std::vector<RankedHost> select(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                 Decision& decision);

 private:
  // Hosts that all filters but those by capacity treat alike.
  struct Group {
    uint32_t verdicts = 0;  // a bit for each filter that looks at the host alone
    HostState sample;       // of the attributes
    PointBlocks points;
    std::vector<HostPoint> gathered;  // in a rebuild
  };
  struct Entry {
    HostPoint point;
    Group* group = nullptr;  // nullptr: not a candidate
  };
  // What is left of a group after the filters.
  struct Survey {
    std::vector<const Group*> groups;  // with hosts left
    uint32_t left = 0;
    RawValues high{};
  };

  void catch_up(const HostManager& hosts);
  void rebuild(const HostManager& hosts);
  Entry entry_of(const HostState& state, HostIndex host);
  Group* group_of(const HostState& state, uint32_t verdicts);
  // Takes the hosts out for one question; gives back those that were in.
  std::vector<HostIndex> take_out(std::span<const HostIndex> excluded);
  Survey survey(const SchedulingRequest& request, std::vector<uint32_t>& passed) const;
  // At least one must be wanted, unless there are none.
  static std::vector<const HostPoint*> best_of(const HostManager& hosts, const Survey& survey, const Scale& scale,
                                               const Resources& amount, size_t wanted);
  // What must fit: nothing when no filter asks.
  Resources amount_of(const SchedulingRequest& request) const { return by_capacity_ ? request.amount : Resources{}; }
  uint32_t size() const;

  std::span<const std::unique_ptr<Filter>> filters_;
  std::span<const std::unique_ptr<Weigher>> weighers_;
  AllocationRatios ratios_;
  bool by_capacity_ = false;
  std::map<std::pair<uint32_t, uint64_t>, std::unique_ptr<Group>> groups_;
  std::vector<Entry> entries_;  // by HostIndex
  uint64_t known_change_ = 0;
};

}  // namespace kilonova::scheduler
