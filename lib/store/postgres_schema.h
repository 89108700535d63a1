// The schemas of the stores on PostgreSQL: the same numbered steps as SQLite's (migrations.h), in PostgreSQL's words,
// each store in a schema of the database that is named after it. Beside its tables are schema_version and cell_lease.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "store/migrations.h"
#include "store/postgres.h"

namespace kilonova {

// One statement or more of SchemaStep::sql: INTEGER is bigint, TEXT bytea, BLOB uuid, REAL double precision.
std::string in_postgres_words(std::string_view sqlite);

// Makes the schema `name` where it is not there, brings it to the newest version, and lets the connection work in it.
// All in one transaction: unchanged after failure. kConflict for a newer version than we know, with both, and for a
// database of another cell, with both, and a user who may not make tables; kDataLoss where the schema's name is taken
// by somebody else's. A step whose rewrite() is of SQLite's rows finds none here: PostgreSQL's stores began at version
// 15 of the controller's and 3 of the network's.
Expected<> prepare_postgres_schema(PostgresConnection& connection, const Schema& schema, std::string_view name,
                                   const std::string& cell);

// The columns of each table, in their order.
using PostgresCatalog = std::map<std::string, std::vector<std::string>, std::less<>>;
Expected<PostgresCatalog> read_catalog(PostgresConnection& connection, std::string_view name);

// What every session of a store begins with; the schema is there.
Expected<> enter_postgres_schema(PostgresConnection& connection, std::string_view name);

}  // namespace kilonova
