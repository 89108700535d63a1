// PostgresSession: the one connection that writes a store, and the lease that lets it. A lease is a row of the
// database, cell_lease(cell, generation, holder, address, beat, revision): who opens the store takes generation + 1,
// and every group's first statement asks for its generation and counts the revision. So a takeover waits for the group
// in flight, and nothing that an older holder sends later is stored.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/migrations.h"
#include "store/patience.h"
#include "store/postgres.h"
#include "store/postgres_options.h"
#include "store/postgres_schema.h"

namespace kilonova {

// One thread at a time.
class PostgresSession {
 public:
  // The patience outlives it. `schema_name`: of the database, "kilonova_controller".
  PostgresSession(PostgresOptions options, std::string schema_name, Patience& patience);

  // Connects, makes or migrates the tables, and takes the lease. What is refused (kConflict, kDataLoss) is left as it
  // was, as is a lease whose holder's session is there, unless PostgresOptions::take_over (kConflict, which names the
  // holder). Whoever held the lease can store nothing from now on; a transaction of it that hangs is ended.
  Expected<> open(const Schema& schema);
  // Of the statements that groups will use; they outlive the session.
  Expected<> prepare(std::vector<const PostgresStatement*> statements);

  struct Outcome {
    enum class Kind {
      kStored,
      kRefused,  // nothing of it is stored; others may be
      kLost,     // nothing can be stored any more, and of this group nobody knows, or nothing is
    };
    Kind kind = Kind::kStored;
    Error error = {};  // unless it is stored
  };
  // Stores all calls or none. A connection that is lost before the answer is opened anew, the lease taken over from
  // oneself, and its revision read: that says whether the group was stored; if not, it is sent again. Blocks for as
  // long as PostgresOptions::reconnect_for.
  Outcome store(std::span<const PostgresCall> calls);

  PostgresConnection& connection() { return *connection_; }
  const PostgresCatalog& catalog() const { return catalog_; }
  int64_t generation() const { return generation_; }

 private:
  // A lock that ends with the session. A hint: the lease alone says who may store.
  // `waits`: for one that is about to go; kConflict where it stays.
  Expected<> show_presence(bool waits);
  // For messages.
  std::string leader();
  Expected<> begin_session();
  Expected<> take_lease();
  // False when no row is as `where` says.
  Expected<bool> take(std::string_view where);
  Expected<> end_hanging_holder();
  // After a lost connection: an error when it is over, else the lease is ours again.
  Expected<> come_back();
  Outcome lease_lost();
  PostgresCall fence() const;

  PostgresOptions options_;
  std::string schema_name_;
  Patience& patience_;
  uint32_t application_id_ = 0;
  std::string holder_;  // unique in time and space: the option's words and a random number
  PostgresStatement fence_;
  std::unique_ptr<PostgresConnection> connection_;
  PostgresCatalog catalog_;
  std::vector<const PostgresStatement*> statements_;
  int64_t generation_ = 0;
  int64_t revision_ = 0;        // of the last group that is known to be stored
  int64_t revision_found_ = 0;  // in the lease, when it was taken
};

}  // namespace kilonova
