// BatchedLogVfs: SQLite's files, with the pages of a transaction written to the write-ahead log by one system call. SQLite
// itself makes two for each page, one of 24 bytes and one of 4096.
//
// What SQLite writes to a log before the page that ends a transaction is kept back, and goes out with that page, before
// SQLite tells anybody of the transaction. What it then reads, syncs, cuts back or measures goes out first too. So others see
// and power loss leaves what they would have without it.
#pragma once

#include <sqlite3.h>

#include <string>

namespace kilonova {

// Registered with SQLite for as long as it lives; databases that were opened by it are closed before. Any thread; each
// connection by one at a time.
class BatchedLogVfs {
 public:
  // `below` is the name of the VFS whose files they are, which lives longer; nullptr is SQLite's own. Names are one of a
  // process.
  BatchedLogVfs(const char* below, std::string name);
  ~BatchedLogVfs();
  BatchedLogVfs(const BatchedLogVfs&) = delete;
  BatchedLogVfs& operator=(const BatchedLogVfs&) = delete;

  const char* name() const { return name_.c_str(); }

 private:
  std::string name_;
  sqlite3_vfs vfs_;
};

}  // namespace kilonova
