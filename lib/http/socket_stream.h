// ByteStreams over TCP sockets, plain and TLS. Only lib/http's own files include this: Asio is slow to compile.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "http/byte_stream.h"
#include "http/connection.h"
#include "http/loop_executor.h"
#include "http/tls_context.h"

namespace kilonova::http {

using Socket = boost::asio::ip::tcp::socket;

// Takes a connected socket, and closes it when it dies. Readiness is told to `waits`, if they still are, on the loop.
std::unique_ptr<ByteStream> make_stream(Socket socket, const TlsContext& tls, LoopExecutor executor,
                                        std::weak_ptr<Waits> waits);

}  // namespace kilonova::http
