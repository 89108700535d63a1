// LoopExecutor: an Asio executor that runs on a daemon's loop. A handler that is bound to it is called there, whichever
// thread found out that it is due: so sockets, parsers and everything else are touched by one thread only.
#pragma once

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <utility>

#include "runtime/real_loop.h"

namespace kilonova::http {

// Any thread. Loop and context must outlive it and what it was given.
class LoopExecutor {
 public:
  LoopExecutor(RealLoop& loop, boost::asio::execution_context& context) : loop_(&loop), context_(&context) {}

  boost::asio::execution_context& query(boost::asio::execution::context_t) const noexcept { return *context_; }
  // It never runs anything inline.
  static constexpr boost::asio::execution::blocking_t query(boost::asio::execution::blocking_t) noexcept {
    return boost::asio::execution::blocking.never;
  }

  template <class Function>
  void execute(Function&& function) const {
    loop_->post_from_any_thread(Callback(std::forward<Function>(function)));
  }

  friend bool operator==(const LoopExecutor& a, const LoopExecutor& b) noexcept { return a.loop_ == b.loop_; }
  friend bool operator!=(const LoopExecutor& a, const LoopExecutor& b) noexcept { return !(a == b); }

 private:
  RealLoop* loop_;
  boost::asio::execution_context* context_;
};

}  // namespace kilonova::http
