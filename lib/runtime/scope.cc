#include "runtime/scope.h"

#include <utility>

#include "runtime/wakeup.h"

namespace kilonova {

class Scope::Flow final : public Wakeup, public detail::FlowState {
 public:
  Flow(Scope& scope, FlowId id, Task<void> task) : scope_(scope), id_(id), task_(std::move(task)) {
    detail::TaskAccess::start(task_, this);
  }

  // The start that spawn() posted.
  void run() override { resume(detail::TaskAccess::frame(task_)); }

 private:
  // The flow leaves the scope before its frame dies: what the frame's parameters do on their way out finds it gone.
  void free_finished() override { std::unique_ptr<Flow> self = scope_.remove(id_); }

  Scope& scope_;
  FlowId id_;
  Task<void> task_;
};

Scope::Scope(Loop& loop) : loop_(loop) {}

Scope::~Scope() {
  while (!flows_.empty()) cancel(flows_.begin()->first);
}

FlowId Scope::spawn(Task<void> task) {
  FlowId id = next_id_++;
  auto flow = std::make_unique<Flow>(*this, id, std::move(task));
  loop_.wake(*flow);
  flows_.emplace(id, std::move(flow));
  return id;
}

bool Scope::cancel(FlowId id) {
  std::unique_ptr<Flow> flow = remove(id);
  return flow != nullptr;
}

std::unique_ptr<Scope::Flow> Scope::remove(FlowId id) {
  auto it = flows_.find(id);
  if (it == flows_.end()) return nullptr;
  KN_CHECK(!it->second->running(), "a flow cancelled itself or destroyed its own scope");
  std::unique_ptr<Flow> flow = std::move(it->second);
  flows_.erase(it);
  return flow;
}

}  // namespace kilonova
