// PostgresReader: the connection of a store's reader thread. It writes nothing, needs no lease, and comes back by
// itself.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "store/patience.h"
#include "store/postgres.h"
#include "store/postgres_options.h"

namespace kilonova {

// Made on the loop thread; then the reader thread's alone, but for stopping().
class PostgresReader {
 public:
  PostgresReader(PostgresOptions options, std::string schema_name)
      : options_(std::move(options)), schema_name_(std::move(schema_name)) {}

  // Connects if need be, and once more where a connection breaks under a query. kUnavailable, as the connection's.
  Expected<PostgresConnection*> connected();
  template <class Query>
  auto read(Query query) -> decltype(query(std::declval<PostgresConnection&>())) {
    for (int tries = 1;; ++tries) {
      auto connection = connected();
      if (!connection) return std::unexpected(connection.error());
      auto result = query(**connection);
      if (result || tries == 2 || !connection_->is_lost()) return result;
    }
  }
  void stopping() { patience_.end(); }

 private:
  PostgresOptions options_;
  std::string schema_name_;
  Patience patience_;
  std::unique_ptr<PostgresConnection> connection_;
};

}  // namespace kilonova
