#include "controller/core/fault_rules.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/project.h"
#include "domain/operation.h"

namespace kilonova::controller {

Task<Expected<FaultList>> FaultRules::handle(AddFault request, RequestContext) {
  FaultRule row = request.rule;
  if (!row.project.empty()) {
    const Project* project = world_.records.find_project(row.project);
    if (project == nullptr) co_return not_found("project", row.project);
    row.project = to_string(project->id);
  }
  auto lock = co_await world_.record_locks.acquire(std::string(kFaultLock));
  row.id = world_.faults.next_id();
  row.struck = row.reached = 0;
  auto committed = co_await commit_one(world_, mutation::Put<FaultRule>{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.faults.put(row);
  if (!row.http.empty()) desk_.tell_http_rules();
  co_return FaultList{{row}};
}

Expected<FaultList> FaultRules::handle(const ListFaults&, const RequestContext&) const {
  FaultList reply;
  for (const auto& [id, rule] : world_.faults.rules()) reply.rules.push_back(rule);
  return reply;
}

Task<Expected<Empty>> FaultRules::handle(ClearFaults request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire(std::string(kFaultLock));
  Transaction transaction;
  std::vector<FaultRule> cleared;
  for (const auto& [id, rule] : world_.faults.rules()) {
    if (request.id != 0 && request.id != id) continue;
    transaction.push_back(mutation::Erase<FaultRule>{id});
    cleared.push_back(rule);
  }
  if (request.id != 0 && cleared.empty())
    co_return fail(ErrorCode::kNotFound, fmt::format("fault {} not found", request.id));
  if (cleared.empty()) co_return Empty{};
  for (const auto& [key, hit] : world_.faults.hits())
    if (request.id == 0 || request.id == hit.rule_id) transaction.push_back(mutation::Erase<FaultHit>{key});
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  for (const FaultRule& rule : cleared) world_.faults.erase(rule.id);
  desk_.tell_http_rules();
  co_return Empty{};
}

}  // namespace kilonova::controller
