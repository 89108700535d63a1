// A thin wrapper of the SQLite C API: connections, statements, and what their failures mean to us.
//
// Failures: a constraint is kConflict; a file that is corrupt or no database is kDataLoss; everything else (full disk,
// read-only directory, I/O error, lock held for longer than the busy time-out) is kUnavailable. Messages name the file.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "store/sqlite_columns.h"

namespace kilonova {

// One connection. One thread at a time may use it and its statements.
class Database {
 public:
  enum class Mode { kReadWrite, kReadOnly };

  // The file must exist; its form is not looked at yet. `vfs` as Files::sqlite_vfs().
  static Expected<std::unique_ptr<Database>> open(const std::string& path, Mode mode, Duration busy_timeout,
                                                  const char* vfs = nullptr);

  // One or more statements without parameters or results.
  Expected<> execute(const std::string& sql);
  // The one number that a query returns; 0 for no row.
  Expected<int64_t> query_integer(const std::string& sql);

  // The last failure of this connection.
  std::unexpected<Error> failure() const;
  bool in_transaction() const { return sqlite3_get_autocommit(handle_.get()) == 0; }
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  explicit Database(std::string path) : path_(std::move(path)) {}

  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

// A prepared statement, prepared at its first use and reset at the end of each.
class Statement {
 public:
  // The database must outlive the statement.
  Statement(Database& database, std::string sql) : database_(database), sql_(std::move(sql)) {}

  // Begins a use: statement.bind()(a, b, c). What is bound must live until the use ends.
  Binder bind();
  // Runs to the end; the number of rows inserted, changed or deleted.
  Expected<int> run();
  // The next row of a query; false at the end.
  Expected<bool> next();
  // Of the row that next() came to.
  ColumnReader columns() { return ColumnReader(handle_.get()); }
  // Ends a use before its last row. Not needed after run(), false or a failure.
  void reset() { sqlite3_reset(handle_.get()); }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };

  Database& database_;
  std::string sql_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;  // empty before the first use, or when preparing failed
};

// kDataLoss that names the file and what in it could not be read.
std::unexpected<Error> unreadable(const Database& database, std::string_view what, const Error& why);

}  // namespace kilonova
