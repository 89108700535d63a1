#include "scheduler/core/scheduler_core.h"

#include <utility>

#include "base/check.h"
#include "base/sometimes.h"
#include "domain/api.h"
#include "domain/beliefs.h"
#include "ports/door.h"
#include "runtime/sleep.h"

namespace kilonova::scheduler {
namespace {

// Without an answer for so long a fault rule does not strike.
constexpr Duration kJudgePatience = seconds(60);

template <class Page>
void put(Expected<Page> page, ApiReply& reply) {
  if (page) {
    reply.result = *std::move(page);
  } else {
    reply.result = std::unexpected(std::move(page.error()));
  }
}

}  // namespace

SchedulerCore::SchedulerCore(SchedulerPorts ports)
    : loop_(ports.loop),
      transport_(ports.transport),
      log_(ports.log),
      random_(ports.random),
      options_(std::move(ports.options)),
      self_(to_string(ports.transport.self())),
      caller_(ports.loop, ports.transport),
      judge_(caller_, Random(0, self_, "fault rules"), kJudgePatience),
      scope_(ports.loop) {
  KN_CHECK(validate(options_).has_value(), "the options were not validated");
  driver_ = make_driver(options_);
}

void SchedulerCore::start() { scope_.spawn(heartbeat_flow()); }

void SchedulerCore::on_peer_up(const Peer& peer) {
  const Incarnation* known = incarnations_.find(peer.id);
  bool new_incarnation = known == nullptr || *known != peer.incarnation;
  incarnations_.insert_or_assign(peer.id, peer.incarnation);
  if (peer.id.role == Role::kController) {
    caller_.on_peer_up(peer);
    if (new_incarnation) {
      hosts_.reset_statuses();
      statuses_heard_ = false;
      held_.clear();  // of a controller whose memory is gone: its rows say what is to be done
      delayed_.clear();
      cast_watermark_ = 0;
      unknown_since_.reset();  // the new one's hosts get their time to be heard
    }
    controller_ = peer;
    send_heartbeat();
  } else if (peer.id.role == Role::kCompute && new_incarnation) {
    hosts_.reset_usage(peer.id);
  }
}

void SchedulerCore::on_peer_down(const Peer& peer) {
  if (peer.id.role == Role::kController) caller_.on_peer_down(peer);
  if (controller_ && controller_->id == peer.id) controller_.reset();
}

void SchedulerCore::on_message(const Peer& from, Message message) {
  if (!may_enter(log_, from, Role::kScheduler, message)) return;
  if (auto* cast = get_if<SelectDestinations>(&message.body)) {
    take_cast(from, std::move(*cast));
  } else if (auto* statuses = get_if<HostStatuses>(&message.body)) {
    // A full list takes nothing away: it says too which hosts were deleted, and a new controller began with none.
    for (const std::string& name : statuses->deleted) hosts_.forget_status(name);
    for (const HostStatus& status : statuses->hosts) hosts_.update_status(status);
    statuses_heard_ = true;
    work_off_held();
  } else if (auto* update = get_if<UsageUpdate>(&message.body)) {
    for (const HostUsage& usage : update->hosts) hosts_.update_usage(from, usage);
    work_off_held();
  } else if (holds_alternative<FaultVerdict>(message.body)) {
    caller_.complete(from.id, message.call, std::move(message.body));
  } else if (auto* call = get_if<ApiCall>(&message.body)) {
    answer_call(from, message.call, *call);
  }
}

void SchedulerCore::answer_call(const Peer& from, uint64_t call_id, const ApiCall& call) {
  ApiReply reply{fail(ErrorCode::kUnimplemented, "a scheduler does not know this operation")};
  if (const auto* read = get_if<ReadBeliefs>(&call.request)) {
    put(beliefs(*read), reply);
  } else if (const auto* asked = get_if<ReadHostVerdicts>(&call.request)) {
    put(verdicts(*asked), reply);
  }
  transport_.send(from.id, Message{.call = call_id, .body = std::move(reply)});
}

bool SchedulerCore::knows_enough() {
  if (statuses_heard_ && hosts_.awaiting_usage() == 0) {
    unknown_since_.reset();
    return true;
  }
  if (!unknown_since_) unknown_since_ = loop_.now();
  return loop_.now() - *unknown_since_ >= options_.usage_patience;
}

void SchedulerCore::take_cast(const Peer& controller, SelectDestinations cast) {
  if (held_.empty() && knows_enough()) return select_destinations(controller, std::move(cast));
  KN_SOMETIMES("scheduler: a cast waits for the usage of hosts");
  if (held_.empty()) scope_.spawn(end_patience());
  held_.push_back({controller, std::move(cast)});
}

void SchedulerCore::work_off_held() {
  while (!held_.empty() && knows_enough()) {
    HeldCast next = std::move(held_.front());
    held_.pop_front();
    select_destinations(next.controller, std::move(next.cast));
  }
}

Task<void> SchedulerCore::end_patience() {
  co_await sleep_for(loop_, options_.usage_patience);
  work_off_held();
}

Task<void> SchedulerCore::heartbeat_flow() {
  for (;;) {
    co_await sleep_for(loop_, options_.report_interval);
    size_t expired = hosts_.expire_debits(loop_.now());
    if (expired > 0) KN_SOMETIMES("scheduler: a debit expires");
    if (expired > 0)
      log_.event(LogLevel::kWarning, "debits expired: no compute node accounted for what was cast to it",
                 {{"debits", std::to_string(expired)}});
    send_heartbeat();
    forget_judged();
  }
}

void SchedulerCore::send_heartbeat() {
  if (!controller_) return;
  const AllocationRatios& ratios = options_.ratios;
  // What waits is not done.
  const uint64_t done = delayed_.empty() ? cast_watermark_ : std::min(cast_watermark_, *delayed_.begin() - 1);
  SchedulerHeartbeat heartbeat{done, decisions_, hosts_.debit_count(), ratios.vcpus, ratios.memory, ratios.disk};
  transport_.send(controller_->id, Message{.call = 0, .body = heartbeat});
}

}  // namespace kilonova::scheduler
