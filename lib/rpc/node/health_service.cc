#include "rpc/node/health_service.h"

#include <optional>
#include <utility>

#include "grpc/health/v1/health.pb.h"
#include "rpc/node/address.h"
#include "rpc/node/proto_bytes.h"
#include "rpc/node/strangers.h"

namespace kilonova {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

grpc::ByteBuffer response(HealthCheckResponse::ServingStatus status) {
  HealthCheckResponse message;
  message.set_status(status);
  return proto_bytes(message);
}

}  // namespace

// Gone with its end.
class HealthService::Call final : public rpc::ServerCall::Events {
 public:
  Call(HealthService& service, std::unique_ptr<rpc::ServerCall> call, bool watch)
      : service_(service), call_(std::move(call)), watch_(watch) {
    call_->set_events(this);
    std::string source = source_of(call_->context().peer());
    if (service_.strangers_.take(source) != SourceCounts<std::string>::Admission::kTaken) {
      call_->finish(too_many_strangers());
      return;
    }
    counted_ = {service_.strangers_, std::move(source)};
    call_->read_due(&request_);
  }

  // What is under way has its turn first; only the last status counts.
  void tell() {
    if (call_->writing() || call_->finished()) return;
    HealthCheckResponse::ServingStatus now = status();
    if (std::exchange(told_, now) != now) call_->write(response(now));
  }
  void stop() { end(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the daemon is stopping")); }

 private:
  HealthCheckResponse::ServingStatus status() const {
    if (!service_.knows(asked_)) return HealthCheckResponse::SERVICE_UNKNOWN;
    return service_.serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
  }
  void end(const grpc::Status& status) {
    service_.watches_.erase(this);
    if (!call_->finished()) call_->finish(status);
  }

  void on_read(bool ok) override {
    HealthCheckRequest request;
    if (!ok || request_.Length() > kMaxStrangersBytes || !read_proto(&request_, &request))
      return end(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "there is no HealthCheckRequest"));
    if (service_.stopped_) return stop();
    asked_ = request.service();
    if (watch_) {
      service_.watches_.insert(this);
      tell();
    } else if (service_.knows(asked_)) {
      call_->finish_with(response(status()));
    } else {
      end(grpc::Status(grpc::StatusCode::NOT_FOUND, asked_ + " is not served here"));
    }
  }
  void on_written(bool ok) override {
    if (ok) tell();
  }
  void on_cancelled() override { end(grpc::Status::CANCELLED); }
  void on_over() override { delete this; }

  HealthService& service_;
  std::unique_ptr<rpc::ServerCall> call_;
  const bool watch_;
  CountedSource<std::string> counted_;
  grpc::ByteBuffer request_;
  std::string asked_;
  std::optional<HealthCheckResponse::ServingStatus> told_;
};

HealthService::HealthService() = default;

HealthService::~HealthService() = default;

void HealthService::add(std::string service) { services_.insert(std::move(service)); }

void HealthService::set_serving(bool serving) {
  serving_ = serving;
  for (Call* watch : watches_) watch->tell();
}

void HealthService::stop() {
  stopped_ = true;
  for (Call* watch : std::exchange(watches_, {})) watch->stop();
}

void HealthService::accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) {
  if (method != "Check" && method != "Watch") return;
  new Call(*this, std::move(call), method == "Watch");
}

}  // namespace kilonova
