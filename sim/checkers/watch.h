// A watcher of all servers gets every committed change once and in order, or is told that it missed some: also where
// the controller's store went back, and changes of the history that was lost were told already.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "domain/watch_event.h"
#include "sim/ledger.h"

namespace kilonova::sim {

class WatchChecker final : public Checker {
 public:
  explicit WatchChecker(Violations& violations) : violations_(violations) {}
  void on_commit(const Transaction& transaction) override;
  void on_went_back(const WentBack& past) override;

  // The watcher: it watches from this revision on; it was told these events; it was told of a gap.
  void began(uint64_t revision);
  void told(const std::vector<WatchEvent>& events);
  void gap() { position_.reset(); }
  // At the end: it knows all, and nothing else.
  void settled();

 private:
  struct Change {
    uint64_t revision = 0;
    Uuid instance;
    WallTime time;
    bool operator==(const Change&) const = default;
  };

  static Change of(const WatchEvent& event) { return {event.revision, event.instance, event.time}; }
  // Behind this revision, in the history as it is.
  std::vector<Change>::const_iterator after(uint64_t revision) const;

  Violations& violations_;
  std::vector<Change> changes_;  // ascending
  std::vector<Change> lost_;
  std::optional<uint64_t> position_;  // nothing: it watches nothing
  bool is_astray_ = false;            // it knows of changes that were lost, and was not told so yet
};

}  // namespace kilonova::sim
