#include "controller/core/fault_rules.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/fault_rule.h"
#include "domain/operation.h"

namespace kilonova::controller {

Task<Expected<FaultList>> FaultRules::handle(AddFault request, RequestContext) {
  FaultRule row = request.rule;
  auto lock = co_await world_.record_locks.acquire("fault");
  row.id = world_.faults.next_id();
  row.struck = 0;
  auto committed = co_await commit_one(world_, mutation::Put<FaultRule>{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.faults.put(row);
  co_return FaultList{{row}};
}

Expected<FaultList> FaultRules::handle(const ListFaults&, const RequestContext&) const {
  FaultList reply;
  for (const auto& [id, rule] : world_.faults.rules()) reply.rules.push_back(rule);
  return reply;
}

// Taken out before the commit: a try that ends meanwhile would write its strike after the erasure.
Task<Expected<Empty>> FaultRules::handle(ClearFaults request, RequestContext) {
  auto lock = co_await world_.record_locks.acquire("fault");
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
  for (const FaultRule& rule : cleared) world_.faults.erase(rule.id);
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (committed) co_return Empty{};
  for (FaultRule& rule : cleared) world_.faults.put(std::move(rule));
  co_return std::unexpected(committed.error());
}

}  // namespace kilonova::controller
