#include "sim/checkers/hosts.h"

#include <fmt/format.h>

#include <utility>

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
  const Placed guest{after->host, after->placement.epoch};
  for (const Placed& other : placed)
    if (epochs_count_) check_alone(instance, other, guest);
  placed.push_back(guest);
}

void HostChecker::check_alone(const Uuid& instance, const Placed& guest, const Placed& other) {
  if (guest.epoch == other.epoch)
    violations_.add("hosts", fmt::format("epoch {} of server {} is on {} and on {}", guest.epoch, to_string(instance),
                                         guest.host, other.host));
}

void HostChecker::reconciled() {
  if (std::exchange(epochs_count_, true)) return;
  for (const auto& [instance, guests] : placed_)
    for (size_t i = 0; i < guests.size(); ++i)
      for (size_t j = 0; j < i; ++j) check_alone(instance, guests[j], guests[i]);
}

}  // namespace kilonova::sim
