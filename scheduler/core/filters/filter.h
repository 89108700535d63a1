// Filters: pure yes-or-no decisions about one host. An index over hosts can be compared with them host by host.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/request_spec.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/host_state.h"
#include "scheduler/core/options.h"

namespace kilonova::scheduler {

// One server to be placed, as drivers and filters see it.
struct SchedulingRequest {
  const RequestSpec& spec;
  Resources amount;                 // resources_of(spec.flavor)
  std::vector<HostIndex> excluded;  // ascending: tried before
  std::vector<PeerId> unreachable;  // compute processes that no cast reaches now
};

// What a filter's verdict hangs on: an index can answer for many hosts at once when it knows.
enum class FilterBasis {
  kHost,      // on the host alone, whatever is asked for
  kZone,      // on the host's zone and the request
  kCapacity,  // on fits() with the options' ratios
  kOther,     // ask about each host
};

class Filter {
 public:
  virtual ~Filter() = default;
  virtual FilterBasis basis() const { return FilterBasis::kOther; }
  // As `kilonova explain` shows it: "CapacityFilter".
  virtual std::string_view name() const = 0;
  virtual bool host_passes(const HostState& host, HostIndex index, const SchedulingRequest& request) const = 0;
};

using Filters = std::vector<std::unique_ptr<Filter>>;

// What enabled_filters may name.
const std::vector<std::string_view>& filter_names();
// The name must be one of filter_names().
std::unique_ptr<Filter> make_filter(std::string_view name, const SchedulerOptions& options);

// Puts the counts into the decision: of `candidates` hosts, `not_excluded` were not tried before, and `passed` were left
// after each filter. As in Nova, what comes after a filter that leaves nobody does not run. The excluded go first; they
// are counted only when there are some.
void note_filter_counts(uint32_t candidates, uint32_t not_excluded, std::span<const std::unique_ptr<Filter>> filters,
                        std::span<const uint32_t> passed, Decision& decision);

// The candidates that pass all filters, in registration order, and how many were left after each one.
std::vector<HostIndex> get_filtered_hosts(const HostManager& hosts, std::span<const std::unique_ptr<Filter>> filters,
                                          const SchedulingRequest& request, Decision& decision);

}  // namespace kilonova::scheduler
