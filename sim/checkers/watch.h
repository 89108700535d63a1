// A watcher gets every committed change of its filter once and in order, and no other, or is told that it missed some:
// also where the controller's store went back, and changes of the history that was lost were told already.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/watch_event.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class WatchChecker final : public Checker {
 public:
  // Whose changes; nothing = all.
  struct Filter {
    std::optional<Uuid> project;
    std::optional<Uuid> server;
    bool stable_only = false;  // those at which nothing is under way any more
  };

  // `whose` names the watcher in what is found.
  explicit WatchChecker(Violations& violations, std::string whose = "the watcher")
      : violations_(violations), whose_(std::move(whose)) {}
  void on_commit(const Transaction& transaction) override;
  void on_went_back(const WentBack& past) override;

  // The watcher: it watches from this revision on; it was told these events; it was told of a gap.
  void began(uint64_t revision) { began(revision, Filter{}); }
  void began(uint64_t revision, const Filter& filter);
  void told(const std::vector<WatchEvent>& events);
  void gap() { position_.reset(); }
  // Every few seconds when faults have ceased for a while: a watcher that still waits for what it was to be told when
  // one looked last, five seconds before or more, waits too long.
  void look(Instant now);
  // At the end: it knows all, and nothing else.
  void settled();

 private:
  struct Change {
    uint64_t revision = 0;
    Uuid instance;
    WallTime time;
    Uuid project;
    bool is_stable = false;
    bool operator==(const Change&) const = default;
  };

  static Change of(const WatchEvent& event) {
    return {event.revision, event.instance, event.time, event.project_id,
            event.deleted || event.task_state == TaskState::kNone};
  }
  bool passes(const Change& change) const;
  void add(const std::string& what) { violations_.add("watch", whose_ + what); }
  // Behind this revision, in the history as it is: the next one, and the next one of the filter.
  std::vector<Change>::const_iterator after(uint64_t revision) const;
  std::vector<Change>::const_iterator wanted_after(uint64_t revision) const;

  Violations& violations_;
  std::string whose_;
  Filter filter_;
  std::vector<Change> changes_;  // ascending
  std::vector<Change> lost_;
  std::optional<uint64_t> position_;                     // nothing: it watches nothing
  std::optional<std::pair<uint64_t, Instant>> awaited_;  // the revision that it was to be told next, since when
  bool is_astray_ = false;                               // it knows of changes that were lost, and was not told so yet
};

}  // namespace kilonova::sim
