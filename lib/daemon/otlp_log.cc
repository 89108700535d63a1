#include "daemon/otlp_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace kilonova {
namespace {

// "" when the collector took it; else why it did not.
std::string post(const OtlpEndpoint& endpoint, const std::vector<otlp::StepSpan>& spans) {
  http::ClientContext tls;
  if (endpoint.https) {
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

}  // namespace

OtlpLog::OtlpLog(RealLoop& loop, Log& log, OtlpEndpoint endpoint)
    : loop_(loop), log_(log), endpoint_(std::move(endpoint)) {}

OtlpLog::~OtlpLog() {
  loop_.cancel(timer_);
  alive_->log = nullptr;
}

void OtlpLog::step(const Uuid& instance, const TraceContext& trace, const StepRecord& record) {
  log_.step(instance, trace, record);
  if (waiting_.size() >= kMaxWaiting) {
    ++dropped_;
    return;
  }
  waiting_.push_back({instance, trace.trace_id, trace.span_id, record});
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
  std::vector<otlp::StepSpan> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
  waiting_.erase(waiting_.begin(), end);
  sending_ = true;
  auto job = [&loop = loop_, endpoint = endpoint_, batch = std::move(batch), alive = alive_] {
    std::string why = post(endpoint, batch);
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
