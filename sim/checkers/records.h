// Networks, images, key pairs and projects: what a client was told is there stays until a client asks to delete it, and
// what was deleted stays so.
#pragma once

#include <array>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "sim/ledger.h"

namespace kilonova::sim {

class RecordChecker final : public Checker {
 public:
  RecordChecker(Violations& violations, const Ledger& ledger) : violations_(violations), ledger_(ledger) {}
  void on_record(RecordKind kind, const std::string& id, bool there) override;
  void on_reset(const controller::CloudReset&) override;
  void on_networks_reset() override { begin_anew(RecordKind::kNetwork); }
  void on_went_back(const WentBack& past) override;

  // What was promised in an earlier age may be lost with a store, or a reset, that is none any more. A client asks at the
  // age that it has its answer of.
  uint64_t age(RecordKind kind) const { return ages_[static_cast<size_t>(kind)]; }
  // Answers of this age.
  void create_acknowledged(RecordKind kind, const std::string& id);
  void delete_asked(RecordKind kind, const std::string& id);
  void delete_acknowledged(RecordKind kind, const std::string& id);
  // A client looked for what it had made, or deleted.
  void looked(RecordKind kind, const std::string& id, bool found);
  uint64_t checked() const { return checked_; }

 private:
  enum class Promise { kThere, kLeaving, kGone };
  using Key = std::pair<RecordKind, std::string>;

  void begin_anew(RecordKind kind);
  void add(const Key& key, const std::string& what);

  Violations& violations_;
  const Ledger& ledger_;
  std::array<uint64_t, kRecordKinds.size()> ages_ = {};
  std::map<Key, Promise> promises_;
  bool networks_doubled_ = false;  // their files may be a process's that nobody follows
  uint64_t checked_ = 0;
};

}  // namespace kilonova::sim
