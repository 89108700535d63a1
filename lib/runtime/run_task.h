// run_task: the result of one flow, for tests and tools that are not flows themselves.
#pragma once

#include <optional>
#include <utility>

#include "base/check.h"
#include "runtime/scope.h"
#include "runtime/task.h"
#include "runtime/virtual_loop.h"

namespace kilonova {

namespace detail {

template <class T>
Task<void> store_result(Task<T> task, std::optional<T>* result) {
  result->emplace(co_await std::move(task));
}

}  // namespace detail

// Steps the loop until the flow ends, no further. Aborts when the loop runs dry before.
template <class T>
T run_task(VirtualLoop& loop, Task<T> task) {
  std::optional<T> result;
  Scope scope(loop);
  scope.spawn(detail::store_result(std::move(task), &result));
  while (scope.size() > 0) KN_CHECK(loop.step(), "a flow waits for something that can't come");
  return std::move(*result);
}

inline void run_task(VirtualLoop& loop, Task<void> task) {
  Scope scope(loop);
  scope.spawn(std::move(task));
  while (scope.size() > 0) KN_CHECK(loop.step(), "a flow waits for something that can't come");
}

}  // namespace kilonova
