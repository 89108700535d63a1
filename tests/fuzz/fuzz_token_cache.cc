// The file in which the command keeps a token: it lies in a directory where a user may put anything.
#include <string>

#include "cli/client/token_cache.h"
#include "tests/fuzz/fuzz.h"

KN_FUZZ_TARGET(fuzz_token_cache) {
  using namespace kilonova;
  const cli::TokenOwner owner{"/nowhere", "127.0.0.1:8775", "admin", "kilonova", "admin"};
  const WallTime now{1'767'225'600'000'000};
  if (auto token = cli::read_token(std::string(bytes), owner, now)) {
    KN_CHECK(!token->token.empty(), "an empty token is none");
    KN_CHECK(token->expires_at > now, "one that is over is none");
  }
  std::string name = cli::token_file_name(std::string(bytes), "admin");
  KN_CHECK(name.find('/') == std::string::npos, "no user's name leaves the directory");
}
