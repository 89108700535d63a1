#include "controller/core/fault_rules.h"

#include <fmt/format.h>

#include <utility>

#include "controller/core/single_commit.h"

namespace kilonova::controller {
namespace {

bool can_be_struck(LaunchStep step) {
  return step >= LaunchStep::kClaimed && step <= LaunchStep::kGuestStarted;
}

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

Task<Expected<ApiResponse>> FaultRules::clear(ClearFaults request) {
  Transaction transaction;
  std::vector<uint64_t> ids;
  for (const auto& [id, rule] : world_.faults.rules()) {
    if (request.id != 0 && request.id != id) continue;
    transaction.push_back(mutation::EraseFaultRule{id});
    ids.push_back(id);
  }
  if (request.id != 0 && ids.empty())
    co_return fail(ErrorCode::kNotFound, fmt::format("fault {} not found", request.id));
  if (ids.empty()) co_return Empty{};
  auto committed = co_await world_.store.commit(std::move(transaction));
  if (!committed) co_return std::unexpected(committed.error());
  for (uint64_t id : ids) world_.faults.erase(id);
  co_return Empty{};
}

}  // namespace kilonova::controller
