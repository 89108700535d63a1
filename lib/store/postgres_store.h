// PostgresStore: what the stores on PostgreSQL of all daemons have in common: the session that writes, its thread, and
// the reader's. Tables says what is in it: Transaction, State, schema(), kSchemaName, load(), statements(), and what
// PostgresWriter asks for.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/error.h"
#include "runtime/real_loop.h"
#include "runtime/task.h"
#include "store/commit_thread.h"
#include "store/patience.h"
#include "store/postgres_options.h"
#include "store/postgres_reader.h"
#include "store/postgres_session.h"
#include "store/postgres_writer.h"
#include "store/read_thread.h"

namespace kilonova {

// Loop thread only. The loop outlives it; flows that await it die before it. Destroying it writes what still waits,
// unless the database does not answer for five seconds.
template <class Tables>
class PostgresStore {
 public:
  using Transaction = typename Tables::Transaction;

  PostgresStore(RealLoop& loop, PostgresOptions options) : loop_(loop), options_(std::move(options)) {}

  // As the ports' load(); may be called again after a failure.
  Expected<typename Tables::State> load() {
    KN_CHECK(!open_, "a store can be loaded once");
    auto opening = std::make_unique<Open>(options_);
    if (auto opened = opening->session.open(Tables::schema()); !opened) return std::unexpected(opened.error());
    opening->tables.emplace(opening->session.catalog(), options_);
    auto state = opening->tables->load(opening->session.connection(), opening->session.catalog());
    if (!state) return state;
    if (auto made = opening->session.prepare(opening->tables->statements()); !made)
      return std::unexpected(made.error());
    opening->start(loop_, options_);
    open_ = std::move(opening);
    return state;
  }

  Task<Expected<>> commit(Transaction transaction) {
    KN_CHECK(open_ != nullptr, "a store is loaded before anything is committed");
    return open_->commits->commit(std::move(transaction));
  }

  // Nothing before it was loaded.
  StoreCounts counts() { return open_ ? open_->commits->counts() : StoreCounts(); }

  ReadThread<PostgresReader>& reader() {
    KN_CHECK(open_ != nullptr, "a store is loaded before anything is read");
    return *open_->reader;
  }

 private:
  // In the order in which they need each other.
  struct Open {
    explicit Open(const PostgresOptions& options) : session(options, Tables::kSchemaName, patience) {}
    void start(RealLoop& loop, const PostgresOptions& options) {
      writer.emplace(loop, session, *tables, patience, options.on_lost);
      commits.emplace(loop, *writer);
      reader.emplace(std::make_unique<PostgresReader>(options, Tables::kSchemaName));
    }

    Patience patience;
    PostgresSession session;
    std::optional<Tables> tables;
    std::optional<PostgresWriter<Tables>> writer;
    std::optional<CommitThread<PostgresWriter<Tables>>> commits;
    std::optional<ReadThread<PostgresReader>> reader;
  };

  RealLoop& loop_;
  PostgresOptions options_;
  std::unique_ptr<Open> open_;
};

}  // namespace kilonova
