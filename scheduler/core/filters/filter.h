// Filters: pure yes-or-no decisions about one host. An index over hosts can be compared with them host by host.
//
// To add one: its header, derived from the class of its kind below; its row in filters.cc; its tests.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "domain/request_spec.h"
#include "scheduler/core/attributes.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/host_state.h"
#include "scheduler/core/options.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

class Filter {
 public:
  virtual ~Filter() = default;
  Basis basis() const { return basis_; }
  // As `kilonova explain` shows it: "CapacityFilter".
  virtual std::string_view name() const = 0;
  virtual bool host_passes(const HostState& host, HostIndex index, const SchedulingRequest& request) const = 0;
  // False for a request that every host passes without a look at it: the decision does not name the filter then.
  virtual bool concerns(const SchedulingRequest&) const { return true; }

 protected:
  explicit Filter(Basis basis) : basis_(basis) {}

 private:
  Basis basis_;
};

class HostFilter : public Filter {
 public:
  virtual bool passes(const HostState& host) const = 0;
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest&) const final { return passes(host); }

 protected:
  HostFilter() : Filter(Basis::kHost) {}
};

class AttributesFilter : public Filter {
 public:
  virtual bool passes(const Attributes& attributes, const SchedulingRequest& request) const = 0;
  bool host_passes(const HostState& host, HostIndex, const SchedulingRequest& request) const final {
    return passes(*host.attributes, request);
  }

 protected:
  AttributesFilter() : Filter(Basis::kAttributes) {}
};

class NamedHostsFilter : public Filter {
 public:
  // Adds every host whose verdict may be another than others_pass(), in any order, repeats too.
  virtual void name_hosts(const HostManager& hosts, const SchedulingRequest& request,
                          std::vector<HostIndex>& named) const = 0;
  // What host_passes() says of each host that is not named.
  virtual bool others_pass(const SchedulingRequest& request) const = 0;

 protected:
  NamedHostsFilter() : Filter(Basis::kNamedHosts) {}
};

class EachHostFilter : public Filter {
 public:
  // False for a request that every host passes, so that an index can answer it all the same.
  virtual bool applies(const SchedulingRequest& request) const = 0;

 protected:
  EachHostFilter() : Filter(Basis::kEachHost) {}
};

using Filters = std::vector<std::unique_ptr<Filter>>;

// What enabled_filters may name.
const std::vector<std::string_view>& filter_names();
// The name must be one of filter_names().
std::unique_ptr<Filter> make_filter(std::string_view name, const SchedulerOptions& options);

// Puts the counts into the decision: of `candidates` hosts, `not_excluded` were not tried before, and `passed` were
// left after each filter. As in Nova, what comes after a filter that leaves nobody does not run. The excluded go first;
// they are counted only when there are some.
void note_filter_counts(uint32_t candidates, uint32_t not_excluded, std::span<const std::unique_ptr<Filter>> filters,
                        std::span<const uint32_t> passed, const SchedulingRequest& request, Decision& decision);

// The filter that this host does not pass, as Nova would meet it first; "" = it passes all.
std::string_view left_out_by(const HostState& host, HostIndex index, std::span<const std::unique_ptr<Filter>> filters,
                             const SchedulingRequest& request);

// The candidates that pass all filters, in registration order, and how many were left after each one.
std::vector<HostIndex> get_filtered_hosts(const HostManager& hosts, std::span<const std::unique_ptr<Filter>> filters,
                                          const SchedulingRequest& request, Decision& decision);

}  // namespace kilonova::scheduler
