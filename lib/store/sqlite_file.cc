#include "store/sqlite_file.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova {
namespace {

// Some file systems have no shared memory, and SQLite then keeps its old journal, in which readers stop the writer.
Expected<> turn_log_on(Database& database) {
  Statement statement(database, "PRAGMA journal_mode = WAL");
  statement.bind();
  auto row = statement.next();
  if (!row) return std::unexpected(row.error());
  std::string mode;
  ColumnReader columns = statement.columns();
  columns(mode);
  if (mode == "wal") return {};
  return fail(
      ErrorCode::kUnavailable,
      fmt::format("{}: its file system does not allow a write-ahead log (journal mode \"{}\")", database.path(), mode));
}

std::string pragmas(const SqliteOptions& options) {
  std::string sql = fmt::format(
      "PRAGMA synchronous = {};"
      "PRAGMA wal_autocheckpoint = 0;"         // the checkpointer's work
      "PRAGMA journal_size_limit = 67108864;"  // a log that grew under load shrinks again
      "PRAGMA cache_size = -65536;"            // KiB
      "PRAGMA temp_store = MEMORY;",
      options.sync == SyncMode::kFull ? "FULL" : "NORMAL");
  if (options.max_pages != 0) sql += fmt::format("PRAGMA max_page_count = {};", options.max_pages);
  return sql;
}

}  // namespace

Expected<SqliteFile> SqliteFile::open(const std::string& path, const Schema& schema, const SqliteOptions& options) {
  auto lock = FileLock::acquire(path);
  if (!lock) return std::unexpected(lock.error());
  // SQLite would make it readable for all. Closed before SQLite opens it, whose locks a later close would drop.
  if (auto made = open_private(path); !made) return std::unexpected(made.error());
  auto writer = Database::open(path, Database::Mode::kReadWrite, options.busy_timeout);
  if (!writer) return std::unexpected(writer.error());
  if (auto on = turn_log_on(**writer); !on) return std::unexpected(on.error());
  if (auto set = (*writer)->execute(pragmas(options)); !set) return std::unexpected(set.error());
  if (auto migrated = migrate(**writer, schema); !migrated) return std::unexpected(migrated.error());
  return SqliteFile{std::move(*lock), std::move(*writer)};
}

}  // namespace kilonova
