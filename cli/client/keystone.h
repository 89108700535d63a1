// Keystone's HTTP API, for what the gRPC service does not have. One thread; a call blocks until it is answered.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/client/cloud_place.h"
#include "cli/output/print.h"
#include "http/client.h"

namespace kilonova::cli {

class Keystone {
 public:
  // Logs in as the user and into the project that the options name. kUnavailable when no cloud runs there, when it has no
  // HTTP address or does not answer within 60 s; kUnauthenticated as the cloud says it; kInvalidArgument for an --endpoint
  // without OS_AUTH_URL: that one says nothing of where HTTP is spoken.
  static Expected<Keystone> open(const Globals& globals);

  const std::string& user_id() const { return user_id_; }
  const std::string& project_id() const { return project_id_; }

  // `path` behind /v3, as "/users"; `body` null: none. The answer's body, null where it has none. A refusal is the cloud's
  // own words with the code that its status stands for.
  Expected<Json> call(std::string_view method, const std::string& path, const Json& body = nullptr);

 private:
  struct Url {
    bool tls = false;
    std::string host;
    std::string port;
    std::string path;  // of Keystone, without /v3
  };

  Keystone() = default;
  static Expected<Url> parse_url(std::string_view text);
  static Expected<Url> find_url(const CloudPlace& place);
  Expected<> log_in(const Globals& globals);
  Expected<http::ClientResponse> send(std::string_view method, const std::string& path, const Json& body) const;

  Url url_;
  http::ClientContext tls_;
  std::string token_;
  std::string user_id_;
  std::string project_id_;
};

}  // namespace kilonova::cli
