#include "sim/work_at_hand.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "domain/api.h"
#include "domain/nouns/server.h"
#include "sim/strikes.h"

namespace kilonova::sim {
namespace {

constexpr PeerId kController{Role::kController, 0};
constexpr PeerId kNetwork{Role::kNetwork, 0};

// The step that compute does after this one. 8 is the network-controller's.
LaunchStep next_at_compute(LaunchStep step) {
  if (step == LaunchStep::kNetworkRequested) return LaunchStep::kBlockDevicesMapped;
  return step >= LaunchStep::kGuestStarted ? LaunchStep::kGuestStarted
                                           : static_cast<LaunchStep>(static_cast<int>(step) + 1);
}

bool is_create(const Message& message) {
  const auto* call = get_if<ApiCall>(&message.body);
  return call != nullptr && holds_alternative<CreateServers>(call->request);
}

// "scheduler-1" -> 1.
uint32_t index_of(const std::string& daemon) {
  uint32_t index = 0;
  const char* digits = daemon.data() + daemon.rfind('-') + 1;
  std::from_chars(digits, daemon.data() + daemon.size(), index);
  return index;
}

bool was_injected(const StepRecord& record) { return record.fault.find("injected fault at") != std::string::npos; }

}  // namespace

std::vector<LaunchStep> WorkAtHand::of(PeerId daemon, const OfHost& of_host) const {
  std::vector<LaunchStep> steps;
  if (daemon.role == Role::kApi) steps.assign(static_cast<size_t>(creates_called_), LaunchStep::kRequestAccepted);
  if (daemon == kController) steps.assign(creates_.size(), LaunchStep::kInstanceCreated);
  for (const auto& [instance, works] : works_)
    for (const Work& work : works)
      if (work.daemon == daemon && (!of_host || of_host(work.host))) steps.push_back(work.step);
  return steps;
}

LaunchStep WorkAtHand::step_of(PeerId daemon, const PlacementId& placement) const {
  auto works = works_.find(placement.instance);
  if (works == works_.end()) return LaunchStep::kNone;
  for (const Work& work : works->second)
    if (work.daemon == daemon && work.epoch == placement.epoch) return work.step;
  return LaunchStep::kNone;
}

bool WorkAtHand::is_current(const PlacementId& placement) const {
  const RowState* row = ledger_.row(placement.instance);
  return row != nullptr && row->vm_state == VmState::kBuilding && row->task_state != TaskState::kDeleting &&
         row->epoch == placement.epoch;
}

WorkAtHand::Work* WorkAtHand::find(PeerId daemon, LaunchStep first, LaunchStep last, const PlacementId& placement) {
  auto works = works_.find(placement.instance);
  if (works == works_.end()) return nullptr;
  for (Work& work : works->second)
    if (work.daemon == daemon && work.epoch == placement.epoch && work.step >= first && work.step <= last) return &work;
  return nullptr;
}

void WorkAtHand::begin(const PlacementId& placement, Work work) {
  if (!is_current(placement)) return;
  LaunchStep last = work.daemon.role == Role::kCompute ? LaunchStep::kGuestStarted : work.step;
  if (find(work.daemon, work.step, last, placement) != nullptr) return;
  work.epoch = placement.epoch;
  works_[placement.instance].push_back(std::move(work));
}

void WorkAtHand::arrived(PeerId daemon, LaunchStep step, const PlacementId& placement) {
  if (Work* work = find(daemon, step, step, placement)) work->arrived = true;
}

void WorkAtHand::end(PeerId daemon, LaunchStep step, const PlacementId& placement) {
  auto works = works_.find(placement.instance);
  if (works == works_.end()) return;
  std::erase_if(works->second, [&](const Work& work) {
    return work.daemon == daemon && work.epoch == placement.epoch && work.step == step;
  });
  if (works->second.empty()) works_.erase(works);
}

void WorkAtHand::on_row(const Uuid& uuid, const RowState*, const RowState* after) {
  bool building =
      after != nullptr && after->vm_state == VmState::kBuilding && after->task_state != TaskState::kDeleting;
  if (!building) {
    works_.erase(uuid);
    return;
  }
  auto works = works_.find(uuid);
  if (works != works_.end()) std::erase_if(works->second, [&](const Work& w) { return w.epoch < after->epoch; });
  if (after->task_state != TaskState::kScheduling || !after->host.empty()) return;
  // The ledger has the row only after its checkers.
  std::vector<Work>& of_server = works_[uuid];
  if (of_server.empty())
    of_server.push_back({kController, kController, after->epoch, LaunchStep::kScheduleCast, "", true});
}

void WorkAtHand::sent(PeerId from, PeerId to, const Message& message) {
  if (is_create(message)) {
    creates_.try_emplace({from, message.call}, false);
  } else if (holds_alternative<ApiReply>(message.body)) {
    creates_.erase({to, message.call});
  } else if (const auto* select = get_if<SelectDestinations>(&message.body)) {
    for (const PlacementRequest& request : select->requests)
      begin(request.placement, {to, from, 0, LaunchStep::kHostSelected, "", false});
  } else if (const auto* run = get_if<BuildAndRunInstance>(&message.body)) {
    begin(run->placement, {from, from, 0, LaunchStep::kRunCast, "", true});
    begin(run->placement, {to, from, 0, LaunchStep::kClaimed, run->host, false});
  } else if (const auto* allocate = get_if<AllocateAddresses>(&message.body); allocate && to == kNetwork) {
    begin(allocate->placement, {to, from, 0, LaunchStep::kAddressAllocated, allocate->host, false});
  } else if (const auto* report = get_if<InstanceReport>(&message.body)) {
    reported(from, *report);
  }
}

void WorkAtHand::reported(PeerId from, const InstanceReport& report) {
  if (report.result == BuildResult::kProgress) return;
  // Step 8 is struck when its reply arrives: its log does not know yet.
  Work* work = find(from, LaunchStep::kClaimed, LaunchStep::kGuestStarted, report.placement);
  if (work == nullptr) return;  // says it again
  for (const StepRecord& record : report.steps)
    if (record.step == LaunchStep::kAddressAllocated && record.epoch == report.placement.epoch && was_injected(record))
      struck_("fault rule", from, from, record.step);
  end(from, work->step, report.placement);
  if (report.result == BuildResult::kActive)
    begin(report.placement, {kController, from, 0, LaunchStep::kActive, "", false});
}

void WorkAtHand::arrives(PeerId from, PeerId to, const Message& message) {
  if (is_create(message)) {
    if (auto create = creates_.find({from, message.call}); create != creates_.end()) create->second = true;
  } else if (const auto* select = get_if<SelectDestinations>(&message.body)) {
    selecting_scheduler_ = to;
    for (const PlacementRequest& request : select->requests) {
      selecting_.push_back(request.placement);
      end(from, LaunchStep::kScheduleCast, request.placement);
    }
  } else if (const auto* refused = get_if<SelectDestinationsRefused>(&message.body)) {
    for (const PlacementId& placement : refused->placements)
      begin(placement, {to, to, 0, LaunchStep::kScheduleCast, "", true});
  } else if (const auto* run = get_if<BuildAndRunInstance>(&message.body)) {
    end(from, LaunchStep::kRunCast, run->placement);
    arrived(to, LaunchStep::kClaimed, run->placement);
  } else if (const auto* allocate = get_if<AllocateAddresses>(&message.body)) {
    arrived(to, LaunchStep::kAddressAllocated, allocate->placement);
  } else if (const auto* report = get_if<InstanceReport>(&message.body)) {
    arrived(to, LaunchStep::kActive, report->placement);
  }
}

// A scheduler decides in the turn in which the cast arrives; what it did not cast on it has answered or ignored.
void WorkAtHand::handled() {
  for (const PlacementId& placement : selecting_) end(selecting_scheduler_, LaunchStep::kHostSelected, placement);
  selecting_.clear();
}

void WorkAtHand::struck(std::string_view fault, PeerId from, PeerId to, const Message* message) {
  if (message == nullptr) return struck_(fault, from, to, LaunchStep::kNone);
  // The cast is not the controller's any more, and nobody else's either: the watchdog will find out.
  if (const auto* select = get_if<SelectDestinations>(&message->body); select && fault == "message lost")
    for (const PlacementRequest& request : select->requests) end(from, LaunchStep::kScheduleCast, request.placement);
  struck_(fault, from, to, fault == "slow" ? work_of(*message) : sim::step_of(*message));
}

void WorkAtHand::logged(const Uuid& instance, const StepRecord& record) {
  PlacementId placement{instance, record.epoch};
  const bool by_scheduler = record.step == LaunchStep::kHostSelected || record.step == LaunchStep::kRunCast;
  const bool by_controller = record.step == LaunchStep::kScheduleCast || record.step == LaunchStep::kActive;
  if ((by_scheduler || by_controller) && was_injected(record)) {
    const PeerId daemon = by_controller ? kController : PeerId{Role::kScheduler, index_of(record.daemon)};
    return struck_("fault rule", daemon, daemon, record.step);
  }
  if (record.step == LaunchStep::kAddressAllocated) return end(kNetwork, record.step, placement);
  auto works = works_.find(instance);
  if (works == works_.end() || record.step < LaunchStep::kClaimed || record.step > LaunchStep::kGuestStarted) return;
  for (Work& work : works->second) {
    if (work.epoch != record.epoch || work.daemon.role != Role::kCompute || work.host != record.host) continue;
    if (was_injected(record)) struck_("fault rule", work.daemon, work.daemon, record.step);
    if (record.fault.empty()) work.step = next_at_compute(record.step);
  }
}

template <class Lost>
void WorkAtHand::forget(Lost lost) {
  for (auto it = works_.begin(); it != works_.end();) {
    std::erase_if(it->second, lost);
    it = it->second.empty() ? works_.erase(it) : std::next(it);
  }
}

void WorkAtHand::host_died(PeerId process, const std::string& host) {
  forget([&](const Work& work) { return work.daemon == process && work.host == host; });
}

void WorkAtHand::died(PeerId daemon) {
  forget([&](const Work& work) {
    bool durable = work.step == LaunchStep::kScheduleCast;  // the row says it
    return (work.daemon == daemon && !durable) || (work.from == daemon && !work.arrived);
  });
  std::erase_if(creates_, [&](const auto& create) {
    return daemon == kController || (create.first.first == daemon && !create.second);
  });
}

}  // namespace kilonova::sim
