// A connection's life: read a request, have it handled, write the answer, again.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "http/byte_stream.h"
#include "http/message.h"
#include "http/request_reader.h"
#include "runtime/loop.h"
#include "runtime/pending_calls.h"
#include "runtime/task.h"

namespace kilonova::http {

// Answers one request. Its flow is destroyed with the server. A response whose headers say "Transfer-Encoding: chunked" has
// a stream of which nobody knows how long it will be: it goes out in chunks, or, where the connection ends behind it,
// until then. The next piece is asked for when the client has taken the one before.
using Handler = std::function<Task<Response>(Request)>;

struct ConnectionOptions {
  ReadLimits limits;
  Duration idle_limit = seconds(75);     // between two requests; then the connection is closed
  Duration header_limit = seconds(15);   // from a request's first byte to the end of its headers; then 408
  Duration request_limit = seconds(60);  // from its first byte to its last; then 408
  size_t least_streamed = 64 * 1024;     // of a streamed body, in each request_limit; less is 408
  Duration write_limit = seconds(60);    // a client that takes no byte for so long is cut off
  Duration linger_limit = seconds(2);    // after a refusal, for a client that still sends, so that it can read why
};

using Waits = PendingCalls<bool>;

// What the server must know of a connection that it would like to close. Shared with the flow.
struct ConnectionState {
  bool is_idle = true;  // no request has begun
  Instant idle_since;
};

// The flow of one connection, requests one after the other. All that it is given must outlive it. It ends when either
// side has closed, after a refusal, or at a limit; the stream's owner closes the socket then.
Task<void> serve_connection(Loop* loop, Waits* waits, const Handler* handler, ConnectionOptions options, TcpEnd client,
                            bool is_tls, ByteStream* stream, ConnectionState* state);

}  // namespace kilonova::http
