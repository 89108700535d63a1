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
  std::unique_ptr<FileLock> lock;
  std::unique_ptr<Database> writer;  // closed before the lock ends

  // kConflict for a second process or a newer schema; kDataLoss for a corrupt file or another store's; kUnavailable. What
  // is refused as kConflict or kDataLoss is left as it was, to the byte.
  static Expected<SqliteFile> open(const std::string& path, const Schema& schema, const SqliteOptions& options);
  // From now on the end of the writer moves what was committed into the file itself. Before, whoever finds that the rows do
  // not read lets go of a file that he did not touch.
  void accept();
};

// Adds to kDataLoss what the owner of the cloud can do.
std::unexpected<Error> with_advice(Error error);

}  // namespace kilonova
