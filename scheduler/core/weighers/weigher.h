// Weighers: how much a host is liked, as pure numbers, and Nova's way to add them up (nova/weights.py).
//
// To add one: its header, derived from the class of its kind below; its row in weighers.cc; its tests.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "domain/request_spec.h"
#include "scheduler/core/attributes.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/host_state.h"
#include "scheduler/core/nova/normalize.h"
#include "scheduler/core/options.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

class Weigher {
 public:
  virtual ~Weigher() = default;
  Basis basis() const { return basis_; }
  // As `kilonova explain` shows it: "RAMWeigher".
  virtual std::string_view name() const = 0;
  // More is better. Never NaN nor infinite; may be below minval.
  virtual double weigh_host(const HostState& host, HostIndex index, const SchedulingRequest& request) const = 0;
  // False for a request with which all hosts have raw value 0: the decision does not name the weigher then.
  virtual bool concerns(const SchedulingRequest&) const { return true; }
  // Where normalisation starts; nothing: at the least of the hosts.
  virtual std::optional<double> minval() const { return std::nullopt; }
  // Of hosts with these attributes: the option's value, or what their aggregates say under its name. Finite; negative
  // prefers the least. Nova: nova/scheduler/utils.py get_weight_multiplier.
  virtual double multiplier(const Attributes& attributes) const;

 protected:
  // An option that has no name no aggregate overrides.
  struct Multiplier {
    double value = 1;
    std::string_view option;  // "ram_weight_multiplier"; must outlive the weigher
  };
  Weigher(Basis basis, const Multiplier& multiplier) : basis_(basis), multiplier_(multiplier) {}

 private:
  Basis basis_;
  Multiplier multiplier_;
};

class HostWeigher : public Weigher {
 public:
  virtual double raw(const HostState& host) const = 0;
  double weigh_host(const HostState& host, HostIndex, const SchedulingRequest&) const final { return raw(host); }

 protected:
  explicit HostWeigher(const Multiplier& multiplier) : Weigher(Basis::kHost, multiplier) {}
};

class AttributesWeigher : public Weigher {
 public:
  virtual double raw(const Attributes& attributes, const SchedulingRequest& request) const = 0;
  double weigh_host(const HostState& host, HostIndex, const SchedulingRequest& request) const final {
    return raw(*host.attributes, request);
  }

 protected:
  explicit AttributesWeigher(const Multiplier& multiplier) : Weigher(Basis::kAttributes, multiplier) {}
};

class NamedHostsWeigher : public Weigher {
 public:
  // Adds every host whose raw value may be another than others_raw(), in any order, repeats too.
  virtual void name_hosts(const HostManager& hosts, const SchedulingRequest& request,
                          std::vector<HostIndex>& named) const = 0;
  // What weigh_host() says of each host that is not named.
  virtual double others_raw(const SchedulingRequest& request) const = 0;

 protected:
  explicit NamedHostsWeigher(const Multiplier& multiplier) : Weigher(Basis::kNamedHosts, multiplier) {}
};

class EachHostWeigher : public Weigher {
 public:
  // False for a request with which all hosts have raw value 0, so that an index can answer it all the same.
  virtual bool applies(const SchedulingRequest& request) const = 0;

 protected:
  explicit EachHostWeigher(const Multiplier& multiplier) : Weigher(Basis::kEachHost, multiplier) {}
};

using Weighers = std::vector<std::unique_ptr<Weigher>>;

// What enabled_weighers may name.
const std::vector<std::string_view>& weigher_names();
// Those of enabled_weighers, in their order: the order in which the sums are formed. The names must be valid.
Weighers make_weighers(const SchedulerOptions& options);

struct RankedHost {
  double weight = 0;
  HostIndex host = kNoIndex;
};

// Nova's get_weighed_hosts: the hosts by falling weight, of equal ones the earlier first; only the best `wanted`. A
// single host is not weighed. Puts the best `shown` with their scores into the decision.
std::vector<RankedHost> get_weighed_hosts(const HostManager& hosts, std::span<const HostIndex> filtered,
                                          std::span<const std::unique_ptr<Weigher>> weighers,
                                          const SchedulingRequest& request, size_t wanted, Decision& decision,
                                          size_t shown = kMaxWeighedHosts);

}  // namespace kilonova::scheduler
