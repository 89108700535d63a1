// SqliteStore: what the SQLite stores of all daemons have in common: the file, its writer thread, its reader thread and
// its checkpoints. Tables says what is in it: Transaction, State, Saved, schema(), load(), apply(), before_commit(),
// saved(), restore().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"
#include "store/commit_thread.h"
#include "store/read_thread.h"
#include "store/sqlite_file.h"
#include "store/sqlite_options.h"
#include "store/sqlite_writer.h"

namespace kilonova {

// Loop thread only. The loop outlives it; flows that await it die before it. Destroying it writes what still waits.
template <class Tables>
class SqliteStore {
 public:
  using Transaction = typename Tables::Transaction;

  SqliteStore(RealLoop& loop, std::string path, SqliteOptions options)
      : loop_(loop), path_(std::move(path)), options_(options) {}

  // As the ports' load(); may be called again after a failure.
  Expected<typename Tables::State> load() {
    KN_CHECK(!open_, "a store can be loaded once");
    auto file = SqliteFile::open(path_, Tables::schema(), options_);
    if (!file) return std::unexpected(file.error());
    auto tables = std::make_unique<Tables>(*file->writer, options_);
    auto state = tables->load();
    if (!state) return with_advice(state.error());
    const char* vfs = options_.files->sqlite_vfs();
    auto reader = Database::open(path_, Database::Mode::kReadOnly, options_.busy_timeout, vfs);
    if (!reader) return std::unexpected(reader.error());
    auto checkpoints = Database::open(path_, Database::Mode::kReadWrite, options_.busy_timeout, vfs);
    if (!checkpoints) return std::unexpected(checkpoints.error());
    file->accept();
    open_.emplace(loop_, std::move(*file), std::move(tables), std::move(*reader), std::move(*checkpoints));
    return state;
  }

  Task<Expected<>> commit(Transaction transaction) {
    KN_CHECK(open_.has_value(), "a store is loaded before anything is committed");
    return open_->commits.commit(std::move(transaction));
  }

  // Nothing before it was loaded.
  StoreCounts counts() { return open_ ? open_->commits.counts() : StoreCounts(); }

  ReadThread<Database>& reader() {
    KN_CHECK(open_.has_value(), "a store is loaded before anything is read");
    return open_->reader;
  }

 private:
  // In the order in which they need each other.
  struct Open {
    Open(RealLoop& loop, SqliteFile opened, std::unique_ptr<Tables> loaded, std::unique_ptr<Database> reading,
         std::unique_ptr<Database> checkpointing)
        : file(std::move(opened)),
          tables(std::move(loaded)),
          checkpointer(*file.writer, std::move(checkpointing)),
          writer(*file.writer, *tables, checkpointer),
          commits(loop, writer),
          reader(std::move(reading)) {}

    SqliteFile file;
    std::unique_ptr<Tables> tables;
    WalCheckpointer checkpointer;
    SqliteWriter<Tables> writer;
    CommitThread<SqliteWriter<Tables>> commits;
    ReadThread<Database> reader;
  };

  RealLoop& loop_;
  std::string path_;
  SqliteOptions options_;
  std::optional<Open> open_;
};

}  // namespace kilonova
