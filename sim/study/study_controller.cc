#include "sim/study/study_controller.h"

#include <fmt/format.h>

#include <utility>

#include "base/random.h"

namespace kilonova::study {
namespace {

constexpr PeerId kHosts{Role::kCompute, 0};

// The other way round of request_of.
Uuid uuid_of(size_t request) {
  Uuid uuid;
  for (size_t byte = 0; byte < 8; ++byte)
    uuid.bytes[15 - byte] = static_cast<uint8_t>(static_cast<uint64_t>(request) >> (8 * byte));
  uuid.bytes[0] = 1;  // nil is no server
  return uuid;
}

size_t request_of(const Uuid& uuid) {
  uint64_t request = 0;
  for (size_t byte = 8; byte < 16; ++byte) request = request << 8 | uuid.bytes[byte];
  return static_cast<size_t>(request);
}

// Registration order breaks ties between hosts of like weight: with `shuffle` the seed draws it.
std::vector<HostStatus> register_hosts(const Workload& workload, bool shuffle, uint64_t seed) {
  std::vector<HostStatus> statuses;
  statuses.reserve(workload.hosts.size());
  for (const HostInfo& host : workload.hosts)
    statuses.push_back({.name = host.name, .zone = host.zone, .process = kHosts, .up = true, .aggregates = {}});
  Random random(seed, "controller-0", "registration");
  for (size_t i = statuses.size(); shuffle && i > 1; --i) std::swap(statuses[i - 1], statuses[random.below(i)]);
  for (size_t i = 0; i < statuses.size(); ++i) statuses[i].id = static_cast<int64_t>(i) + 1;
  return statuses;
}

Flavor flavor_of(const Resources& amount) {
  Flavor flavor;
  flavor.id = flavor.name = "study";
  flavor.vcpus = amount.vcpus;
  flavor.memory_mb = amount.memory_mb;
  flavor.root_gb = amount.disk_gb;
  return flavor;
}

}  // namespace

StudyController::StudyController(Transport& transport, const Workload& workload, const RunOptions& options,
                                 const StudyHosts& hosts)
    : transport_(transport),
      workload_(workload),
      options_(options),
      hosts_(hosts),
      schedulers_(transport),
      statuses_(register_hosts(workload, options.shuffle_hosts, options.seed)),
      launches_(workload.requests.size()) {}

void StudyController::on_peer_up(const Peer& peer) {
  if (peer.id.role != Role::kScheduler) return;
  schedulers_.on_peer_up(peer);
  transport_.send(peer.id, Message{.call = 0, .body = HostStatuses{.full = true, .hosts = statuses_}});
}

void StudyController::on_message(const Peer&, Message message) {
  if (const auto* none = get_if<NoValidHost>(&message.body)) {
    for (const PlacementId& placement : none->placements) {
      const size_t request = request_of(placement.instance);
      refuse(request, reason_of(request, none->decision));
    }
  } else if (const auto* report = get_if<InstanceReport>(&message.body)) {
    on_report(*report);
  }
}

void StudyController::arrive(size_t request) {
  launches_[request].state = State::kScheduling;
  cast(request, {});
}

void StudyController::depart(size_t request) {
  Launch& launch = launches_[request];
  launch.leaves = true;
  if (launch.state == State::kPlaced) terminate(request);
}

void StudyController::cast(size_t request, std::vector<std::string> alternates) {
  const Launch& launch = launches_[request];
  SelectDestinations message;
  message.spec.flavor = flavor_of(workload_.requests[request].amount);
  message.requests.push_back(
      {.placement = {uuid_of(request), launch.epoch}, .attempt = launch.attempt, .faults = {}, .steps = {}});
  message.excluded_hosts = launch.tried_hosts;
  message.alternates = std::move(alternates);
  (void)schedulers_.cast(std::move(message));  // all of them are connected
}

// As the daemon decides it: controller/core/transitions.cc, may_reschedule.
void StudyController::on_report(const InstanceReport& report) {
  const size_t request = request_of(report.placement.instance);
  Launch& launch = launches_[request];
  if (report.result == BuildResult::kActive) {
    launch.state = State::kPlaced;
    launch.host = report.host;
    ++placed_;
    note(request, report.host);
    if (launch.leaves) terminate(request);
    return;
  }
  launch.tried_hosts.push_back(report.host);
  if (launch.attempt >= options_.scheduler.max_attempts || report.alternates.empty())
    return refuse(request, fmt::format("refused by {} host{}, and no other left to try", launch.tried_hosts.size(),
                                       launch.tried_hosts.size() == 1 ? "" : "s"));
  ++launch.attempt;
  ++launch.epoch;
  cast(request, report.alternates);
}

void StudyController::refuse(size_t request, std::string reason) {
  launches_[request].state = State::kOver;
  ++refused_;
  note(request, reason);
  ++refusals_[std::move(reason)];
}

std::string StudyController::reason_of(size_t request, const Decision& decision) const {
  if (decision.from_alternates) return "no alternate has room any more";
  if (decision.filters.empty() || decision.filters.back().hosts_left > 0) return "no valid host";
  const std::string& filter = decision.filters.back().filter;
  if (filter == "CapacityFilter") return hosts_.why_no_room(workload_.requests[request].amount, options_.has_gpus);
  return fmt::format("{} leaves no host", filter);
}

void StudyController::terminate(size_t request) {
  Launch& launch = launches_[request];
  launch.state = State::kOver;
  TerminateInstance message;
  message.host = launch.host;
  message.placement = {uuid_of(request), launch.epoch};
  transport_.send(kHosts, Message{.call = 0, .body = std::move(message)});
}

void StudyController::note(size_t request, std::string_view outcome) {
  auto add = [this](uint8_t byte) { digest_ = (digest_ ^ byte) * 1'099'511'628'211ULL; };
  for (size_t byte = 0; byte < 8; ++byte) add(static_cast<uint8_t>(static_cast<uint64_t>(request) >> (8 * byte)));
  for (char c : outcome) add(static_cast<uint8_t>(c));
  add(0);
}

}  // namespace kilonova::study
