// How a SQLite store is opened.
#pragma once

#include <cstdint>

#include "base/time.h"
#include "ports/controller_store.h"
#include "store/files.h"
#include "store/sync_mode.h"

namespace kilonova {

struct SqliteOptions {
  SyncMode sync = SyncMode::kNormal;
  // How long to wait for another program that reads or copies the file, such as the sqlite3 shell.
  Duration busy_timeout = seconds(5);
  // The file grows no further than this many pages of 4096 bytes; commits beyond are kUnavailable. 0 = no limit.
  uint32_t max_pages = 0;
  // At least so many of the newest watch events stay.
  uint64_t events_kept = kWatchEventsKept;
  // Where the file is; outlives the store.
  Files* files = &posix_files();
};

}  // namespace kilonova
