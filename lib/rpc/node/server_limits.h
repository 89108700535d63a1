// What a server takes from whoever comes: bounds on what gRPC holds for them before anybody of ours has seen it
// (docs/adr/0017-strangers-and-tenants.md).
#pragma once

#include <cstddef>

#include "rpc/node/channel.h"

namespace kilonova {

struct ServerLimits {
  int max_message_bytes = kMaxMessageBytes;
  size_t memory_bytes = 512 << 20;  // of gRPC's buffers: beyond it connections are refused, and calls ended
  // Flow control that learns how fast a connection is, and lets it send more ahead: for frames of megabytes.
  bool learns_speed = true;
};
// Of a server for clients, whose requests are small: what a stranger sends ahead is.
inline constexpr ServerLimits kClientServer{
    .max_message_bytes = 512 << 10, .memory_bytes = 64 << 20, .learns_speed = false};

// Beside set_server_arguments(): these limits, the age of connections, and no compressed requests: what is small on its way
// must not be large here.
void set_server_limits(grpc::ServerBuilder& builder, const ServerLimits& limits);

}  // namespace kilonova
