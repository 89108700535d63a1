// Channels to daemons, with the limits and liveness checks that every connection of a cloud has. For GrpcNode itself, and
// for the command line and other clients of the public services. Thread-safe.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "rpc/node/tls.h"

namespace grpc {
class ServerBuilder;
}

namespace kilonova {

// Frames and public messages over this are refused with RESOURCE_EXHAUSTED.
inline constexpr int kMaxMessageBytes = 16 << 20;

// A lazy channel to "unix:/path" or "host:port"; TLS, if given, is for the latter only: a socket's file mode says who may
// come. Nothing is connected, and no error is seen, before the first call: that fails with UNAVAILABLE when nobody listens,
// or when the two sides' TLS does not go together. Give every call a deadline.
std::shared_ptr<grpc::Channel> open_channel(const std::string& address, const TlsPtr& tls = nullptr);

// The same for one attempt to connect: shares no connection and no back-off with other channels.
std::shared_ptr<grpc::Channel> open_private_channel(const std::string& address, const TlsPtr& tls = nullptr);

// Message limit, keepalive and address rules of a server.
void set_server_arguments(grpc::ServerBuilder& builder);

}  // namespace kilonova
