// A thin wrapper of libpq: a connection, what it is asked, and what its failures mean to us.
//
// Failures: a constraint is kConflict, as is a server that is too old; everything else (no connection, full disk, a
// replica) is kUnavailable. Messages name the address, never the password.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/patience.h"
#include "store/postgres_options.h"

namespace kilonova {

class PostgresRow;

// A statement that is prepared once a connection. Its parameters are binary: arrays mostly (postgres_columns.h).
struct PostgresStatement {
  std::string name;  // unique in its store
  std::string sql;
};

// One use of it.
struct PostgresCall {
  const PostgresStatement* statement;
  std::vector<std::string> parameters;
};

// Why a group was not stored, or may not be.
struct PostgresFailure {
  enum class Kind {
    kRefused,         // by the database; nothing of the group is stored
    kLeaseLost,       // the fence found no row; nothing of the group is stored
    kConnectionLost,  // nobody knows
  };
  Kind kind;
  Error error;
};

// One connection. One thread at a time may use it.
class PostgresConnection {
 public:
  // Connects, and looks whether the server is new enough and takes writes; `for_reading`: any will do, and nothing can
  // be written. Blocks for some seconds at most for each host of the URL. The patience outlives the connection.
  static Expected<std::unique_ptr<PostgresConnection>> open(const PostgresOptions& options, Patience& patience,
                                                            bool for_reading = false);

  // One or more statements without parameters; rows that they return are dropped.
  Expected<> execute(const std::string& sql);
  // Every row of a query, as it comes. An error of `take` ends it and is returned.
  Expected<> query(const std::string& sql, std::span<const std::string> parameters,
                   const std::function<Expected<>(PostgresRow&)>& take);
  Expected<> prepare(std::span<const PostgresStatement* const> statements);
  // All calls as one transaction in one journey, the fence first: it returns one row with one number, or fails with a
  // division by zero where it finds none. The number.
  std::expected<int64_t, PostgresFailure> write(const PostgresCall& fence, std::span<const PostgresCall> calls);

  // "postgresql://user@host:5432/database"
  const std::string& where() const { return where_; }
  // After a failure: whether this connection is of no more use.
  bool is_lost() const { return lost_ || PQstatus(handle_.get()) != CONNECTION_OK; }
  // "55P03", of the last failure; "" where the server said none.
  const std::string& sqlstate() const { return sqlstate_; }

 private:
  struct Finish {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  PostgresConnection(std::string where, Patience& patience) : where_(std::move(where)), patience_(patience) {}

  Expected<> check_server(bool for_reading);
  bool send(const PostgresCall& call);
  // The next result; null when a query has no more, or the connection is lost.
  Result next_result();
  // Takes all results there are; the first failure.
  Expected<> take_results();
  Expected<int64_t> take_group(size_t calls);
  std::unexpected<Error> failure(const PGresult* result);
  std::unexpected<Error> lost();

  std::string where_;
  Patience& patience_;
  std::unique_ptr<PGconn, Finish> handle_;
  bool lost_ = false;
  std::string sqlstate_;
};

}  // namespace kilonova
