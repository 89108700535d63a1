#include "controller/core/watchdog.h"

#include <set>
#include <utility>

#include "base/sometimes.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {

void Watchdog::lost(const Uuid& instance, Drive& drive, std::string why) {
  if (drive.rebuilding) {
    KN_SOMETIMES("controller: a lost try is found lost again while its next one is committed");
    return;  // the store may take its time: one flow a try is enough
  }
  drive.rebuilding = true;
  world_.flows.spawn(rebuild(PlacementId{instance, drive.epoch}, drive.listed, std::move(why)));
}

Task<> Watchdog::rebuild(PlacementId placement, bool counts, std::string why) {
  co_await results_.rebuild_lost(placement, counts, std::move(why));
  Drive* drive = world_.drives.find(placement.instance);
  if (!drive || drive->epoch != placement.epoch) co_return;
  KN_SOMETIMES("controller: a lost try stays lost until the next look");
  drive->rebuilding = false;  // the store refused
}

void Watchdog::on_heartbeat(const Peer& process, const ComputeHeartbeat& heartbeat) {
  std::set<PlacementId> listed;
  for (const auto& unfinished : heartbeat.unfinished) {
    listed.insert(unfinished.placement);
    Drive* drive = world_.drives.find(unfinished.placement.instance);
    if (!drive || drive->epoch != unfinished.placement.epoch) continue;
    world_.drives.list(unfinished.placement.instance, drive->host.empty() ? unfinished.host : drive->host);
  }
  for (auto& guest : std::exchange(guests_[process.id], {})) {
    if (listed.contains(guest.placement)) continue;
    note_found(process, guest);
    world_.flows.spawn(results_.on_guest_found(process, std::move(guest)));
  }
  for (const Uuid& uuid : world_.drives.listed_on(hosts_.hosts_of(process.id))) {
    Drive& drive = *world_.drives.find(uuid);
    if (drive.found_by == process.incarnation || listed.contains({uuid, drive.epoch})) continue;
    KN_SOMETIMES("controller: a host stopped listing a try");
    lost(uuid, drive, to_string(process.id) + " stopped listing it");
  }
}

// No try that was lost, but one that ended unheard.
void Watchdog::note_found(const Peer& process, const GuestInfo& guest) {
  Drive* drive = world_.drives.find(guest.placement.instance);
  if (!guest.built || !drive || drive->epoch != guest.placement.epoch) return;
  if (!drive->host.empty() && drive->host != guest.host) return;
  KN_SOMETIMES("controller: a try ended unheard");
  world_.drives.list(guest.placement.instance, guest.host);
  drive->found_by = process.incarnation;
}

void Watchdog::on_guests(const Peer& process, std::vector<GuestInfo> guests) {
  auto& waiting = guests_[process.id];
  waiting.insert(waiting.end(), std::make_move_iterator(guests.begin()), std::make_move_iterator(guests.end()));
}

void Watchdog::on_terminated(const InstanceTerminated& terminated) {
  Drive* drive = world_.drives.find(terminated.placement.instance);
  if (!drive || drive->epoch > terminated.placement.epoch) return;
  drive->removed_from = terminated.host;
  drive->found_by = 0;
}

void Watchdog::on_hosts_down(const std::set<std::string>& hosts) {
  for (const Uuid& uuid : world_.drives.listed_on(hosts)) {
    Drive& drive = *world_.drives.find(uuid);
    KN_SOMETIMES("controller: the host of a try is down");
    lost(uuid, drive, "host " + drive.host + " is down");
  }
}

void Watchdog::on_scheduler_restart(const Peer& scheduler) {
  for (auto& [uuid, drive] : world_.drives.all())
    if (drive.scheduler == scheduler.id && drive.scheduler_incarnation != scheduler.incarnation &&
        !drive.silent_since) {
      KN_SOMETIMES("controller: the scheduler of a cast has restarted");
      drive.silent_since = world_.loop.now();
      drive.excused = true;
    }
}

void Watchdog::watch_recovered(const Instance& row) {
  Drive drive;
  const Placement& built = *row.being_built();
  drive.epoch = built.epoch;
  drive.recovered = true;
  drive.listed = !built.host.empty();
  drive.host = built.host;
  world_.drives.put(row.uuid, std::move(drive));
}

void Watchdog::look(bool recovering) {
  Instant now = world_.loop.now();
  Duration patience = world_.options.report_interval * 2;
  // While this process was away (frozen, or its machine slept) nothing could be heard: that is no silence.
  const Duration away = last_look_ ? now - *last_look_ - kLookInterval : Duration{};
  const bool was_away = away > kOwnAbsence;
  last_look_ = now;
  // Of what a host has, heartbeats tell; but it may have been down all the time since a restart.
  std::set<std::string> down;
  for (const auto& [host, instances] : world_.drives.by_host())
    if (!recovering && !hosts_.is_up(host)) down.insert(host);
  on_hosts_down(down);
  for (auto& [uuid, drive] : world_.drives.all()) {
    if (drive.listed || drive.unplaced) continue;
    if (!drive.silent_since) {
      bool cast = drive.scheduler && world_.schedulers.watermark(*drive.scheduler) >= drive.cast_number;
      bool known_lost = drive.recovered && !recovering;
      // A scheduler works casts off at once: one that it has not counted for so long was lost on the way to it.
      bool overdue = drive.scheduler && now - drive.cast_at > world_.options.service_down_time;
      if (known_lost) KN_SOMETIMES("controller: a try of an earlier life is silent");
      if (overdue && !cast) KN_SOMETIMES("controller: a scheduler has not counted a cast for long");
      if (cast || known_lost || overdue) drive.silent_since = now;
      drive.excused = drive.excused || known_lost;
    } else if (was_away) {
      drive.silent_since = *drive.silent_since + away;
    } else if (now - *drive.silent_since > patience) {
      KN_SOMETIMES("controller: no host listed a try");
      lost(uuid, drive, "no host listed it");
    }
  }
}

}  // namespace kilonova::controller
