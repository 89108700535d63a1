// Log-in: a user's name, password and project for a token.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "api-server/core/client_request.h"
#include "api-server/core/login_limiter.h"
#include "domain/api.h"
#include "domain/nouns/user.h"
#include "ports/crypto.h"
#include "runtime/connection_owner.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::api {

struct LoginOptions {
  LoginLimiter::Limits limits;  // of failures
  size_t max_checks = 32;       // passwords checked at the same time, of all users
  bool refuse_default = false;  // the default password is nobody's: this daemon is reached from other machines
  // The client is a process of the user that this daemon runs as: nobody else of the machine has the default password.
  std::function<bool(const TcpEnd&)> is_own_client;
};

// Says who may try and whether a password is right. An unknown user, a wrong project and a wrong password cannot be
// told apart: same message, and the same work. Loop thread only; must outlive its flows.
class LoginGuard {
 public:
  LoginGuard(Loop& loop, Crypto& crypto, LoginOptions options);

  // kInvalidArgument: no user, or a text of absurd length. kPermissionDenied: the default password. kResourceExhausted:
  // too many failures of this user or from this source, or too many checks at once. Otherwise the try counts as failed
  // until accept() or forget().
  Expected<> begin(const LoginRequest& request);
  // The try did not come to a check of the password: it does not count.
  void forget(const LoginRequest& request) { limiter_.refund(request.user, request.source); }
  // `found`: what the controller knows of this user and project, or its error. The user it is, or kUnauthenticated;
  // kUnavailable and other failures of the controller pass through and do not count.
  // `needs_role`: a user without a role in the project is nobody's.
  Task<Expected<FoundUser>> accept(LoginRequest request, Expected<ApiResponse> found, bool needs_role = true);

 private:
  Task<bool> password_is_right(std::string password, std::string hash);

  Loop& loop_;
  Crypto& crypto_;
  LoginOptions options_;
  LoginLimiter limiter_;
  std::string dummy_hash_;  // of a password that nobody knows; made when first needed
  size_t checks_ = 0;
};

}  // namespace kilonova::api
