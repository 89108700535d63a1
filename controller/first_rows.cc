#include "controller/first_rows.h"

#include <utility>

#include "controller/core/bootstrap.h"
#include "daemon/openssl_crypto.h"
#include "daemon/password_hash.h"
#include "runtime/real_loop.h"
#include "runtime/scope.h"
#include "store/sqlite_controller_store.h"

namespace kilonova::controller {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kSigningKeyBytes = 32;

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
  if (!state->projects.empty()) return {};
  OpensslCrypto crypto(loop);
  BootstrapSecrets secrets{make_password_hash(passwords.admin, crypto.random_bytes(kSaltBytes)),
                           make_password_hash(passwords.demo, crypto.random_bytes(kSaltBytes)),
                           crypto.random_bytes(kSigningKeyBytes)};
  Expected<> result;
  Scope scope(loop);
  scope.spawn(commit_and_stop(&loop, &store, bootstrap_rows(*state, secrets, random, loop.wall_now()), &result));
  loop.run();
  return result;
}

}  // namespace kilonova::controller
