#include "store/wal_checkpointer.h"

#include <utility>

namespace kilonova {
namespace {

// In pages of 4 KiB: 8 MiB between checkpoints, 64 MiB of log before the writer lends a hand.
constexpr int kPagesBetweenCheckpoints = 2048;
constexpr int kWriterHelpsAt = 16384;

// Failures wait for the next attempt: what is not moved stays in the log, and is safe there.
void checkpoint(Database& database) {
  sqlite3_wal_checkpoint_v2(database.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
}

int count_pages(void* log_pages, sqlite3*, const char*, int pages) {
  *static_cast<int*>(log_pages) = pages;
  return SQLITE_OK;
}

}  // namespace

WalCheckpointer::WalCheckpointer(Database& writer, std::unique_ptr<Database> own)
    : writer_(writer), own_(std::move(own)), writer_helps_at_(kWriterHelpsAt) {
  sqlite3_wal_hook(writer_.handle(), count_pages, &log_pages_);  // in place of SQLite's own, which would stall commits
  thread_ = std::thread([this] { run(); });
}

WalCheckpointer::~WalCheckpointer() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wakeup_.notify_one();
  thread_.join();
  sqlite3_wal_hook(writer_.handle(), nullptr, nullptr);
}

void WalCheckpointer::after_group() {
  if (log_pages_ < requested_at_) {  // the log has started anew
    requested_at_ = 0;
    writer_helps_at_ = kWriterHelpsAt;
  }
  if (log_pages_ - requested_at_ >= kPagesBetweenCheckpoints) request();
  if (log_pages_ >= writer_helps_at_ && !working_.load()) {
    checkpoint(writer_);
    writer_helps_at_ = log_pages_ + kPagesBetweenCheckpoints;
  }
}

bool WalCheckpointer::when_idle() {
  if (log_pages_ == requested_at_) return false;
  request();
  return true;
}

void WalCheckpointer::request() {
  requested_at_ = log_pages_;
  working_ = true;
  {
    std::lock_guard lock(mutex_);
    requested_ = true;
  }
  wakeup_.notify_one();
}

void WalCheckpointer::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wakeup_.wait(lock, [this] { return requested_ || stop_; });
    if (stop_) return;
    requested_ = false;
    lock.unlock();
    checkpoint(*own_);
    lock.lock();
    working_ = requested_;
  }
}

}  // namespace kilonova
