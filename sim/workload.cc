#include "sim/workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "domain/api.h"
#include "domain/nouns/cloud_reset.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "domain/nouns/server_group.h"
#include "domain/nouns/server_interface.h"
#include "domain/nouns/server_move.h"
#include "domain/nouns/server_request.h"
#include "domain/server_actions.h"
#include "sim/server_requests.h"

namespace kilonova::sim {
namespace {

constexpr auto kFlavors = std::to_array<std::string_view>({"m1.tiny", "m1.small", "m1.medium"});
constexpr Duration kRetryMin = milliseconds(300);
constexpr Duration kRetrySpread = milliseconds(1500);
constexpr Duration kAttachedMost = seconds(60);
constexpr double kAborted = 0.5;  // of the live migrations
constexpr Duration kAbortedWithin = seconds(10);
constexpr double kDetached = 0.7;       // of the interfaces that were attached,
constexpr double kFirstDetached = 0.2;  // or the server's first one in their place

// One of the actions, or a reset of the state.
ApiRequest some_request(uint64_t number, const Uuid& server) {
  const auto& actions = asked_actions();
  number %= actions.size() + 2;
  if (number < actions.size()) return request_of(*actions[number], to_string(server));
  return ResetServerState{to_string(server), number == actions.size() ? VmState::kActive : VmState::kError};
}

// Those that are done at once leave nothing in it, and what is taken back was counted.
bool counts_in_its_row(const ApiRequest& request) {
  if (holds_alternative<AbortMigration>(request)) return false;
  const auto* action = get_if<ServerAction>(&request);
  return action == nullptr || is_told_to_host(*find_action(action->action));
}

// What is asked next of a server that is to move, and what comes after that: each by itself would mostly be refused.
std::vector<ServerActionKind> some_move(uint64_t number) {
  using enum ServerActionKind;
  static const std::vector<std::vector<ServerActionKind>> kMoves{{kResize, kConfirmResize},
                                                                 {kResize, kRevertResize},
                                                                 {kMigrate, kConfirmResize},
                                                                 {kMigrate, kRevertResize},
                                                                 {kLiveMigrate},
                                                                 {kStop, kMigrate, kRevertResize},
                                                                 {kShelve, kUnshelve},
                                                                 {kShelve, kShelveOffload, kUnshelve},
                                                                 {kPause, kLiveMigrate},
                                                                 {kEvacuate, kEvacuate, kEvacuate}};
  return kMoves[number % kMoves.size()];
}

}  // namespace

class Workload::Attempt {
 public:
  Attempt(Workload* workload, uint64_t id) : workload_(workload), id_(id), is_create_(workload->is_create(id)) {
    if (is_create_ && workload_->create_called_) workload_->create_called_(1);
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  ~Attempt() {
    if (workload_ == nullptr) return;
    end();
    workload_->retry(id_);
  }
  void answer(Expected<ApiResponse> result) {
    end();
    std::exchange(workload_, nullptr)->answered(id_, std::move(result));
  }

 private:
  void end() const {
    if (is_create_ && workload_->create_called_) workload_->create_called_(-1);
  }

  Workload* workload_;
  uint64_t id_;
  bool is_create_;
};

Workload::Workload(SimCloud& cloud, WorkloadOptions options, AcknowledgementChecker& acknowledgements,
                   Violations& violations, ClientHistory& history)
    : cloud_(cloud),
      options_(std::move(options)),
      acknowledgements_(acknowledgements),
      violations_(violations),
      history_(history),
      random_(cloud.options().seed, "clients", "workload"),
      group_random_(cloud.options().seed, "clients", "groups"),
      interface_random_(cloud.options().seed, "clients", "interfaces"),
      abort_random_(cloud.options().seed, "clients", "aborts"),
      creates_left_(options_.launches) {}

Workload::~Workload() { cloud_.kill_all(); }

Duration Workload::up_to(Duration limit) { return up_to(limit, random_); }

Duration Workload::up_to(Duration limit, Random& random) {
  return microseconds(limit.us <= 0 ? 0 : static_cast<int64_t>(random.below(static_cast<uint64_t>(limit.us))));
}

void Workload::start() { set_up(); }

// Quota and fault rules first; the launches follow when both are there.
void Workload::set_up() {
  set_rules(true);
  if (options_.groups == 0) return;
  for (GroupPolicy policy :
       {GroupPolicy::kAffinity, GroupPolicy::kAntiAffinity, GroupPolicy::kSoftAffinity, GroupPolicy::kSoftAntiAffinity})
    submit({.request = CreateServerGroup{std::string(to_string(policy)), policy}, .setup = true});
}

void Workload::set_rules(bool first) {
  submit({.request = SetQuota{"admin", options_.quota}, .setup = first});
  if (rules_over_) return;
  for (const FaultRule& rule : options_.rules) submit({.request = AddFault{rule}, .setup = first});
}

void Workload::reset_cloud() {
  if (std::exchange(resetting_, true)) return;
  std::string token = fmt::format("reset-{}", next_operation_);
  acknowledgements_.reset_asked(token);
  submit({.request = ResetCloud{std::move(token)}});
}

// Its quota is gone too, with the rules.
void Workload::was_reset(const std::string& token) {
  resetting_ = false;
  counters_.resets += 1;
  acknowledgements_.reset_acknowledged(token);
  set_rules(false);
}

void Workload::next_arrival() {
  if (creates_left_ == 0) return;
  CreateServers request;
  uint32_t count = 1;
  if (random_.chance(options_.batch)) count = 2 + static_cast<uint32_t>(random_.below(options_.batch_max - 1));
  count = static_cast<uint32_t>(std::min<size_t>(count, creates_left_));
  creates_left_ -= count;
  request.name = fmt::format("server-{}", next_operation_);
  request.client_token = fmt::format("token-{}", next_operation_);
  request.flavor = kFlavors[random_.below(kFlavors.size())];
  request.image = "cirros";
  request.networks = {"private"};  // others of the project come and go (sim/keepers.h)
  request.min_count = request.max_count = count;
  if (!groups_.empty() && group_random_.chance(options_.groups))
    request.server_group = to_string(groups_[group_random_.below(groups_.size())]);
  submit({.request = std::move(request), .asked = count});
  Duration mean{options_.duration.us / static_cast<int64_t>(std::max<size_t>(options_.launches, 1)) * count};
  cloud_.loop().call_after(up_to(mean * 2), [this] { next_arrival(); });
}

void Workload::submit(Operation operation) {
  uint64_t id = next_operation_++;
  if (operation.setup) setup_left_ += 1;
  if (holds_alternative<DeleteServer>(operation.request)) acknowledgements_.delete_asked(operation.server);
  if (holds_alternative<AttachInterface>(operation.request) || holds_alternative<DetachInterface>(operation.request))
    acknowledgements_.interfaces_asked(operation.server);
  open_.emplace(id, std::move(operation));
  attempt(id);
}

void Workload::clear_rules() {
  rules_over_ = true;
  if (!options_.rules.empty()) submit({.request = ClearFaults{}});
}

bool Workload::is_create(uint64_t id) const { return holds_alternative<CreateServers>(open_.at(id).request); }

void Workload::plan(Duration delay, Operation operation) {
  planned_ += 1;
  cloud_.loop().call_after(delay, [this, planned = std::move(operation)]() mutable {
    planned_ -= 1;
    submit(std::move(planned));
  });
}

void Workload::attempt(uint64_t id) {
  if (cloud_.api().core() == nullptr) return retry(id);
  cloud_.api().clients().spawn(call(this, id));
}

Task<> Workload::call(Workload* workload, uint64_t id) {
  Attempt attempt(workload, id);
  api::ApiCore* core = workload->cloud_.api().core();  // this frame dies before it
  Loop& loop = workload->cloud_.api().loop();
  if (workload->token_.empty()) {
    auto login = co_await core->login({.received = loop.wall_now(), .received_at = loop.now()},
                                      {.user = "admin", .password = "kilonova", .project = "admin"});
    if (!login) co_return;
    workload->token_ = login->token;
  }
  api::RequestMeta meta{.token = workload->token_, .received = loop.wall_now(), .received_at = loop.now()};
  const Operation& operation = workload->open_.at(id);
  const Uuid server = operation.server;
  const auto call = workload->history_.invoked(loop.now(), operation.request, server);
  api::ClientReply reply = co_await core->handle(std::move(meta), {.request = operation.request});
  workload->history_.answered(call, loop.now(), server, reply.result);
  attempt.answer(std::move(reply.result));
}

void Workload::retry(uint64_t id) {
  counters_.retries += 1;
  cloud_.loop().call_after(kRetryMin + up_to(kRetrySpread), [this, id] { attempt(id); });
}

void Workload::answered(uint64_t id, Expected<ApiResponse> result) {
  Operation& operation = open_.at(id);
  if (!result) return refused(id, operation, result.error());
  if (holds_alternative<CreateServers>(operation.request)) {
    created(get<CreateServersReply>(*result), operation.asked);
  } else if (holds_alternative<DeleteServer>(operation.request)) {
    counters_.servers_deleted += 1;
    if (!options_.reclaims) acknowledgements_.delete_acknowledged(operation.server);
  } else if (const auto* listed = get_if<ListMigrations>(&operation.request); listed != nullptr) {
    abort_migrations(operation.server, get<MigrationList>(*result));
  } else if (const auto* reset = get_if<ResetCloud>(&operation.request)) {
    was_reset(reset->client_token);
  } else if (holds_alternative<AddFault>(operation.request) && rules_over_) {
    clear_rules();  // it was still on its way when they were cleared
  } else if (holds_alternative<AttachInterface>(operation.request)) {
    attached(operation.server, get<ServerList>(*result));
  } else if (holds_alternative<DetachInterface>(operation.request)) {
    counters_.interfaces += 1;
  } else if (!operation.server.is_nil()) {
    counters_.power_actions += 1;
    if (counts_in_its_row(operation.request)) acknowledgements_.action_acknowledged(operation.server);
  } else if (operation.setup) {
    if (const auto* made = get_if<ServerGroupList>(&*result)) groups_.push_back(made->groups.front().id);
    if (--setup_left_ == 0) cloud_.loop().post([this] { next_arrival(); });
  }
  open_.erase(id);
}

void Workload::created(const CreateServersReply& reply, uint32_t asked) {
  counters_.creates_answered += 1;
  counters_.servers_created += reply.servers.size();
  if (reply.servers.size() != asked)
    violations_.add("workload", fmt::format("{} servers were asked for, {} answered", asked, reply.servers.size()));
  for (const Instance& server : reply.servers) {
    acknowledgements_.create_acknowledged(server.uuid);
    follow_up(server.uuid);
  }
}

void Workload::follow_up(const Uuid& server) {
  Duration lifetime = up_to(options_.lifetime_max);
  if (random_.chance(options_.power)) {
    uint64_t actions = 1 + random_.below(3);
    for (uint64_t i = 0; i < actions; ++i)
      plan(up_to(lifetime), {.request = some_request(random_.next(), server), .server = server});
  }
  if (random_.chance(options_.moves)) {
    const std::vector<ServerActionKind> move = some_move(random_.next());
    const Duration gap{lifetime.us / static_cast<int64_t>(move.size() + 1)};
    Duration at = up_to(gap);
    for (ServerActionKind kind : move) {
      plan(at, {.request = request_of(*find_action(kind), to_string(server)), .server = server});
      if (kind == ServerActionKind::kLiveMigrate && abort_random_.chance(kAborted))
        plan(at + up_to(kAbortedWithin, abort_random_),
             {.request = ListMigrations{.server = to_string(server)}, .server = server});
      at = at + gap;
    }
  }
  plan_interfaces(server, lifetime);
  if (random_.chance(options_.remove)) plan(lifetime, {.request = DeleteServer{to_string(server)}, .server = server});
}

// Those that seem to be under way: it may be too late.
void Workload::abort_migrations(const Uuid& server, const MigrationList& list) {
  for (const Migration& migration : list.migrations)
    if (migration.kind == MoveKind::kLiveMigration)
      submit({.request = AbortMigration{to_string(server), migration.id}, .server = server});
}

void Workload::plan_interfaces(const Uuid& server, Duration lifetime) {
  if (!interface_random_.chance(options_.interfaces)) return;
  for (uint64_t left = 1 + interface_random_.below(2); left > 0; --left)
    plan(up_to(lifetime, interface_random_),
         {.request = AttachInterface{.server = to_string(server), .network = "private"}, .server = server});
}

// Whoever's answer was lost has one more than it knows of, which stays.
void Workload::attached(const Uuid& server, const ServerList& reply) {
  counters_.interfaces += 1;
  const std::vector<Address>& addresses = reply.servers.front().current.addresses;
  if (!interface_random_.chance(kDetached)) return;
  const Address& gone = interface_random_.chance(kFirstDetached) ? addresses.front() : addresses.back();
  plan(up_to(kAttachedMost, interface_random_),
       {.request = DetachInterface{to_string(server), to_string(gone.mac)}, .server = server});
}

// What was only unlucky is asked again; what the state or the quota forbids is an answer.
void Workload::refused(uint64_t id, Operation& operation, const Error& error) {
  const bool of_server = !operation.server.is_nil();
  // A store that went back has lost its group.
  if (auto* create = get_if<CreateServers>(&operation.request);
      create != nullptr && !create->server_group.empty() && error.message.starts_with("Instance group ")) {
    create->server_group.clear();
    return retry(id);
  }
  switch (error.code) {
    case ErrorCode::kUnauthenticated: token_.clear(); [[fallthrough]];
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kResourceExhausted: return retry(id);
    case ErrorCode::kInternal:
      if (error.message.starts_with("injected fault at ")) return retry(id);
      break;
    default: break;
  }
  if (error.code == ErrorCode::kQuotaExceeded) {
    counters_.servers_refused += operation.asked;
  } else if (error.code == ErrorCode::kNotFound && holds_alternative<DeleteServer>(operation.request)) {
    counters_.servers_deleted += 1;
    acknowledgements_.delete_acknowledged(operation.server);
  } else if (of_server && (error.code == ErrorCode::kConflict || error.code == ErrorCode::kNotFound ||
                           error.code == ErrorCode::kInvalidArgument)) {
    counters_.power_conflicts += 1;
  } else {
    refusals_[fmt::format("{}: {}", to_string(error.code), error.message)] += 1;
    violations_.add("workload", fmt::format("{} was refused: {}", request_name(operation.request), error.message));
    if (operation.setup && --setup_left_ == 0) cloud_.loop().post([this] { next_arrival(); });
  }
  open_.erase(id);
}

}  // namespace kilonova::sim
