#include "controller/core/allocation_table.h"

#include <utility>

namespace kilonova::controller {

HostAllocations AllocationTable::of_host(const std::string& host) const {
  const HostAllocations* found = hosts_.find(host);
  return found == nullptr ? HostAllocations{} : *found;
}

void AllocationTable::put(Allocation row) {
  PlacementId placement = row.key();
  erase(placement);
  HostAllocations& host = hosts_[row.host];
  host.used += row.resources;
  host.instances += 1;
  rows_.insert_or_assign(placement, std::move(row));
}

void AllocationTable::erase(const PlacementId& placement) {
  auto row = rows_.find(placement);
  if (row == rows_.end()) return;
  HostAllocations& host = hosts_[row->second.host];
  host.used -= row->second.resources;
  host.instances -= 1;
  rows_.erase(row);
}

void AllocationTable::erase_all(const Uuid& instance) {
  for (;;) {
    auto row = rows_.lower_bound({instance, 0});
    if (row == rows_.end() || row->first.instance != instance) return;
    erase(PlacementId(row->first));
  }
}

}  // namespace kilonova::controller
