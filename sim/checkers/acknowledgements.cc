#include "sim/checkers/acknowledgements.h"

#include <fmt/format.h>

#include "sim/checkers/transitions.h"

namespace kilonova::sim {

void AcknowledgementChecker::create_acknowledged(const Uuid& uuid) {
  creates_ += 1;
  if (ledger_.row(uuid) == nullptr && !delete_asked_.contains(uuid) && !lost_.contains(uuid))
    violations_.add("acknowledgements",
                    fmt::format("the create of server {} was acknowledged and is not stored", to_string(uuid)));
}

void AcknowledgementChecker::delete_acknowledged(const Uuid& uuid) {
  if (revived_.contains(uuid)) return;
  delete_acknowledged_.insert(uuid, true);
  const RowState* row = ledger_.row(uuid);
  if (row != nullptr && row->task_state != TaskState::kDeleting)
    violations_.add("acknowledgements", fmt::format("the delete of server {} was acknowledged, but it is {}",
                                                    to_string(uuid), describe(*row)));
}

// Each counts in the row once it is committed; that of which the answer got lost is one more there.
void AcknowledgementChecker::action_acknowledged(const Uuid& uuid) {
  if (!actions_count_) return;
  if (--actions_unanswered_[uuid] < 0)
    violations_.add("acknowledgements",
                    fmt::format("an action of server {} was acknowledged and is not stored", to_string(uuid)));
}

void AcknowledgementChecker::on_reset(const controller::CloudReset& reset) {
  if (!resets_asked_.contains(reset.client_token))
    violations_.add("acknowledgements", "the cloud is reset and nobody asked for it");
  if (!resets_done_.insert(reset.client_token).second)
    violations_.add("acknowledgements", fmt::format("the reset {} is done a second time", reset.client_token));
  reset_away_ = {};
  for (const auto& [uuid, row] : ledger_.rows()) {
    lost_.insert(uuid, true);
    reset_away_.insert(uuid, true);
  }
  reset_counts_ = !networks_doubled_;
}

void AcknowledgementChecker::on_commit(const Transaction&) {
  if (ledger_.is_reset() && !(ledger_.rows().empty() && ledger_.allocations().empty()))
    violations_.add("acknowledgements", "servers, or their allocations, are there after a reset");
}

void AcknowledgementChecker::reset_acknowledged(const std::string& token) {
  if (!reset_counts_) return;
  if (!resets_done_.contains(token))
    violations_.add("acknowledgements", fmt::format("the reset {} was acknowledged and is not stored", token));
  for (const auto& [key, lease] : ledger_.leases())
    if (reset_away_.contains(key.first))
      violations_.add("acknowledgements", fmt::format("server {} has {} after an acknowledged reset",
                                                      to_string(key.first), to_string(lease.address.ip)));
}

void AcknowledgementChecker::on_went_back(const WentBack& past) {
  if (past.of == Role::kController) {
    resets_done_.clear();
    actions_count_ = false;
  }
  if (past.of != Role::kCompute) reset_counts_ = false;
  networks_doubled_ |= past.of == Role::kNetwork && past.doubled;
  for (const Uuid& uuid : past.lost) lost_.insert(uuid, true);
  for (const Uuid& uuid : past.revived) {
    revived_.insert(uuid, true);
    delete_acknowledged_.erase(uuid);
  }
}

void AcknowledgementChecker::on_row(const Uuid& uuid, const RowState* before, const RowState* after) {
  if (before != nullptr && after != nullptr && after->operation > before->operation) actions_unanswered_[uuid] += 1;
  bool deleting = after == nullptr || after->task_state == TaskState::kDeleting;
  if (deleting && !delete_asked_.contains(uuid) && !ledger_.is_reset())
    violations_.add("acknowledgements", fmt::format("server {} is deleted and nobody asked for it", to_string(uuid)));
  if (!deleting && delete_acknowledged_.contains(uuid))
    violations_.add("acknowledgements",
                    fmt::format("server {} came back after its delete: {}", to_string(uuid), describe(*after)));
  if (before != nullptr && after != nullptr && has_other_interfaces(*before, *after) &&
      !interfaces_asked_.contains(uuid))
    violations_.add("acknowledgements",
                    fmt::format("server {} has other interfaces and nobody asked for it", to_string(uuid)));
}

}  // namespace kilonova::sim
