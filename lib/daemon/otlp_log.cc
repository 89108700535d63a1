#include "daemon/otlp_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace kilonova {
namespace {

// "" when the collector took it; else why it did not.
std::string post(const OtlpEndpoint& endpoint, const std::vector<otlp::Span>& spans) {
  http::ClientContext tls;
  if (endpoint.tls) {
    auto made = http::make_client_context({});
    if (!made) return made.error().message;
    tls = *std::move(made);
  }
  http::ClientRequest request{.method = "POST",
                              .host = endpoint.host,
                              .port = endpoint.port,
                              .target = endpoint.path,
                              .headers = {{"Content-Type", "application/json"}},
                              .body = otlp::to_json(spans)};
  auto answered = http::exchange(request, tls, OtlpLog::kSendLimit);
  if (!answered) return answered.error().message;
  return answered->status / 100 == 2 ? "" : fmt::format("it answered {}", answered->status);
}

std::string address_of(const OtlpEndpoint& endpoint) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", endpoint.host, endpoint.port)
                 : fmt::format("{}:{}", endpoint.host, endpoint.port);
}

}  // namespace

OtlpLog::OtlpLog(RealLoop& loop, Log& log, OtlpEndpoint endpoint)
    : loop_(loop), log_(log), endpoint_(std::move(endpoint)) {
  if (endpoint_.protocol == OtlpEndpoint::Protocol::kGrpc)
    collector_ = std::make_shared<otlp::GrpcCollector>(address_of(endpoint_), endpoint_.tls);
}

OtlpLog::~OtlpLog() {
  loop_.cancel(timer_);
  alive_->log = nullptr;
}

void OtlpLog::step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) {
  log_.step(instance, trace, record);
  add(otlp::StepSpan{instance, trace.trace_id, trace.span_id, record});
}

void OtlpLog::action(const TraceContext& trace, const InstanceAction& action) {
  log_.action(trace, action);
  for (otlp::ActionSpan& span : otlp::spans_of(trace, action)) add(std::move(span));
}

void OtlpLog::add(otlp::Span span) {
  if (waiting_.size() >= kMaxWaiting) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(span));
  send_soon();
}

void OtlpLog::send_soon() {
  if (timer_ != 0 || sending_ || waiting_.empty()) return;
  const Duration delay = waiting_.size() >= kMaxBatch ? Duration{} : kBatchDelay;
  timer_ = loop_.call_after(delay, [this] { send(); });
}

void OtlpLog::send() {
  timer_ = 0;
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), kMaxBatch));
  std::vector<otlp::Span> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  sending_ = true;
  auto job = [&loop = loop_, endpoint = endpoint_, collector = collector_, batch = std::move(batch), alive = alive_] {
    std::string why = collector ? collector->send(batch, kSendLimit) : post(endpoint, batch);
    loop.post_from_any_thread([alive, spans = batch.size(), why = std::move(why)]() mutable {
      if (alive->log != nullptr) alive->log->on_sent(spans, std::move(why));
    });
  };
  sender_.submit(std::move(job));
}

void OtlpLog::on_sent(size_t spans, std::string why) {
  sending_ = false;
  (why.empty() ? sent_ : dropped_) += spans;
  const bool is_refused = !why.empty();
  if (is_refused && !was_refused_)
    log_.event(LogLevel::kWarning, "spans are dropped: the collector does not take them",
               {{"collector", fmt::format("{}:{}{}", endpoint_.host, endpoint_.port, endpoint_.path)},
                {"why", std::move(why)}});
  if (!is_refused && was_refused_) log_.event(LogLevel::kInfo, "the collector takes spans again", {});
  was_refused_ = is_refused;
  send_soon();
}

void OtlpLog::add_metrics(MetricPage& page) const {
  page.add(metric::kSpans, static_cast<double>(sent_), {"sent"});
  page.add(metric::kSpans, static_cast<double>(dropped_), {"dropped"});
  page.add(metric::kSpansWaiting, static_cast<double>(waiting_.size()));
}

}  // namespace kilonova
