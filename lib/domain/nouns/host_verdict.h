// What one scheduling decision made of each host. Nothing of it is stored: the scheduler that decided works it out again from
// what the hosts were then, for as long as it remembers that.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "domain/operation.h"
#include "domain/request_spec.h"

namespace kilonova {

struct HostVerdict {
  std::string host;
  std::string left_out_by;  // the filter that it did not pass; "" = it was weighed
  double weight = 0;
  std::vector<WeigherScore> scores;  // none of a host that was left out, nor of one that was alone
  bool operator==(const HostVerdict&) const = default;
};

// One page of the table: the hosts that were weighed, best first; then those that were left out, in registration order.
struct HostVerdicts {
  uint64_t total = 0;  // in all pages
  std::vector<HostVerdict> verdicts;
  bool operator==(const HostVerdicts&) const = default;
};

inline constexpr uint32_t kVerdictsPerPage = 2000;

// kNotFound when the scheduler does not know the decision any more, or what the hosts were then; kUnimplemented for drivers
// that neither filter nor weigh.
struct ReadHostVerdicts {
  static constexpr Operation kOperation{"ReadHostVerdicts", UserRole::kAdmin, Effect::kReads, DecidedBy::kScheduler};
  using Reply = HostVerdicts;
  PeerId daemon{Role::kScheduler, 0};  // that decided, as the decision says
  std::string server;   // its id
  uint64_t epoch = 0;   // of the placement
  uint64_t offset = 0;  // of the first host of the page
  uint32_t limit = kVerdictsPerPage;

  Expected<> check() const;
  bool operator==(const ReadHostVerdicts&) const = default;
};

using HostVerdictOperations = TypeList<ReadHostVerdicts>;

}  // namespace kilonova
