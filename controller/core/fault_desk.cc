#include "controller/core/fault_desk.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/sometimes.h"
#include "controller/core/instance_actions.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {
namespace {

// More than one decision is made of at a time, so that those that are kept do not grow.
constexpr size_t kLookedAtOnce = 4;
// Of calls of one daemon: longer than any of them is asked about again, but for those that hang among so many others.
constexpr uint64_t kCallsRemembered = 10'000;

// Of what is asked for no server: daemons number their questions.
Uuid subject_of_call(Incarnation asker, uint64_t number) {
  Uuid subject;
  for (size_t i = 0; i < 8; ++i) {
    subject.bytes[i] = static_cast<uint8_t>(asker >> (8 * i));
    subject.bytes[8 + i] = static_cast<uint8_t>(number >> (8 * i));
  }
  return subject;
}

// What comes behind a delay, "" for nothing.
std::string_view kind_of_effect(const FaultRule& rule) {
  if (rule.fails) return rule.aborts ? "abort" : "fail";
  return to_string(rule.effect);
}

std::string effect_of(const FaultRule& rule) {
  std::string effect = rule.delay.us > 0 ? fmt::format("delay {} us", rule.delay.us) : "";
  const std::string_view then = kind_of_effect(rule);
  if (!then.empty()) effect += fmt::format("{}{}", effect.empty() ? "" : ", ", then);
  return effect;
}

}  // namespace

Task<std::optional<bool>> FaultDesk::strikes(FaultReached reached) {
  return decide({world_.transport.self(), world_.transport.incarnation()}, std::move(reached));
}

Task<> FaultDesk::answer(Peer from, uint64_t call, FaultReached reached) {
  const std::optional<bool> strikes = co_await decide(from, std::move(reached));
  if (strikes) world_.transport.send(from.id, Message{call, FaultVerdict{*strikes}});
}

Task<std::optional<bool>> FaultDesk::decide(Peer from, FaultReached reached) {
  auto lock = co_await world_.record_locks.acquire(std::string(kFaultLock));
  auto found = world_.faults.rules().find(reached.rule_id);
  if (found == world_.faults.rules().end()) co_return false;
  const PlacementId& placement = reached.placement;
  const bool is_call = placement.instance.is_nil();
  const Uuid subject = is_call ? subject_of_call(from.incarnation, reached.number) : placement.instance;
  if (is_call) last_calls_[from.incarnation] = std::max(last_calls_[from.incarnation], reached.number);
  const FaultHit* known = world_.faults.hit(reached.rule_id, subject);
  if (known && known->epoch == placement.epoch && known->operation == reached.operation) {
    KN_SOMETIMES("controller: a fault rule is reached again by the same work");
    const bool is_repeat = known->incarnation == from.incarnation && known->number == reached.number;
    const bool strikes = is_repeat && known->strikes;
    if (strikes && found->second.effect == FaultEffect::kCrash) crash(found->second, from, reached);
    co_return strikes;
  }
  FaultRule rule = found->second;
  const bool strikes = count_reached(rule);
  const FaultHit hit{reached.rule_id,  subject,        placement.epoch, reached.operation,
                     from.incarnation, reached.number, strikes};
  Transaction transaction;
  std::vector<FaultBook::HitKey> forgotten;
  forget_some(transaction, forgotten);
  transaction.push_back(mutation::Put<FaultRule>{rule});
  transaction.push_back(mutation::Put<FaultHit>{hit});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) {
    KN_SOMETIMES("controller: the store refuses a strike");
    co_return std::nullopt;
  }
  for (const FaultBook::HitKey& key : forgotten) world_.faults.erase_hit(key);
  world_.faults.put(hit);
  world_.faults.put(rule);
  if (rule.count == 0 && !rule.http.empty()) tell_http_rules();
  if (strikes) tell(rule, from, reached);
  if (strikes && rule.effect == FaultEffect::kCrash) crash(rule, from, reached);
  co_return strikes;
}

bool FaultDesk::is_over(const FaultHit& hit) const {
  if (hit.epoch == 0) {
    auto last = last_calls_.find(hit.incarnation);
    return last == last_calls_.end() || hit.number + kCallsRemembered < last->second;
  }
  const Instance* row = world_.instances.find(hit.instance);
  if (row == nullptr) return true;
  if (row->task_state == TaskState::kDeleting) return row->current.epoch != hit.epoch;
  if (hit.operation != 0)
    return row->operation != hit.operation ||
           (!row->is_unstable() && !row->move && !makes_crash_dump(world_.records, *row));
  const Placement* built = row->being_built();
  return built == nullptr || built->epoch != hit.epoch;
}

void FaultDesk::forget_some(Transaction& transaction, std::vector<FaultBook::HitKey>& forgotten) {
  auto it = world_.faults.hits().upper_bound(looked_at_);
  for (size_t i = 0; i < kLookedAtOnce && it != world_.faults.hits().end(); ++i, ++it) {
    looked_at_ = it->first;
    if (!is_over(it->second)) continue;
    transaction.push_back(mutation::Erase<FaultHit>{it->first});
    forgotten.push_back(it->first);
  }
  if (it == world_.faults.hits().end()) looked_at_ = {};
}

void FaultDesk::tell(const FaultRule& rule, const Peer& from, const FaultReached& reached) {
  const std::string_view kind = kind_of_effect(rule);
  ++strikes_by_effect_[std::string(kind.empty() ? "delay" : kind)];
  world_.events.tell({.time = world_.loop.wall_now(), .fault_rule = rule.id, .struck = rule.struck});
  const Uuid& instance = reached.placement.instance;
  world_.log.event(LogLevel::kWarning, "a fault rule strikes",
                   {{"rule", std::to_string(rule.id)},
                    {"place", std::string(place_of(rule))},
                    {"effect", effect_of(rule)},
                    {"asked_by", to_string(from.id)},
                    {"struck", std::to_string(rule.struck)},
                    {"instance", instance.is_nil() ? "" : to_string(instance)},
                    {"host", reached.host}});
}

// Who dies is who asks, or the daemon of the step that another one asks for: of a host, the process that carries it.
void FaultDesk::crash(const FaultRule& rule, const Peer& from, const FaultReached& reached) {
  const Role role = daemon_of(rule);
  auto host = world_.records.of<Host>().find(reached.host);
  PeerId victim = from.id;
  if (role == Role::kController) {
    victim = world_.transport.self();
  } else if (role != from.id.role && role == Role::kCompute && host != world_.records.of<Host>().end()) {
    victim = host->second.process;
  } else if (role != from.id.role) {
    const std::vector<Peer> peers = world_.transport.peers(role);
    if (peers.empty()) return;
    victim = peers.front().id;
  }
  world_.transport.send(victim, Message{0, EndProcess{}});
}

void FaultDesk::tell_http_rules() {
  for (const Peer& peer : world_.transport.peers(Role::kApi)) tell_http_rules(peer.id);
}

void FaultDesk::tell_http_rules(PeerId api) {
  world_.transport.send(api, Message{0, HttpFaults{world_.faults.of_http()}});
}

}  // namespace kilonova::controller
