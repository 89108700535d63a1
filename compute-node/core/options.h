// What the operator may set of a compute process. The names are Nova's where Nova has the option.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "domain/resources.h"

namespace kilonova::compute {

struct ComputeOptions {
  Duration report_interval = seconds(10);
  Duration rpc_response_timeout = seconds(60);
  Duration audit_interval = seconds(300);
  // For how long a host remembers the epochs of servers it no longer has. Forgetting one early costs a build that its
  // first report ends; the audits find what slips through.
  Duration fence_retention = seconds(600);
  size_t max_fences = 200'000;
  uint32_t max_concurrent_builds = 10;  // of one host; 0 = unlimited
  uint32_t max_cached_images = 64;      // of one host; the least recently used goes first
  AllocationRatios ratios;
  // Kept from guests on every host. Nova keeps 512 MiB by default; here a hosts file says what guests may have.
  int64_t reserved_host_cpus = 0;
  int64_t reserved_host_memory_mb = 0;
  int64_t reserved_host_disk_gb = 0;
  bool steps_by_hand = false;  // nothing is done to a guest before somebody lets it (StepServer)
};

}  // namespace kilonova::compute
