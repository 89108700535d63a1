#include "sim/checkers/records.h"

#include <fmt/format.h>

namespace kilonova::sim {

void RecordChecker::add(const Key& key, const std::string& what) {
  violations_.add("records", fmt::format("the {} {} {}", to_string(key.first), key.second, what));
}

void RecordChecker::begin_anew(RecordKind kind) {
  ages_[static_cast<size_t>(kind)] += 1;
  std::erase_if(promises_, [&](const auto& promise) { return promise.first.first == kind; });
}

void RecordChecker::on_reset(const controller::CloudReset&) {
  for (RecordKind kind : kRecordKinds) begin_anew(kind);
}

void RecordChecker::on_went_back(const WentBack& past) {
  if (past.of == Role::kController) {
    for (RecordKind kind : kRecordKinds)
      if (kind != RecordKind::kNetwork) begin_anew(kind);
  } else if (past.of == Role::kNetwork) {
    begin_anew(RecordKind::kNetwork);
    networks_doubled_ |= past.doubled;
  }
}

void RecordChecker::on_record(RecordKind kind, const std::string& id, bool there) {
  auto promise = promises_.find({kind, id});
  if (promise == promises_.end()) return;
  if (!there && promise->second == Promise::kThere) add(promise->first, "is deleted and nobody asked for it");
  if (there && promise->second == Promise::kGone) add(promise->first, "came back after its delete");
}

void RecordChecker::create_acknowledged(RecordKind kind, const std::string& id) {
  if (kind == RecordKind::kNetwork && networks_doubled_) return;
  promises_[{kind, id}] = Promise::kThere;
  if (!ledger_.records(kind).contains(id)) add({kind, id}, "was acknowledged and is not stored");
}

void RecordChecker::delete_asked(RecordKind kind, const std::string& id) {
  if (auto promise = promises_.find({kind, id}); promise != promises_.end()) promise->second = Promise::kLeaving;
}

void RecordChecker::delete_acknowledged(RecordKind kind, const std::string& id) {
  auto promise = promises_.find({kind, id});
  if (promise == promises_.end()) return;
  promise->second = Promise::kGone;
  if (ledger_.records(kind).contains(id)) add({kind, id}, "is there after its delete was acknowledged");
}

void RecordChecker::looked(RecordKind kind, const std::string& id, bool found) {
  auto promise = promises_.find({kind, id});
  if (promise == promises_.end()) return;
  checked_ += 1;
  if (!found && promise->second == Promise::kThere) add({kind, id}, "was acknowledged and is not found");
  if (found && promise->second == Promise::kGone) add({kind, id}, "is found after its delete");
}

}  // namespace kilonova::sim
