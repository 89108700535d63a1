// Runs a flow to its end on whichever loop a store lives on.
#pragma once

#include <optional>
#include <utility>

#include "runtime/real_loop.h"
#include "runtime/run_task.h"
#include "runtime/scope.h"
#include "runtime/task.h"
#include "runtime/virtual_loop.h"

namespace kilonova {

inline Task<void> then_stop(Task<void> task, RealLoop* loop) {
  co_await std::move(task);
  loop->stop();
}

inline void run_flow(RealLoop& loop, Task<void> task) {
  Scope scope(loop);
  scope.spawn(then_stop(std::move(task), &loop));
  loop.run();
}
inline void run_flow(VirtualLoop& loop, Task<void> task) { run_task(loop, std::move(task)); }

template <class Loop, class T>
T result_of(Loop& loop, Task<T> task) {
  std::optional<T> result;
  run_flow(loop, detail::store_result(std::move(task), &result));
  return std::move(*result);
}

}  // namespace kilonova
