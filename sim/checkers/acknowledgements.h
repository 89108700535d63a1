// What a client was told is so, and stays so: an acknowledged create is never forgotten, an acknowledged delete never
// undone, an acknowledged action is begun, and nothing is deleted that nobody asked to delete; nor has a server other
// interfaces, where nobody asked for it.
#pragma once

#include <set>
#include <string>

#include "base/hash_map.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class AcknowledgementChecker final : public Checker {
 public:
  AcknowledgementChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  // All servers go, if somebody has asked for it: once for each token.
  void on_reset(const controller::CloudReset& reset) override;
  void on_commit(const Transaction& transaction) override;
  // What was lost with the store was promised all the same: that cannot be kept.
  void on_went_back(const WentBack& past) override;

  void create_acknowledged(const Uuid& uuid);
  void delete_asked(const Uuid& uuid) { delete_asked_.insert(uuid, true); }
  void delete_acknowledged(const Uuid& uuid);
  // An action that counts itself in its server's row.
  void action_acknowledged(const Uuid& uuid);
  // That some are added or taken away.
  void interfaces_asked(const Uuid& uuid) { interfaces_asked_.insert(uuid, true); }
  bool may_change_interfaces(const Uuid& uuid) const { return interfaces_asked_.contains(uuid); }
  void reset_asked(const std::string& token) { resets_asked_.insert(token); }
  void reset_acknowledged(const std::string& token);
  size_t creates() const { return creates_; }
  size_t deletes() const { return delete_acknowledged_.size(); }

 private:
  Violations& violations_;
  const Ledger& ledger_;
  size_t creates_ = 0;
  HashMap<Uuid, int64_t> actions_unanswered_;  // that rows have begun
  bool actions_count_ = true;                  // unless the store has lost some that were acknowledged
  HashMap<Uuid, bool> delete_asked_;
  HashMap<Uuid, bool> delete_acknowledged_;
  HashMap<Uuid, bool> interfaces_asked_;
  HashMap<Uuid, bool> lost_;
  HashMap<Uuid, bool> revived_;
  std::set<std::string> resets_asked_;
  std::set<std::string> resets_done_;
  HashMap<Uuid, bool> reset_away_;  // by the last one
  bool reset_counts_ = true;        // no store has gone back since
  bool networks_doubled_ = false;   // who answers may keep files that the ledger does not follow
};

}  // namespace kilonova::sim
