#include "controller/core/instance_actions.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace kilonova::controller {
namespace {

using Table = RecordTable<InstanceAction>::Type;

auto first_of(const Table& table, const Uuid& instance) { return table.lower_bound({instance, 0}); }
auto behind_last_of(const Table& table, const Uuid& instance) {
  return table.upper_bound({instance, std::numeric_limits<uint64_t>::max()});
}

InstanceAction create_of(const Instance& server) {
  InstanceAction create{.instance = server.uuid,
                        .number = 0,
                        .action = "create",
                        .request_id = server.trace.request_id,
                        .user_id = server.spec.user_id,
                        .project_id = server.spec.project_id,
                        .started_at = server.created_at,
                        .finished_at = server.launched_at,
                        .host = server.current.host};
  // One that never was ACTIVE, and is not being built any more, has failed.
  if (server.launched_at == WallTime{} && server.vm_state != VmState::kBuilding) {
    create.finished_at = server.fault.created_at;
    create.failed = true;
    create.message = server.fault.message;
  }
  return create;
}

}  // namespace

void ActionChanges::begin(const Instance& server, std::string action, const RequestContext& context, WallTime now,
                          bool at_once) {
  const Table& table = records_.of<InstanceAction>();
  const auto first = first_of(table, server.uuid), end = behind_last_of(table, server.uuid);
  const uint64_t last = first == end ? 0 : std::prev(end)->first.second;
  const auto count = static_cast<size_t>(std::distance(first, end));
  if (count >= kActionsKept) erased_.push_back(first->first);
  put_.push_back({.instance = server.uuid,
                  .number = last + 1,
                  .action = std::move(action),
                  .request_id = context.trace.request_id,
                  .user_id = context.user_id,
                  .project_id = context.project_id,
                  .started_at = now,
                  .finished_at = at_once ? now : WallTime{},
                  .host = at_once ? std::string() : server.current.host});
}

void ActionChanges::finish(const Instance& server, WallTime now, std::string fault) {
  const Table& table = records_.of<InstanceAction>();
  const auto first = first_of(table, server.uuid), end = behind_last_of(table, server.uuid);
  if (first == end || std::prev(end)->second.finished_at != WallTime{}) return;
  InstanceAction& ended = put_.emplace_back(std::prev(end)->second);
  ended.finished_at = now;
  ended.failed = !fault.empty();
  ended.message = std::move(fault);
}

void ActionChanges::erase_all(const Uuid& instance) {
  const Table& table = records_.of<InstanceAction>();
  for (auto row = first_of(table, instance); row != behind_last_of(table, instance); ++row) erased_.push_back(row->first);
}

void ActionChanges::put(Transaction& transaction) const {
  for (const auto& key : erased_) transaction.push_back(mutation::Erase<InstanceAction>{key});
  for (const InstanceAction& action : put_) transaction.push_back(mutation::Put<InstanceAction>{action});
}

void ActionChanges::apply() {
  Table& table = records_.of<InstanceAction>();
  for (const auto& key : erased_) table.erase(key);
  for (InstanceAction& action : put_) {
    auto key = action.key();
    table[key] = std::move(action);
  }
}

std::vector<InstanceAction> actions_of(const RecordTables& records, const Instance& server) {
  const Table& table = records.of<InstanceAction>();
  std::vector<InstanceAction> actions;
  for (auto row = first_of(table, server.uuid); row != behind_last_of(table, server.uuid); ++row)
    actions.push_back(row->second);
  std::ranges::reverse(actions);
  actions.push_back(create_of(server));
  return actions;
}

}  // namespace kilonova::controller
