// Drivers: who among the hosts. `filter` is today's Nova; `chance`, `simple` and `zone` are those of the 2011 article
// (nova/scheduler/{chance,simple,zone}.py of Bexar, gone from Nova). One difference of ours holds for all four: that no
// host is valid is reported as a terminal result, where Bexar logged it and left the server in `scheduling` for ever.
// And all four leave out hosts that the launch tried before, since all take part in reschedules.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "domain/nouns/host_verdict.h"
#include "scheduler/core/filters/filter.h"
#include "scheduler/core/host_manager.h"
#include "scheduler/core/options.h"

namespace kilonova::scheduler {

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string_view name() const = 0;
  // The hosts to take, best first, at most `wanted` (at least 1) of them; none when no host is valid. Fills the
  // decision's hosts_total, filters and weighed. Changes nothing but the generator. A driver may keep what it learnt of
  // the hosts: it is always asked with the same manager.
  virtual std::vector<HostIndex> select_hosts(const HostManager& hosts, const SchedulingRequest& request, size_t wanted,
                                              Random& random, Decision& decision) const = 0;
  // What it makes of every candidate: those that it weighs, best first, then the others in registration order. Nothing from a
  // driver that neither filters nor weighs. Learns nothing of these hosts: any manager may be given. O(hosts).
  virtual std::optional<std::vector<HostVerdict>> judge_hosts(const HostManager&, const SchedulingRequest&) const {
    return std::nullopt;
  }
};

// What the option `driver` may name.
const std::vector<std::string_view>& driver_names();
// The options must be valid.
std::unique_ptr<Driver> make_driver(const SchedulerOptions& options);

}  // namespace kilonova::scheduler
