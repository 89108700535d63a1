// write_group: many transactions in one SQLite transaction, and each of them all or nothing.
#pragma once

#include <vector>

#include "base/error.h"
#include "store/sqlite.h"

namespace kilonova {

// The statements around the writes of one connection.
class TransactionStatements {
 public:
  explicit TransactionStatements(Database& database)
      : database_(database),
        begin_(database, "BEGIN IMMEDIATE"),
        commit_(database, "COMMIT"),
        rollback_(database, "ROLLBACK"),
        savepoint_(database, "SAVEPOINT one"),
        release_(database, "RELEASE one"),
        rollback_to_(database, "ROLLBACK TO one") {}

  Expected<> begin() { return run(begin_); }
  Expected<> commit() { return run(commit_); }
  // A failed write may have ended the transaction already.
  void rollback() {
    if (database_.in_transaction()) (void)run(rollback_);
  }
  Expected<> savepoint() { return run(savepoint_); }
  Expected<> release() { return run(release_); }
  Expected<> rollback_to_savepoint() {
    if (auto back = run(rollback_to_); !back) return back;
    return release();
  }

 private:
  static Expected<> run(Statement& statement) {
    statement.bind();
    auto done = statement.run();
    if (!done) return std::unexpected(std::move(done.error()));
    return {};
  }

  Database& database_;
  Statement begin_, commit_, rollback_, savepoint_, release_, rollback_to_;
};

namespace detail {

// One transaction of SQLite around `writes`, which returns what went wrong. After a failure nothing of it is stored.
template <class Tables, class Writes>
Expected<> in_transaction(TransactionStatements& statements, Tables& tables, Writes&& writes) {
  auto saved = tables.saved();
  Expected<> done = statements.begin();
  if (done) done = writes();
  if (done) done = tables.before_commit();
  if (done) done = statements.commit();
  if (!done) {
    statements.rollback();
    tables.restore(saved);
  }
  return done;
}

// Applies one transaction so that its failure leaves its neighbours in place. The returned error is the connection's
// and ends them all; the transaction's own is put in `result`.
template <class Tables>
Expected<> apply_apart(TransactionStatements& statements, Tables& tables,
                       const typename Tables::Transaction& transaction, Expected<>& result) {
  auto saved = tables.saved();
  if (auto marked = statements.savepoint(); !marked) return marked;
  result = tables.apply(transaction);
  if (result) return statements.release();
  if (result.error().code != ErrorCode::kConflict) return result;
  tables.restore(saved);
  return statements.rollback_to_savepoint();
}

}  // namespace detail

// Applies the transactions in order and returns a result for each. Three tries, from cheap to thorough: all at once; when
// one of them is refused, all at once with each behind a savepoint; when the disk fails, each by itself, so that those
// that still fit are stored.
template <class Tables>
std::vector<Expected<>> write_group(TransactionStatements& statements, Tables& tables,
                                    const std::vector<const typename Tables::Transaction*>& transactions) {
  std::vector<Expected<>> results(transactions.size());
  Expected<> done = detail::in_transaction(statements, tables, [&]() -> Expected<> {
    for (const auto* transaction : transactions) {
      if (auto applied = tables.apply(*transaction); !applied) return applied;
    }
    return {};
  });
  if (done) return results;
  if (transactions.size() == 1) {
    results[0] = std::move(done);
    return results;
  }

  if (done.error().code == ErrorCode::kConflict) {
    done = detail::in_transaction(statements, tables, [&]() -> Expected<> {
      for (size_t i = 0; i < transactions.size(); ++i) {
        if (auto applied = detail::apply_apart(statements, tables, *transactions[i], results[i]); !applied) {
          return applied;
        }
      }
      return {};
    });
    if (done) return results;
  }

  for (size_t i = 0; i < transactions.size(); ++i) {
    results[i] = detail::in_transaction(statements, tables, [&] { return tables.apply(*transactions[i]); });
  }
  return results;
}

}  // namespace kilonova
