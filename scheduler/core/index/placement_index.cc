#include "scheduler/core/index/placement_index.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <queue>

namespace kilonova::scheduler {
namespace {

// What filters that look at the host alone are asked with.
const SchedulingRequest& any_request() {
  static const RequestSpec spec;
  static const SchedulingRequest request{spec, {}, {}, {}};
  return request;
}

// Something a best-first search has still to look at: a chunk, a block or a host, and the weight it cannot exceed.
struct Candidate {
  double bound;
  int64_t first_id;
  const Chunk* chunk = nullptr;
  const Block* block = nullptr;
  const HostPoint* point = nullptr;
};

// Higher weights first, of equal ones the earlier registered (by id, then by name). What may hold the next host comes
// before a host that may not be it.
struct ComesLater {
  const HostManager& hosts;
  bool operator()(const Candidate& a, const Candidate& b) const {
    if (a.bound != b.bound) return a.bound < b.bound;
    if (a.first_id != b.first_id) return a.first_id > b.first_id;
    if ((a.point == nullptr) != (b.point == nullptr)) return a.point != nullptr;
    return a.point != nullptr && hosts.host(a.point->host).name > hosts.host(b.point->host).name;
  }
};

// The least weight that can still be among the best so many, going by the hosts seen.
class Floor {
 public:
  explicit Floor(size_t wanted) : wanted_(wanted) {}
  double weight() const { return best_.size() < wanted_ ? -std::numeric_limits<double>::infinity() : best_.top(); }
  void see(double weight) {
    if (best_.size() == wanted_) {
      if (weight <= best_.top()) return;
      best_.pop();
    }
    best_.push(weight);
  }

 private:
  size_t wanted_;  // at least 1
  std::priority_queue<double, std::vector<double>, std::greater<>> best_;
};

// Counts the points that take the amount, and raises `high` to their greatest raw values.
uint32_t survey_points(const PointBlocks& points, const Resources& amount, RawValues& high) {
  uint32_t left = 0;
  auto count_in = [&](uint32_t count, const RawValues& raw) {
    left += count;
    for (size_t w = 0; w < kWeighers; ++w) high[w] = std::max(high[w], raw[w]);
  };
  for (const Chunk& chunk : points.chunks()) {
    if (chunk.box.none_takes(amount)) continue;
    if (chunk.box.all_take(amount)) {
      count_in(chunk.box.count, chunk.box.raw_max);
      continue;
    }
    for (size_t b = 0; b < chunk.blocks.size(); ++b) {
      const Box& box = chunk.boxes[b];
      if (box.none_takes(amount)) continue;
      if (box.all_take(amount)) {
        count_in(box.count, box.raw_max);
        continue;
      }
      for (const HostPoint& point : chunk.blocks[b])
        if (takes(point.room, amount)) count_in(1, point.raw);
    }
  }
  return left;
}

}  // namespace

Scale::Scale(std::span<const std::unique_ptr<Weigher>> weighers, const RawValues& high) {
  for (size_t w = 0; w < kWeighers; ++w)
    axes_[w] = {weighers[w]->multiplier(*no_attributes()), *weighers[w]->minval(), high[w]};
}

double Scale::score(size_t weigher, double raw) const {
  const Axis& axis = axes_[weigher];
  return axis.multiplier * normalized(raw, axis.low, axis.high);
}

double Scale::weight(const RawValues& raw) const {
#pragma clang fp contract(off)  // as get_weighed_hosts adds
  double total = 0;
  for (size_t w = 0; w < kWeighers; ++w) total += score(w, raw[w]);
  return total;
}

// Raw values above the greatest of the competitors are of hosts that were filtered out.
double Scale::bound(const Box& box) const {
  RawValues corner{};
  for (size_t w = 0; w < kWeighers; ++w)
    corner[w] = axes_[w].multiplier < 0 ? box.raw_min[w] : std::min(box.raw_max[w], axes_[w].high);
  return weight(corner);
}

PlacementIndex::PlacementIndex(std::span<const std::unique_ptr<Filter>> filters,
                               std::span<const std::unique_ptr<Weigher>> weighers, const AllocationRatios& ratios)
    : filters_(filters), weighers_(weighers), ratios_(ratios) {
  for (const auto& filter : filters_) by_capacity_ = by_capacity_ || filter->basis() == Basis::kCapacity;
}

bool PlacementIndex::serves(std::span<const std::unique_ptr<Filter>> filters,
                            std::span<const std::unique_ptr<Weigher>> weighers) {
  return filters.size() <= 32 && weighers.size() == kWeighers &&
         std::ranges::all_of(filters,
                             [](const auto& filter) {
                               return filter->basis() != Basis::kEachHost && filter->basis() != Basis::kNamedHosts;
                             }) &&
         std::ranges::all_of(weighers,
                             [](const auto& weigher) { return weigher->minval() && weigher->basis() == Basis::kHost; });
}

std::vector<RankedHost> PlacementIndex::select(const HostManager& hosts, const SchedulingRequest& request,
                                               size_t wanted, Decision& decision) {
  catch_up(hosts);
  uint32_t candidates = size();
  std::vector<HostIndex> taken_out = take_out(request.excluded);
  std::vector<uint32_t> passed(filters_.size());
  Survey survey = this->survey(request, passed);
  note_filter_counts(candidates, size(), filters_, passed, decision);

  // A single host is not weighed.
  bool weighed = survey.left > 1;
  Scale scale = weighed ? Scale(weighers_, survey.high) : Scale();
  size_t sorted = std::min<size_t>(survey.left, std::max(wanted, kMaxWeighedHosts));
  std::vector<RankedHost> best;
  for (const HostPoint* point : best_of(hosts, survey, scale, amount_of(request), sorted)) {
    double weight = scale.weight(point->raw);
    if (decision.weighed.size() < kMaxWeighedHosts) {
      WeighedHost& shown = decision.weighed.emplace_back();
      shown.host = hosts.host(point->host).name;
      shown.weight = weight;
      for (size_t w = 0; weighed && w < kWeighers; ++w)
        shown.scores.push_back({std::string(weighers_[w]->name()), point->raw[w], scale.score(w, point->raw[w])});
    }
    if (best.size() < wanted) best.push_back({weight, point->host});
  }
  for (HostIndex host : taken_out) entries_[host].group->points.insert(entries_[host].point);
  return best;
}

void PlacementIndex::catch_up(const HostManager& hosts) {
  if (hosts.last_change() == known_change_) return;
  std::vector<HostIndex> changed;
  hosts.for_each_changed_after(known_change_, [&](HostIndex host) { changed.push_back(host); });
  known_change_ = hosts.last_change();
  entries_.resize(hosts.size());
  if (changed.size() > hosts.size() / 4) return rebuild(hosts);
  for (HostIndex host : changed) {
    Entry& entry = entries_[host];
    Entry now = entry_of(hosts.host(host), host);
    if (now.group == entry.group && now.point == entry.point) continue;
    if (entry.group != nullptr) entry.group->points.erase(entry.point);
    if (now.group != nullptr) now.group->points.insert(now.point);
    entry = now;
  }
}

void PlacementIndex::rebuild(const HostManager& hosts) {
  for (HostIndex host = 0; host < hosts.size(); ++host) {
    Entry& entry = entries_[host] = entry_of(hosts.host(host), host);
    if (entry.group != nullptr) entry.group->gathered.push_back(entry.point);
  }
  for (auto& [key, group] : groups_) group->points.assign(std::exchange(group->gathered, {}));
}

PlacementIndex::Entry PlacementIndex::entry_of(const HostState& state, HostIndex host) {
  if (!state.is_candidate()) return {};
  uint32_t verdicts = 0;
  for (size_t f = 0; f < filters_.size(); ++f)
    if (filters_[f]->basis() == Basis::kHost && filters_[f]->host_passes(state, host, any_request()))
      verdicts |= uint32_t{1} << f;
  Group* group = entries_[host].group;
  if (group == nullptr || group->verdicts != verdicts || group->sample.attributes != state.attributes)
    group = group_of(state, verdicts);
  return {point_of(state, host, weighers_, ratios_), group};
}

PlacementIndex::Group* PlacementIndex::group_of(const HostState& state, uint32_t verdicts) {
  std::unique_ptr<Group>& group = groups_[{verdicts, state.attributes->number}];
  if (group == nullptr) {
    group = std::make_unique<Group>();
    group->verdicts = verdicts;
    group->sample.attributes = state.attributes;
  }
  return group.get();
}

std::vector<HostIndex> PlacementIndex::take_out(std::span<const HostIndex> excluded) {
  std::vector<HostIndex> taken;
  HostIndex last = kNoIndex;
  for (HostIndex host : excluded) {  // ascending
    if (host == last || host >= entries_.size() || entries_[host].group == nullptr) continue;
    entries_[host].group->points.erase(entries_[host].point);
    taken.push_back(last = host);
  }
  return taken;
}

PlacementIndex::Survey PlacementIndex::survey(const SchedulingRequest& request, std::vector<uint32_t>& passed) const {
  Survey result;
  for (size_t w = 0; w < kWeighers; ++w) result.high[w] = *weighers_[w]->minval();
  Resources amount = amount_of(request);
  for (const auto& [key, group] : groups_) {
    RawValues high = result.high;
    std::optional<uint32_t> room_for;  // only counted when it matters
    auto count_room = [&] {
      if (!room_for) room_for = survey_points(group->points, amount, high);
      return *room_for;
    };
    uint32_t left = group->points.size();
    for (size_t f = 0; f < filters_.size() && left > 0; ++f) {
      switch (filters_[f]->basis()) {
        case Basis::kHost: left = (group->verdicts >> f & 1) != 0 ? left : 0; break;
        case Basis::kAttributes: left = filters_[f]->host_passes(group->sample, kNoIndex, request) ? left : 0; break;
        default: left = count_room();
      }
      passed[f] += left;
    }
    if (left == 0) continue;
    count_room();
    result.groups.push_back(group.get());
    result.left += left;
    result.high = high;
  }
  return result;
}

std::vector<const HostPoint*> PlacementIndex::best_of(const HostManager& hosts, const Survey& survey,
                                                      const Scale& scale, const Resources& amount, size_t wanted) {
  std::vector<const HostPoint*> best;
  std::priority_queue<Candidate, std::vector<Candidate>, ComesLater> open(ComesLater{hosts});
  Floor floor(wanted);
  auto consider = [&](const Candidate& candidate) {
    if (candidate.bound >= floor.weight()) open.push(candidate);
  };
  for (const Group* group : survey.groups)
    for (const Chunk& chunk : group->points.chunks())
      if (!chunk.box.none_takes(amount))
        consider({.bound = scale.bound(chunk.box), .first_id = chunk.box.first_id, .chunk = &chunk});
  while (!open.empty() && best.size() < wanted) {
    Candidate next = open.top();
    open.pop();
    if (next.point != nullptr) {
      best.push_back(next.point);
    } else if (next.block != nullptr) {
      for (const HostPoint& point : *next.block) {
        if (!takes(point.room, amount)) continue;
        double weight = scale.weight(point.raw);
        consider({.bound = weight, .first_id = point.id, .point = &point});
        floor.see(weight);
      }
    } else {
      for (size_t b = 0; b < next.chunk->blocks.size(); ++b)
        if (const Box& box = next.chunk->boxes[b]; !box.none_takes(amount))
          consider({.bound = scale.bound(box), .first_id = box.first_id, .block = &next.chunk->blocks[b]});
    }
  }
  return best;
}

uint32_t PlacementIndex::size() const {
  uint32_t sum = 0;
  for (const auto& [key, group] : groups_) sum += group->points.size();
  return sum;
}

}  // namespace kilonova::scheduler
