#include "store/read_thread.h"

namespace kilonova {

ReadThread::ReadThread(std::unique_ptr<Database> database) : database_(std::move(database)) {
  thread_ = std::thread([this] { run(); });
}

ReadThread::~ReadThread() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wakeup_.notify_one();
  thread_.join();
}

void ReadThread::post(Callback work) {
  {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
  }
  wakeup_.notify_one();
}

void ReadThread::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wakeup_.wait(lock, [this] { return stop_ || !waiting_.empty(); });
    if (stop_) return;
    Callback work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work.reset();
    lock.lock();
  }
}

}  // namespace kilonova
