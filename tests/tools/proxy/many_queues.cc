#include "tests/tools/proxy/many_queues.h"

#include <algorithm>
#include <chrono>

namespace kilonova::proxy {

void ManyQueues::poll() {
  for (rpc::GrpcQueue& queue : queues_) queue.poll();
}

void ManyQueues::wait(std::optional<Instant> until) {
  if (queues_.size() > 1) {
    using std::chrono::steady_clock;
    auto since_start = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch());
    Instant soon = Instant{since_start.count()} + milliseconds(1);
    until = until ? std::min(*until, soon) : soon;
  }
  queues_.front().wait(until);
}

}  // namespace kilonova::proxy
