// What clients read of a server was so at some moment between question and answer: reads are linearizable with the
// commits, so that a client reads its own writes, and never an older state after a newer one. And what members read is
// their own project's: no reply has another one's servers, by row, id or name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/hash_map.h"
#include "domain/instance.h"
#include "runtime/loop.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class ReadChecker final : public Checker {
 public:
  // The clock is the world's.
  ReadChecker(Violations& violations, const Ledger& ledger, const Loop& clock)
      : violations_(violations), ledger_(ledger), clock_(clock) {}
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_went_back(const WentBack& past) override;

  // An answer, now, to a question of then: this row, or that there is none.
  void read(Instant asked, const Uuid& server, const Instance* seen);
  // An answer to a member of this project that shows a row of this server, or mentions it in this text.
  void showed(const Uuid& project, const Uuid& server);
  void said(const Uuid& project, const Uuid& server, std::string_view name, std::string_view text);
  // All of an answer to a member of this project, whatever it answers: nothing in it is another's. `secrets`: what else
  // it must not have.
  void told(const Uuid& project, std::string_view operation, std::string_view text,
            const std::vector<std::string_view>& secrets);
  // A caller who may only read was answered that it had changed something.
  void changed_by_reader(std::string_view operation);
  uint64_t checked() const { return checked_; }

 private:
  struct State {
    bool there = false;
    VmState vm_state = VmState::kBuilding;
    TaskState task_state = TaskState::kNone;
    uint64_t operation = 0;
    bool operator==(const State&) const = default;
  };
  struct Version {
    Instant since;
    State state;
  };

  static State of(const RowState* row);
  static State of(const Instance* row);
  static std::string describe(const State& state);
  void note(const Uuid& server, const State& state);

  Violations& violations_;
  const Ledger& ledger_;
  const Loop& clock_;
  HashMap<Uuid, std::vector<Version>> versions_;  // the oldest first
  std::vector<Uuid> servers_;                     // of versions_
  uint64_t checked_ = 0;
};

}  // namespace kilonova::sim
