#include "store/sqlite_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/batched_log_vfs.h"

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

// After a sync that failed, the system shows what never reached the disk and will not write it again; whoever was killed
// then leaves such a log behind. Copied into the database it is written anew. Nothing to do after a clean end.
Expected<> rewrite_log(Database& database) { return database.execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

// Damage that reading the rows would not meet: in pages of events, launch records, indexes. Reads the whole file once.
Expected<> check_pages(Database& database) {
  Statement statement(database, "PRAGMA quick_check(1)");
  statement.bind();
  auto row = statement.next();
  if (!row) return std::unexpected(row.error());
  std::string found;
  ColumnReader columns = statement.columns();
  columns(found);
  if (found == "ok") return {};
  std::ranges::replace(found, '\n', ' ');
  return fail(ErrorCode::kDataLoss, fmt::format("{}: the database is damaged: {}", database.path(), found));
}

Expected<> prepare(Database& database, const Schema& schema, const SqliteOptions& options) {
  sqlite3_db_config(database.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  if (auto known = check_form(database, schema); !known) return known;
  if (auto whole = check_pages(database); !whole) return whole;
  if (auto on = turn_log_on(database); !on) return on;
  if (auto set = database.execute(pragmas(options)); !set) return set;
  if (options.sync == SyncMode::kFull) {
    if (auto rewritten = rewrite_log(database); !rewritten) return rewritten;
  }
  return migrate(database, schema);
}

// Who only reads has no use for it.
const char* vfs_of_writer(const Files& files) {
  if (const char* own = files.sqlite_vfs()) return own;
  static const BatchedLogVfs batched(nullptr, "kilonova");
  return batched.name();
}

}  // namespace

Expected<SqliteFile> SqliteFile::open(const std::string& path, const Schema& schema, const SqliteOptions& options) {
  auto lock = options.files->lock(path);
  if (!lock) return std::unexpected(lock.error());
  // SQLite would make it readable for all. Closed before SQLite opens it, whose locks a later close would drop.
  if (auto made = options.files->open(path); !made) return std::unexpected(made.error());
  auto writer = Database::open(path, Database::Mode::kReadWrite, options.busy_timeout, vfs_of_writer(*options.files));
  if (!writer) return std::unexpected(writer.error());
  if (auto prepared = prepare(**writer, schema, options); !prepared) return with_advice(prepared.error());
  // SQLite does it too, when it syncs a new log for the first time, and does not look whether it succeeded.
  if (options.sync == SyncMode::kFull) {
    if (auto synced = options.files->sync_directory_of(path); !synced) return std::unexpected(synced.error());
  }
  return SqliteFile{std::move(*lock), std::move(*writer)};
}

void SqliteFile::accept() { sqlite3_db_config(writer->handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr); }

std::unexpected<Error> with_advice(Error error) {
  if (error.code == ErrorCode::kDataLoss) {
    error.message += ". The file was left as it is: put back a copy of it, or move it away to begin anew";
  }
  return std::unexpected(std::move(error));
}

}  // namespace kilonova
