// Servers that are gone, as far as they are remembered: docs/adr/0029-deleted-servers.md. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "controller/core/controller_world.h"
#include "domain/deleted_server.h"
#include "domain/nouns/server.h"

namespace kilonova::controller {

// Changes that belong to the transaction of a server's end: put() into it, and apply() once it is committed.
class DeletedServerChanges {
 public:
  explicit DeletedServerChanges(ControllerWorld& world) : world_(world) {}

  // The server's row is still there, with its properties and actions; `deletion` is who asked for its end, and when. The
  // oldest ones are forgotten, and their migrations with them, where there would be more than deleted_servers_kept.
  void remember(const Instance& row, const DeletePending& deletion);

  void put(Transaction& transaction) const;
  void apply();

 private:
  ControllerWorld& world_;
  std::vector<DeletedServer> put_;
  std::map<int64_t, TraceContext> traces_;  // of those who asked for it, by number
  std::vector<int64_t> erased_;
  std::vector<int64_t> erased_migrations_;
};

// Null when it is not remembered, or not of the scope.
const DeletedServer* find_deleted_server(const RecordTables& records, const ProjectScope& scope, const Uuid& server);

// Merges those that went at `since` or later and that the filter fits into the page, which has the newest first and at
// most filter.limit servers.
void add_deleted_servers(const RecordTables& records, const ProjectScope& scope, const InstanceFilter& filter,
                         WallTime since, ServerList& page);

}  // namespace kilonova::controller
