// GrpcCollector: a collector of OpenTelemetry that is spoken to by OTLP over gRPC. Any one thread at a time.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/time.h"
#include "otlp/otlp.h"

namespace kilonova::otlp {

class GrpcCollector {
 public:
  // "host:port". `tls`: with the system's CAs.
  GrpcCollector(const std::string& address, bool tls);
  ~GrpcCollector();

  // Waits for the answer. "" when it took them; else why it did not.
  std::string send(std::span<const Span> spans, Duration limit);

 private:
  class Stub;
  std::unique_ptr<Stub> stub_;
};

}  // namespace kilonova::otlp
