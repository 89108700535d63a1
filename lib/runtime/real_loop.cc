#include "runtime/real_loop.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <optional>
#include <utility>

namespace kilonova {
namespace {

// How many callbacks run before timers and inbox are looked at again: few enough that a flow which always yields
// delays nobody for long, enough that the look costs little.
constexpr int kCallbacksPerRound = 256;

// Longer sleeps come in pieces: an instant of "never" does not fit the machine's nanoseconds.
constexpr Duration kLongestSleep = seconds(3600);

// Waits for wake() alone.
class WakeSource final : public EventSource {
 public:
  void poll() override {}
  void wait(std::optional<Instant> until) override {
    std::unique_lock lock(mutex_);
    auto woken = [this] { return woken_; };
    if (until) {
      using std::chrono::steady_clock;
      wakeup_.wait_until(lock, steady_clock::time_point(std::chrono::microseconds(until->us)), woken);
    } else {
      wakeup_.wait(lock, woken);
    }
    woken_ = false;
  }
  void wake() override {
    {
      std::lock_guard lock(mutex_);
      woken_ = true;
    }
    wakeup_.notify_one();
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable wakeup_;
  bool woken_ = false;
};

}  // namespace

RealLoop::RealLoop() : own_source_(std::make_unique<WakeSource>()), source_(*own_source_) {}

RealLoop::RealLoop(EventSource& source) : source_(source) {}

RealLoop::~RealLoop() {
  KN_CHECK(runner_.load() == std::thread::id(), "a loop was destroyed while a thread runs it");
  for (;;) {
    take_inbox();
    if (queue_.idle() && !timers_.next()) break;
    queue_.clear();
    timers_.clear();
  }
}

Instant RealLoop::now() const {
  auto since_start = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_start).count()};
}

WallTime RealLoop::wall_now() const {
  auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
}

void RealLoop::check_thread() const {
  std::thread::id runner = runner_.load(std::memory_order_relaxed);
  KN_CHECK(runner == std::thread::id() || runner == std::this_thread::get_id(),
           "a running loop was used from another thread; use post_from_any_thread");
}

void RealLoop::post(Callback callback) {
  check_thread();
  queue_.post(std::move(callback));
}

void RealLoop::wake(Wakeup& entry) {
  check_thread();
  queue_.wake(entry);
}

void RealLoop::at_drain(Callback callback) {
  check_thread();
  queue_.at_drain(std::move(callback));
}

TimerId RealLoop::call_at(Instant instant, Callback callback) {
  check_thread();
  return timers_.add(instant, std::move(callback));
}

void RealLoop::cancel(TimerId timer) {
  check_thread();
  timers_.cancel(timer);
}

void RealLoop::post_from_any_thread(Callback callback) {
  KN_CHECK(static_cast<bool>(callback), "an empty callback was posted");
  std::unique_lock lock(mutex_);
  inbox_.push_back(std::move(callback));
  bool was_sleeping = std::exchange(sleeping_, false);
  lock.unlock();
  if (was_sleeping) source_.wake();
}

void RealLoop::stop() {
  // Under the lock, so that the request can't fall between the loop's last look and its sleep.
  std::lock_guard lock(mutex_);
  stop_requested_ = true;
  if (std::exchange(sleeping_, false)) source_.wake();
}

void RealLoop::run() {
  KN_CHECK(runner_.load() == std::thread::id(), "a loop can be run by one thread at a time");
  runner_ = std::this_thread::get_id();
  Instant begin = now();
  while (!stop_requested_.load(std::memory_order_relaxed)) {
    take_inbox();
    if (timers_.next()) timers_.take_due(now(), queue_);
    run_some();
    const Instant end = now();
    turns_.add(end - begin);
    begin = end;
    if (queue_.idle() && may_sleep()) {
      sleep();
      begin = now();
    }
    source_.poll();
  }
  stop_requested_ = false;
  runner_ = std::thread::id();
}

void RealLoop::take_inbox() {
  {
    std::lock_guard lock(mutex_);
    taken_.swap(inbox_);
  }
  for (Callback& callback : taken_) queue_.post(std::move(callback));
  taken_.clear();
}

void RealLoop::run_some() {
  for (int i = 0; i < kCallbacksPerRound; ++i) {
    if (stop_requested_.load(std::memory_order_relaxed) || !queue_.run_one()) return;
  }
}

// Whoever posts from here on, until the end of sleep(), wakes the source.
bool RealLoop::may_sleep() {
  std::lock_guard lock(mutex_);
  sleeping_ = inbox_.empty() && !stop_requested_;
  return sleeping_;
}

void RealLoop::sleep() {
  std::optional<Instant> until = timers_.next();
  if (until) until = std::min(*until, now() + kLongestSleep);
  source_.wait(until);
  std::lock_guard lock(mutex_);
  sleeping_ = false;
}

}  // namespace kilonova
