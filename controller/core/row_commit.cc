#include "controller/core/row_commit.h"

#include "domain/watch_event.h"

#include <utility>

namespace kilonova::controller {
namespace {

// Row allocations of a transaction, to be applied once it is committed.
struct AllocationChanges {
  std::vector<Allocation> put;
  std::vector<Uuid> erased;

  explicit AllocationChanges(const Transaction& transaction) {
    for (const Mutation& m : transaction) {
      if (const auto* p = get_if<mutation::PutAllocation>(&m)) put.push_back(p->row);
      if (const auto* e = get_if<mutation::EraseAllocation>(&m)) erased.push_back(e->instance);
    }
  }
  void apply(AllocationTable& table) {
    for (const Uuid& instance : erased) table.erase(instance);
    for (Allocation& row : put) table.put(std::move(row));
  }
};

void log_refusal(ControllerWorld& world, const Uuid& instance, const Error& error) {
  world.log.event(LogLevel::kError, "the store refused a change",
                  {{"instance", to_string(instance)}, {"reason", error.message}});
}

}  // namespace

Task<bool> commit_row(ControllerWorld& world, Instance next, Transaction more) {
  AllocationChanges allocations(more);
  WatchEvent event = world.events.next(next);
  more.push_back(mutation::UpdateInstance{next});
  more.push_back(mutation::AppendEvent{event});
  auto committed = co_await world.store.commit(std::move(more));
  if (!committed) {
    log_refusal(world, next.uuid, committed.error());
    co_return false;
  }
  world.instances.update(std::move(next));
  allocations.apply(world.allocations);
  world.events.publish(std::move(event));
  co_return true;
}

Task<bool> erase_row(ControllerWorld& world, Uuid instance) {
  const Instance* row = world.instances.find(instance);
  WatchEvent event = world.events.next(*row, true);
  Transaction transaction;
  transaction.push_back(mutation::EraseInstance{instance});
  transaction.push_back(mutation::AppendEvent{event});
  auto committed = co_await world.store.commit(std::move(transaction));
  if (!committed) {
    log_refusal(world, instance, committed.error());
    co_return false;
  }
  world.instances.erase(instance);
  world.allocations.erase(instance);
  world.events.publish(std::move(event));
  co_return true;
}

void end_drive(ControllerWorld& world, const Uuid& instance) {
  Drive* drive = world.drives.find(instance);
  if (!drive) return;
  world.faults.settle(drive->reserved_faults);
  world.drives.erase(instance);
}

StepRecord controller_step(const ControllerWorld& world, LaunchStep step, const Instance& row, WallTime start,
                           Duration duration) {
  return StepRecord{step, row.epoch, row.attempt, to_string(world.transport.self()), row.host, start, duration, ""};
}

}  // namespace kilonova::controller
