// PlacementIndex: filter and weigh without asking every host. Gives exactly what get_filtered_hosts and
// get_weighed_hosts give: the same hosts in the same order, equal weights by registration, and the same counts, raw
// values and scores in the decision, to the last bit; docs/adr/0006-placement-index.md says why it can,
// 0009-any-filters-and-weighers.md for which.
//
// Hosts are grouped by their attributes and by what the filters that look at the host alone say of them; a group's
// hosts lie in PointBlocks. Filters that look at attributes are asked once a group. One walk over the boxes counts who
// has room and finds each weigher's least and greatest value; a best-first search over the boxes then finds the best
// hosts: no weight in a box exceeds the weight of its best corner, in floating point too, because each operation of the
// sum is monotone in it. Hosts that the request names are taken out for the one question, and asked one by one.
//
// Owned by a driver, loop thread only. A cache of one HostManager, brought up to date at each use: O(changed hosts).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/index/point_blocks.h"
#include "scheduler/core/index/scale.h"
#include "scheduler/core/weighers/weigher.h"

namespace kilonova::scheduler {

class PlacementIndex {
 public:
  // The filters and weighers must outlive it.
  PlacementIndex(std::span<const std::unique_ptr<Filter>> filters, std::span<const std::unique_ptr<Weigher>> weighers,
                 const AllocationRatios& ratios);
  PlacementIndex(const PlacementIndex&) = delete;
  PlacementIndex& operator=(const PlacementIndex&) = delete;
  // False when this request needs every host to be asked: a filter or weigher that looks at the request and at each
  // host's own state applies to it, a process is out of reach, or more filters (64) or weighers (kMostAxes) are enabled
  // than an index holds. What such a request asks does not slow down others.
  bool serves(const SchedulingRequest& request) const;
  // It must serve the request. Always called with the same manager.
  std::vector<RankedHost> select(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                 Decision& decision);

 private:
  // Hosts that all filters but those by capacity treat alike.
  struct Group {
    uint64_t verdicts = 0;  // a bit for each filter that looks at the host alone
    AttributesRef attributes;
    std::vector<double> multipliers;  // of each weigher
    PointBlocks points;
    std::vector<HostPoint> gathered;  // in a rebuild
  };
  struct Entry {
    HostPoint point;
    Group* group = nullptr;  // nullptr: not a candidate
  };
  // What is left after the filters.
  struct Survey {
    std::vector<const Group*> groups;  // with hosts left
    std::vector<HostIndex> apart;      // of those that the request names
    uint32_t left = 0;                 // in all
    std::vector<Extent> extents;       // of each weigher
  };

  void catch_up(const HostManager& hosts);
  void rebuild(const HostManager& hosts);
  void choose_code_axes(const HostManager& hosts);
  void read_raw(const HostState& state, HostIndex host, std::span<double> raw) const;
  Entry entry_of(const HostState& state, HostIndex host, std::span<const double> raw);
  Group* group_of(const HostState& state, uint64_t verdicts);

  std::vector<HostIndex> named_hosts(const HostManager& hosts, const SchedulingRequest& request) const;
  // Takes the hosts out for one question; gives back those that were in.
  std::vector<HostIndex> take_out(std::vector<HostIndex> named);
  void survey_groups(const SchedulingRequest& request, Survey& survey, std::vector<uint32_t>& passed) const;
  void survey_host(const HostState& state, HostIndex host, const SchedulingRequest& request, Survey& survey,
                   std::vector<uint32_t>& passed) const;
  // The raw value that all hosts of a group have, of a weigher that is no axis.
  double group_raw(size_t weigher, const Attributes& attributes, const SchedulingRequest& request) const;
  Scale scale_of(const Group& group, const SchedulingRequest& request, const Survey& survey) const;
  // By asking the weighers; without extents it is not weighed.
  WeighedHost weigh(const HostState& state, HostIndex host, const SchedulingRequest& request,
                    std::span<const Extent> extents) const;
  // At least one must be wanted, unless there are none.
  std::vector<RankedHost> best_of(const HostManager& hosts, const SchedulingRequest& request, const Survey& survey,
                                  size_t wanted) const;
  // What must fit: nothing when no filter asks.
  Resources amount_of(const SchedulingRequest& request) const { return by_capacity_ ? request.amount : Resources{}; }
  uint32_t size() const;

  std::span<const std::unique_ptr<Filter>> filters_;
  std::span<const std::unique_ptr<Weigher>> weighers_;
  AllocationRatios ratios_;
  bool by_capacity_ = false;
  bool by_name_ = false;           // something may name hosts
  std::vector<size_t> axes_;       // the weigher of each
  std::vector<size_t> axis_of_;    // of each weigher; kMostAxes: none
  std::vector<size_t> code_axes_;  // what the order of points is by
  RawTable raw_;
  std::map<std::pair<uint64_t, uint64_t>, std::unique_ptr<Group>> groups_;  // by attributes and verdicts
  std::vector<Entry> entries_;                                              // by HostIndex
  uint64_t known_change_ = 0;
};

}  // namespace kilonova::scheduler
