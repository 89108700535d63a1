#include "rpc/otlp/grpc_collector.h"

#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <fstream>
#include <sstream>

#include "opentelemetry/proto/collector/trace/v1/trace_service.grpc.pb.h"
#include "rpc/otlp/otlp_request.h"

namespace kilonova::otlp {
namespace {

namespace collector = opentelemetry::proto::collector::trace::v1;

// gRPC brings roots of its own, which an administrator's CA is not among.
std::shared_ptr<grpc::ChannelCredentials> credentials_of(bool tls) {
  if (!tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  const char* named = std::getenv("SSL_CERT_FILE");
  std::ifstream file(named != nullptr ? named : "/etc/ssl/certs/ca-certificates.crt");
  std::ostringstream roots;
  roots << file.rdbuf();
  options.pem_root_certs = roots.str();
  return grpc::SslCredentials(options);
}

}  // namespace

class GrpcCollector::Stub {
 public:
  explicit Stub(const std::shared_ptr<grpc::Channel>& channel) : service(channel) {}
  collector::TraceService::Stub service;
};

GrpcCollector::GrpcCollector(const std::string& address, bool tls) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1'000);  // a collector that comes back is found soon
  stub_ = std::make_unique<Stub>(grpc::CreateCustomChannel(address, credentials_of(tls), arguments));
}

GrpcCollector::~GrpcCollector() = default;

std::string GrpcCollector::send(std::span<const Span> spans, Duration limit) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::microseconds(limit.us));
  collector::ExportTraceServiceResponse response;
  const grpc::Status status = stub_->service.Export(&context, to_request(spans), &response);
  if (status.ok()) return "";
  return fmt::format("it answered {}: {}", static_cast<int>(status.error_code()), status.error_message());
}

}  // namespace kilonova::otlp
