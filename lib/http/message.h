// HTTP messages as handlers see them: whole, with the body in memory, unless it is streamed (body.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "http/body.h"
#include "runtime/connection_owner.h"

namespace kilonova::http {

// In the order in which they came or are to go; names in any case.
using Headers = std::vector<std::pair<std::string, std::string>>;

// The first header of this name (any case); nullptr without one.
const std::string* find_header(const Headers& headers, std::string_view name);

struct Request {
  std::string method;  // "GET", as sent
  std::string target;  // "/compute/v2.1/servers?limit=1": path and query, as sent; target.h takes it apart
  Headers headers;
  std::string body;
  std::shared_ptr<BodySink> sink = {};  // that took the body; `body` is empty then
  TcpEnd client;                        // where it came from
  bool is_tls = false;
  WallTime received;  // when the request was whole
  Instant received_at;

  // "" without such a header.
  std::string_view header(std::string_view name) const;
};

struct Response {
  unsigned status = 200;
  Headers headers;  // Content-Length, Date and Connection are the server's
  std::string body;
  std::shared_ptr<BodySource> stream = {};  // its body instead
  uint64_t stream_bytes = 0;                // how many it has
  bool hangs_up = false;                    // nothing of it is sent: the connection ends
  std::string_view route = {};              // that answered, as its front's table writes it, for logs; "" = none
};

// The bytes of a response, of a streamed one the headers. `head`: an answer to HEAD, whose body is not sent. What no header may hold (line ends, NUL)
// is sent as spaces: a handler that repeats a client's words must not let it write headers.
std::string serialize(const Response& response, WallTime now, bool head, bool close);

// "Mon, 23 Nov 2026 14:05:09 GMT" (RFC 9110 section 5.6.7).
std::string date_text(WallTime time);

// "Not Found"; "Unknown" for a number that is none.
std::string_view reason_of(unsigned status);

}  // namespace kilonova::http
