#include "api-server/core/login.h"

#include <fmt/format.h>

#include <utility>

#include "domain/api.h"
#include "domain/default_password.h"
#include "domain/form_rules.h"
#include "domain/nouns/user.h"
#include "domain/password_rule.h"
#include "domain/user_role.h"

namespace kilonova::api {
namespace {

class Counted {
 public:
  explicit Counted(size_t& count) : count_(count) { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() { --count_; }

 private:
  size_t& count_;
};

uint64_t seed_of(Crypto& crypto) {
  uint64_t seed = 0;
  for (char byte : crypto.random_bytes(sizeof seed)) seed = seed << 8 | static_cast<uint8_t>(byte);
  return seed;
}

bool says_who_is_unknown(ErrorCode code) {
  return code == ErrorCode::kNotFound || code == ErrorCode::kPermissionDenied || code == ErrorCode::kConflict;
}

}  // namespace

LoginGuard::LoginGuard(Loop& loop, Crypto& crypto, LoginOptions options)
    : loop_(loop), crypto_(crypto), options_(options), limiter_(options.limits, seed_of(crypto)) {}

Expected<> LoginGuard::begin(const LoginRequest& request) {
  if (auto user = check_name("the user", request.user); !user) return user;
  if (auto project = check_text("the project", request.project); !project) return project;
  if (auto password = check_password(request.password); !password) return password;
  if (options_.refuse_default && request.password == kDefaultPassword)
    return fail(ErrorCode::kPermissionDenied,
                "this cloud is reached from other machines, where the default password is refused: give your own "
                "(OS_PASSWORD)");
  if (request.password == kDefaultPassword && request.client &&
      !(options_.is_own_client && options_.is_own_client(*request.client)))
    return fail(ErrorCode::kPermissionDenied,
                "the default password is good for the user that runs this cloud, and not for other users of the "
                "machine: log in as that user, or set a password with --admin-password-file and "
                "--demo-password-file of `kilonova up`");
  if (checks_ >= options_.max_checks)
    return fail(ErrorCode::kResourceExhausted, "too many log-ins at once; try again in a second");
  LoginLimiter::Refusal refusal = limiter_.charge(request.user, request.source, loop_.now());
  if (refusal.wait > Duration{})
    return fail(ErrorCode::kResourceExhausted,
                fmt::format("too many failed or undecided log-ins {}; try again in {} s",
                            refusal.whom == LoginLimiter::Whom::kSource ? std::string("from your address")
                                                                        : "of user " + in_quotes(request.user),
                            (refusal.wait.us + 999'999) / 1'000'000));
  return {};
}

Task<Expected<FoundUser>> LoginGuard::accept(LoginRequest request, Expected<ApiResponse> found, bool needs_role) {
  if (!found && !says_who_is_unknown(found.error().code)) {
    forget(request);
    co_return std::unexpected(std::move(found.error()));
  }
  FoundUser* user = found ? get_if<FoundUser>(&*found) : nullptr;
  bool known = user != nullptr && user->user.enabled;
  if (known && needs_role) known = user->project.enabled && user->role != UserRole::kNone;
  bool right = co_await password_is_right(request.password, user != nullptr ? user->user.password_hash : std::string());
  if (!known || !right) co_return fail(ErrorCode::kUnauthenticated, "wrong user name, password or project");
  limiter_.refund(request.user, request.source);
  co_return std::move(*user);
}

Task<bool> LoginGuard::password_is_right(std::string password, std::string hash) {
  Counted counted(checks_);
  bool is_dummy = hash.empty();
  if (is_dummy && dummy_hash_.empty()) {
    // Making the hash is the same work as checking one.
    std::string made = co_await crypto_.hash_password(crypto_.random_bytes(16));
    dummy_hash_ = std::move(made);
    co_return false;
  }
  std::string checked_hash = is_dummy ? dummy_hash_ : std::move(hash);
  bool right = co_await crypto_.verify_password(std::move(password), std::move(checked_hash));
  co_return right && !is_dummy;
}

}  // namespace kilonova::api
