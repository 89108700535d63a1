// Nova: os-migrations, and the live migrations of one server that are under way: servers/{id}/migrations.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server_move.h"

namespace kilonova::api::openstack {
namespace {

using M = Migration;
using Value = std::optional<Json>;

// Nova's are numbers of rows; here a flavor has its id alone.
Value number_of(const std::string& flavor) { return whole_number(flavor).value_or(0); }

Value links_of(const M& m, const Call& call) {
  if (m.kind != MoveKind::kLiveMigration || is_over(m.status)) return std::nullopt;
  const std::string place = fmt::format("/servers/{}/migrations/{}", to_string(m.instance), m.id);
  return Json::array(
      {{{"rel", "self"}, {"href", self_url(call, place)}}, {{"rel", "bookmark"}, {"href", call.base + place}}});
}

Value updated_of(const M& m, const Call&) { return time_without_zone(m.updated_at); }

constexpr Field<M> kFields[] = {
    {"id", [](const M& m, const Call&) -> Value { return m.id; }},
    {"instance_uuid", [](const M& m, const Call&) -> Value { return to_string(m.instance); }},
    {"source_compute", [](const M& m, const Call&) -> Value { return m.source_compute; }},
    {"dest_compute", [](const M& m, const Call&) -> Value { return or_null(m.dest_compute); }},
    {"source_node", [](const M& m, const Call&) -> Value { return m.source_compute; }},
    {"dest_node", [](const M& m, const Call&) -> Value { return or_null(m.dest_compute); }},
    {"dest_host", [](const M&, const Call&) -> Value { return Json(nullptr); }},
    {"old_instance_type_id", [](const M& m, const Call&) -> Value { return number_of(m.old_flavor); }},
    {"new_instance_type_id", [](const M& m, const Call&) -> Value { return number_of(m.new_flavor); }},
    {"status", [](const M& m, const Call&) -> Value { return m.status; }},
    {"created_at", [](const M& m, const Call&) -> Value { return time_without_zone(m.created_at); }},
    {"updated_at", &updated_of},
    {"migration_type", [](const M& m, const Call&) -> Value { return Json(to_string(m.kind)); }, 23},
    {"links", &links_of, 23},
    {"uuid", [](const M& m, const Call&) -> Value { return to_string(m.uuid); }, 59},
    {"user_id", [](const M& m, const Call&) -> Value { return to_hex(m.user_id); }, 80},
    {"project_id", [](const M& m, const Call&) -> Value { return to_hex(m.project_id); }, 80},
};

// Simulated memory and disks are not counted while they go over.
Value nothing(const M&, const Call&) { return 0; }

constexpr Field<M> kLiveFields[] = {
    {"id", [](const M& m, const Call&) -> Value { return m.id; }},
    {"server_uuid", [](const M& m, const Call&) -> Value { return to_string(m.instance); }},
    {"source_compute", [](const M& m, const Call&) -> Value { return m.source_compute; }},
    {"dest_compute", [](const M& m, const Call&) -> Value { return or_null(m.dest_compute); }},
    {"source_node", [](const M& m, const Call&) -> Value { return m.source_compute; }},
    {"dest_node", [](const M& m, const Call&) -> Value { return or_null(m.dest_compute); }},
    {"dest_host", [](const M&, const Call&) -> Value { return Json(nullptr); }},
    {"status", [](const M& m, const Call&) -> Value { return m.status; }},
    {"created_at", [](const M& m, const Call&) -> Value { return time_without_zone(m.created_at); }},
    {"updated_at", &updated_of},
    {"memory_total_bytes", &nothing},
    {"memory_processed_bytes", &nothing},
    {"memory_remaining_bytes", &nothing},
    {"disk_total_bytes", &nothing},
    {"disk_processed_bytes", &nothing},
    {"disk_remaining_bytes", &nothing},
    {"uuid", [](const M& m, const Call&) -> Value { return to_string(m.uuid); }, 59},
    {"user_id", [](const M& m, const Call&) -> Value { return to_hex(m.user_id); }, 80},
    {"project_id", [](const M& m, const Call&) -> Value { return to_hex(m.project_id); }, 80},
};

struct Known {
  std::string_view key;
  Minor since = kFirstMinor;
  std::string ListMigrations::* text = nullptr;
};
constexpr Known kKnown[] = {
    {"hidden"},
    {"host", 1, &ListMigrations::host},
    {"instance_uuid"},
    {"source_compute", 1, &ListMigrations::source_compute},
    {"status", 1, &ListMigrations::status},
    {"migration_type", 1, &ListMigrations::type},
    {"limit", 59},
    {"marker", 59},
    {"changes-since", 59},
    {"changes-before", 66},
    {"user_id", 80, &ListMigrations::user_id},
    {"project_id", 80, &ListMigrations::project_id},
};

std::expected<ListMigrations, Refusal> read_query(const Call& call) {
  ListMigrations asked;
  for (const auto& [key, value] : call.target.query) {
    auto known = std::ranges::find(kKnown, key, &Known::key);
    if (known == std::end(kKnown) || call.minor < known->since) {
      if (call.minor >= 59)
        return refused(400, fmt::format("Additional properties are not allowed ('{}' was unexpected)", key));
      continue;
    }
    if (known->text != nullptr) asked.*known->text = value;
    if (key != "changes-since" && key != "changes-before") continue;
    auto time = parse_time(value);
    if (!time)
      return refused(400, fmt::format("Invalid input for field/attribute {}. Value: {}. '{}' is not a 'date-time'", key,
                                      value, value));
    (key == "changes-since" ? asked.changed_since : asked.changed_before) = *time;
  }
  if (asked.changed_since != WallTime{} && asked.changed_before != WallTime{} &&
      asked.changed_since > asked.changed_before)
    return refused(400, "The value of changes-since must be less than or equal to changes-before.");
  return asked;
}

Task<Answered> list_all(Call& call) {
  auto asked = read_query(call);
  if (!asked) co_return std::unexpected(std::move(asked.error()));
  Page page;
  page.limit = 0;
  if (call.minor >= 59) {
    auto read = read_page(call);
    if (!read) co_return std::unexpected(std::move(read.error()));
    page = std::move(*read);
  }
  if (const std::string* server = call.in_query("instance_uuid")) asked->server = *server;
  auto rows = co_await ask_all(call, std::move(*asked), &MigrationList::migrations, [](const M& m) { return m.id; });
  if (!rows && rows.error().status == 404) rows = std::vector<M>();
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  // Newest first from 2.59 on; before, in the order in which they began.
  if (call.minor < 59) {
    std::ranges::reverse(*rows);
    page.limit = static_cast<uint32_t>(rows->size()) + 1;
  }
  if (!page.marker.empty() && std::ranges::none_of(*rows, [&](const M& m) { return to_string(m.uuid) == page.marker; }))
    co_return refused(400, fmt::format("Marker {} could not be found.", page.marker));
  auto cut = cut_page(call, page, *rows, [](const M& m) { return to_string(m.uuid); });
  if (!cut) co_return std::unexpected(std::move(cut.error()));
  Json items = Json::array();
  for (const M& migration : cut->rows) items.push_back(view(kFields, migration, call));
  co_return page_answer("migrations", std::move(items), std::move(cut->next));
}

// Live migrations that are under way.
Task<std::expected<std::vector<M>, Refusal>> live_of_server(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  ListMigrations wanted{.server = to_string(server->uuid), .type = "live-migration"};
  auto rows = co_await ask_all(call, std::move(wanted), &MigrationList::migrations, [](const M& m) { return m.id; });
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  std::erase_if(*rows, [](const M& m) { return is_over(m.status); });
  co_return std::move(*rows);
}

Task<Answered> list_live(Call& call) {
  auto rows = co_await live_of_server(call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  Json items = Json::array();
  for (const M& migration : *rows) items.push_back(view(kLiveFields, migration, call));
  co_return Answer{200, {{"migrations", std::move(items)}}};
}

Task<std::expected<M, Refusal>> find_live(Call& call) {
  auto rows = co_await live_of_server(call);
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  const std::string& id = call.in_path("migration");
  for (M& migration : *rows)
    if (std::to_string(migration.id) == id) co_return std::move(migration);
  co_return refused(
      404, fmt::format("In-progress live migration {} is not found for server {}.", id, call.in_path("server")));
}

Task<Answered> show_live(Call& call) {
  auto found = co_await find_live(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  co_return Answer{200, {{"migration", view(kLiveFields, *found, call)}}};
}

Task<Answered> abort(Call& call) {
  auto found = co_await find_live(call);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto done = co_await ask(call, AbortMigration{to_string(found->instance), found->id, call.minor < 65});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

Task<Answered> force_complete(Call& call) {
  static const Rule rule = body_of("force_complete", [](const Json& value, const std::string& field, Minor) {
    if (value.is_null()) return std::optional<Failure>();
    return std::optional(Failure{field, python_repr(value), python_repr(value) + " is not of type 'null'"});
  });
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto found = co_await find_live(call);
  if (!found && found.error().status == 404 && found.error().message.starts_with("In-progress"))
    co_return refused(400, found.error().message);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto done = co_await ask(call, ForceCompleteMigration{to_string(found->instance), found->id});
  if (!done) co_return std::unexpected(std::move(done.error()));
  co_return Answer{202, nullptr};
}

constexpr Route kRoutes[] = {
    {Service::kCompute, "GET", "/v2.1/os-migrations", UserRole::kAdmin, "os_compute_api:os-migrations:index",
     &list_all},
    {Service::kCompute, "GET", "/v2.1/servers/{server}/migrations", UserRole::kAdmin,
     "os_compute_api:servers:migrations:index", &list_live, 23},
    {Service::kCompute, "GET", "/v2.1/servers/{server}/migrations/{migration}", UserRole::kAdmin,
     "os_compute_api:servers:migrations:show", &show_live, 23},
    {Service::kCompute, "DELETE", "/v2.1/servers/{server}/migrations/{migration}", UserRole::kAdmin,
     "os_compute_api:servers:migrations:delete", &abort, 24},
    {Service::kCompute, "POST", "/v2.1/servers/{server}/migrations/{migration}/action", UserRole::kAdmin,
     "os_compute_api:servers:migrations:force_complete", &force_complete, 22},
};

}  // namespace

std::span<const Route> migration_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
