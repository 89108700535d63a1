#include "controller/first_rows.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "controller/core/bootstrap.h"
#include "daemon/openssl_crypto.h"
#include "daemon/password_hash.h"
#include "domain/default_password.h"
#include "domain/token_key.h"
#include "runtime/real_loop.h"
#include "runtime/scope.h"
#include "store/sqlite_controller_store.h"

namespace kilonova::controller {
namespace {

constexpr size_t kSaltBytes = 16;

bool has_default_password(const User& user) { return matches_password_hash(kDefaultPassword, user.password_hash); }

const std::string* password_of(const FirstPasswords& passwords, std::string_view user) {
  return user == "admin" ? &passwords.admin : user == "demo" ? &passwords.demo : nullptr;
}

Task<> commit_and_stop(RealLoop* loop, ControllerStore* store, Transaction rows, Expected<>* result) {
  *result = co_await store->commit(std::move(rows));
  loop->stop();
}

}  // namespace

Expected<> write_first_rows(const std::string& database, const SqliteOptions& options, const FirstPasswords& passwords,
                            Random random) {
  RealLoop loop;
  SqliteControllerStore store(loop, database, options);
  auto state = store.load();
  if (!state) return std::unexpected(state.error());
  OpensslCrypto crypto(loop);
  auto hash_of = [&](const std::string& password) {
    return make_password_hash(password, crypto.random_bytes(kSaltBytes));
  };
  Transaction rows;
  if (state->of<Project>().empty()) {
    BootstrapSecrets secrets{hash_of(passwords.admin), hash_of(passwords.demo), crypto.random_bytes(kTokenKeyBytes)};
    rows = bootstrap_rows(*state, secrets, random, loop.wall_now());
  } else {
    for (User& user : state->of<User>()) {
      const std::string* wanted = password_of(passwords, user.name);
      if (wanted == nullptr || *wanted == kDefaultPassword || !has_default_password(user)) continue;
      user.password_hash = hash_of(*wanted);
      rows.push_back(mutation::Put<User>{user});
    }
  }
  if (rows.empty()) return {};
  Expected<> result;
  Scope scope(loop);
  scope.spawn(commit_and_stop(&loop, &store, std::move(rows), &result));
  loop.run();
  return result;
}

Expected<> refuse_default_passwords(const std::string& database, const SqliteOptions& options) {
  RealLoop loop;
  SqliteControllerStore store(loop, database, options);
  auto state = store.load();
  if (!state) return std::unexpected(state.error());
  for (const User& user : state->of<User>())
    if ((user.name == "admin" || user.name == "demo") && has_default_password(user))
      return fail(ErrorCode::kPermissionDenied,
                  fmt::format("user {} has the default password, {}", user.name, kHowToSetPasswords));
  return {};
}

}  // namespace kilonova::controller
