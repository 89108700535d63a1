// The schemas of the SQLite stores, as numbered steps from an empty file to today's form. A step is SQL, and after it
// possibly a function, for what SQL cannot rewrite. A step that was released is never changed; a change of form is a
// new step, and the file of the old form stays in tests/contract/data.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "store/sqlite.h"

namespace kilonova {

struct SchemaStep {
  std::string_view sql;
  // Within the transaction of the migration; null where the SQL does it all. An error ends the migration.
  Expected<> (*rewrite)(Database&) = nullptr;
};

struct Schema {
  uint32_t application_id;  // in the file's header: which store it is
  std::string_view kind;    // for people
  std::span<const SchemaStep> steps;
};

extern const Schema kControllerSchema;
extern const Schema kNetworkSchema;

// Whether the file is ours, or empty. kConflict for a newer version than we know, with both; kDataLoss for a file that
// is no database or another store's. Reads only.
Expected<> check_form(Database& database, const Schema& schema);

// Brings a file whose form was checked to the schema's newest version in one transaction. kUnavailable when the disk
// refuses; kDataLoss, naming table and row, where a row is not what its version wrote. Unchanged after failure.
Expected<> migrate(Database& database, const Schema& schema);

}  // namespace kilonova
