#include "controller/core/row_writer.h"

#include <utility>

#include "controller/core/controller_world.h"
#include "domain/watch_event.h"

namespace kilonova::controller {
namespace {

// Row allocations of a transaction, to be applied once it is committed.
struct AllocationChanges {
  std::vector<Allocation> put;
  std::vector<PlacementId> erased;

  explicit AllocationChanges(const Transaction& transaction) {
    for (const Mutation& m : transaction) {
      if (const auto* p = get_if<mutation::PutAllocation>(&m)) put.push_back(p->row);
      if (const auto* e = get_if<mutation::EraseAllocation>(&m)) erased.push_back(e->placement);
    }
  }
  void apply(AllocationTable& table) {
    for (const PlacementId& placement : erased) table.erase(placement);
    for (Allocation& row : put) table.put(std::move(row));
  }
};

}  // namespace

Task<Expected<>> RowWriter::insert(std::vector<Instance> rows, Transaction more) {
  Transaction transaction;
  std::vector<WatchEvent> events;
  for (const Instance& row : rows) {
    transaction.push_back(mutation::InsertInstance{row});
    events.push_back(events_.next(row));
    transaction.push_back(mutation::AppendEvent{events.back()});
  }
  events_.put_generation(transaction);
  for (Mutation& mutation : more) transaction.push_back(std::move(mutation));
  auto committed = co_await store_.commit(std::move(transaction));
  if (!committed) co_return committed;
  for (Instance& row : rows) instances_.insert(std::move(row));
  for (WatchEvent& event : events) events_.publish(std::move(event));
  co_return committed;
}

Task<bool> RowWriter::commit(Instance next, Transaction more) {
  AllocationChanges allocations(more);
  WatchEvent event = events_.next(next);
  more.push_back(mutation::UpdateInstance{next});
  if (const Instance* known = instances_.find(next.uuid)) {
    if (known->name != next.name || known->hostname != next.hostname)
      more.push_back(mutation::RenameInstance{next.uuid, next.name, next.hostname});
    if (known->spec != next.spec) more.push_back(mutation::RespecifyInstance{next.uuid, next.spec});
  }
  more.push_back(mutation::AppendEvent{event});
  events_.put_generation(more);
  auto committed = co_await store_.commit(std::move(more));
  if (!committed) {
    log_refusal(next.uuid, committed.error());
    co_return false;
  }
  launches_.note(*instances_.find(next.uuid), &next);
  instances_.update(std::move(next));
  allocations.apply(allocations_);
  events_.publish(std::move(event));
  co_return true;
}

Task<bool> RowWriter::erase(Uuid instance, Transaction transaction) {
  WatchEvent event = events_.next(*instances_.find(instance), true);
  transaction.push_back(mutation::EraseInstance{instance});
  transaction.push_back(mutation::AppendEvent{event});
  events_.put_generation(transaction);
  auto committed = co_await store_.commit(std::move(transaction));
  if (!committed) {
    log_refusal(instance, committed.error());
    co_return false;
  }
  launches_.note(*instances_.find(instance), nullptr);
  instances_.erase(instance);
  allocations_.erase_all(instance);
  events_.publish(std::move(event));
  co_return true;
}

void RowWriter::log_refusal(const Uuid& instance, const Error& error) {
  log_.event(LogLevel::kError, "the store refused a change",
             {{"instance", to_string(instance)}, {"reason", error.message}});
}

void end_drive(ControllerWorld& world, const Uuid& instance) { world.drives.erase(instance); }

StepRecord controller_step(const ControllerWorld& world, LaunchStep step, const Instance& row, WallTime start,
                           Duration duration) {
  return StepRecord{step,  row.current.epoch, row.attempt, to_string(world.transport.self()), row.current.host,
                    start, duration,          ""};
}

}  // namespace kilonova::controller
