#include "store/postgres_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "store/postgres_columns.h"

namespace kilonova {
namespace {

// A group that breaks the connection again and again is at fault itself.
constexpr int kTries = 3;
// How long a takeover waits for the group in flight before it ends the session that holds it.
constexpr const char* kLockTimeout = "BEGIN; SET LOCAL lock_timeout = '2s'";

// No row is an error, so that the whole group is dropped.
constexpr const char* kFence =
    "WITH fence AS (UPDATE cell_lease SET revision = revision + 1, beat = now() WHERE cell = $1::text AND generation = "
    "$2::bigint RETURNING revision) SELECT coalesce(max(revision), 0) / count(*) FROM fence";

constexpr const char* kTake =
    "UPDATE cell_lease SET generation = generation + 1, holder = $2::text, address = $3::text, beat = now() "
    "WHERE cell = $1::text {} RETURNING generation, revision";

Expected<> nothing(PostgresRow&) { return {}; }

PostgresSession::Outcome lost(std::string message) {
  return {PostgresSession::Outcome::Kind::kLost, {ErrorCode::kUnavailable, std::move(message)}};
}

}  // namespace

PostgresSession::PostgresSession(PostgresOptions options, std::string schema_name, Patience& patience)
    : options_(std::move(options)),
      schema_name_(std::move(schema_name)),
      patience_(patience),
      fence_{"fence", kFence} {}

Expected<> PostgresSession::open(const Schema& schema) {
  auto connection = PostgresConnection::open(options_, patience_);
  if (!connection) return std::unexpected(connection.error());
  connection_ = *std::move(connection);
  auto done = prepare_postgres_schema(*connection_, schema, schema_name_, options_.cell);
  if (done) done = enter_postgres_schema(*connection_, schema_name_);
  application_id_ = schema.application_id;
  if (done) done = show_presence(!options_.take_over);
  if (done) done = take_lease();
  if (!done) return done;
  auto catalog = read_catalog(*connection_, schema_name_);
  if (!catalog) return std::unexpected(catalog.error());
  catalog_ = *std::move(catalog);
  return {};
}

Expected<> PostgresSession::prepare(std::vector<const PostgresStatement*> statements) {
  statements_ = std::move(statements);
  statements_.push_back(&fence_);
  return connection_->prepare(statements_);
}

Expected<> PostgresSession::show_presence(bool waits) {
  const std::string parameters[] = {options_.cell};
  auto locked = connection_->execute(kLockTimeout);
  if (locked) {
    locked = connection_->query(fmt::format("SELECT {}({}, hashtext($1::text))",
                                            waits ? "pg_advisory_lock" : "pg_try_advisory_lock", application_id_),
                                parameters, nothing);
  }
  if (locked) return connection_->execute("COMMIT");
  const bool is_held = connection_->sqlstate() == "55P03";
  if (!connection_->is_lost()) (void)connection_->execute("ROLLBACK");
  if (!is_held) return locked;
  return fail(
      ErrorCode::kConflict,
      fmt::format("{}: cell {} is led already: {}, and its session is there: end that process first, or give this "
                  "cloud a database of its own",
                  connection_->where(), options_.cell, leader()));
}

std::string PostgresSession::leader() {
  std::string text = "another leads";
  (void)connection_->query(
      "SELECT convert_to(format('generation %s was taken by %s', generation, holder), 'UTF8') FROM cell_lease", {},
      [&](PostgresRow& row) {
        row(text);
        return row.finish();
      });
  return text;
}

Expected<> PostgresSession::take_lease() {
  auto drawn = connection_->query("SELECT convert_to(gen_random_uuid()::text, 'UTF8')", {}, [&](PostgresRow& row) {
    row(holder_);
    return row.finish();
  });
  if (!drawn) return drawn;
  holder_ = fmt::format("{}, {}", options_.holder, holder_);
  for (int tries = 1;; ++tries) {
    auto taken = take("");
    if (taken && *taken) break;
    if (taken)
      return fail(ErrorCode::kDataLoss, fmt::format("{}: the row of cell {} is gone from {}.cell_lease",
                                                    connection_->where(), options_.cell, schema_name_));
    if (connection_->is_lost() || tries == kTries) return std::unexpected(taken.error());
  }
  revision_ = revision_found_;
  return {};
}

Expected<bool> PostgresSession::take(std::string_view where) {
  const std::string parameters[] = {options_.cell, holder_, options_.address};
  bool taken = false;
  auto done = connection_->execute(kLockTimeout);
  if (done) {
    done = connection_->query(fmt::format(kTake, where), parameters, [&](PostgresRow& row) {
      taken = true;
      row(generation_, revision_found_);
      return row.finish();
    });
  }
  if (done) done = connection_->execute("COMMIT");
  if (done) return taken;
  const bool is_locked = connection_->sqlstate() == "55P03";
  if (!connection_->is_lost()) (void)connection_->execute("ROLLBACK");
  if (is_locked) (void)end_hanging_holder();
  return std::unexpected(std::move(done.error()));
}

// One that stopped in the middle of a group, as a frozen process does: its own groups take milliseconds.
Expected<> PostgresSession::end_hanging_holder() {
  return connection_->query(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'cell_lease'::regclass AND granted AND mode = "
      "'RowExclusiveLock' AND pid <> pg_backend_pid()",
      {}, nothing);
}

PostgresCall PostgresSession::fence() const { return {&fence_, {options_.cell, postgres_parameter(generation_)}}; }

PostgresSession::Outcome PostgresSession::store(std::span<const PostgresCall> calls) {
  using Kind = PostgresFailure::Kind;
  for (int tries = 1;; ++tries) {
    auto written = connection_->write(fence(), calls);
    if (written) {
      revision_ = *written;
      return {};
    }
    if (written.error().kind == Kind::kRefused) return {Outcome::Kind::kRefused, std::move(written.error().error)};
    if (written.error().kind == Kind::kLeaseLost) return lease_lost();
    if (auto back = come_back(); !back) return {Outcome::Kind::kLost, std::move(back.error())};
    if (revision_found_ == revision_ + 1) {
      revision_ = revision_found_;
      return {};
    }
    if (revision_found_ != revision_)
      return lost(
          fmt::format("{}: cell {} is at revision {}, but revision {} was confirmed: the database has lost what it "
                      "had stored, or was put back; start again to go on with what it has",
                      connection_->where(), options_.cell, revision_found_, revision_));
    if (tries == kTries) return {Outcome::Kind::kRefused, std::move(written.error().error)};
  }
}

PostgresSession::Outcome PostgresSession::lease_lost() {
  return lost(fmt::format("{}: generation {} of cell {} is over: {}; this process stores nothing more and ends",
                          connection_->where(), generation_, options_.cell, leader()));
}

Expected<> PostgresSession::begin_session() {
  auto connection = PostgresConnection::open(options_, patience_);
  if (!connection) return std::unexpected(connection.error());
  connection_ = *std::move(connection);
  if (auto entered = enter_postgres_schema(*connection_, schema_name_); !entered) return entered;
  return connection_->prepare(statements_);
}

Expected<> PostgresSession::come_back() {
  using Clock = std::chrono::steady_clock;
  const auto over_at = Clock::now() + std::chrono::microseconds(options_.reconnect_for.us);
  for (Duration pause = milliseconds(10);; pause = std::min(pause * 2, seconds(1))) {
    auto begun = begin_session();
    if (begun) {
      auto taken = take("AND holder = $2::text");  // from oneself, and from nobody else
      if (taken && *taken) {
        (void)show_presence(false);
        return {};
      }
      if (taken) return std::unexpected(lease_lost().error);
      begun = std::unexpected(taken.error());
    }
    if (Clock::now() >= over_at) {
      begun.error().message += fmt::format("; given up after {} s", options_.reconnect_for.us / 1'000'000);
      return begun;
    }
    if (!patience_.pause(pause)) return begun;
  }
}

}  // namespace kilonova
