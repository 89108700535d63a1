#include "controller/core/first_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "controller/core/bootstrap.h"
#include "domain/token_key.h"

namespace kilonova::controller {
namespace {

const std::string* password_of(const FirstPasswords& passwords, std::string_view user) {
  return user == "admin" ? &passwords.admin : user == "demo" || user == "alt_demo" ? &passwords.demo : nullptr;
}

template <class T>
constexpr bool is_put = false;
template <class Row>
constexpr bool is_put<mutation::Put<Row>> = true;

// First rows are records that are put, nothing else.
void put_rows(const Transaction& rows, ControllerState& state) {
  for (const Mutation& mutation : rows) {
    visit(
        [&](const auto& change) {
          using Change = std::decay_t<decltype(change)>;
          if constexpr (is_put<Change>) {
            auto& table = state.of<std::decay_t<decltype(change.row)>>();
            auto place =
                std::ranges::lower_bound(table, change.row.key(), {}, [](const auto& row) { return row.key(); });
            if (place != table.end() && place->key() == change.row.key()) {
              *place = change.row;
            } else {
              table.insert(place, change.row);
            }
          }
        },
        mutation);
  }
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

Task<Transaction> passwords_for_default_ones(FirstRowsPorts ports, std::vector<User> users,
                                             const FirstPasswords* passwords) {
  Transaction rows;
  for (User& user : users) {
    const std::string* wanted = password_of(*passwords, user.name);
    if (wanted == nullptr || *wanted == kDefaultPassword) continue;
    if (!co_await ports.crypto.verify_password(std::string(kDefaultPassword), user.password_hash)) continue;
    user.password_hash = co_await ports.crypto.hash_password(*wanted);
    rows.push_back(mutation::Put<User>{std::move(user)});
  }
  co_return rows;
}

}  // namespace

Task<Expected<ControllerState>> commit_first_rows(FirstRowsPorts ports, ControllerState state,
                                                  FirstPasswords passwords) {
  Transaction rows;
  if (state.of<Project>().empty()) {
    rows = co_await rows_of_an_empty_cloud(ports, &state, &passwords);
  } else {
    rows = co_await passwords_for_default_ones(ports, state.of<User>(), &passwords);
  }
  if (rows.empty()) co_return state;
  Expected<> committed = co_await ports.store.commit(rows);
  if (!committed) co_return std::unexpected(std::move(committed.error()));
  put_rows(rows, state);
  co_return state;
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
