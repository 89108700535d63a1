// The allocations of placements as the controller's rows, and per host what they add up to.
// Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/hash_map.h"
#include "base/ids.h"
#include "domain/instance.h"
#include "domain/resources.h"

namespace kilonova::controller {

struct HostAllocations {
  Resources used;
  uint32_t instances = 0;
};

class AllocationTable {
 public:
  const Allocation* find(const PlacementId& placement) const {
    auto it = rows_.find(placement);
    return it == rows_.end() ? nullptr : &it->second;
  }
  HostAllocations of_host(const std::string& host) const;
  const std::map<PlacementId, Allocation>& rows() const { return rows_; }
  size_t size() const { return rows_.size(); }

  // One for each placement: replaces.
  void put(Allocation row);
  // Nothing happens when there is none.
  void erase(const PlacementId& placement);
  // Those of all placements of the server.
  void erase_all(const Uuid& instance);

 private:
  std::map<PlacementId, Allocation> rows_;
  HashMap<std::string, HostAllocations> hosts_;
};

}  // namespace kilonova::controller
