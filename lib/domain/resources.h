// Amounts that a host has and a server takes, in Placement's three classes.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "domain/metadata.h"
#include "domain/record.h"

namespace kilonova {

struct Resources {
  int64_t vcpus = 0;
  int64_t memory_mb = 0;
  int64_t disk_gb = 0;

  bool operator==(const Resources&) const = default;
  Resources& operator+=(const Resources& other) {
    vcpus += other.vcpus;
    memory_mb += other.memory_mb;
    disk_gb += other.disk_gb;
    return *this;
  }
  Resources& operator-=(const Resources& other) {
    vcpus -= other.vcpus;
    memory_mb -= other.memory_mb;
    disk_gb -= other.disk_gb;
    return *this;
  }
};

// Nova's initial_*_allocation_ratio (Zed).
struct AllocationRatios {
  double vcpus = 16.0;
  double memory = 1.5;
  double disk = 1.0;
  bool operator==(const AllocationRatios&) const = default;
};

struct Flavor {
  static constexpr Record kRecord{"flavors", "id", "flavor"};
  const std::string& key() const { return id; }

  std::string id;  // Nova's flavorid: "1" or a uuid
  std::string name;
  int64_t vcpus = 1;
  int64_t memory_mb = 0;
  int64_t root_gb = 0;
  int64_t ephemeral_gb = 0;
  int64_t swap_mb = 0;
  bool is_public = true;
  std::vector<MetadataItem> extra_specs;   // by key: what filters read
  std::string description = {};            // "" = none; servers' copies have none
  std::vector<std::string> projects = {};  // that may use a private one, 32 hex digits, ascending; copies have none
  double rxtx_factor = 1;                  // how much faster its interfaces are; no simulated network heeds it

  bool operator==(const Flavor&) const = default;
};

template <class Io, RowOf<Flavor> Row>
void visit(Io& io, Row& row) {
  io(row.id, row.name, row.vcpus, row.memory_mb, row.root_gb, row.ephemeral_gb, row.swap_mb, row.is_public,
     row.extra_specs, row.description, row.projects, row.rxtx_factor);
}

// Whether a project sees it and may launch with it: private ones are for the projects that were given access.
bool may_use(const Flavor& flavor, const Uuid& project);

// nova/scheduler/utils.py ResourceRequest: root + ephemeral + swap rounded up to whole GiB.
Resources resources_of(const Flavor& flavor);

// Placement's rule (placement/objects/allocation_candidate.py): used + amount <= total * ratio for each class, and one
// amount never exceeds the total (max_unit), whatever the ratio. Zero amounts always fit.
bool fits(const Resources& total, const AllocationRatios& ratios, const Resources& used, const Resources& amount);

}  // namespace kilonova
