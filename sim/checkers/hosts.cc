#include "sim/checkers/hosts.h"

#include <fmt/format.h>

namespace kilonova::sim {

void HostChecker::on_guest(const GuestRecord* before, const GuestRecord* after) {
  if (before != nullptr) {
    used_[before->host] -= before->resources;
    const Uuid& instance = before->placement.instance;
    std::vector<Placed>& placed = placed_[instance];
    std::erase_if(placed, [&](const Placed& guest) { return guest.host == before->host; });
    if (placed.empty()) placed_.erase(instance);
  }
  if (after == nullptr) return;
  Resources& used = used_[after->host];
  if (!fits(total_, ratios_, used, after->resources))
    violations_.add("hosts", fmt::format("host {} is given more than it has by server {}", after->host,
                                         to_string(after->placement.instance)));
  used += after->resources;
  const Uuid& instance = after->placement.instance;
  std::vector<Placed>& placed = placed_[instance];
  for (const Placed& guest : placed)
    if (epochs_count_ && guest.epoch == after->placement.epoch)
      violations_.add("hosts", fmt::format("epoch {} of server {} is on {} and on {}", guest.epoch, to_string(instance),
                                           guest.host, after->host));
  placed.push_back({after->host, after->placement.epoch});
}

}  // namespace kilonova::sim
