// The log of a daemon: ports/log.h over spdlog's asynchronous logger and a rotating file.
//
// Lines are formatted on the loop thread into a buffer that is used again and again, and handed to spdlog's thread many at
// a time: kBatchBytes, or what has gathered kBatchDelay after the first, or at once for an error. So a launch step costs
// neither a lock nor a system call; a kill -9 loses at most the lines of the last kBatchDelay.
#pragma once

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>

#include <atomic>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "daemon/escape.h"
#include "daemon/step_line.h"
#include "ports/log.h"
#include "runtime/loop.h"

namespace kilonova {

struct LogOptions {
  std::string daemon;                // "compute-0"
  std::string file;                  // "" = standard error
  LogLevel level = LogLevel::kInfo;  // steps are kInfo, those with a fault kWarning
  LogFormat format = LogFormat::kHuman;
  size_t max_file_bytes = 64 << 20;  // then FILE moves to FILE.1, and so on (spdlog: name.1.log)
  size_t max_files = 8;              // old ones kept beside the current
};

// Loop thread only (or any one thread while the loop does not run). Never blocks, never fails: when the disk is slower than
// the daemon for long, the oldest batches are dropped, and a line says so. So does one behind batches that a full disk
// refused, some or all of which is lost; the first of them is told on standard error. The loop must outlive it.
class SpdlogLog final : public Log {
 public:
  // kUnavailable when the file or its directory cannot be made; the message names it.
  static Expected<std::unique_ptr<SpdlogLog>> open(Loop& loop, LogOptions options);
  // Writes out everything.
  ~SpdlogLog() override;

  void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) override;
  void action(const TraceContext& trace, const InstanceAction& action) override;
  void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override;

  // Hands over what has gathered.
  void flush();

  static constexpr size_t kBatchBytes = 32 << 10;
  static constexpr Duration kBatchDelay = milliseconds(5);

 private:
  SpdlogLog(Loop& loop, LogOptions options, spdlog::sink_ptr sink);

  std::string_view time_text();
  void end_line(bool urgent);
  void note_dropped();
  void note_refused();

  Loop& loop_;
  LogOptions options_;
  std::shared_ptr<spdlog::details::thread_pool> writer_;
  std::shared_ptr<spdlog::async_logger> logger_;
  LineBuffer batch_;
  TimerId timer_ = 0;
  size_t dropped_ = 0;                                                                       // batches, told so far
  std::shared_ptr<std::atomic<size_t>> refused_ = std::make_shared<std::atomic<size_t>>(0);  // by the disk, all of them
  size_t refused_seen_ = 0;                                                                  // at the last look
  size_t refused_told_ = 0;
  std::string time_text_;
  int64_t time_second_ = -1;  // what the first part of time_text_ says
};

}  // namespace kilonova
