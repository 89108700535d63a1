#include "rpc/convert/nouns/server_moves.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(ResizeServer, v1::ResizeServerRequest, KN_FIELD(server) KN_FIELD(flavor))
KN_CODEC(MigrateServer, v1::MigrateServerRequest, KN_FIELD(server) KN_FIELD(host))
KN_CODEC(LiveMigrateServer, v1::LiveMigrateServerRequest, KN_FIELD(server) KN_FIELD(host) KN_FIELD(force))
KN_CODEC(EvacuateServer, v1::EvacuateServerRequest, KN_FIELD(server) KN_FIELD(host) KN_FIELD(force))
KN_CODEC(UnshelveServer, v1::UnshelveServerRequest,
         KN_FIELD(server) KN_FIELD(sets_zone) KN_FIELD(availability_zone) KN_FIELD(host))
KN_CODEC(ListMigrations, v1::ListMigrationsRequest,
         KN_FIELD(server) KN_FIELD(host) KN_FIELD(source_compute) KN_FIELD(status) KN_FIELD(type) KN_FIELD(user_id)
             KN_FIELD(project_id) KN_TIME(changed_since) KN_TIME(changed_before) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(AbortMigration, v1::AbortMigrationRequest, KN_FIELD(server) KN_FIELD(migration) KN_FIELD(running_only))
KN_CODEC(ForceCompleteMigration, v1::ForceCompleteMigrationRequest, KN_FIELD(server) KN_FIELD(migration))
KN_CODEC(Migration, v1::MigrationRecord,
         KN_FIELD(id) KN_FIELD(uuid) KN_FIELD(instance) KN_FIELD(user_id) KN_FIELD(project_id) KN_FIELD(kind)
             KN_FIELD(status) KN_FIELD(source_compute) KN_FIELD(dest_compute) KN_FIELD(old_flavor)
                 KN_FIELD(new_flavor) KN_TIME(created_at) KN_TIME(updated_at))
KN_CODEC(MigrationList, v1::MigrationList, KN_FIELD(migrations) KN_FIELD(more))

KN_EMPTY_REPLY(ResizeServer)
KN_EMPTY_REPLY(MigrateServer)
KN_EMPTY_REPLY(LiveMigrateServer)
KN_EMPTY_REPLY(EvacuateServer)
KN_EMPTY_REPLY(UnshelveServer)
KN_EMPTY_REPLY(AbortMigration)
KN_EMPTY_REPLY(ForceCompleteMigration)

namespace {

void to_view(const Migration& migration, v1::Migration* view) {
  view->set_id(migration.id);
  view->set_uuid(to_string(migration.uuid));
  view->set_server_id(to_string(migration.instance));
  view->set_user_id(to_hex(migration.user_id));
  view->set_project_id(to_hex(migration.project_id));
  put_text(std::string(to_string(migration.kind)), view->mutable_type());
  put_text(migration.status, view->mutable_status());
  put_text(migration.source_compute, view->mutable_source_compute());
  put_text(migration.dest_compute, view->mutable_dest_compute());
  put_text(migration.old_flavor, view->mutable_old_flavor());
  put_text(migration.new_flavor, view->mutable_new_flavor());
  view->set_created_at_us(migration.created_at.us);
  view->set_updated_at_us(migration.updated_at.us);
}

}  // namespace

bool to_public(const ListMigrations::Reply& reply, Audience, v1::ListMigrationsReply* proto) {
  for (const Migration& migration : reply.migrations) to_view(migration, proto->add_migrations());
  proto->set_more(reply.more);
  return true;
}

}  // namespace kilonova::rpc
