#include "sim/checkers/hosts.h"

#include <fmt/format.h>

namespace kilonova::sim {

void HostChecker::on_guest(const GuestRecord* before, const GuestRecord* after) {
  if (before != nullptr) used_[before->host] -= before->resources;
  if (after == nullptr) return;
  Resources& used = used_[after->host];
  if (!fits(total_, ratios_, used, after->resources))
    violations_.add("hosts", fmt::format("host {} is given more than it has by server {}", after->host,
                                         to_string(after->placement.instance)));
  used += after->resources;
  const auto& guests = ledger_.guests();
  const Uuid& instance = after->placement.instance;
  for (auto it = guests.lower_bound({instance, ""}); it != guests.end() && it->first.first == instance; ++it)
    if (it->second.host != after->host && it->second.placement.epoch == after->placement.epoch)
      violations_.add("hosts", fmt::format("epoch {} of server {} is on {} and on {}", after->placement.epoch,
                                           to_string(instance), it->second.host, after->host));
}

}  // namespace kilonova::sim
