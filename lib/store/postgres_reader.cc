#include "store/postgres_reader.h"

#include <utility>

#include "store/postgres_schema.h"

namespace kilonova {

Expected<PostgresConnection*> PostgresReader::connected() {
  if (connection_ && !connection_->is_lost()) return connection_.get();
  connection_.reset();
  auto opened = PostgresConnection::open(options_, patience_, true);
  if (!opened) return std::unexpected(opened.error());
  if (auto entered = enter_postgres_schema(**opened, schema_name_); !entered) return std::unexpected(entered.error());
  connection_ = *std::move(opened);
  return connection_.get();
}

}  // namespace kilonova
