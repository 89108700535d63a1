#include <algorithm>
#include <set>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/schedule.h"

namespace kilonova::scheduler::nova {
namespace {

using Hosts = std::span<const HostState>;

std::set<std::string> in_lower_case(const std::vector<std::string>& names) {
  std::set<std::string> lower;
  for (const std::string& name : names) lower.insert(to_lower(name));
  return lower;
}

void keep_destination(Hosts hosts, const Destination& destination, Places& places) {
  std::erase_if(places, [&](uint32_t place) {
    const HostState& host = hosts[place];
    const bool is_node = !destination.node || destination.node->empty() || host.nodename == *destination.node;
    return !(destination.host && host.host == *destination.host && is_node);
  });
}

// Of two with one name and node the last counts, in the place of the first.
Places each_once(Hosts hosts, const Places& places) {
  std::map<std::pair<std::string_view, std::string_view>, size_t> known;
  Places once;
  for (uint32_t place : places) {
    auto [entry, is_new] = known.try_emplace({hosts[place].host, hosts[place].nodename}, once.size());
    if (is_new) {
      once.push_back(place);
    } else {
      once[entry->second] = place;
    }
  }
  return once;
}

struct Preselected {
  Places places;
  bool run_filters = true;
};

// Names of hosts count whatever their case, those of a destination and of nodes exactly. Forced hosts pass unfiltered
// unless the hint `_nova_check_type` asks for a check.
Preselected preselect(Hosts hosts, const Places& considered, const RequestSpec& spec) {
  Preselected chosen{considered};
  if (spec.requested_destination && spec.requested_destination->has_host)
    keep_destination(hosts, *spec.requested_destination, chosen.places);
  if (spec.ignore_hosts.empty() && spec.force_hosts.empty() && spec.force_nodes.empty()) return chosen;
  chosen.places = each_once(hosts, chosen.places);
  if (!spec.ignore_hosts.empty()) {
    const std::set<std::string> ignored = in_lower_case(spec.ignore_hosts);
    std::erase_if(chosen.places, [&](uint32_t place) { return ignored.contains(to_lower(hosts[place].host)); });
    if (chosen.places.empty()) return {{}, false};
  }
  if (!spec.force_hosts.empty()) {
    const std::set<std::string> forced = in_lower_case(spec.force_hosts);
    std::erase_if(chosen.places, [&](uint32_t place) { return !forced.contains(to_lower(hosts[place].host)); });
  }
  if (!spec.force_nodes.empty())
    std::erase_if(chosen.places,
                  [&](uint32_t place) { return std::ranges::count(spec.force_nodes, hosts[place].nodename) == 0; });
  const std::vector<std::string>* check_type = scheduler_hint(spec, "_nova_check_type");
  const bool is_checked = check_type != nullptr && !check_type->empty();
  chosen.run_filters = is_checked || (spec.force_hosts.empty() && spec.force_nodes.empty());
  return chosen;
}

PythonResult<Places> run_filter(const Filter& filter, Hosts hosts, const Places& places, const RequestSpec& spec,
                                const Options& options) {
  if (filter.on_rebuild == OnRebuild::kPassesAll && request_is_rebuild(spec)) return places;
  Places left;
  for (uint32_t place : places) {
    PythonResult<bool> passes = filter.host_passes(hosts[place], spec, options);
    if (!passes) return std::unexpected(std::move(passes.error()));
    if (*passes) left.push_back(place);
  }
  return left;
}

}  // namespace

FilteredHosts get_filtered_hosts(Hosts hosts, const Places& considered, const RequestSpec& spec, const Options& options,
                                 int64_t index) {
  FilteredHosts filtered;
  Preselected chosen = preselect(hosts, considered, spec);
  filtered.start = filtered.left = std::move(chosen.places);
  if (!chosen.run_filters) return filtered;
  for (const std::string& name : options.enabled_filters) {
    const Filter* filter = find_filter(name);
    KN_CHECK(filter != nullptr, "the options were not validated");
    if (filter->runs == Runs::kOncePerRequest && index > 0) continue;
    PythonResult<Places> left = run_filter(*filter, hosts, filtered.left, spec, options);
    if (!left) {
      filtered.failure = Failure{name, std::move(left.error())};
      return filtered;
    }
    filtered.left = *std::move(left);
    filtered.runs.push_back({filter->name, filtered.left});
    if (filtered.left.empty()) break;
  }
  return filtered;
}

}  // namespace kilonova::scheduler::nova
