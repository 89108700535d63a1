// Moves of servers to other hosts, on the wire.
#pragma once

#include "domain/nouns/server_move.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Migration, MigrationRecord)

KN_DECLARE_CODEC(Migration, MigrationRecord)

#define KN_SERVER_MOVE_CALLS(X)                              \
  X(ResizeServer, resize_server, ResizeServerRequest)        \
  X(MigrateServer, migrate_server, MigrateServerRequest)     \
  X(LiveMigrateServer, live_migrate_server, LiveMigrateServerRequest) \
  X(EvacuateServer, evacuate_server, EvacuateServerRequest)  \
  X(UnshelveServer, unshelve_server, UnshelveServerRequest)  \
  X(ListMigrations, list_migrations, ListMigrationsRequest)  \
  X(AbortMigration, abort_migration, AbortMigrationRequest)  \
  X(ForceCompleteMigration, force_complete_migration, ForceCompleteMigrationRequest)
#define KN_SERVER_MOVE_REPLIES(X) X(MigrationList, migration_list, MigrationList, kMigrationList)
#define KN_SERVER_MOVE_METHODS(X)                                                              \
  X(ResizeServer) X(MigrateServer) X(LiveMigrateServer) X(EvacuateServer) X(UnshelveServer)    \
  X(ListMigrations) X(AbortMigration) X(ForceCompleteMigration)

KN_SERVER_MOVE_CALLS(KN_DECLARE_CALL)
KN_SERVER_MOVE_REPLIES(KN_DECLARE_REPLY)
KN_SERVER_MOVE_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
