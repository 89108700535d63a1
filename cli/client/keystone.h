// Keystone's HTTP API, for what the gRPC service does not have. One thread; a call blocks until it is answered.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "cli/cli.h"
#include "cli/output/print.h"

namespace kilonova::cli {

class Keystone {
 public:
  // Logs in as the user and into the project that the options name. kUnavailable when no cloud runs there, when it has no
  // HTTP address or does not answer within 60 s; kUnauthenticated as the cloud says it; kInvalidArgument for an --endpoint
  // without OS_AUTH_URL: that one says nothing of where HTTP is spoken.
  static Expected<Keystone> open(const Globals& globals);
  Keystone(Keystone&&) noexcept;
  Keystone& operator=(Keystone&&) noexcept;
  ~Keystone();

  const std::string& user_id() const;
  const std::string& project_id() const;

  // `path` behind /v3, as "/users"; `body` null: none. The answer's body, null where it has none. A refusal is the cloud's
  // own words with the code that its status stands for.
  Expected<Json> call(std::string_view method, const std::string& path, const Json& body = nullptr);

 private:
  struct State;
  explicit Keystone(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace kilonova::cli
