#include "scheduler/core/index/placement_index.h"

#include <algorithm>
#include <optional>

namespace kilonova::scheduler {
namespace {

constexpr size_t kMostFilters = 64;  // the bits of Group::verdicts

// What filters and weighers that look at the host alone are asked with.
const SchedulingRequest& any_request() {
  static const RequestSpec spec;
  static const SchedulingRequest request{spec, {}, {}, {}};
  return request;
}

// A filter or weigher as the class of its basis.
template <class Kind, class Base>
const Kind& as(const std::unique_ptr<Base>& part) {
  return static_cast<const Kind&>(*part);
}

template <class Kind, class Base>
bool asks_each_host(std::span<const std::unique_ptr<Base>> parts, const SchedulingRequest& request) {
  return std::ranges::any_of(
      parts, [&](const auto& part) { return part->basis() == Basis::kEachHost && as<Kind>(part).applies(request); });
}

std::vector<size_t> axes_among(std::span<const std::unique_ptr<Weigher>> weighers) {
  std::vector<size_t> axes;
  for (size_t w = 0; w < weighers.size(); ++w)
    if (weighers[w]->basis() == Basis::kHost) axes.push_back(w);
  return axes;
}

// Counts the points that take the amount, and widens the extents of the axes by theirs.
uint32_t survey_points(const PointBlocks& points, const Resources& amount, std::span<Extent> extents) {
  uint32_t left = 0;
  const size_t axes = extents.size();
  auto count_in = [&](uint32_t count, const double* low, const double* high) {
    left += count;
    for (size_t a = 0; a < axes; ++a) extents[a].add({low[a], high[a]});
  };
  for (const Chunk& chunk : points.chunks()) {
    if (chunk.box.none_takes(amount)) continue;
    if (chunk.box.all_take(amount)) {
      count_in(chunk.box.count, chunk.box.raw_min.data(), chunk.box.raw_max.data());
      continue;
    }
    for (size_t b = 0; b < chunk.blocks.size(); ++b) {
      const Box& box = chunk.boxes[b];
      if (box.none_takes(amount)) continue;
      if (box.all_take(amount)) {
        count_in(box.count, box.raw_min.data(), box.raw_max.data());
        continue;
      }
      const Block& block = chunk.blocks[b];
      for (size_t i = 0; i < block.points.size(); ++i)
        if (takes(block.points[i].room, amount)) count_in(1, &block.raw[i * axes], &block.raw[i * axes]);
    }
  }
  return left;
}

}  // namespace

PlacementIndex::PlacementIndex(std::span<const std::unique_ptr<Filter>> filters,
                               std::span<const std::unique_ptr<Weigher>> weighers, const AllocationRatios& ratios)
    : filters_(filters),
      weighers_(weighers),
      ratios_(ratios),
      axes_(axes_among(weighers)),
      axis_of_(weighers.size(), kMostAxes),
      raw_(axes_.size()) {
  for (size_t a = 0; a < axes_.size(); ++a) axis_of_[axes_[a]] = a;
  for (const auto& filter : filters_) {
    by_capacity_ = by_capacity_ || filter->basis() == Basis::kCapacity;
    by_name_ = by_name_ || filter->basis() == Basis::kNamedHosts;
  }
  for (const auto& weigher : weighers_) by_name_ = by_name_ || weigher->basis() == Basis::kNamedHosts;
}

bool PlacementIndex::serves(const SchedulingRequest& request) const {
  return request.unreachable.empty() && filters_.size() <= kMostFilters && axes_.size() <= kMostAxes &&
         !asks_each_host<EachHostFilter>(filters_, request) && !asks_each_host<EachHostWeigher>(weighers_, request);
}

std::vector<RankedHost> PlacementIndex::select(const HostManager& hosts, const SchedulingRequest& request,
                                               size_t wanted, Decision& decision) {
  catch_up(hosts);
  uint32_t candidates = size(), not_excluded = candidates;
  std::vector<HostIndex> taken_out = take_out(named_hosts(hosts, request));
  Survey survey{.extents = std::vector<Extent>(weighers_.size())};
  std::vector<uint32_t> passed(filters_.size());
  survey_groups(request, survey, passed);
  for (HostIndex host : taken_out) {
    if (std::ranges::binary_search(request.excluded, host)) {
      --not_excluded;
    } else {
      survey_host(hosts.host(host), host, request, survey, passed);
    }
  }
  for (size_t w = 0; w < weighers_.size(); ++w)
    if (auto minval = weighers_[w]->minval()) survey.extents[w].low = *minval;
  note_filter_counts(candidates, not_excluded, filters_, passed, request, decision);

  if (survey.left <= 1) survey.extents.clear();  // a single host is not weighed
  size_t sorted = std::min<size_t>(survey.left, std::max(wanted, kMaxWeighedHosts));
  std::vector<RankedHost> best = best_of(hosts, request, survey, sorted);
  decision.weighed.reserve(kMaxWeighedHosts);
  for (size_t i = 0; i < std::min(best.size(), kMaxWeighedHosts); ++i)
    decision.weighed.push_back(weigh(hosts.host(best[i].host), best[i].host, request, survey.extents));
  if (best.size() > wanted) best.resize(wanted);
  for (HostIndex host : taken_out) entries_[host].group->points.insert(entries_[host].point);
  return best;
}

// ---- the picture of the hosts

void PlacementIndex::catch_up(const HostManager& hosts) {
  if (hosts.last_change() == known_change_) return;
  std::vector<HostIndex> changed;
  hosts.for_each_changed_after(known_change_, [&](HostIndex host) { changed.push_back(host); });
  known_change_ = hosts.last_change();
  entries_.resize(hosts.size());
  raw_.resize(hosts.size());
  if (changed.size() > hosts.size() / 4) return rebuild(hosts);
  bool some_left = false;
  for (HostIndex host : changed) {
    const HostState& state = hosts.host(host);
    std::array<double, kMostAxes> read{};
    std::span<double> raw(read.data(), axes_.size());
    if (state.is_candidate()) read_raw(state, host, raw);
    Entry& entry = entries_[host];
    Entry now = entry_of(state, host, raw);
    if (now.group == entry.group && now.point == entry.point && std::ranges::equal(raw, raw_.of(host))) continue;
    if (entry.group != nullptr) {
      entry.group->points.erase(entry.point);
      some_left = some_left || entry.group->points.size() == 0;
    }
    std::ranges::copy(raw, raw_.of(host).begin());
    if (now.group != nullptr) now.group->points.insert(now.point);
    entry = now;
  }
  // A group that nobody is in would keep its attributes for ever.
  if (some_left) std::erase_if(groups_, [](const auto& group) { return group.second->points.size() == 0; });
}

void PlacementIndex::rebuild(const HostManager& hosts) {
  for (HostIndex host = 0; host < hosts.size(); ++host)
    if (const HostState& state = hosts.host(host); state.is_candidate()) read_raw(state, host, raw_.of(host));
  choose_code_axes(hosts);
  for (HostIndex host = 0; host < hosts.size(); ++host) {
    Entry& entry = entries_[host] = entry_of(hosts.host(host), host, raw_.of(host));
    if (entry.group != nullptr) entry.group->gathered.push_back(entry.point);
  }
  for (auto& [key, group] : groups_) group->points.assign(std::exchange(group->gathered, {}));
  std::erase_if(groups_, [](const auto& group) { return group.second->points.size() == 0; });
}

// Those in which the hosts differ most: points that are near in them are near.
void PlacementIndex::choose_code_axes(const HostManager& hosts) {
  constexpr size_t kSample = 256;
  const size_t step = hosts.size() / kSample + 1;
  std::vector<std::pair<size_t, size_t>> by_values;  // how many, of which axis
  for (size_t a = 0; a < axes_.size(); ++a) {
    std::vector<uint64_t> values;
    for (size_t host = 0; host < hosts.size(); host += step)
      if (hosts.host(static_cast<HostIndex>(host)).is_candidate())
        values.push_back(coarse(raw_.of(static_cast<HostIndex>(host))[a]));
    std::ranges::sort(values);
    values.erase(std::unique(values.begin(), values.end()), values.end());
    by_values.push_back({weighers_[axes_[a]]->multiplier(*no_attributes()) == 0 ? 0 : values.size(), a});
  }
  std::ranges::sort(by_values, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  code_axes_.clear();
  for (const auto& [values, axis] : by_values)
    if (code_axes_.size() < kCodeAxes) code_axes_.push_back(axis);
  std::ranges::sort(code_axes_);
}

void PlacementIndex::read_raw(const HostState& state, HostIndex host, std::span<double> raw) const {
  for (size_t a = 0; a < axes_.size(); ++a) {
    const Weigher& weigher = *weighers_[axes_[a]];
    raw[a] = clamped(weigher.weigh_host(state, host, any_request()), weigher.minval());
  }
}

PlacementIndex::Entry PlacementIndex::entry_of(const HostState& state, HostIndex host, std::span<const double> raw) {
  if (!state.is_candidate()) return {};
  uint64_t verdicts = 0;
  for (size_t f = 0; f < filters_.size(); ++f)
    if (filters_[f]->basis() == Basis::kHost && filters_[f]->host_passes(state, host, any_request()))
      verdicts |= uint64_t{1} << f;
  Group* group = entries_[host].group;
  if (group == nullptr || group->verdicts != verdicts || group->attributes != state.attributes)
    group = group_of(state, verdicts);
  std::array<uint64_t, kCodeAxes> values{};
  for (size_t i = 0; i < code_axes_.size(); ++i) values[i] = coarse(raw[code_axes_[i]]);
  return {{.code = code_of(values), .id = state.id, .host = host, .room = room_of(state.total, ratios_, state.used())},
          group};
}

PlacementIndex::Group* PlacementIndex::group_of(const HostState& state, uint64_t verdicts) {
  std::unique_ptr<Group>& group = groups_[{state.attributes->number, verdicts}];
  if (group == nullptr) {
    group = std::make_unique<Group>(
        Group{.verdicts = verdicts, .attributes = state.attributes, .points = PointBlocks(raw_)});
    for (const auto& weigher : weighers_) group->multipliers.push_back(weigher->multiplier(*state.attributes));
  }
  return group.get();
}

uint32_t PlacementIndex::size() const {
  uint32_t sum = 0;
  for (const auto& [key, group] : groups_) sum += group->points.size();
  return sum;
}

// ---- one question

// Those that were tried before, and those that filters and weighers set apart.
std::vector<HostIndex> PlacementIndex::named_hosts(const HostManager& hosts, const SchedulingRequest& request) const {
  std::vector<HostIndex> named = request.excluded;
  if (by_name_) {
    for (const auto& filter : filters_)
      if (filter->basis() == Basis::kNamedHosts) as<NamedHostsFilter>(filter).name_hosts(hosts, request, named);
    for (const auto& weigher : weighers_)
      if (weigher->basis() == Basis::kNamedHosts) as<NamedHostsWeigher>(weigher).name_hosts(hosts, request, named);
    std::ranges::sort(named);
  }
  named.erase(std::unique(named.begin(), named.end()), named.end());
  return named;
}

std::vector<HostIndex> PlacementIndex::take_out(std::vector<HostIndex> named) {
  std::erase_if(named, [&](HostIndex host) { return host >= entries_.size() || entries_[host].group == nullptr; });
  for (HostIndex host : named) entries_[host].group->points.erase(entries_[host].point);
  return named;
}

void PlacementIndex::survey_groups(const SchedulingRequest& request, Survey& survey,
                                   std::vector<uint32_t>& passed) const {
  Resources amount = amount_of(request);
  std::array<Extent, kMostAxes> all{};
  for (const auto& [key, group] : groups_) {
    std::array<Extent, kMostAxes> extents = all;
    std::optional<uint32_t> room_for;  // only counted when it matters
    auto count_room = [&] {
      if (!room_for) room_for = survey_points(group->points, amount, std::span(extents.data(), axes_.size()));
      return *room_for;
    };
    uint32_t left = group->points.size();
    for (size_t f = 0; f < filters_.size() && left > 0; ++f) {
      bool passes = true;
      switch (filters_[f]->basis()) {
        case Basis::kHost: passes = (group->verdicts >> f & 1) != 0; break;
        case Basis::kAttributes: passes = as<AttributesFilter>(filters_[f]).passes(*group->attributes, request); break;
        case Basis::kNamedHosts: passes = as<NamedHostsFilter>(filters_[f]).others_pass(request); break;
        case Basis::kCapacity: left = count_room(); break;
        case Basis::kEachHost: break;  // it does not apply
      }
      if (!passes) left = 0;
      passed[f] += left;
    }
    if (left == 0) continue;
    count_room();
    all = extents;
    survey.groups.push_back(group.get());
    survey.left += left;
  }
  for (size_t w = 0; w < weighers_.size(); ++w) {
    if (axis_of_[w] != kMostAxes) {
      survey.extents[w] = all[axis_of_[w]];
    } else {
      for (const Group* group : survey.groups) {
        double raw = group_raw(w, *group->attributes, request);
        survey.extents[w].add({raw, raw});
      }
    }
  }
}

void PlacementIndex::survey_host(const HostState& state, HostIndex host, const SchedulingRequest& request,
                                 Survey& survey, std::vector<uint32_t>& passed) const {
  for (size_t f = 0; f < filters_.size(); ++f) {
    if (!filters_[f]->host_passes(state, host, request)) return;
    ++passed[f];
  }
  survey.apart.push_back(host);
  ++survey.left;
  for (size_t w = 0; w < weighers_.size(); ++w) {
    double raw = clamped(weighers_[w]->weigh_host(state, host, request), weighers_[w]->minval());
    survey.extents[w].add({raw, raw});
  }
}

double PlacementIndex::group_raw(size_t w, const Attributes& attributes, const SchedulingRequest& request) const {
  double raw = 0;  // of one that looks at each host and does not apply
  if (weighers_[w]->basis() == Basis::kAttributes) raw = as<AttributesWeigher>(weighers_[w]).raw(attributes, request);
  if (weighers_[w]->basis() == Basis::kNamedHosts) raw = as<NamedHostsWeigher>(weighers_[w]).others_raw(request);
  return clamped(raw, weighers_[w]->minval());
}

Scale PlacementIndex::scale_of(const Group& group, const SchedulingRequest& request, const Survey& survey) const {
  Scale scale(survey.extents.size());
  for (size_t w = 0; w < survey.extents.size(); ++w) {
    const Extent& extent = survey.extents[w];
    if (axis_of_[w] != kMostAxes) {
      scale.add_axis(axis_of_[w], group.multipliers[w], extent);
    } else {
      double raw = group_raw(w, *group.attributes, request);
      scale.add_score(group.multipliers[w] * normalized(raw, extent.low, extent.high));
    }
  }
  return scale;
}

WeighedHost PlacementIndex::weigh(const HostState& state, HostIndex host, const SchedulingRequest& request,
                                  std::span<const Extent> extents) const {
#pragma clang fp contract(off)  // as get_weighed_hosts adds
  WeighedHost weighed{.host = state.name};
  weighed.scores.reserve(extents.size());
  for (size_t w = 0; w < extents.size(); ++w) {
    double raw = clamped(weighers_[w]->weigh_host(state, host, request), weighers_[w]->minval());
    double multiplier = weighers_[w]->multiplier(*state.attributes);
    double score = multiplier * normalized(raw, extents[w].low, extents[w].high);
    weighed.weight += score;
    if (weighers_[w]->concerns(request))
      weighed.scores.push_back({std::string(weighers_[w]->name()), raw, score, multiplier});
  }
  return weighed;
}

}  // namespace kilonova::scheduler
