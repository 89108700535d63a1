#include "controller/core/launch_flow.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <utility>

#include "base/sometimes.h"
#include "controller/core/answered_row.h"
#include "controller/core/group_policy.h"
#include "controller/core/nouns/server_changes.h"
#include "controller/core/row_writer.h"
#include "domain/api.h"
#include "domain/client_token.h"
#include "domain/injected_fault.h"
#include "domain/nouns/image.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/resources.h"
#include "domain/watch_event.h"
#include "ports/struck.h"
#include "runtime/sleep.h"
#include "runtime/when_all.h"

namespace kilonova::controller {
namespace {

std::string reservation_id(Random& random) {
  static constexpr char kAlphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  std::string id = "r-";
  for (int i = 0; i < 8; ++i) id += kAlphabet[random.below(36)];
  return id;
}

// Quota, and places among the servers under work, taken by a create whose commit is under way; given back when it ends,
// however it ends: the rows, if any, count then.
class Reservation {
 public:
  Reservation(QuotaUsage& reserved, QuotaUsage& reserved_of_user, size_t& committing, const Flavor& flavor,
              uint32_t count)
      : reserved_(reserved),
        reserved_of_user_(reserved_of_user),
        committing_(committing),
        taken_{count, count * flavor.vcpus, count * flavor.memory_mb} {
    add(1);
    committing_ += count;
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() {
    add(-1);
    committing_ -= static_cast<size_t>(taken_.instances);
  }

 private:
  void add(int64_t sign) {
    for (QuotaUsage* usage : {&reserved_, &reserved_of_user_}) {
      usage->instances += sign * taken_.instances;
      usage->cores += sign * taken_.cores;
      usage->ram_mb += sign * taken_.ram_mb;
    }
  }
  QuotaUsage& reserved_;
  QuotaUsage& reserved_of_user_;
  size_t& committing_;
  QuotaUsage taken_;
};

QuotaUsage operator+(QuotaUsage a, const QuotaUsage& b) {
  return {a.instances + b.instances, a.cores + b.cores, a.ram_mb + b.ram_mb};
}

// One transaction of the erasure of tokens: short enough for a create to wait behind it.
constexpr size_t kTokensErasedAtOnce = 1'000;
// For which a call that a fault rule loses is not answered: longer than anybody waits for it.
constexpr Duration kLostCall = seconds(120);

}  // namespace

LaunchFlow::LaunchFlow(ControllerWorld& world, FaultDesk& faults)
    : world_(world), faults_(faults), token_locks_(world.loop), next_instance_id_(1) {}

Task<Expected<CreateServersReply>> LaunchFlow::handle(ApiCall call, const CreateServers*) {
  StruckCall struck;
  auto reply = co_await create(std::move(call), struck);
  // By then nobody waits for it any more.
  if (struck.is_lost) co_await sleep_for(world_.loop, kLostCall);
  co_return reply;
}

Task<Expected<CreateServersReply>> LaunchFlow::create(ApiCall call, StruckCall& struck) {
  const auto& request = get<CreateServers>(call.request);
  if (request.client_token.empty()) co_return co_await create_new(std::move(call), struck);
  Uuid project = call.context.project_id;
  std::string token = request.client_token;
  auto lock = co_await token_locks_.acquire(to_string(project) + token);
  const ClientTokens& tokens = world_.records.of<ClientToken>();
  if (const ClientToken* known = tokens.find(project, token)) {
    KN_SOMETIMES("controller: a create is asked again with its client token");
    co_return answer_again(*known, get<CreateServers>(call.request));
  }
  if (tokens.count(project) >= world_.options.max_client_tokens)
    co_return fail(ErrorCode::kResourceExhausted,
                   fmt::format("the project used {} client tokens within 24 hours, as many as are remembered: try "
                               "later, or without one",
                               tokens.count(project)));
  co_return co_await create_new(std::move(call), struck);
}

Expected<CreateServersReply> LaunchFlow::answer_again(const ClientToken& known, const CreateServers& request) const {
  if (known.request_hash != request_hash(request))
    return fail(ErrorCode::kConflict,
                fmt::format("client token '{}' was used with another request: use a new token", known.token));
  CreateServersReply reply;
  for (const Uuid& uuid : known.instances)
    if (const Instance* row = world_.instances.find(uuid)) reply.servers.push_back(answered_row(world_.records, *row));
  if (reply.servers.empty())
    return fail(ErrorCode::kConflict, fmt::format("the servers that client token '{}' created were deleted since: use "
                                                  "a new token to create others",
                                                  known.token));
  reply.reservation_id = reply.servers.front().reservation_id;
  reply.properties = properties_of(world_.records, reply.servers);
  reply.revision = world_.events.revision();
  return reply;
}

Task<Expected<CreateServersReply>> LaunchFlow::create_new(ApiCall call, StruckCall& struck) {
  WallTime start = world_.loop.wall_now();
  Instant started = world_.loop.now();
  const auto& request = get<CreateServers>(call.request);
  size_t unstable = world_.instances.unstable() + committing_;
  if (unstable + request.max_count > world_.options.max_unstable_instances)
    co_return fail(ErrorCode::kResourceExhausted,
                   fmt::format("{} servers are being built or changed, {} is the limit: try again later", unstable,
                               world_.options.max_unstable_instances));
  if (!world_.records.of<Project>().contains(call.context.project_id))
    co_return fail(ErrorCode::kUnauthenticated, "the project that this token is for was deleted: log in to another");
  auto hints = read_hints(request, scope_of(call.context, false), world_.records);
  if (!hints) co_return std::unexpected(hints.error());
  QuotaUsage& reserved = world_.reserved[call.context.project_id];
  const Uuid project = call.context.project_id, user = call.context.user_id;
  QuotaUsage& of_user = world_.reserved_of_users[{project, user}];
  auto plan = plan_create(request, call.context, world_.records, world_.instances.usage(project) + reserved,
                          world_.instances.usage(project, user) + of_user);
  if (!plan) co_return std::unexpected(plan.error());
  plan->spec.hints = *std::move(hints);
  Reservation reservation(reserved, of_user, committing_, plan->spec.flavor, plan->count);
  std::vector<Instance> rows = make_rows(call, *std::move(plan));

  Transaction more;
  if (auto may = co_await strike_call(call, rows, struck); !may) co_return std::unexpected(may.error());
  ClientToken token{call.context.project_id, request.client_token, request_hash(request), {}, token_time()};
  for (const Instance& row : rows) token.instances.push_back(row.uuid);
  if (!token.token.empty()) more.push_back(mutation::Put<ClientToken>{token});
  std::vector<ServerProperties> properties = asked_properties(request, rows);
  for (const ServerProperties& said : properties) more.push_back(mutation::Put<ServerProperties>{said});
  auto committed = co_await insert(rows, std::move(more));
  if (!committed) {
    KN_SOMETIMES("controller: the store refuses a create");
    co_return std::unexpected(committed.error());
  }
  if (!token.token.empty()) world_.records.of<ClientToken>().insert(std::move(token));
  for (const ServerProperties& said : properties) world_.records.of<ServerProperties>()[said.instance] = said;
  Duration took = world_.loop.now() - started;
  std::vector<StepRecord> steps{call.accepted,
                                controller_step(world_, LaunchStep::kInstanceCreated, rows.front(), start, took)};
  steps.front().epoch = 1;
  steps.front().attempt = 1;
  steps.front().fault_rule = struck.accepted_by;
  steps.back().fault_rule = struck.created_by;
  for (const Instance& row : rows) {
    world_.log.step(row.uuid, row.trace, steps.back());
    // The one line with its name, by which its other lines are found.
    world_.log.event(LogLevel::kInfo, "server created", {{"name", row.name}, {"instance", to_string(row.uuid)}});
  }
  schedule_and_build_instances(rows, steps);
  std::string reservation_id = rows.front().reservation_id;
  co_return CreateServersReply{std::move(rows), std::move(reservation_id), world_.events.revision(),
                               std::move(properties)};
}

Task<Expected<>> LaunchFlow::insert(const std::vector<Instance>& rows, Transaction more) {
  const Uuid group = rows.front().spec.hints.group;
  KeyedLock<std::string>::Guard held;
  if (!group.is_nil()) {
    held = co_await world_.record_locks.acquire(group_lock(group));
    if (auto room = check_group_room(world_, group, static_cast<uint32_t>(rows.size())); !room)
      co_return std::unexpected(room.error());
  }
  co_return co_await world_.rows.insert(rows, std::move(more));
}

Task<Expected<>> LaunchFlow::strike_call(const ApiCall& call, const std::vector<Instance>& rows, StruckCall& outcome) {
  for (LaunchStep step : {LaunchStep::kRequestAccepted, LaunchStep::kInstanceCreated}) {
    const bool is_api = step == LaunchStep::kRequestAccepted;
    const std::string daemon = is_api ? call.accepted.daemon : to_string(world_.transport.self());
    std::vector<InjectedFault> faults;
    for (const Instance& row : rows)
      for (InjectedFault& fault : world_.faults.of_steps({row.name, row.spec.project_id}, step, step)) {
        const auto is_same = [&](const InjectedFault& other) { return other.rule_id == fault.rule_id; };
        if (std::ranges::none_of(faults, is_same)) faults.push_back(std::move(fault));
      }
    const Struck struck = co_await be_struck(&faults_, &world_.loop, faults_at(faults, step, {}, daemon), {}, !is_api);
    if (struck.fails) co_return std::unexpected(injected_error(*struck.fails));
    outcome.is_lost = outcome.is_lost || struck.drops || struck.loses_reply;
    (is_api ? outcome.accepted_by : outcome.created_by) = struck.rule_id;
    if (struck.drops) co_return fail(ErrorCode::kDeadlineExceeded, "the call was lost");
  }
  co_return Expected<>();
}

std::vector<Instance> LaunchFlow::make_rows(const ApiCall& call, CreatePlan plan) {
  const auto& request = get<CreateServers>(call.request);
  std::vector<Instance> rows(plan.count);
  std::string reservation = reservation_id(world_.random);
  for (uint32_t i = 0; i < plan.count; ++i) {
    Instance& row = rows[i];
    row.id = next_instance_id_++;
    row.uuid = random_uuid(world_.random);
    row.name = server_name(request.name, i, plan.count);
    row.hostname = server_hostname(request.hostname.empty() ? request.name : request.hostname, i, plan.count, row.uuid);
    row.reservation_id = reservation;
    row.launch_index = i;
    row.spec = plan.spec;
    if (!plan.networks_of_each.empty()) row.spec.networks = plan.networks_of_each[i];
    row.trace = call.context.trace;
    row.current.epoch = 1;
    row.attempt = 1;
    row.current.step = LaunchStep::kInstanceCreated;
    row.created_at = row.updated_at = world_.loop.wall_now();
  }
  return rows;
}

// A cast has one specification for all of its servers: those whose nics are ports of their own are cast one by one.
void LaunchFlow::schedule_and_build_instances(std::span<const Instance> rows, const std::vector<StepRecord>& steps) {
  while (!rows.empty()) {
    const auto differs = [&](const Instance& row) { return row.spec.networks != rows.front().spec.networks; };
    const auto alike = rows.first(static_cast<size_t>(std::ranges::find_if(rows, differs) - rows.begin()));
    schedule_together(alike, steps);
    rows = rows.subspan(alike.size());
  }
}

void LaunchFlow::schedule_together(std::span<const Instance> rows, const std::vector<StepRecord>& steps) {
  WallTime start = world_.loop.wall_now();
  Instant started = world_.loop.now();
  std::vector<PlacementRequest> requests(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) open_drive(rows[i], steps, requests[i]);
  if (may_be_struck(requests)) {
    strike_cast(rows.front(), std::move(requests), true);
    return;
  }
  record_cast(rows.front(), requests, start, world_.loop.now() - started, {});
  send_cast(rows.front(), std::move(requests));
}

void LaunchFlow::record_cast(const Instance& front, std::vector<PlacementRequest>& requests, WallTime start,
                             Duration took, const std::map<Uuid, uint64_t>& rules) {
  StepRecord cast = controller_step(world_, LaunchStep::kScheduleCast, front, start, took);
  for (PlacementRequest& request : requests) {
    auto rule = rules.find(request.placement.instance);
    cast.fault_rule = rule == rules.end() ? 0 : rule->second;
    request.steps.push_back(cast);
    world_.drives.find(request.placement.instance)->steps.push_back(cast);
    world_.log.step(request.placement.instance, front.trace, cast);
  }
}

void LaunchFlow::build_instances(const Instance& row) {
  std::vector<PlacementRequest> requests(1);
  open_drive(row, {}, requests.front());
  cast(row, std::move(requests));
}

Drive& LaunchFlow::open_drive(const Instance& row, std::vector<StepRecord> steps, PlacementRequest& request) {
  const uint64_t epoch = row.being_built()->epoch;
  request.placement = {row.uuid, epoch};
  request.attempt = row.attempt;
  request.operation = row.operation;
  request.name = row.name;
  request.hostname = row.hostname;
  request.ticket = ticket_for(request.placement, world_.ticket_key);
  request.steps = steps;
  const Drive* last = world_.drives.find(row.uuid);
  Drive drive;
  drive.epoch = epoch;
  drive.lost_casts = last ? last->lost_casts : 0;
  if (last && last->epoch == epoch) drive.failing = last->failing;
  drive.steps = std::move(steps);
  end_drive(world_, row.uuid);
  // Those of 3 and 13 strike here.
  request.faults =
      world_.faults.of_steps({row.name, row.spec.project_id}, LaunchStep::kHostSelected, LaunchStep::kGuestStarted);
  return world_.drives.put(row.uuid, std::move(drive));
}

void LaunchFlow::cast(const Instance& front, std::vector<PlacementRequest> requests) {
  if (!may_be_struck(requests)) return send_cast(front, std::move(requests));
  strike_cast(front, std::move(requests), false);
}

void LaunchFlow::strike_cast(const Instance& front, std::vector<PlacementRequest> requests, bool records) {
  // Before the flow begins: whoever looks for casts that wait does not begin another one.
  for (const PlacementRequest& request : requests) world_.drives.find(request.placement.instance)->striking = true;
  world_.flows.spawn(cast_struck(front, std::move(requests), records));
}

std::vector<InjectedFault> LaunchFlow::faults_of_cast(const Uuid& instance) const {
  constexpr LaunchStep kStep = LaunchStep::kScheduleCast;
  const Instance* row = world_.instances.find(instance);
  if (row == nullptr) return {};
  return faults_at(world_.faults.of_steps({row->name, row->spec.project_id}, kStep, kStep), kStep, {},
                   to_string(world_.transport.self()));
}

bool LaunchFlow::may_be_struck(const std::vector<PlacementRequest>& requests) const {
  return std::ranges::any_of(
      requests, [&](const PlacementRequest& request) { return !faults_of_cast(request.placement.instance).empty(); });
}

// All servers of a call are placed together, so that they wait together, for the longest delay; and a cast that is lost
// is lost with all of them.
Task<> LaunchFlow::cast_struck(Instance front, std::vector<PlacementRequest> requests, bool records) {
  const WallTime start = world_.loop.wall_now();
  const Instant started = world_.loop.now();
  std::vector<Task<Struck>> strikes;
  for (const PlacementRequest& request : requests) {
    strikes.push_back(be_struck(&faults_, &world_.loop, faults_of_cast(request.placement.instance),
                                {.placement = request.placement}));
  }
  const std::vector<Struck> struck = co_await when_all(world_.loop, std::move(strikes));
  std::vector<PlacementRequest> left;
  std::map<Uuid, uint64_t> rules;
  bool is_lost = false;
  for (size_t i = 0; i < requests.size(); ++i) {
    PlacementRequest& request = requests[i];
    Drive* drive = world_.drives.find(request.placement.instance);
    if (!drive || drive->epoch != request.placement.epoch) {
      KN_SOMETIMES("controller: a server is deleted while its cast is delayed");
      continue;
    }
    drive->striking = false;
    is_lost = is_lost || struck[i].drops;
    if (struck[i].fails) {
      fail_cast(front, std::move(request), *struck[i].fails, start, world_.loop.now() - started);
    } else {
      if (struck[i].rule_id != 0) rules[request.placement.instance] = struck[i].rule_id;
      left.push_back(std::move(request));
    }
  }
  if (left.empty()) co_return;
  if (records) record_cast(front, left, start, world_.loop.now() - started, rules);
  send_cast(front, std::move(left), is_lost);
}

// As a host would report it.
void LaunchFlow::fail_cast(const Instance& front, PlacementRequest request, const InjectedFault& fault, WallTime start,
                           Duration took) {
  const Uuid& instance = request.placement.instance;
  InstanceReport report;
  report.placement = request.placement;
  report.attempt = request.attempt;
  fail_try(fault, report);
  report.alternates = front.alternates;
  report.steps = std::move(request.steps);
  StepRecord step = controller_step(world_, LaunchStep::kScheduleCast, front, start, took);
  step.epoch = request.placement.epoch;
  step.attempt = request.attempt;
  step.fault = report.fault.message;
  step.fault_rule = fault.rule_id;
  world_.log.step(instance, front.trace, step);
  report.steps.push_back(std::move(step));
  on_failed_(std::move(report));
}

// Nova: nova/conductor/manager.py; hosts that a create was forced to do not count any more.
void LaunchFlow::ask_for_move(const Instance& row, SelectDestinations& message) const {
  const Move& move = *row.move;
  message.shares_with = row.current.epoch;
  // The addresses stay with the server; one that has lost its last interface gets none.
  if (row.current.addresses.empty()) message.spec.networks.clear();
  message.spec.flavor = move.new_flavor;
  message.spec.forced_host = move.forced ? move.requested_host : std::string();
  if (!move.forced) message.requested_host = move.requested_host;
  if (!row.current.host.empty()) message.excluded_hosts.push_back(row.current.host);
  const auto& images = world_.records.of<Image>();
  if (auto shelved = images.find(row.shelved_image); shelved != images.end())
    message.spec.image = {shelved->first, shelved->second.name, shelved->second.size_bytes};
}

void LaunchFlow::send_cast(const Instance& front, std::vector<PlacementRequest> requests, bool is_lost) {
  if (world_.recovering) {
    KN_SOMETIMES("controller: a cast waits until the recovery is over");
    return;  // cast_waiting() does it afterwards
  }
  std::vector<Uuid> uuids;
  for (const PlacementRequest& request : requests) uuids.push_back(request.placement.instance);
  SelectDestinations message;
  message.trace = front.trace;
  message.spec = front.spec;
  message.requests = std::move(requests);
  message.excluded_hosts = front.tried_hosts;
  message.alternates = front.alternates;
  if (front.move)
    ask_for_move(front, message);
  else
    message.requested_host = front.spec.requested_host;
  describe_neighbours(world_, front, message);
  auto sent = world_.schedulers.cast(std::move(message), is_lost);
  if (!sent) {
    KN_SOMETIMES("controller: a cast waits for a scheduler");
    return;  // cast_waiting() does it when one connects
  }
  for (const Uuid& uuid : uuids) {
    Drive* drive = world_.drives.find(uuid);
    drive->scheduler = sent->scheduler.id;
    drive->scheduler_incarnation = sent->scheduler.incarnation;
    drive->cast_number = sent->cast_number;
    drive->cast_at = world_.loop.now();
  }
}

void LaunchFlow::cast_again(const Uuid& instance) {
  const Instance* row = world_.instances.find(instance);
  Drive* drive = world_.drives.find(instance);
  const Placement* built = row ? row->being_built() : nullptr;
  if (!built || !drive || built->epoch != drive->epoch || drive->listed || drive->striking) return;
  KN_SOMETIMES("controller: a try is cast again");
  std::vector<StepRecord> steps = drive->steps;
  std::vector<PlacementRequest> requests(1);
  open_drive(*row, std::move(steps), requests.front());
  cast(*row, std::move(requests));
}

void LaunchFlow::on_refused(PeerId scheduler, const SelectDestinationsRefused& refused) {
  for (const PlacementId& placement : refused.placements) {
    const Drive* drive = world_.drives.find(placement.instance);
    if (drive && drive->epoch == placement.epoch && drive->scheduler == scheduler &&
        drive->cast_number == refused.cast_number)
      cast_again(placement.instance);
  }
}

void LaunchFlow::cast_waiting() {
  std::vector<Uuid> waiting;
  for (const auto& [uuid, drive] : world_.drives.all())
    if (!drive.scheduler && !drive.silent_since && !drive.recovered && !drive.striking) waiting.push_back(uuid);
  for (const Uuid& uuid : waiting) cast_again(uuid);
}

WallTime LaunchFlow::token_time() {
  if (!token_clock_)
    token_clock_.emplace(world_.records.of<ClientToken>().newest().value_or(world_.loop.wall_now()), world_.loop.now());
  return token_clock_->at(world_.loop.now());
}

void LaunchFlow::forget_old_tokens() {
  WallTime oldest = token_time() + (Duration{} - world_.options.client_token_lifetime);
  if (erasing_tokens_ || world_.records.of<ClientToken>().older_than(oldest, 1).empty()) return;
  erasing_tokens_ = true;
  world_.flows.spawn(erase_old_tokens());
}

Task<> LaunchFlow::erase_old_tokens() {
  for (;;) {
    WallTime oldest = token_time() + (Duration{} - world_.options.client_token_lifetime);
    std::vector<std::pair<Uuid, std::string>> old =
        world_.records.of<ClientToken>().older_than(oldest, kTokensErasedAtOnce);
    if (old.empty()) break;
    Transaction transaction;
    for (const auto& [project, token] : old) transaction.push_back(mutation::Erase<ClientToken>{{project, token}});
    if (auto committed = co_await world_.store.commit(std::move(transaction)); !committed) break;
    for (const auto& [project, token] : old) world_.records.of<ClientToken>().erase(project, token);
  }
  erasing_tokens_ = false;
}

}  // namespace kilonova::controller
