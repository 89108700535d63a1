#include "controller/core/fault_rules.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/single_commit.h"

namespace kilonova::controller {
namespace {

bool can_be_struck(LaunchStep step) { return step >= LaunchStep::kClaimed && step <= LaunchStep::kGuestStarted; }

}  // namespace

Task<Expected<ApiResponse>> FaultRules::add(AddFault request) {
  FaultRule row = request.rule;
  if (!can_be_struck(row.step))
    co_return fail(ErrorCode::kInvalidArgument,
                   fmt::format("a fault at step '{}' is not possible: choose one from claimed to guest_started",
                               to_string(row.step)));
  auto lock = co_await world_.record_locks.acquire("fault");
  row.id = world_.faults.next_id();
  row.struck = 0;
  auto committed = co_await commit_one(world_, mutation::PutFaultRule{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.faults.put(row);
  co_return FaultList{{row}};
}

Expected<ApiResponse> FaultRules::list(const ListFaults&) const {
  FaultList reply;
  for (const auto& [id, rule] : world_.faults.rules()) reply.rules.push_back(rule);
  return reply;
}

// Taken out before the commit: a try that ends meanwhile would write its strike after the erasure.
Task<Expected<ApiResponse>> FaultRules::clear(ClearFaults request) {
  auto lock = co_await world_.record_locks.acquire("fault");
  Transaction transaction;
  std::vector<FaultRule> cleared;
  for (const auto& [id, rule] : world_.faults.rules()) {
    if (request.id != 0 && request.id != id) continue;
    transaction.push_back(mutation::EraseFaultRule{id});
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
