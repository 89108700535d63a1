// SqliteWriter: how a SQLite store writes its groups. Writer of CommitThread (commit_thread.h).
#pragma once

#include <vector>

#include "base/error.h"
#include "store/sqlite.h"
#include "store/wal_checkpointer.h"
#include "store/write_group.h"

namespace kilonova {

// Database, tables and checkpointer outlive it and are its thread's alone.
template <class Tables>
class SqliteWriter {
 public:
  using Transaction = typename Tables::Transaction;

  SqliteWriter(Database& database, Tables& tables, WalCheckpointer& checkpointer)
      : statements_(database), tables_(tables), checkpointer_(checkpointer) {}

  std::vector<Expected<>> write(const std::vector<const Transaction*>& group) {
    return write_group(statements_, tables_, group);
  }
  void after_group() { checkpointer_.after_group(); }
  void when_idle() { checkpointer_.when_idle(); }
  // A disk answers.
  void stopping() {}

 private:
  TransactionStatements statements_;
  Tables& tables_;
  WalCheckpointer& checkpointer_;
};

}  // namespace kilonova
