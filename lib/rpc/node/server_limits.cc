#include "rpc/node/server_limits.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

namespace kilonova {
namespace {

constexpr int kGreetingMs = 10'000;
constexpr int kIdleMs = 10 * 60'000;
constexpr int kAgeMs = 60 * 60'000;
constexpr int kStreams = 1'000;
constexpr int kMetadataBytes = 8 << 10;
constexpr int kAheadBytes = 64 << 10;
constexpr int kPingStrikes = 2;  // gRPC's own number

}  // namespace

void set_server_limits(grpc::ServerBuilder& builder, const ServerLimits& limits) {
  builder.SetMaxReceiveMessageSize(limits.max_message_bytes);
  // A connection that does not begin with HTTP/2, or with a TLS handshake, is closed.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, kGreetingMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, kIdleMs);
  // From then on its calls may end, and no new one begins.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, kAgeMs);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kStreams);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMetadataBytes);
  // Whoever pings more often than set_server_arguments() allows, and sends nothing else, loses its connection.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, kPingStrikes);
  if (!limits.learns_speed) {
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, kAheadBytes);
  }
  // gRPC takes a message apart before anybody can say how long it may be then. So it is not done at all.
  for (grpc_compression_algorithm algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP})
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetResourceQuota(grpc::ResourceQuota().Resize(limits.memory_bytes));
}

}  // namespace kilonova
