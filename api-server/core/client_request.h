// What a front hands to the core and gets back, whichever protocol its clients speak.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/api.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "runtime/connection_owner.h"

namespace kilonova::api {

// What came beside the request itself.
struct RequestMeta {
  std::string token;                   // without "Bearer "
  TraceContext trace;                  // nil ids: the core draws them
  WallTime received;                   // when the front had the request
  Instant received_at;                 // the same on the steady clock
  std::optional<Duration> time_limit;  // the client's, from received_at on
  size_t bytes = 0;                    // of the request on its way

  // What the front says of it, and no client can.
  bool in_own_name = false;         // the front asks for itself, having seen that it may; the token does not count
  bool takes_any_scope = false;     // a token of a domain or the system has its role: Keystone's routes
  bool keeps_access_rules = false;  // the front holds the request against the rules of its token
};

struct ClientRequest {
  ApiRequest request;
  // Why the front could not read the request, of which then only the kind is good; said only to who may ask such a
  // thing.
  std::optional<Error> malformed;
};

struct ClientReply {
  Expected<ApiResponse> result;
  UserRole role = UserRole::kNone;  // the caller's: some answers show an admin more
  std::string private_key;          // CreateKeyPair, when it was generated
};

struct LoginRequest {
  std::string user;
  std::string password;
  std::string project;  // "" = the only or first one of the user
  std::string source;   // where the client is, without its port: failures are counted by it
  std::optional<TcpEnd> client;  // nothing: somebody who may open this process's own unix socket
};

struct LoginReply {
  std::string token;
  WallTime expires_at;
  Uuid user_id;
  std::string user;
  Uuid project_id;
  std::string project;
  UserRole role = UserRole::kNone;
};

// Who a password, or a secret in its place, is of.
struct Identified {
  User user;
  uint64_t generation = 0;  // of its tokens: of those that follow from this proof
};

struct WatchRequest {
  uint64_t since = 0;         // 0 = only what happens from now on
  bool all_projects = false;  // admins
  std::string server;         // id, "" = all
  bool stable_only = false;
  bool cloud_events = false;  // admins
  uint64_t generation = 0;    // of `since`, 0 = unknown
};

}  // namespace kilonova::api
