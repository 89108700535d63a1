#include "store/sqlite.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace kilonova {
namespace {

ErrorCode error_code(int result) {
  switch (result & 0xff) {
    case SQLITE_CONSTRAINT: return ErrorCode::kConflict;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT: return ErrorCode::kDataLoss;
    default: return ErrorCode::kUnavailable;
  }
}

// What was being done when the system refused; SQLite's message does not say, nor always the system's reason.
std::string_view deed(int result) {
  switch (result) {
    case SQLITE_IOERR_READ:
    case SQLITE_IOERR_SHORT_READ: return " while reading";
    case SQLITE_IOERR_WRITE: return " while writing";
    case SQLITE_IOERR_FSYNC:
    case SQLITE_IOERR_DIR_FSYNC: return " while syncing";
    case SQLITE_IOERR_TRUNCATE: return " while cutting back";
    case SQLITE_IOERR_DELETE: return " while removing a journal";
    case SQLITE_IOERR_SHMOPEN:
    case SQLITE_IOERR_SHMSIZE:
    case SQLITE_IOERR_SHMMAP: return " while sharing the log's index";
    default: return "";
  }
}

}  // namespace

Expected<std::unique_ptr<Database>> Database::open(const std::string& path, Mode mode, Duration busy_timeout,
                                                   const char* vfs) {
  std::unique_ptr<Database> database(new Database(path));
  int flags = SQLITE_OPEN_NOMUTEX | (mode == Mode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
  sqlite3* handle = nullptr;
  int result = sqlite3_open_v2(path.c_str(), &handle, flags, vfs);
  database->handle_.reset(handle);
  if (result != SQLITE_OK) return database->failure();
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(busy_timeout.us / 1000));
  return database;
}

Expected<> Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return failure();
  return {};
}

Expected<int64_t> Database::query_integer(const std::string& sql) {
  Statement statement(*this, sql);
  statement.bind();
  auto row = statement.next();
  if (!row) return std::unexpected(row.error());
  int64_t value = 0;
  if (!*row) return value;
  ColumnReader columns = statement.columns();
  columns(value);
  if (auto finished = columns.finish(); !finished) return unreadable(*this, sql, finished.error());
  return value;
}

std::unexpected<Error> Database::failure() const {
  int result = sqlite3_extended_errcode(handle_.get());
  int system_error = sqlite3_system_errno(handle_.get());
  std::string message = fmt::format("{}: {}{}", path_, sqlite3_errmsg(handle_.get()), deed(result));
  bool from_system = (result & 0xff) == SQLITE_IOERR || (result & 0xff) == SQLITE_CANTOPEN;
  if (from_system && system_error != 0) message += fmt::format(" ({})", std::strerror(system_error));
  return fail(error_code(result), std::move(message));
}

Binder Statement::bind() {
  if (!handle_) {
    sqlite3_stmt* handle = nullptr;
    sqlite3_prepare_v3(database_.handle(), sql_.data(), static_cast<int>(sql_.size()), SQLITE_PREPARE_PERSISTENT,
                       &handle, nullptr);
    handle_.reset(handle);
  }
  return Binder(handle_.get());
}

Expected<int> Statement::run() {
  for (;;) {
    auto row = next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return sqlite3_changes(database_.handle());
  }
}

Expected<bool> Statement::next() {
  if (!handle_) return database_.failure();
  int result = sqlite3_step(handle_.get());
  if (result == SQLITE_ROW) return true;
  Expected<bool> outcome = false;
  if (result != SQLITE_DONE) outcome = database_.failure();
  sqlite3_reset(handle_.get());
  return outcome;
}

std::unexpected<Error> unreadable(const Database& database, std::string_view what, const Error& why) {
  return fail(ErrorCode::kDataLoss, fmt::format("{}: {}: {}", database.path(), what, why.message));
}

}  // namespace kilonova
