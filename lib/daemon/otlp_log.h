// OtlpLog: a log that also sends the launch steps and actions which pass through it to a collector of OpenTelemetry, as
// OTLP over HTTP in JSON, or over gRPC. The loop gathers them; a thread of its own encodes and sends, one request at a time.
//
// It never holds a launch up: what a collector does not take in time, or cannot be sent, is dropped and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/otlp_endpoint.h"
#include "daemon/worker_pool.h"
#include "http/client.h"
#include "metrics/metric_page.h"
#include "otlp/otlp.h"
#include "ports/log.h"
#include "rpc/otlp/grpc_collector.h"
#include "runtime/real_loop.h"

namespace kilonova {

// Loop thread only. The loop and `log` must outlive it. Destroying it waits for the request under way, kSendLimit at most, and a
// look-up of the collector's name.
class OtlpLog final : public Log {
 public:
  OtlpLog(RealLoop& loop, Log& log, OtlpEndpoint endpoint);
  ~OtlpLog() override;

  void step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) override;
  void action(const TraceContext& trace, const InstanceAction& action) override;
  void event(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) override {
    log_.event(level, message, fields);
  }

  void add_metrics(MetricPage& page) const;

  static constexpr size_t kMaxWaiting = 4'096;  // spans; more are dropped
  static constexpr size_t kMaxBatch = 512;      // of one request
  static constexpr Duration kBatchDelay = milliseconds(500);
  static constexpr Duration kSendLimit = seconds(2);

 private:
  // What a job answers to, as long as this lives.
  struct Alive {
    OtlpLog* log;
  };

  void add(otlp::Span span);
  void send_soon();
  void send();
  void on_sent(size_t spans, std::string why);

  RealLoop& loop_;
  Log& log_;
  const OtlpEndpoint endpoint_;
  std::vector<otlp::Span> waiting_;
  TimerId timer_ = 0;
  bool sending_ = false;
  uint64_t sent_ = 0;
  uint64_t dropped_ = 0;
  bool was_refused_ = false;                        // the last request: said once
  std::shared_ptr<otlp::GrpcCollector> collector_;  // the sender's; none: it goes over HTTP
  std::shared_ptr<Alive> alive_ = std::make_shared<Alive>(Alive{this});
  WorkerPool sender_{1};  // last: its job refers to the loop
};

}  // namespace kilonova
