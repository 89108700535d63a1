// FaultInjector: lets a profile's faults strike a cloud at random times, drawn from the seed, and counts where they hit.
// When told to cease it mends everything: dead nodes start, processes that were replaced are stopped, cuts heal, disks
// take writes again.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.h"
#include "sim/branches.h"
#include "sim/cloud.h"
#include "sim/fault_profile.h"
#include "sim/liar.h"
#include "sim/strikes.h"
#include "sim/work_at_hand.h"

namespace kilonova::sim {

class FaultInjector final : public Checker {
 public:
  // The cloud outlives it, and is started after it is made. Its nodes must be dead before it is destroyed.
  FaultInjector(SimCloud& cloud, FaultProfile profile);

  void start();
  void cease();
  // How many faults of each kind really happened: a cut is one, a lost frame is one, and a refusal is one when it met a write.
  std::map<std::string, uint64_t> happened() const;
  const Strikes& strikes() const { return strikes_; }
  WorkAtHand& work() { return work_; }
  // How a client asks for a reset of the cloud.
  void on_reset_wanted(std::function<void()> ask) { ask_for_reset_ = std::move(ask); }
  // The branches of the cores that were reached since it was made.
  const BranchesReached& branches() { return branches_.reached(); }

  // A slow disk strikes the launches whose changes it holds up.
  void on_row(const Uuid& uuid, const RowState* before, const RowState* after) override;
  void on_lease(const Lease* before, const Lease* after) override;

 private:
  // Counts itself, unless it finds nothing to strike.
  using Action = void (FaultInjector::*)(Duration lasts, Random& random);
  // One kind of fault, with randomness of its own: leaving out another one does not move it.
  struct Source {
    Recurring recurring;
    Action action;
    Random random;
  };

  void watch();
  void add(std::string_view name, const Recurring& recurring, Action action);
  void recur(Source& source);
  static Duration up_to(Duration limit, Random& random);
  void after(Duration delay, void (FaultInjector::*mend)(PeerId), PeerId id);

  void count(const std::string& kind, PeerId of);
  // Counts a fault of this daemon at what it has at hand.
  void strike(const std::string& fault, PeerId daemon, const WorkAtHand::OfHost& of_host = {});
  void strike_message(std::string_view fault, PeerId from, PeerId to, LaunchStep step);
  void refused(PeerId id, LaunchStep step);

  // Of those that are alive; nothing when none is.
  Node* pick(Role role, Random& random);
  void kill(Role role, Duration down, Random& random);
  void revive(PeerId id);
  void go_back(Duration down, Random& random);
  void lose_journal(Duration down, Random& random);
  void mend_disk(PeerId id);
  MemoryDisk& disk_of(PeerId id);
  PeerId pick_disk(bool with_compute, Random& random);
  // Two nodes that talk with each other.
  std::pair<PeerId, PeerId> pick_link(Random& random);

  std::string slow_kind(PeerId id) const;  // of a disk that is slow
  void cut(Duration lasts, Random& random);
  void cut_between(PeerId a, PeerId b, Duration lasts, Random& random);
  void heal(PeerId from, PeerId to);
  void clog(Duration lasts, Random& random);
  void narrow(Duration lasts, Random& random);
  void deafen(Duration lasts, Random& random);
  void disconnect(Duration, Random& random);
  void kill_controller(Duration down, Random& random) { kill(Role::kController, down, random); }
  void kill_scheduler(Duration down, Random& random) { kill(Role::kScheduler, down, random); }
  void kill_network(Duration down, Random& random) { kill(Role::kNetwork, down, random); }
  void kill_compute(Duration down, Random& random) { kill(Role::kCompute, down, random); }
  void kill_api(Duration down, Random& random) { kill(Role::kApi, down, random); }
  void second_process(Duration down, Random& random);
  void crash_host(Duration down, Random& random);
  void cut_power(Duration down, Random& random);
  void slow_daemon(Duration lasts, Random& random);
  void fill_disk(Duration lasts, Random& random);
  void refuse_once(Duration, Random& random);
  void slow_disk(Duration lasts, Random& random);
  void weary_disk(Duration lasts, Random& random);
  void lie(Duration lasts, Random& random);
  void lie_until(Instant end);
  void want_reset(Duration, Random&);
  void reset_begins();
  void strike_reset();
  void skew(Duration most, Random& random);
  void set_clock(PeerId id, Duration ahead);
  // From now on so much a second, as often.
  void drift(PeerId id, Duration each, int64_t times);

  SimCloud& cloud_;
  FaultProfile profile_;
  Strikes strikes_;
  WorkAtHand work_;
  Liar liar_;
  BranchFollower branches_;
  std::list<Source> sources_;
  std::map<std::string, uint64_t> happened_;
  std::function<void()> ask_for_reset_;
  Random of_resets_;
  std::set<std::pair<PeerId, PeerId>> deaf_;  // whoever else cuts and heals them
  std::map<PeerId, Duration> weary_;          // what a commit takes there
  std::map<PeerId, Duration> clocks_;         // of the daemons, against the world's
  bool ceased_ = false;
};

}  // namespace kilonova::sim
