#include "rpc/node/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

namespace kilonova {
namespace {

// A peer that is frozen (SIGSTOP) or cut off is noticed after at most the sum of both.
constexpr int kKeepaliveMs = 8'000;
constexpr int kKeepaliveTimeoutMs = 8'000;

// With the timeout of connecting in it: a listener that accepts and never answers must not hold a channel for gRPC's 20 s.
constexpr int kConnectTimeoutMs = 5'000;
constexpr int kFirstBackoffMs = 50;
constexpr int kLongestBackoffMs = 2'000;

grpc::ChannelArguments arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestBackoffMs);
  // Daemons are reached directly: a proxy of the environment is for the world outside.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_SERVICE_CONFIG_DISABLE_RESOLUTION, 1);
  return arguments;
}

std::shared_ptr<grpc::Channel> open(const std::string& address, const TlsPtr& tls, grpc::ChannelArguments arguments) {
  if (address.starts_with("unix:"))
    return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
  if (tls && !tls->peer_name.empty()) arguments.SetSslTargetNameOverride(tls->peer_name);
  return grpc::CreateCustomChannel(address, channel_credentials(tls), arguments);
}

}  // namespace

std::shared_ptr<grpc::Channel> open_channel(const std::string& address, const TlsPtr& tls) {
  return open(address, tls, arguments());
}

std::shared_ptr<grpc::Channel> open_private_channel(const std::string& address, const TlsPtr& tls) {
  grpc::ChannelArguments own = arguments();
  own.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return open(address, tls, std::move(own));
}

void set_server_arguments(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Clients may ping as often as ours do, also between calls.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kKeepaliveMs / 2);
  // With SO_REUSEPORT a second daemon would share a port in silence instead of hearing that it is in use.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace kilonova
