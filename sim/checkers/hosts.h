// What guests take of a host never exceeds inventory times ratio, and no two hosts have a guest of one placement.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/hash_map.h"
#include "domain/resources.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class HostChecker final : public Checker {
 public:
  // Every host has `total`.
  HostChecker(Violations& violations, const Resources& total, const AllocationRatios& ratios)
      : violations_(violations), total_(total), ratios_(ratios) {}
  void on_guest(const GuestRecord* before, const GuestRecord* after) override;
  // Epochs that were lost may be given again before their hosts are heard: from then on, until all is reconciled.
  void on_went_back(const WentBack& past) override { epochs_count_ &= past.of != Role::kController; }
  // Some time after the last fault: no placement is on two hosts any more, and none comes to be.
  void reconciled();

 private:
  Violations& violations_;
  Resources total_;
  AllocationRatios ratios_;
  HashMap<std::string, Resources> used_;
  struct Placed {
    std::string host;
    uint64_t epoch = 0;
  };
  void check_alone(const Uuid& instance, const Placed& guest, const Placed& other);

  bool epochs_count_ = true;
  std::map<Uuid, std::vector<Placed>> placed_;  // where each server has guests
};

}  // namespace kilonova::sim
