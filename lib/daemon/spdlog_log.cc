#include "daemon/spdlog_log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdint>
#include <cstdio>
#include <utility>

namespace kilonova {
namespace {

constexpr size_t kQueuedBatches = 1024;  // at most 32 MB

std::string_view human_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "DEBUG";
    case LogLevel::kInfo: return "INFO";
    case LogLevel::kWarning: return "WARN";
    case LogLevel::kError: return "ERROR";
  }
  return "INFO";
}

std::string_view json_level(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "info";
}

void append(LineBuffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

}  // namespace

Expected<std::unique_ptr<SpdlogLog>> SpdlogLog::open(Loop& loop, LogOptions options) {
  spdlog::sink_ptr sink;
  if (options.file.empty()) {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  } else {
    try {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(options.file, options.max_file_bytes,
                                                                    options.max_files);
    } catch (const spdlog::spdlog_ex& refused) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("the log file {} cannot be opened: {}", options.file, refused.what()));
    }
  }
  return std::unique_ptr<SpdlogLog>(new SpdlogLog(loop, std::move(options), std::move(sink)));
}

SpdlogLog::SpdlogLog(Loop& loop, LogOptions options, spdlog::sink_ptr sink)
    : loop_(loop),
      options_(std::move(options)),
      writer_(std::make_shared<spdlog::details::thread_pool>(kQueuedBatches, 1)),
      logger_(std::make_shared<spdlog::async_logger>(options_.daemon, std::move(sink), writer_,
                                                     spdlog::async_overflow_policy::overrun_oldest)) {
  // A batch is whole lines: nothing before it, nothing after it.
  logger_->set_formatter(
      std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, std::string()));
  logger_->set_level(spdlog::level::trace);
  logger_->flush_on(spdlog::level::trace);
  // On the writer's thread. A full disk must not end the daemon: its standard error may be there too, and fmt throws.
  logger_->set_error_handler([refused = refused_](const std::string& why) {
    if (refused->fetch_add(1) == 0) std::fprintf(stderr, "log lines cannot be written: %s\n", why.c_str());
  });
}

SpdlogLog::~SpdlogLog() {
  flush();
  loop_.cancel(timer_);
  logger_.reset();
  writer_.reset();  // waits for the queue to be written
}

void SpdlogLog::step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) {
  LogLevel level = record.fault.empty() ? LogLevel::kInfo : LogLevel::kWarning;
  if (level < options_.level) return;
  append_step_line(batch_, options_.format, time_text(), instance, trace, record);
  end_line(false);
}

void SpdlogLog::event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (level < options_.level) return;
  bool json = options_.format == LogFormat::kJson;
  append(batch_, json ? "{\"time\":\"" : "");
  append(batch_, time_text());
  append(batch_, json ? "\",\"level\":\"" : " ");
  append(batch_, json ? json_level(level) : human_level(level));
  append(batch_, json ? "\",\"daemon\":" : " ");
  json ? append_quoted(batch_, options_.daemon) : append_word(batch_, options_.daemon);
  append(batch_, json ? ",\"message\":" : " message=");
  append_quoted(batch_, message);
  for (const LogField& field : fields) {
    append(batch_, json ? "," : " ");
    json ? append_quoted(batch_, field.key) : append_word(batch_, field.key);
    append(batch_, json ? ":" : "=");
    json ? append_quoted(batch_, field.value) : append_word(batch_, field.value);
  }
  if (json) batch_.push_back('}');
  end_line(level == LogLevel::kError);
}

void SpdlogLog::action(const TraceContext&, const InstanceAction& action) {
  event(LogLevel::kInfo, "action ended",
        {{"instance", to_string(action.instance)},
         {"action", action.action},
         {"request", "req-" + to_string(action.request_id)},
         {"result", action.failed ? "Error: " + action.message : "Success"},
         {"took_us", std::to_string((action.finished_at - action.started_at).us)}});
}

void SpdlogLog::flush() {
  if (batch_.size() == 0) return;
  logger_->log(spdlog::level::info, spdlog::string_view_t(batch_.data(), batch_.size()));
  batch_.clear();
  note_refused();
  note_dropped();
}

// The date and the time to the second change rarely; only the microseconds are written for each line.
std::string_view SpdlogLog::time_text() {
  WallTime now = loop_.wall_now();
  int64_t second = now.us / 1'000'000;
  if (second != time_second_ || time_text_.empty()) {
    time_text_ = to_iso8601(now);
    time_second_ = second;
    return time_text_;
  }
  auto microseconds = static_cast<uint32_t>(now.us % 1'000'000);
  for (size_t i = 0; i < 6; ++i, microseconds /= 10)
    time_text_[time_text_.size() - 2 - i] = static_cast<char>('0' + microseconds % 10);
  return time_text_;
}

void SpdlogLog::end_line(bool urgent) {
  batch_.push_back('\n');
  if (urgent || batch_.size() >= kBatchBytes) {
    flush();
    return;
  }
  if (timer_ != 0) return;
  timer_ = loop_.call_after(kBatchDelay, [this] {
    timer_ = 0;
    flush();
  });
}

void SpdlogLog::note_refused() {
  const size_t refused = refused_->load();
  // Not while the disk refuses: the line that says so would be refused too, and would ask for another one.
  const bool goes_on = refused != std::exchange(refused_seen_, refused);
  if (goes_on || refused == refused_told_) return;
  const size_t news = refused - std::exchange(refused_told_, refused);
  batch_.push_back('\n');  // behind the part of a line that was written
  event(LogLevel::kError, "log lines could not be written", {{"batches", std::to_string(news)}});
}

void SpdlogLog::note_dropped() {
  size_t dropped = writer_->overrun_counter();
  if (dropped == dropped_) return;
  size_t news = dropped - std::exchange(dropped_, dropped);
  event(LogLevel::kWarning, "log lines were dropped: the disk is too slow for them",
        {{"batches", std::to_string(news)}});
}

}  // namespace kilonova
