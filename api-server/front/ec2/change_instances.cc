// TerminateInstances, StartInstances, StopInstances, RebootInstances.
#include <fmt/format.h>

#include <utility>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instances.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

// What an action does to one instance. The states are checked for all before any is touched.
struct Change {
  bool (*may)(InstanceState state);
  bool (*is_done)(InstanceState state);  // nothing is to be done
  Task<Expected<Empty>> (*apply)(Ec2Call& call, std::string server);
};

Task<Expected<Empty>> act(Ec2Call& call, std::string server, ServerActionKind kind) {
  co_return co_await ask(call, ServerAction{.server = std::move(server), .action = kind});
}
Task<Expected<Empty>> start(Ec2Call& call, std::string server) {
  return act(call, std::move(server), ServerActionKind::kStart);
}
Task<Expected<Empty>> stop(Ec2Call& call, std::string server) {
  return act(call, std::move(server), ServerActionKind::kStop);
}
Task<Expected<Empty>> reboot(Ec2Call& call, std::string server) {
  return act(call, std::move(server), ServerActionKind::kReboot);
}
// One that is gone by now is terminated.
Task<Expected<Empty>> terminate(Ec2Call& call, std::string server) {
  auto deleted = co_await ask(call, DeleteServer{.server = std::move(server), .force = true});
  if (!deleted && deleted.error().code == ErrorCode::kNotFound) co_return Empty{};
  co_return deleted;
}

// AWS: one that runs may be started, one that is stopped stopped, one that is terminated terminated: nothing happens.
constexpr Change kStart{[](InstanceState s) { return s == kStopped || s == kRunning || s == kPending; },
                        [](InstanceState s) { return s == kRunning || s == kPending; }, &start};
constexpr Change kStop{[](InstanceState s) { return s == kRunning || s == kStopped || s == kStopping; },
                       [](InstanceState s) { return s == kStopped || s == kStopping; }, &stop};
constexpr Change kReboot{[](InstanceState s) { return s == kRunning; }, [](InstanceState) { return false; }, &reboot};
constexpr Change kTerminate{[](InstanceState) { return true; }, [](InstanceState s) { return s == kShuttingDown; },
                            &terminate};

struct Changed {
  ShownInstance before;
  InstanceState now;
};

Task<Result<std::vector<Changed>>> change_all(Ec2Call& call, Change change) {
  auto ids = required_list(call.parameters, "InstanceId");
  if (!ids) co_return std::unexpected(std::move(ids.error()));
  auto instances = co_await find_instances(call, std::move(*ids));
  if (!instances) co_return std::unexpected(std::move(instances.error()));
  for (const ShownInstance& one : *instances)
    if (const InstanceState state = state_of(one.server); !change.may(state))
      co_return refused("IncorrectInstanceState", fmt::format("The instance '{}' is not in a state from which that can "
                                                              "be done: it is {}.",
                                                              instance_id(one.server), state.name));
  std::vector<Changed> changed;
  for (ShownInstance& one : *instances) {
    InstanceState state = state_of(one.server);
    const bool has_row = one.server.vm_state != VmState::kDeleted;
    if (has_row && !change.is_done(state)) {
      auto done = co_await change.apply(call, to_string(one.server.uuid));
      if (!done && done.error().code == ErrorCode::kPermissionDenied)
        co_return refused("OperationNotPermitted", done.error().message, 400);
      if (!done) co_return std::unexpected(refusal_of(done.error(), "InvalidInstanceID.NotFound"));
      auto now = co_await ask(call, GetServer{.server = to_string(one.server.uuid)});
      state = now && !now->servers.empty() ? state_of(now->servers.front()) : kTerminated;
    }
    changed.push_back({std::move(one), state});
  }
  co_return changed;
}

Task<Result<void>> answer_states(Ec2Call& call, Xml reply, Change change) {
  auto changed = co_await change_all(call, change);
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  Xml set = add(reply, "instancesSet");
  for (const Changed& one : *changed) {
    Xml item = add(set, "item");
    add(item, "instanceId", instance_id(one.before.server));
    add_state(item, "currentState", one.now);
    add_state(item, "previousState", state_of(one.before.server));
  }
  co_return Result<void>();
}

Task<Result<void>> start_instances(Ec2Call& call, Xml reply) { return answer_states(call, reply, kStart); }
Task<Result<void>> terminate_instances(Ec2Call& call, Xml reply) { return answer_states(call, reply, kTerminate); }

// A simulated guest stops whether it is asked or forced.
Task<Result<void>> stop_instances(Ec2Call& call, Xml reply) {
  auto force = boolean_of(call.parameters, "Force");
  if (!force) co_return std::unexpected(std::move(force.error()));
  auto hibernate = boolean_of(call.parameters, "Hibernate");
  if (!hibernate) co_return std::unexpected(std::move(hibernate.error()));
  if (*hibernate) co_return refused("UnsupportedHibernationConfiguration", "Instances do not hibernate here.");
  co_return co_await answer_states(call, reply, kStop);
}

Task<Result<void>> reboot_instances(Ec2Call& call, Xml reply) {
  auto changed = co_await change_all(call, kReboot);
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  add(reply, "return", true);
  co_return Result<void>();
}

constexpr std::string_view kIds[] = {"InstanceId"};
constexpr std::string_view kOfStop[] = {"InstanceId", "Force", "Hibernate"};
constexpr std::string_view kAdditionalInfo[] = {"AdditionalInfo"};

constexpr Action kActions[] = {
    {"TerminateInstances", UserRole::kMember, &terminate_instances, kIds},
    {"StartInstances", UserRole::kMember, &start_instances, kIds, kAdditionalInfo},
    {"StopInstances", UserRole::kMember, &stop_instances, kOfStop},
    {"RebootInstances", UserRole::kMember, &reboot_instances, kIds},
};

}  // namespace

std::span<const Action> instance_state_actions() { return kActions; }

}  // namespace kilonova::api::ec2
