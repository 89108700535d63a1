// What guests take of a host never exceeds inventory times ratio, and no two hosts have a guest of one placement.
#pragma once

#include <map>
#include <string>

#include "domain/resources.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class HostChecker final : public Checker {
 public:
  // Every host has `total`.
  HostChecker(Violations& violations, const Ledger& ledger, const Resources& total, const AllocationRatios& ratios)
      : violations_(violations), ledger_(ledger), total_(total), ratios_(ratios) {}
  void on_guest(const GuestRecord* before, const GuestRecord* after) override;

 private:
  Violations& violations_;
  const Ledger& ledger_;
  Resources total_;
  AllocationRatios ratios_;
  std::map<std::string, Resources> used_;
};

}  // namespace kilonova::sim
