#include "sim/checkers/acknowledgements.h"

#include <fmt/format.h>

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

void AcknowledgementChecker::on_went_back(const WentBack& past) {
  for (const Uuid& uuid : past.lost) lost_.insert(uuid, true);
  for (const Uuid& uuid : past.revived) {
    revived_.insert(uuid, true);
    delete_acknowledged_.erase(uuid);
  }
}

void AcknowledgementChecker::on_row(const Uuid& uuid, const RowState*, const RowState* after) {
  bool deleting = after == nullptr || after->task_state == TaskState::kDeleting;
  if (deleting && !delete_asked_.contains(uuid))
    violations_.add("acknowledgements", fmt::format("server {} is deleted and nobody asked for it", to_string(uuid)));
  if (!deleting && delete_acknowledged_.contains(uuid))
    violations_.add("acknowledgements",
                    fmt::format("server {} came back after its delete: {}", to_string(uuid), describe(*after)));
}

}  // namespace kilonova::sim
