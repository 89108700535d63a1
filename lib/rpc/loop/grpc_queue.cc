#include "rpc/loop/grpc_queue.h"

#include <stdlib.h>

#include <utility>

#include "base/check.h"

namespace kilonova::rpc {
namespace {

// Channels would poll from gRPC's timer thread every five seconds, for programs that do not poll themselves.
void configure_grpc() { ::setenv("GRPC_CLIENT_CHANNEL_BACKUP_POLL_INTERVAL_MS", "0", 0); }

}  // namespace

GrpcQueue::GrpcQueue() : queue_((configure_grpc(), builder_.AddCompletionQueue())) {}

GrpcQueue::~GrpcQueue() {
  {
    std::lock_guard lock(mutex_);
    alarm_.Cancel();
  }
  if (waiting_) waiting_->completion->complete(waiting_->ok);
  queue_->Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) static_cast<Completion*>(tag)->complete(ok);
}

grpc::ServerBuilder& GrpcQueue::take_builder() {
  KN_CHECK(!builder_taken_, "a queue serves one server");
  builder_taken_ = true;
  return builder_;
}

std::optional<GrpcQueue::Event> GrpcQueue::take_next(gpr_timespec until) {
  if (waiting_) return std::exchange(waiting_, std::nullopt);
  void* tag = nullptr;
  bool ok = false;
  if (queue_->AsyncNext(&tag, &ok, until) != grpc::CompletionQueue::GOT_EVENT) return std::nullopt;
  return Event{static_cast<Completion*>(tag), ok};
}

void GrpcQueue::poll() {
  for (int i = 0; i < kEventsPerRound; ++i) {
    std::optional<Event> event = take_next(gpr_inf_past(GPR_CLOCK_MONOTONIC));
    if (!event) return;
    event->completion->complete(event->ok);
  }
}

void GrpcQueue::wait(std::optional<Instant> until) {
  // The clock of gRPC's monotonic times is that of the loop.
  gpr_timespec end = gpr_inf_future(GPR_CLOCK_MONOTONIC);
  if (until) {
    end = gpr_time_from_micros(until->us, GPR_TIMESPAN);
    end.clock_type = GPR_CLOCK_MONOTONIC;
  }
  waiting_ = take_next(end);
}

// Costs a system call where the loop sleeps, which is when it is called.
void GrpcQueue::wake() {
  std::lock_guard lock(mutex_);
  if (alarm_set_) return;
  alarm_set_ = true;
  alarm_.Set(queue_.get(), gpr_inf_past(GPR_CLOCK_MONOTONIC), &woken_);
}

void GrpcQueue::woken(bool) {
  std::lock_guard lock(mutex_);
  alarm_set_ = false;
}

}  // namespace kilonova::rpc
