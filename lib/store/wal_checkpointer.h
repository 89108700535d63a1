// WalCheckpointer: moves committed pages from the write-ahead log into the database file, beside the writer and not in its
// way: passive checkpoints on a connection and thread of their own.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "store/sqlite.h"

namespace kilonova {

class WalCheckpointer {
 public:
  // `writer` is the connection whose commits are counted; it must outlive this object, and its thread is the one that
  // calls after_group() and when_idle().
  WalCheckpointer(Database& writer, std::unique_ptr<Database> own);
  ~WalCheckpointer();
  WalCheckpointer(const WalCheckpointer&) = delete;

  // After each commit of the writer: asks for a checkpoint when enough was written since the last. A writer that never
  // pauses would let the log grow for ever, since it starts anew only when all of it was moved: then, with nearly
  // all of it moved, the writer moves the rest itself.
  void after_group();
  // When the writer has nothing to do for a while; true when there was something to move.
  bool when_idle();

 private:
  void run();
  void request();

  Database& writer_;
  std::unique_ptr<Database> own_;
  int log_pages_ = 0;        // told by SQLite at each commit
  int requested_at_ = 0;     // log_pages_ then
  int writer_helps_at_ = 0;  // log_pages_ at which the writer moves what is left
  std::atomic<bool> working_{false};

  std::mutex mutex_;  // guards what follows
  std::condition_variable wakeup_;
  bool requested_ = false;
  bool stop_ = false;

  std::thread thread_;
};

}  // namespace kilonova
