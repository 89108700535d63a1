#include "store/postgres.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "store/postgres_address.h"
#include "store/postgres_columns.h"

namespace kilonova {
namespace {

constexpr int kOldestServer = 150'000;

// libpq's and the server's messages have several lines.
std::string one_line(std::string_view text) {
  std::string line(text);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) line.pop_back();
  std::ranges::replace(line, '\n', ' ');
  return line;
}

// What the server says when it, or this session, is about to go, or is no longer the one that takes writes.
bool says_goodbye(std::string_view sqlstate) {
  return sqlstate.starts_with("08") || sqlstate.starts_with("57P") || sqlstate == "25006";
}

std::string advice(std::string_view sqlstate) {
  if (sqlstate == "53100") return ": make room on the server's disk";
  if (sqlstate == "42501") return ": the user must own the database, or have CREATE on it";
  return "";
}

std::vector<const char*> addresses_of(const std::vector<std::string>& texts) {
  std::vector<const char*> addresses;
  for (const std::string& text : texts) addresses.push_back(text.data());
  return addresses;
}

std::vector<int> lengths_of(const std::vector<std::string>& texts) {
  std::vector<int> lengths;
  for (const std::string& text : texts) lengths.push_back(static_cast<int>(text.size()));
  return lengths;
}

}  // namespace

Expected<std::unique_ptr<PostgresConnection>> PostgresConnection::open(const PostgresOptions& options,
                                                                       Patience& patience, bool for_reading) {
  auto where = postgres_address(options.url);
  if (!where) return std::unexpected(where.error());
  std::unique_ptr<PostgresConnection> connection(new PostgresConnection(*std::move(where), patience));
  // What the URL says of these wins: it stands behind them.
  std::vector<std::pair<const char*, const char*>> said = {
      {"connect_timeout", "5"},      {"application_name", "kilonova"}, {"client_encoding", "UTF8"},
      {"keepalives_idle", "10"},     {"keepalives_interval", "5"},     {"keepalives_count", "3"},
      {"tcp_user_timeout", "15000"}, {"gssencmode", "disable"},        {"dbname", options.url.c_str()}};
  if (!options.password.empty()) said.emplace_back("password", options.password.c_str());
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : said) {
    keys.push_back(key);
    values.push_back(value);
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* handle = PQconnectdbParams(keys.data(), values.data(), 1);
  connection->handle_.reset(handle);
  if (PQstatus(handle) != CONNECTION_OK) {
    std::string hint = "is --store right, does the server run, is the database there?";
    if (PQconnectionNeedsPassword(handle))
      hint = "it asks for a password: name --store-password-file, or write ~/.pgpass";
    if (PQconnectionUsedPassword(handle)) hint = "is the password of --store-password-file or ~/.pgpass right?";
    return fail(ErrorCode::kUnavailable,
                fmt::format("{}: {}: {}", connection->where_, one_line(PQerrorMessage(handle)), hint));
  }
  PQsetNoticeProcessor(handle, [](void*, const char*) {}, nullptr);
  PQsetnonblocking(handle, 1);
  if (auto right = connection->check_server(for_reading); !right) return std::unexpected(right.error());
  return connection;
}

Expected<> PostgresConnection::check_server(bool for_reading) {
  if (int version = PQserverVersion(handle_.get()); version < kOldestServer) {
    return fail(ErrorCode::kConflict, fmt::format("{}: the server is PostgreSQL {}.{}; 15 or newer is needed", where_,
                                                  version / 10'000, version % 10'000));
  }
  if (for_reading) return execute("SET default_transaction_read_only = on");
  int64_t is_replica = 0, is_read_only = 0;
  auto asked =
      query("SELECT pg_is_in_recovery()::int::bigint, (current_setting('transaction_read_only') = 'on')::int::bigint",
            {}, [&](PostgresRow& row) {
              row(is_replica, is_read_only);
              return row.finish();
            });
  if (!asked) return asked;
  if (is_replica != 0)
    return fail(
        ErrorCode::kUnavailable,
        fmt::format("{}: the server is a replica, which takes no writes: name the primary in --store, or all of "
                    "them with target_session_attrs=read-write",
                    where_));
  if (is_read_only != 0)
    return fail(ErrorCode::kUnavailable,
                fmt::format("{}: the server takes no writes: turn its default_transaction_read_only off", where_));
  // Stronger settings than `on` stay. Plans are of a time when a table was empty: an index is never wrong for what is
  // asked.
  return execute(
      "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';"
      "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;"
      "SET plan_cache_mode = force_generic_plan; SET work_mem = '64MB'; SET jit = off");
}

Expected<> PostgresConnection::execute(const std::string& sql) {
  sqlstate_.clear();
  if (PQsendQuery(handle_.get(), sql.c_str()) == 0) return lost();
  return take_results();
}

Expected<> PostgresConnection::query(const std::string& sql, std::span<const std::string> parameters,
                                     const std::function<Expected<>(PostgresRow&)>& take) {
  sqlstate_.clear();
  const std::vector<std::string> held(parameters.begin(), parameters.end());
  const std::vector<int> lengths = lengths_of(held), formats(held.size(), 1);
  if (PQsendQueryParams(handle_.get(), sql.c_str(), static_cast<int>(held.size()), nullptr, addresses_of(held).data(),
                        lengths.data(), formats.data(), 1) == 0) {
    return lost();
  }
  PQsetSingleRowMode(handle_.get());
  Expected<> outcome;
  while (Result result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      if (outcome) outcome = failure(result.get());
      continue;
    }
    for (int i = 0; outcome && i < PQntuples(result.get()); ++i) {
      PostgresRow row(result.get(), i);
      outcome = take(row);
    }
  }
  if (lost_) return lost();
  return outcome;
}

Expected<> PostgresConnection::prepare(std::span<const PostgresStatement* const> statements) {
  PQenterPipelineMode(handle_.get());
  for (const PostgresStatement* statement : statements) {
    if (PQsendPrepare(handle_.get(), statement->name.c_str(), statement->sql.c_str(), 0, nullptr) == 0) return lost();
  }
  if (PQpipelineSync(handle_.get()) == 0) return lost();
  Expected<> outcome;
  for (size_t i = 0; i < statements.size() && !lost_; ++i) {
    Expected<> prepared = take_results();
    if (outcome) outcome = std::move(prepared);
  }
  (void)next_result();  // of the synchronisation
  PQexitPipelineMode(handle_.get());
  if (lost_) return lost();
  return outcome;
}

bool PostgresConnection::send(const PostgresCall& call) {
  const std::vector<int> lengths = lengths_of(call.parameters), formats(call.parameters.size(), 1);
  return PQsendQueryPrepared(handle_.get(), call.statement->name.c_str(), static_cast<int>(call.parameters.size()),
                             addresses_of(call.parameters).data(), lengths.data(), formats.data(), 1) != 0;
}

std::expected<int64_t, PostgresFailure> PostgresConnection::write(const PostgresCall& fence,
                                                                  std::span<const PostgresCall> calls) {
  sqlstate_.clear();
  PQenterPipelineMode(handle_.get());
  auto plain = [this](const char* sql) {
    return PQsendQueryParams(handle_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 1) != 0;
  };
  bool sent = plain("BEGIN") && send(fence);
  for (const PostgresCall& call : calls) sent = sent && send(call);
  sent = sent && plain("COMMIT") && PQpipelineSync(handle_.get()) != 0;
  if (!sent) lost_ = true;
  Expected<int64_t> revision = sent ? take_group(calls.size()) : lost();
  if (!is_lost()) {
    PQexitPipelineMode(handle_.get());
    const std::string why = sqlstate_;
    if (!revision && !execute("ROLLBACK")) lost_ = true;
    sqlstate_ = why;
  }
  if (revision) return *revision;
  auto kind = PostgresFailure::Kind::kRefused;
  if (is_lost() || says_goodbye(sqlstate_)) {
    kind = PostgresFailure::Kind::kConnectionLost;
    lost_ = true;
  } else if (sqlstate_ == "22012") {
    kind = PostgresFailure::Kind::kLeaseLost;
  }
  return std::unexpected(PostgresFailure{kind, std::move(revision.error())});
}

Expected<int64_t> PostgresConnection::take_group(size_t calls) {
  Expected<int64_t> revision = 0;
  auto check = [&](const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    if (!revision || status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return;
    revision = std::unexpected(failure(result).error());
  };
  // BEGIN, the fence, the calls, COMMIT.
  for (size_t i = 0; i < calls + 3 && !lost_; ++i) {
    while (Result result = next_result()) {
      check(result.get());
      if (i != 1 || !revision) continue;
      PostgresRow row(result.get(), 0);
      row(*revision);
    }
  }
  (void)next_result();  // of the synchronisation
  if (lost_ && revision) return lost();
  return revision;
}

PostgresConnection::Result PostgresConnection::next_result() {
  for (;;) {
    const int unsent = lost_ ? -1 : PQflush(handle_.get());
    if (unsent < 0) break;
    if (PQisBusy(handle_.get()) == 0) {
      if (PQstatus(handle_.get()) != CONNECTION_OK) lost_ = true;
      return Result(PQgetResult(handle_.get()));
    }
    if (!patience_.wait_for(PQsocket(handle_.get()), unsent > 0) || PQconsumeInput(handle_.get()) == 0) break;
  }
  lost_ = true;
  return nullptr;
}

Expected<> PostgresConnection::take_results() {
  Expected<> outcome;
  while (Result result = next_result()) {
    const ExecStatusType status = PQresultStatus(result.get());
    const bool is_good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (!is_good && outcome) outcome = failure(result.get());
  }
  if (lost_ && outcome) return lost();
  return outcome;
}

std::unexpected<Error> PostgresConnection::failure(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  sqlstate_ = state == nullptr ? "" : state;
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string message = one_line(primary == nullptr ? PQresultErrorMessage(result) : primary);
  const ErrorCode code = sqlstate_.starts_with("23") ? ErrorCode::kConflict : ErrorCode::kUnavailable;
  return fail(code, fmt::format("{}: {}{}", where_, message, advice(sqlstate_)));
}

std::unexpected<Error> PostgresConnection::lost() {
  lost_ = true;
  std::string why = one_line(PQerrorMessage(handle_.get()));
  if (why.empty()) why = patience_.is_ending() ? "no answer before the end" : "the connection was lost";
  return fail(ErrorCode::kUnavailable, fmt::format("{}: {}", where_, why));
}

}  // namespace kilonova
