// PCI devices of a host, as pools of like devices, and what requests take from them. Nova: nova/pci/stats.py.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

// `count` devices, each of which has all keys and values of one of the specs. Texts are equal whatever their case.
struct PciRequest {
  int64_t count = 0;
  std::vector<PythonDict> specs;
};

struct PciPool {
  int64_t count = 0;
  PythonDict keys;  // vendor_id, product_id, dev_type and tags
};

class PciStats {
 public:
  PciStats() = default;
  explicit PciStats(std::vector<PciPool> pools);

  int64_t devices() const;
  // Whether all requests can be met, one after the other.
  bool support_requests(std::span<const PciRequest> requests) const;
  // Takes the devices. False when a request cannot be met; what those before it took is gone.
  bool apply_requests(std::span<const PciRequest> requests);

 private:
  bool apply_request(const PciRequest& request);

  std::vector<PciPool> pools_;  // those with few keys first
};

}  // namespace kilonova::scheduler::nova
