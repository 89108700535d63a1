// SqliteFile: the database file of a store: locked, made when it is not there, and open for its writer.
#pragma once

#include <memory>
#include <string>

#include "base/error.h"
#include "store/files.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/sqlite_options.h"

namespace kilonova {

struct SqliteFile {
  FileLock lock;
  std::unique_ptr<Database> writer;  // closed before the lock ends

  // kConflict for a second process or a newer schema; kDataLoss for a corrupt file or another store's; kUnavailable.
  static Expected<SqliteFile> open(const std::string& path, const Schema& schema, const SqliteOptions& options);
};

}  // namespace kilonova
