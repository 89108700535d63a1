#include "controller/core/controller_core.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "base/sometimes.h"
#include "controller/core/transitions.h"
#include "domain/api.h"
#include "domain/nouns/fault_rule.h"
#include "domain/token_key.h"

namespace kilonova::controller {
namespace {

// A message that a full queue dropped is not sent again by itself: what is only said on connection is repeated.
constexpr Duration kAnnounceInterval = seconds(60);
constexpr Duration kHostsAnnounceInterval = seconds(300);

template <class T, class... Options>
constexpr bool is_one_of = (std::is_same_v<T, Options> || ...);

}  // namespace

ControllerCore::ControllerCore(ControllerPorts ports, ControllerOptions options, ControllerState state)
    : options_(options),
      log_(ports.log),
      transport_(ports.transport),
      loop_(ports.loop),
      records_(to_tables(state)),
      faults_(std::move(state.of<FaultRule>()), std::move(state.of<FaultHit>())),
      schedulers_(ports.transport),
      events_(ports.loop, ports.transport, ports.store, state),
      returns_(ports.loop, ports.transport),
      rows_(ports.store, ports.log, events_, instances_, allocations_),
      caller_(ports.loop, ports.transport),
      instance_locks_(ports.loop),
      record_locks_(ports.loop),
      flows_(std::in_place, ports.loop),
      world_{ports.loop, ports.transport, ports.log,     ports.random, ports.store,  options_, *flows_,
             caller_,    instance_locks_, record_locks_, instances_,   allocations_, rows_,    records_,
             faults_,    drives_,         schedulers_,   events_,      returns_,     false},
      peers_(world_, state),
      hosts_(world_, [this](const std::set<std::string>& hosts) { watchdog_.on_hosts_down(hosts); }),
      fault_desk_(world_),
      terminations_(world_, fault_desk_,
                    [this](Peer process, ServerActionDone done) {
                      return host_actions_.on_done(std::move(process), std::move(done));
                    }),
      launches_(world_, fault_desk_),
      stages_(world_, launches_, terminations_),
      results_(world_, launches_, stages_, fault_desk_),
      watchdog_(world_, results_, hosts_),
      lost_guests_(world_),
      lost_addresses_(world_),
      host_actions_(world_, stages_, terminations_),
      terminates_(world_, hosts_, host_actions_, stages_, terminations_),
      rebuilds_(world_, host_actions_),
      snapshots_(world_, host_actions_),
      resets_(world_, host_actions_),
      steps_(world_),
      moves_(world_, hosts_, host_actions_, stages_),
      actions_(host_actions_, snapshots_, moves_),
      periodic_(world_, results_, terminates_, host_actions_, moves_),
      running_deleted_(world_),
      fault_rules_(world_, fault_desk_),
      servers_(world_),
      server_changes_(world_),
      interfaces_(world_),
      guest_views_(world_),
      cloud_(world_, hosts_, services_),
      flavors_(world_),
      images_(world_),
      key_pairs_(world_),
      projects_(world_),
      users_(world_),
      token_keys_(world_),
      quotas_(world_),
      aggregates_(world_, hosts_),
      server_groups_(world_),
      api_records_(world_),
      migrations_(world_),
      cloud_resets_(world_, hosts_, std::move(ports.begin_again), std::move(ports.failed_reset)),
      started_at_(ports.loop.now()),
      announced_(ports.loop.now()),
      hosts_announced_(ports.loop.now()) {
  KN_CHECK(are_token_keys(records_.setting(std::string(kTokenKeySetting))),
           "a controller was made of rows without a token signing key");
  world_.ticket_key = token_keys_.ticket_key();
  if (const auto& gone = records_.of<DeletedServer>(); !gone.empty()) world_.last_deleted_server = gone.rbegin()->first;
  for (Instance& row : state.instances) instances_.insert(std::move(row));
  for (Allocation& row : state.allocations) allocations_.put(std::move(row));
  launches_.set_last_instance_id(state.last_instance_id);
  launches_.set_on_failed([this](InstanceReport report) { flows_->spawn(results_.on_own_failure(std::move(report))); });
  services_.on_peer_up({transport_.self(), transport_.incarnation()}, loop_.wall_now());  // it lists itself too
}

ControllerCore::~ControllerCore() {
  flows_.reset();
  loop_.cancel(look_timer_);
}

void ControllerCore::start() {
  peers_.start();
  for (const auto& [id, row] : instances_.rows()) {
    if (row.task_state == TaskState::kDeleting) {
      drives_.deletes()[row.uuid] = {};
    } else if (row.being_built() != nullptr) {
      watchdog_.watch_recovered(row);
    } else if (row.is_unstable() || row.move || makes_crash_dump(records_, row)) {
      drives_.power_actions().insert(row.uuid);
    }
  }
  std::vector<Uuid> deletes;
  for (const auto& [uuid, pending] : drives_.deletes()) deletes.push_back(uuid);
  for (const Uuid& uuid : deletes) terminates_.resume(uuid);
  lost_addresses_.start();
  world_.recovering = world_.unheard = !hosts_.all_heard();
  if (!world_.recovering) cloud_resets_.on_recovered();
  cloud_resets_.start();
  schedule_look();
}

void ControllerCore::announce_again() {
  if (loop_.now() - announced_ >= kAnnounceInterval) {
    announced_ = loop_.now();
    for (const Peer& peer : transport_.peers(Role::kApi)) {
      token_keys_.tell(peer.id);
      events_.greet(peer.id);
      fault_desk_.tell_http_rules(peer.id);
    }
    for (const Peer& peer : transport_.peers(Role::kNetwork))
      transport_.send(peer.id, Message{0, AddressKey{world_.ticket_key}});
  }
  if (loop_.now() - hosts_announced_ < kHostsAnnounceInterval) return;
  hosts_announced_ = loop_.now();
  for (const Peer& peer : transport_.peers(Role::kScheduler)) hosts_.greet_scheduler(peer.id);
}

void ControllerCore::schedule_look() {
  look_timer_ = loop_.call_after(kLookInterval, [this] {
    look_after();
    schedule_look();
  });
}

void ControllerCore::look_after() {
  check_recovery();
  watchdog_.look(world_.recovering);
  launches_.cast_waiting();  // what no scheduler had room for
  terminates_.resend_unconfirmed();
  returns_.resend_unconfirmed(options_.report_interval);
  periodic_.look();
  running_deleted_.look();
  host_actions_.resend_unanswered();
  launches_.forget_old_tokens();
  announce_again();
}

void ControllerCore::check_recovery() {
  if (world_.unheard) world_.unheard = !hosts_.all_heard();
  if (!world_.recovering) return;
  world_.recovering = world_.unheard && loop_.now() - started_at_ < options_.service_down_time;
  if (world_.recovering) return;
  cloud_resets_.on_recovered();
  launches_.cast_waiting();
}

Task<> ControllerCore::register_hosts(Peer from, RegisterHosts part) {
  co_await hosts_.register_hosts(from, std::move(part));
  check_recovery();
}

void ControllerCore::on_peer_up(const Peer& peer) {
  if (!peers_.admit(peer)) return;
  services_.on_peer_up(peer, loop_.wall_now());
  caller_.on_peer_up(peer);
  switch (peer.id.role) {
    case Role::kScheduler:
      if (schedulers_.on_peer_up(peer)) {
        watchdog_.on_scheduler_restart(peer);
        hosts_.greet_scheduler(peer.id);
      }
      launches_.cast_waiting();
      break;
    case Role::kApi:
      token_keys_.tell(peer.id);
      events_.greet(peer.id);
      fault_desk_.tell_http_rules(peer.id);
      break;
    case Role::kNetwork:
      transport_.send(peer.id, Message{0, AddressKey{world_.ticket_key}});
      terminates_.resend_all();
      returns_.resend();
      break;
    case Role::kCompute:
      terminates_.resend_all();
      host_actions_.resend();
      break;
    case Role::kController:
    case Role::kClient: break;
  }
}

void ControllerCore::on_peer_down(const Peer& peer) {
  if (!peers_.is_newest(peer)) return;
  services_.on_peer_down(peer, loop_.wall_now());
  caller_.on_peer_down(peer);
}

// A compute process speaks of its own hosts, and of those that nobody else carries now; of deleted ones it does not.
bool ControllerCore::may_speak_of_hosts(const Peer& from, Message& message) const {
  if (from.id.role != Role::kCompute) return true;
  auto is_wrong = [&](const auto& item) {
    return hosts_.is_carried_by_another(item.host, from.id) || hosts_.was_deleted(item.host, from);
  };
  if (auto* part = get_if<RegisterHosts>(&message.body)) std::erase_if(part->guests, is_wrong);
  if (auto* heartbeat = get_if<ComputeHeartbeat>(&message.body)) std::erase_if(heartbeat->unfinished, is_wrong);
  const auto* report = get_if<InstanceReport>(&message.body);
  const auto* terminated = get_if<InstanceTerminated>(&message.body);
  const auto* done = get_if<ServerActionDone>(&message.body);
  if (!(report && is_wrong(*report)) && !(terminated && is_wrong(*terminated)) && !(done && is_wrong(*done)))
    return true;
  log_.event(LogLevel::kWarning, "a message was ignored: it speaks of a host that is not its process's",
             {{"message", std::string(message_name(message))}, {"from", to_string(from.id)}});
  return false;
}

void ControllerCore::on_message(const Peer& from, Message message) {
  if (!peers_.is_newest(from)) return;
  services_.heard(from, loop_.wall_now());
  if (!may_enter(log_, from, Role::kController, message) || !may_speak_of_hosts(from, message)) return;
  uint64_t call = message.call;
  visit(
      [&](auto&& body) {
        using T = std::decay_t<decltype(body)>;
        if constexpr (std::is_same_v<T, ApiCall>) {
          flows_->spawn(answer_call(from, call, std::move(body)));
        } else if constexpr (std::is_same_v<T, InstanceReport>) {
          instances_.hear_epoch(body.placement);
          lost_guests_.on_report(from, body);
          flows_->spawn(results_.on_report(from, std::move(body)));
        } else if constexpr (std::is_same_v<T, NoValidHost>) {
          on_no_valid_host(std::move(body));
        } else if constexpr (std::is_same_v<T, SelectDestinationsRefused>) {
          launches_.on_refused(from.id, body);
        } else if constexpr (std::is_same_v<T, SchedulerHeartbeat>) {
          schedulers_.on_heartbeat(from.id, body);
        } else if constexpr (std::is_same_v<T, RegisterHosts>) {
          for (const GuestInfo& guest : body.guests) instances_.hear_epoch(guest.placement);
          for (const GuestInfo& guest : body.guests) host_actions_.hear_power(guest);
          lost_guests_.on_registration(from, body);
          std::erase_if(body.guests, [&](const GuestInfo& guest) {
            return !is_wanted_or_reaped(from.id, guest.host, guest.placement);
          });
          watchdog_.on_guests(from, std::move(body.guests));
          hosts_.on_registration(from);
          flows_->spawn(register_hosts(from, std::move(body)));
        } else if constexpr (std::is_same_v<T, ComputeHeartbeat>) {
          for (const ComputeHeartbeat::Unfinished& build : body.unfinished) instances_.hear_epoch(build.placement);
          hosts_.on_heartbeat(from, body);
          watchdog_.on_heartbeat(from, body);
          lost_guests_.on_heartbeat(from);
        } else if constexpr (std::is_same_v<T, InstanceTerminated>) {
          instances_.hear_epoch(body.placement);
          lost_guests_.on_terminated(from, body);
          watchdog_.on_terminated(body);
          flows_->spawn(terminates_.on_terminated(std::move(body)));
        } else if constexpr (std::is_same_v<T, AddressesReleased>) {
          returns_.on_released(body);
          flows_->spawn(terminates_.on_released(std::move(body)));
        } else if constexpr (std::is_same_v<T, ServerActionDone>) {
          if (!instances_.find(body.placement.instance) && running_deleted_.leaves_alone()) return;
          lost_guests_.on_action_done(from, body);
          flows_->spawn(host_actions_.on_done(from, std::move(body)));
        } else if constexpr (std::is_same_v<T, NetworksSnapshot>) {
          records_.networks.clear();
          records_.networks_heard = true;
          for (Network& network : body.networks) records_.networks[network.id] = std::move(network);
        } else if constexpr (std::is_same_v<T, OwnershipQuery>) {
          on_ownership_query(from, call, body);
        } else if constexpr (std::is_same_v<T, FaultReached>) {
          flows_->spawn(fault_desk_.answer(from, call, std::move(body)));
        } else if constexpr (is_one_of<T, ApiReply, AllocateAddressesReply>) {
          caller_.complete(from.id, call, std::move(body));
        }
      },
      std::move(message.body));
}

void ControllerCore::on_no_valid_host(NoValidHost message) {
  for (const PlacementId& placement : message.placements)
    flows_->spawn(results_.on_no_valid_host(placement, message.reason, message.decision, message.steps));
}

bool ControllerCore::is_wanted_or_reaped(PeerId process, const std::string& host, const PlacementId& guest) {
  return instances_.find(guest.instance) != nullptr || running_deleted_.is_reaped(process, host, guest);
}

void ControllerCore::on_ownership_query(const Peer& from, uint64_t call, const OwnershipQuery& query) {
  OwnershipAnswer answer;
  for (const PlacementId& held : query.held) {
    const Instance* row = instances_.find(held.instance);
    bool owned = row && row->placement_of(held.epoch) && !row->has_given_up();
    // One that is shelved has no guest, and keeps its addresses.
    if (from.id.role == Role::kCompute) owned = row && placement_with_guest(*row, held.epoch);
    // A delete tells its holders itself: what it is about to release is no orphan.
    bool deleting = row && row->task_state == TaskState::kDeleting;
    // Its last interface was taken away, and the network-controller has not heard of it.
    if (owned && lost_addresses_.has_too_much(*row, query, held)) owned = false;
    const bool stays = from.id.role == Role::kCompute && !is_wanted_or_reaped(from.id, "", held);
    if (!owned && !deleting && !stays) {
      KN_SOMETIMES("controller: an audit finds an orphan");
      answer.orphans.push_back(held);
    }
    instances_.hear_epoch(held);
  }
  if (from.id.role == Role::kCompute && query.digests.size() == query.held.size()) hear_power_states(from, query);
  if (from.id.role == Role::kNetwork) {
    lost_addresses_.compare(query, answer);
    transport_.send(from.id, Message{0, AddressKey{world_.ticket_key}});  // the one on connection may have been dropped
  }
  transport_.send(from.id, Message{call, std::move(answer)});
}

void ControllerCore::hear_power_states(const Peer& from, const OwnershipQuery& query) {
  for (size_t i = 0; i < query.held.size(); ++i) {
    const Instance* row = instances_.find(query.held[i].instance);
    const auto power = static_cast<PowerState>(query.digests[i]);
    if (row == nullptr || query.digests[i] > UINT8_MAX || !is_known(power)) continue;
    const Placement* placement = row->placement_of(query.held[i].epoch);
    if (placement == nullptr) continue;
    auto host = records_.of<Host>().find(placement->host);
    if (host == records_.of<Host>().end() || host->second.process != from.id) continue;
    host_actions_.hear_power({placement->host, query.held[i], power, true});
  }
}

Task<> ControllerCore::answer_call(Peer from, uint64_t call_id, ApiCall call) {
  ApiReply reply{co_await dispatch(std::move(call))};
  transport_.send(from.id, Message{call_id, std::move(reply)});
}

}  // namespace kilonova::controller
