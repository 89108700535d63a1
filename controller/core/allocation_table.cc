#include "controller/core/allocation_table.h"

#include <utility>

namespace kilonova::controller {

HostAllocations AllocationTable::of_host(const std::string& host) const {
  const HostAllocations* found = hosts_.find(host);
  return found == nullptr ? HostAllocations{} : *found;
}

void AllocationTable::put(Allocation row) {
  erase(row.instance);
  HostAllocations& host = hosts_[row.host];
  host.used += row.resources;
  host.instances += 1;
  Uuid instance = row.instance;
  rows_.insert_or_assign(instance, std::move(row));
}

void AllocationTable::erase(const Uuid& instance) {
  auto row = rows_.find(instance);
  if (row == rows_.end()) return;
  HostAllocations& host = hosts_[row->second.host];
  host.used -= row->second.resources;
  host.instances -= 1;
  rows_.erase(row);
}

}  // namespace kilonova::controller
