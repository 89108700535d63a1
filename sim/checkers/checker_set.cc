#include "sim/checkers/checker_set.h"

#include <initializer_list>

namespace kilonova::sim {
namespace {

// After its host can be heard: a time-out on either side, and an audit.
constexpr Duration kStaleGuestsEnd = seconds(240);
// Daemons that were dead have met again, and whoever watched there has logged in.
constexpr Duration kWatchersMeet = seconds(120);
// Hosts register again, and a store that refused is asked once more.
constexpr Duration kWindowsEnd = seconds(240);
// Two audits: what a store has lost that went back, and what nobody knew of, is in order.
constexpr Duration kReconciled = seconds(400);

}  // namespace

// The hosts' ratios are those that every cloud has by default, whatever its daemons were told to believe.
CheckerSet::CheckerSet(SimCloud& cloud)
    : acknowledgements_(violations_, cloud.ledger()),
      transitions_(violations_, cloud.ledger()),
      commits_(violations_, cloud.ledger()),
      fault_rules_(violations_),
      addresses_(violations_, cloud.ledger()),
      hosts_(violations_, cloud.options().host_size, compute::ComputeOptions{}.ratios),
      moves_(violations_, cloud.ledger(), acknowledgements_),
      quota_(violations_, cloud.ledger()),
      server_groups_(violations_, cloud.ledger()),
      stale_guests_(violations_, cloud.ledger(), kStaleGuestsEnd),
      reads_(violations_, cloud.ledger(), cloud.loop()),
      records_(violations_, cloud.ledger()),
      windows_(violations_, cloud.ledger(), kWindowsEnd) {
  for (const char* whose :
       {"a watcher of all servers", "a watcher of a project", "a watcher of a server", "a watcher of stable servers"})
    cloud.ledger().add(watches_.emplace_back(violations_, whose));
  for (Checker* checker :
       std::initializer_list<Checker*>{&acknowledgements_, &transitions_, &commits_, &fault_rules_, &addresses_,
                                       &hosts_, &moves_, &quota_, &server_groups_, &stale_guests_, &reads_, &records_})
    cloud.ledger().add(*checker);
}

void CheckerSet::look(Instant now) {
  if (!first_look_) first_look_ = now;
  const Duration calm = now - *first_look_;
  stale_guests_.look(now);
  windows_.look(now);
  if (calm >= kWatchersMeet)
    for (WatchChecker& watch : watches_) watch.look(now);
  if (calm < kReconciled) return;
  hosts_.reconciled();
  moves_.reconciled();
}

}  // namespace kilonova::sim
