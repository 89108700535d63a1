#include "domain/nouns/server_move.h"

#include <limits>

namespace kilonova {
namespace {

Expected<> check_host_or_none(const std::string& host) {
  return host.empty() ? Expected<>() : check_host_name(host);
}

Expected<> check_text_or_none(std::string_view what, const std::string& text) {
  return text.empty() ? Expected<>() : check_text(what, text);
}

}  // namespace

Expected<> ResizeServer::check() const {
  return check_all(check_reference("server", server), check_reference("flavor", flavor));
}

Expected<> MigrateServer::check() const {
  return check_all(check_reference("server", server), check_host_or_none(host));
}

Expected<> LiveMigrateServer::check() const {
  if (force && host.empty()) return refuse("a live migration can be forced to a host that is named");
  return check_all(check_reference("server", server), check_host_or_none(host));
}

Expected<> EvacuateServer::check() const {
  if (force && host.empty()) return refuse("an evacuation can be forced to a host that is named");
  return check_all(check_reference("server", server), check_host_or_none(host));
}

Expected<> UnshelveServer::check() const {
  return check_all(check_reference("server", server), check_host_or_none(host),
                   check_text_or_none("the availability zone", availability_zone));
}

std::string_view UnshelveServer::admin_only(const RequestContext&) const { return host.empty() ? "" : "host"; }

Expected<> ListMigrations::check() const {
  return check_all(server.empty() ? Expected<>() : check_reference("server", server),
                   check_text_or_none("the host", host), check_text_or_none("the source host", source_compute),
                   check_text_or_none("the status", status), check_text_or_none("the type", type),
                   check_text_or_none("the user", user_id), check_text_or_none("the project", project_id),
                   check_limit(limit));
}

Expected<> AbortMigration::check() const {
  return check_all(check_reference("server", server),
                   check_amount("the migration", migration, 1, std::numeric_limits<int64_t>::max()));
}

Expected<> ForceCompleteMigration::check() const {
  return check_all(check_reference("server", server),
                   check_amount("the migration", migration, 1, std::numeric_limits<int64_t>::max()));
}

}  // namespace kilonova
