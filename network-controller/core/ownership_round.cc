#include "network-controller/core/ownership_round.h"

#include <algorithm>
#include <utility>

namespace kilonova::network {

uint64_t OwnershipRound::begin() {
  released_.clear();
  unanswered_ = 0;
  is_open_ = true;
  return ++round_;
}

void OwnershipRound::close() {
  is_open_ = false;
  forget_if_over();
}

void OwnershipRound::end_answer(uint64_t round) {
  if (round != round_ || unanswered_ == 0) return;
  unanswered_ -= 1;
  forget_if_over();
}

void OwnershipRound::forget_if_over() {
  if (!is_under_way()) released_.clear();
}

void OwnershipRound::note_release(const PlacementId& placement, bool server_is_gone) {
  if (!is_under_way()) return;
  Released& released = released_[placement.instance];
  if (server_is_gone) {
    released.up_to = std::max(released.up_to, placement.epoch);
  } else if (std::ranges::find(released.epochs, placement.epoch) == released.epochs.end()) {
    released.epochs.push_back(placement.epoch);
  }
}

std::vector<Lease> OwnershipRound::not_released(std::vector<Lease> rows) const {
  const Released* released = rows.empty() ? nullptr : released_.find(rows.front().instance);
  if (released == nullptr) return rows;
  auto is_over = [&](uint64_t epoch) {
    return epoch <= released->up_to || std::ranges::find(released->epochs, epoch) != released->epochs.end();
  };
  std::vector<Lease> left;
  for (Lease& row : rows) {
    if (row.shared_with != 0 && is_over(row.shared_with)) row.shared_with = 0;
    if (is_over(row.epoch)) {
      if (row.shared_with == 0) continue;
      row.epoch = std::exchange(row.shared_with, 0);
    }
    left.push_back(std::move(row));
  }
  return left;
}

}  // namespace kilonova::network
