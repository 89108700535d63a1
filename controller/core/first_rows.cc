#include "controller/core/first_rows.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "controller/core/bootstrap.h"
#include "controller/core/reset_rows.h"
#include "domain/setting.h"
#include "domain/token_key.h"

namespace kilonova::controller {
namespace {

const std::string* password_of(const FirstPasswords& passwords, std::string_view user) {
  return user == "admin" ? &passwords.admin : user == "demo" || user == "alt_demo" ? &passwords.demo : nullptr;
}

Task<Transaction> rows_of_an_empty_cloud(FirstRowsPorts ports, const ControllerState* state,
                                         const FirstPasswords* passwords) {
  BootstrapSecrets secrets;
  secrets.admin_password_hash = co_await ports.crypto.hash_password(passwords->admin);
  // Of the default password, which everybody knows, one hash does: it is a good part of a first start.
  if (passwords->admin == kDefaultPassword && passwords->demo == kDefaultPassword) {
    secrets.demo_password_hash = secrets.admin_password_hash;
  } else {
    secrets.demo_password_hash = co_await ports.crypto.hash_password(passwords->demo);
  }
  secrets.token_signing_key = ports.crypto.random_bytes(kTokenKeyBytes);
  co_return bootstrap_rows(*state, secrets, ports.random, ports.loop.wall_now());
}

// The hash of the chosen password, where the default one has this hash; else nothing.
Task<std::optional<std::string>> chosen_for_default(FirstRowsPorts ports, const std::string* wanted, std::string hash) {
  if (wanted == nullptr || *wanted == kDefaultPassword) co_return std::nullopt;
  if (!co_await ports.crypto.verify_password(std::string(kDefaultPassword), std::move(hash))) co_return std::nullopt;
  co_return co_await ports.crypto.hash_password(*wanted);
}

// A reset goes back to the chosen ones too.
Task<Transaction> passwords_for_default_ones(FirstRowsPorts ports, const ControllerState* state,
                                             const FirstPasswords* passwords) {
  Transaction rows;
  // By hash and chosen password: to look at one costs a tenth of a second.
  std::map<std::pair<std::string, std::string>, std::optional<std::string>> seen;
  for (User user : state->of<User>()) {
    const std::string* wanted = password_of(*passwords, user.name);
    auto hash = co_await chosen_for_default(ports, wanted, user.password_hash);
    if (wanted != nullptr) seen[{user.password_hash, *wanted}] = hash;
    if (!hash) continue;
    user.password_hash = *std::move(hash);
    rows.push_back(mutation::Put<User>{std::move(user)});
  }
  std::optional<FirstRows> first = first_rows_of(*state);
  if (!first) co_return rows;
  const FirstRows before = *first;
  for (auto [hash, wanted] : {std::pair(&first->admin_password_hash, &passwords->admin),
                              std::pair(&first->demo_password_hash, &passwords->demo)}) {
    auto known = seen.find({*hash, *wanted});
    std::optional<std::string> chosen;
    if (known != seen.end()) {
      chosen = known->second;
    } else {
      chosen = co_await chosen_for_default(ports, wanted, *hash);
    }
    if (chosen) *hash = *std::move(chosen);
  }
  if (*first != before) rows.push_back(mutation::Put<Setting>{{std::string(kFirstRowsSetting), to_text(*first)}});
  co_return rows;
}

}  // namespace

Task<Expected<ControllerState>> commit_first_rows(FirstRowsPorts ports, ControllerState state,
                                                  FirstPasswords passwords) {
  Transaction rows;
  if (state.of<Project>().empty()) {
    rows = co_await rows_of_an_empty_cloud(ports, &state, &passwords);
  } else {
    rows = co_await passwords_for_default_ones(ports, &state, &passwords);
  }
  if (rows.empty()) co_return state;
  Expected<> committed = co_await ports.store.commit(rows);
  if (!committed) co_return std::unexpected(std::move(committed.error()));
  put_rows(rows, state);
  co_return state;
}

Task<Expected<ControllerState>> commit_reset(FirstRowsPorts ports, ControllerState state, CloudReset reset,
                                             bool refuse_default) {
  ResetOutcome outcome =
      reset_rows(state, reset, ports.crypto.random_bytes(kTokenKeyBytes), ports.random, ports.loop.wall_now());
  if (refuse_default) {
    auto checked = co_await refuse_default_passwords(outcome.state.of<User>(), &ports.crypto);
    if (!checked) co_return std::unexpected(std::move(checked.error()));
  }
  Expected<> committed = co_await ports.store.commit(std::move(outcome.rows));
  if (!committed) co_return std::unexpected(std::move(committed.error()));
  co_return std::move(outcome.state);
}

Task<Expected<>> refuse_default_passwords(std::vector<User> users, Crypto* crypto) {
  for (const User& user : users) {
    if (user.name != "admin" && user.name != "demo" && user.name != "alt_demo") continue;
    if (co_await crypto->verify_password(std::string(kDefaultPassword), user.password_hash))
      co_return fail(ErrorCode::kPermissionDenied,
                     fmt::format("user {} has the default password, {}", user.name, kHowToSetPasswords));
  }
  co_return Expected<>();
}

}  // namespace kilonova::controller
