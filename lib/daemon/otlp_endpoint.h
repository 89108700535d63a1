// The address of a collector of OpenTelemetry (--otlp-endpoint). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace kilonova {

// Where a collector listens.
struct OtlpEndpoint {
  enum class Protocol : uint8_t { kHttpJson, kGrpc };

  Protocol protocol = Protocol::kHttpJson;
  bool tls = false;
  std::string host;
  std::string port;
  std::string path;  // of HTTP

  // "http://HOST[:PORT][/PATH]" or https; 4318 and /v1/traces where there is none, as OpenTelemetry has it. "grpc://HOST[:PORT]"
  // or grpcs, with 4317. kInvalidArgument names the text and what would be right.
  static Expected<OtlpEndpoint> parse(std::string_view url);
  bool operator==(const OtlpEndpoint&) const = default;
};

}  // namespace kilonova
