// A client of HTTP/1.1 for programs that may wait: a connection for each request, over TLS where asked. Any thread; a call
// blocks it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace kilonova::http {

struct ClientRequest {
  std::string method;  // "GET"
  std::string host;    // name or address, without a port
  std::string port;
  std::string target;  // path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct ClientResponse {
  unsigned status = 0;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  // Of the first header of this name, whatever its case; "" without it.
  std::string header(std::string_view name) const;
};

// What this side believes and shows, as PEM files; "" = none, and of `ca` the system's own.
struct ClientTls {
  std::string ca;
  std::string certificate;
  std::string key;
};

using ClientContext = std::shared_ptr<void>;  // null: no TLS

// kInvalidArgument says which file cannot be used.
Expected<ClientContext> make_client_context(const ClientTls& files);

// Whatever was answered, redirections too; a body has at most 64 MiB. kUnavailable says why there is no answer: nobody
// listens, the other side's certificate is not its host's, the connection broke, or `limit` is over.
Expected<ClientResponse> exchange(const ClientRequest& request, const ClientContext& tls, Duration limit);

}  // namespace kilonova::http
