// PostgresWriter: how a store on PostgreSQL writes its groups. Writer of CommitThread (commit_thread.h). What a
// transaction may be refused for, Tables know in memory; of the rest they keep what is left at the group's end, and
// that goes to the database as one statement a kind of row, all in one journey.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "runtime/real_loop.h"
#include "store/patience.h"
#include "store/postgres_session.h"

namespace kilonova {

// Session, tables and patience outlive it. Tables has
//   Expected<> add(const Transaction&)        to the group; kConflict adds nothing. The transaction outlives the group
//   std::vector<PostgresCall> take_calls()    what the group does
//   void keep(), void undo()                  the group is stored, or is not
template <class Tables>
class PostgresWriter {
 public:
  using Transaction = typename Tables::Transaction;

  PostgresWriter(RealLoop& loop, PostgresSession& session, Tables& tables, Patience& patience,
                 std::function<void(Error)> on_lost)
      : loop_(loop), session_(session), tables_(tables), patience_(patience), on_lost_(std::move(on_lost)) {}

  // All at once; where the database refuses, each by itself, so that those that still fit are stored.
  std::vector<Expected<>> write(const std::vector<const Transaction*>& group) {
    if (is_lost_) return {};
    std::vector<Expected<>> results;
    for (const Transaction* transaction : group) results.push_back(tables_.add(*transaction));
    Expected<> stored = store();
    if (stored) return results;
    if (group.size() == 1) results[0] = std::move(stored);
    for (size_t i = 0; i < group.size() && group.size() > 1 && !is_lost_; ++i) {
      results[i] = tables_.add(*group[i]);
      if (results[i]) results[i] = store();
    }
    if (is_lost_) return {};
    return results;
  }
  void after_group() {}
  void when_idle() {}
  void stopping() { patience_.end(); }

 private:
  Expected<> store() {
    using Kind = PostgresSession::Outcome::Kind;
    const std::vector<PostgresCall> calls = tables_.take_calls();
    PostgresSession::Outcome outcome = session_.store(calls);
    if (outcome.kind == Kind::kStored) {
      tables_.keep();
      return {};
    }
    tables_.undo();
    if (outcome.kind == Kind::kLost) lose(outcome.error);
    return std::unexpected(std::move(outcome.error));
  }

  // From here on nobody is answered.
  void lose(const Error& why) {
    is_lost_ = true;
    if (patience_.is_ending() || !on_lost_) return;
    loop_.post_from_any_thread([on_lost = on_lost_, why] { on_lost(why); });
  }

  RealLoop& loop_;
  PostgresSession& session_;
  Tables& tables_;
  Patience& patience_;
  std::function<void(Error)> on_lost_;
  bool is_lost_ = false;
};

}  // namespace kilonova
