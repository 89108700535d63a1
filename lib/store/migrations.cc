#include "store/migrations.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "store/first_subnet.h"
#include "store/sqlite_table.h"
#include "store/version_1_text.h"

namespace kilonova {
namespace {

// Columns in the order of visit() in visit.h.
constexpr std::string_view kControllerVersion1 = R"(
CREATE TABLE instances (
  id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, name TEXT NOT NULL, hostname TEXT NOT NULL,
  reservation_id TEXT NOT NULL, launch_index INTEGER NOT NULL, spec TEXT NOT NULL, request_id BLOB NOT NULL,
  trace_id BLOB NOT NULL, span_id INTEGER NOT NULL, created_at INTEGER NOT NULL,
  vm_state INTEGER NOT NULL, task_state INTEGER NOT NULL, power_state INTEGER NOT NULL, epoch INTEGER NOT NULL,
  operation INTEGER NOT NULL, attempt INTEGER NOT NULL, step INTEGER NOT NULL, host TEXT NOT NULL,
  tried_hosts TEXT NOT NULL, alternates TEXT NOT NULL, addresses TEXT NOT NULL, fault_code INTEGER NOT NULL,
  fault_message TEXT NOT NULL, fault_details TEXT NOT NULL, fault_created_at INTEGER NOT NULL,
  delete_awaits_host INTEGER NOT NULL, delete_awaits_network INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  launched_at INTEGER NOT NULL) STRICT;
CREATE TABLE allocations (
  instance_id INTEGER PRIMARY KEY, epoch INTEGER NOT NULL, host TEXT NOT NULL, vcpus INTEGER NOT NULL,
  memory_mb INTEGER NOT NULL, disk_gb INTEGER NOT NULL) STRICT;
CREATE TABLE launch_records (id INTEGER PRIMARY KEY, instance_id INTEGER NOT NULL, record TEXT NOT NULL) STRICT;
CREATE INDEX launch_records_by_instance ON launch_records (instance_id);
CREATE TABLE events (
  revision INTEGER PRIMARY KEY, time INTEGER NOT NULL, project_id BLOB NOT NULL, instance BLOB NOT NULL,
  name TEXT NOT NULL, vm_state INTEGER NOT NULL, task_state INTEGER NOT NULL, power_state INTEGER NOT NULL,
  host TEXT NOT NULL, epoch INTEGER NOT NULL, deleted INTEGER NOT NULL, fault TEXT NOT NULL) STRICT;
CREATE TABLE flavors (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, vcpus INTEGER NOT NULL, memory_mb INTEGER NOT NULL,
  root_gb INTEGER NOT NULL, ephemeral_gb INTEGER NOT NULL, swap_mb INTEGER NOT NULL, is_public INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE images (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, owner BLOB NOT NULL, is_public INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL, min_disk_gb INTEGER NOT NULL, min_ram_mb INTEGER NOT NULL, disk_format TEXT NOT NULL,
  status TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key_pairs (
  user_id BLOB NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, public_key TEXT NOT NULL, fingerprint TEXT NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY (user_id, name)) STRICT, WITHOUT ROWID;
CREATE TABLE projects (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, description TEXT NOT NULL, enabled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE users (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, password_hash TEXT NOT NULL, enabled INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE role_assignments (
  user_id BLOB NOT NULL, project_id BLOB NOT NULL, role INTEGER NOT NULL, PRIMARY KEY (user_id, project_id))
  STRICT, WITHOUT ROWID;
CREATE TABLE quotas (
  project_id BLOB PRIMARY KEY, instances INTEGER NOT NULL, cores INTEGER NOT NULL, ram_mb INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE hosts (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, zone TEXT NOT NULL, vcpus INTEGER NOT NULL, memory_mb INTEGER NOT NULL,
  disk_gb INTEGER NOT NULL, process_role INTEGER NOT NULL, process_index INTEGER NOT NULL, enabled INTEGER NOT NULL,
  disabled_reason TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
CREATE TABLE fault_rules (
  id INTEGER PRIMARY KEY, step INTEGER NOT NULL, host_pattern TEXT NOT NULL, server_pattern TEXT NOT NULL,
  count INTEGER NOT NULL, struck INTEGER NOT NULL, delay INTEGER NOT NULL, fails INTEGER NOT NULL,
  aborts INTEGER NOT NULL, message TEXT NOT NULL) STRICT;
CREATE TABLE client_tokens (
  project_id BLOB NOT NULL, token TEXT NOT NULL, request_hash BLOB NOT NULL, instances TEXT NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY (project_id, token)) STRICT, WITHOUT ROWID;
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE counters (
  id INTEGER PRIMARY KEY CHECK (id = 1), last_instance_id INTEGER NOT NULL, events_dropped_through INTEGER NOT NULL)
  STRICT;
INSERT INTO counters VALUES (1, 0, 0);
)";

constexpr std::string_view kNetworkVersion1 = R"(
CREATE TABLE networks (
  id BLOB PRIMARY KEY, name TEXT NOT NULL, project_id BLOB NOT NULL, shared INTEGER NOT NULL,
  external INTEGER NOT NULL, cidr_network INTEGER NOT NULL, cidr_prefix INTEGER NOT NULL, gateway INTEGER NOT NULL,
  vlan INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE leases (
  instance BLOB NOT NULL, nic INTEGER NOT NULL, epoch INTEGER NOT NULL, hostname TEXT NOT NULL,
  network_id BLOB NOT NULL, network_name TEXT NOT NULL, ip INTEGER NOT NULL, prefix INTEGER NOT NULL,
  gateway INTEGER NOT NULL, mac INTEGER NOT NULL, vlan INTEGER NOT NULL, bridge TEXT NOT NULL,
  expires_at INTEGER NOT NULL, PRIMARY KEY (instance, nic)) STRICT, WITHOUT ROWID;
CREATE TABLE fences (
  instance BLOB PRIMARY KEY, epoch INTEGER NOT NULL, released_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kNetworkVersion2 = "ALTER TABLE leases ADD COLUMN shared_with INTEGER NOT NULL DEFAULT 0;";

// A network's cidr and gateway are those of its first IPv4 subnet, which had no row of its own.
constexpr std::string_view kNetworkVersion3 = R"(
CREATE TABLE network_details (
  id BLOB PRIMARY KEY, details TEXT NOT NULL, revision INTEGER NOT NULL, updated_at INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE subnets (
  id BLOB PRIMARY KEY, network_id BLOB NOT NULL, project_id BLOB NOT NULL, cidr TEXT NOT NULL, gateway TEXT NOT NULL,
  pools TEXT NOT NULL, automatic INTEGER NOT NULL, details TEXT NOT NULL, revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE ports (
  id BLOB PRIMARY KEY, network_id BLOB NOT NULL, project_id BLOB NOT NULL, mac INTEGER NOT NULL,
  fixed_ips TEXT NOT NULL, device_id TEXT NOT NULL, device_owner TEXT NOT NULL, goes_with_device INTEGER NOT NULL,
  is_asked_for INTEGER NOT NULL,  details TEXT NOT NULL, revision INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kControllerVersion2 = R"(
CREATE TABLE aggregates (
  id INTEGER PRIMARY KEY, uuid BLOB NOT NULL, name TEXT NOT NULL, availability_zone TEXT NOT NULL, hosts TEXT NOT NULL,
  metadata TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
ALTER TABLE instances DROP COLUMN delete_awaits_host;
ALTER TABLE instances DROP COLUMN delete_awaits_network;
ALTER TABLE instances ADD COLUMN next TEXT NOT NULL DEFAULT '';
ALTER TABLE allocations RENAME TO allocations_of_version_1;
CREATE TABLE allocations (
  instance_id INTEGER NOT NULL, epoch INTEGER NOT NULL, host TEXT NOT NULL, vcpus INTEGER NOT NULL,
  memory_mb INTEGER NOT NULL, disk_gb INTEGER NOT NULL, PRIMARY KEY (instance_id, epoch)) STRICT, WITHOUT ROWID;
INSERT INTO allocations SELECT * FROM allocations_of_version_1;
DROP TABLE allocations_of_version_1;
)";

constexpr std::string_view kControllerVersion3 = "ALTER TABLE flavors ADD COLUMN extra_specs TEXT NOT NULL DEFAULT '';";

constexpr std::string_view kControllerVersion4 = R"(
CREATE TABLE server_properties (
  instance BLOB PRIMARY KEY, description TEXT NOT NULL, metadata TEXT NOT NULL, tags TEXT NOT NULL,
  locked_by INTEGER NOT NULL, locked_reason TEXT NOT NULL, user_data TEXT NOT NULL, config_drive INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE instance_actions (
  instance BLOB NOT NULL, number INTEGER NOT NULL, action TEXT NOT NULL, request_id BLOB NOT NULL,
  user_id BLOB NOT NULL, project_id BLOB NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER NOT NULL,
  host TEXT NOT NULL, failed INTEGER NOT NULL, message TEXT NOT NULL, PRIMARY KEY (instance, number))
  STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kControllerVersion5 = R"(
CREATE TABLE api_records (
  kind TEXT NOT NULL, id TEXT NOT NULL, owner TEXT NOT NULL, unique_name TEXT NOT NULL, body TEXT NOT NULL,
  revision INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, PRIMARY KEY (kind, id))
  STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kControllerVersion6 = R"(
ALTER TABLE images ADD COLUMN properties TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN server BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE images ADD COLUMN rotation INTEGER NOT NULL DEFAULT 0;
)";

// A boolean became an enum of the same numbers.
constexpr std::string_view kControllerVersion7 = R"(
ALTER TABLE images RENAME COLUMN is_public TO visibility;
ALTER TABLE images ADD COLUMN is_protected INTEGER NOT NULL DEFAULT 0;
ALTER TABLE images ADD COLUMN members TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN details TEXT NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE images ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE server_properties ADD COLUMN access_ip_v4 TEXT NOT NULL DEFAULT '';
ALTER TABLE server_properties ADD COLUMN access_ip_v6 TEXT NOT NULL DEFAULT '';
ALTER TABLE server_properties ADD COLUMN auto_disk_config INTEGER NOT NULL DEFAULT 0;
ALTER TABLE flavors ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE flavors ADD COLUMN projects TEXT NOT NULL DEFAULT '';
)";

constexpr std::string_view kControllerVersion8 = R"(
ALTER TABLE instances ADD COLUMN last_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE instances ADD COLUMN move TEXT NOT NULL DEFAULT '';
ALTER TABLE instances ADD COLUMN shelved_image BLOB NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE instances ADD COLUMN state_since INTEGER NOT NULL DEFAULT 0;
CREATE TABLE migrations (
  id INTEGER PRIMARY KEY, uuid BLOB NOT NULL, instance BLOB NOT NULL, user_id BLOB NOT NULL, project_id BLOB NOT NULL,
  kind INTEGER NOT NULL, status TEXT NOT NULL, source_compute TEXT NOT NULL, dest_compute TEXT NOT NULL,
  old_flavor TEXT NOT NULL, new_flavor TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT;
)";

constexpr std::string_view kControllerVersion9 = R"(
CREATE TABLE server_groups (
  id BLOB PRIMARY KEY, project_id BLOB NOT NULL, user_id BLOB NOT NULL, name TEXT NOT NULL, policy INTEGER NOT NULL,
  max_server_per_host INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
ALTER TABLE hosts ADD COLUMN forced_down INTEGER NOT NULL DEFAULT 0;
ALTER TABLE quotas ADD COLUMN server_groups INTEGER NOT NULL DEFAULT 10;
ALTER TABLE quotas ADD COLUMN server_group_members INTEGER NOT NULL DEFAULT 10;
ALTER TABLE quotas ADD COLUMN key_pairs INTEGER NOT NULL DEFAULT 100;
ALTER TABLE quotas ADD COLUMN metadata_items INTEGER NOT NULL DEFAULT 128;
ALTER TABLE quotas ADD COLUMN injected_files INTEGER NOT NULL DEFAULT 5;
ALTER TABLE quotas ADD COLUMN injected_file_content_bytes INTEGER NOT NULL DEFAULT 10240;
ALTER TABLE quotas ADD COLUMN injected_file_path_bytes INTEGER NOT NULL DEFAULT 255;
ALTER TABLE quotas ADD COLUMN fixed_ips INTEGER NOT NULL DEFAULT -1;
ALTER TABLE quotas ADD COLUMN floating_ips INTEGER NOT NULL DEFAULT -1;
ALTER TABLE quotas ADD COLUMN security_groups INTEGER NOT NULL DEFAULT -1;
ALTER TABLE quotas ADD COLUMN security_group_rules INTEGER NOT NULL DEFAULT -1;
)";

constexpr std::string_view kControllerVersion10 = R"(
CREATE TABLE user_quotas (
  project_id BLOB NOT NULL, user_id BLOB NOT NULL, instances INTEGER NOT NULL, cores INTEGER NOT NULL,
  ram_mb INTEGER NOT NULL, server_groups INTEGER NOT NULL, server_group_members INTEGER NOT NULL,
  key_pairs INTEGER NOT NULL, metadata_items INTEGER NOT NULL, injected_files INTEGER NOT NULL,
  injected_file_content_bytes INTEGER NOT NULL, injected_file_path_bytes INTEGER NOT NULL, fixed_ips INTEGER NOT NULL,
  floating_ips INTEGER NOT NULL, security_groups INTEGER NOT NULL, security_group_rules INTEGER NOT NULL,
  PRIMARY KEY (project_id, user_id)) STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kControllerVersion11 = R"(
ALTER TABLE fault_rules ADD COLUMN action TEXT NOT NULL DEFAULT '';
ALTER TABLE fault_rules ADD COLUMN http TEXT NOT NULL DEFAULT '';
ALTER TABLE fault_rules ADD COLUMN daemon_pattern TEXT NOT NULL DEFAULT '';
ALTER TABLE fault_rules ADD COLUMN project TEXT NOT NULL DEFAULT '';
ALTER TABLE fault_rules ADD COLUMN effect INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fault_rules ADD COLUMN skip INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fault_rules ADD COLUMN per_million INTEGER NOT NULL DEFAULT 1000000;
ALTER TABLE fault_rules ADD COLUMN seed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fault_rules ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fault_rules ADD COLUMN status INTEGER NOT NULL DEFAULT 0;
ALTER TABLE fault_rules ADD COLUMN retry_after INTEGER NOT NULL DEFAULT -1;
CREATE TABLE fault_hits (
  rule_id INTEGER NOT NULL, instance BLOB NOT NULL, epoch INTEGER NOT NULL, operation INTEGER NOT NULL,
  incarnation INTEGER NOT NULL, number INTEGER NOT NULL, strikes INTEGER NOT NULL, PRIMARY KEY (rule_id, instance))
  STRICT, WITHOUT ROWID;
)";

constexpr std::string_view kControllerVersion12 = R"(
ALTER TABLE flavors ADD COLUMN rxtx_factor REAL NOT NULL DEFAULT 1.0;
ALTER TABLE server_properties ADD COLUMN trusted_image_certificates TEXT NOT NULL DEFAULT '';
)";

constexpr std::string_view kControllerVersion13 = R"(
CREATE TABLE deleted_servers (
  number INTEGER PRIMARY KEY, row TEXT NOT NULL, properties TEXT NOT NULL, actions TEXT NOT NULL) STRICT;
)";

// A deleted server's actions have their events at the end of each: their text needs no change.
constexpr std::string_view kControllerVersion14 = R"(
ALTER TABLE instance_actions ADD COLUMN events TEXT NOT NULL DEFAULT '';
)";

constexpr std::string_view kControllerVersion15 = R"(
ALTER TABLE key_pairs ADD COLUMN ec2_fingerprint TEXT NOT NULL DEFAULT '';
)";

// A deleted server's properties have their token at the end: their text needs no change.
constexpr std::string_view kControllerVersion16 = R"(
ALTER TABLE key_pairs ADD COLUMN tags TEXT NOT NULL DEFAULT '';
ALTER TABLE server_properties ADD COLUMN client_token TEXT NOT NULL DEFAULT '';
)";

// What the texts of a column become, row by row. The table has an id.
Expected<> rewrite_column(Database& database, std::string_view table, std::string_view column,
                          Expected<std::string> (*rewritten)(std::string_view)) {
  constexpr int kRowsAtOnce = 1'000;  // a table is not changed under a query that reads it
  Statement read(database,
                 fmt::format("SELECT id, {1} FROM {0} WHERE id > ? ORDER BY id LIMIT {2}", table, column, kRowsAtOnce));
  Statement write(database, fmt::format("UPDATE {} SET {} = ? WHERE id = ?", table, column));
  int64_t last = std::numeric_limits<int64_t>::min();
  for (;;) {
    std::vector<std::pair<int64_t, std::string>> rows;
    read.bind()(last);
    for (auto row = read.next(); !row || *row; row = read.next()) {
      if (!row) return std::unexpected(row.error());
      auto& [id, text] = rows.emplace_back();
      ColumnReader columns = read.columns();
      columns(id, text);
      if (auto finished = columns.finish(); !finished) return unreadable(database, table, finished.error());
    }
    if (rows.empty()) return {};
    for (const auto& [id, text] : rows) {
      auto next = rewritten(text);
      if (!next) return unreadable(database, fmt::format("{} of id {}, {}", table, id, column), next.error());
      write.bind()(*next, id);
      if (auto written = write.run(); !written) return std::unexpected(written.error());
    }
    last = rows.back().first;
  }
}

Expected<> frame_structs(Database& database) {
  auto done = rewrite_column(database, "instances", "spec", request_spec_of_version_1);
  if (done) done = rewrite_column(database, "instances", "addresses", addresses_of_version_1);
  if (done) done = rewrite_column(database, "launch_records", "record", launch_record_of_version_1);
  return done;
}

constexpr auto kControllerSteps = std::to_array<SchemaStep>({{kControllerVersion1},
                                                             {kControllerVersion2, frame_structs},
                                                             {kControllerVersion3},
                                                             {kControllerVersion4},
                                                             {kControllerVersion5},
                                                             {kControllerVersion6},
                                                             {kControllerVersion7},
                                                             {kControllerVersion8},
                                                             {kControllerVersion9},
                                                             {kControllerVersion10},
                                                             {kControllerVersion11},
                                                             {kControllerVersion12},
                                                             {kControllerVersion13},
                                                             {kControllerVersion14},
                                                             {kControllerVersion15},
                                                             {kControllerVersion16}});

Expected<> make_subnets(Database& database) {
  std::vector<Network> networks;
  if (auto loaded = SqliteTable<Network>(database, "networks", "id").load(networks); !loaded) return loaded;
  SqliteTable<Subnet> subnets(database, "subnets", "id");
  for (const Network& network : networks)
    if (auto put = subnets.put(first_subnet(network)); !put) return put;
  return {};
}

constexpr auto kNetworkSteps =
    std::to_array<SchemaStep>({{kNetworkVersion1}, {kNetworkVersion2}, {kNetworkVersion3, make_subnets}});

struct FileForm {
  int64_t application_id = 0;
  int64_t version = 0;
  int64_t tables = 0;
};

Expected<FileForm> read_form(Database& database) {
  FileForm form;
  for (auto [sql, value] :
       {std::pair("PRAGMA application_id", &form.application_id), std::pair("PRAGMA user_version", &form.version),
        std::pair("SELECT count(*) FROM sqlite_schema", &form.tables)}) {
    auto number = database.query_integer(sql);
    if (!number) return std::unexpected(number.error());
    *value = *number;
  }
  return form;
}

}  // namespace

const Schema kControllerSchema = {0x6b6e4354, "a controller's store", kControllerSteps};    // "knCT"
const Schema kNetworkSchema = {0x6b6e4e57, "a network-controller's store", kNetworkSteps};  // "knNW"

Expected<> check_form(Database& database, const Schema& schema) {
  auto form = read_form(database);
  if (!form) return std::unexpected(form.error());
  bool empty = form->application_id == 0 && form->version == 0 && form->tables == 0;
  if (!empty && form->application_id != schema.application_id) {
    return fail(ErrorCode::kDataLoss, fmt::format("{}: is a database, but not {}", database.path(), schema.kind));
  }
  auto newest = static_cast<int64_t>(schema.steps.size());
  if (form->version > newest) {
    return fail(ErrorCode::kConflict,
                fmt::format("{}: has schema version {}; this kilonova knows up to version {}: use a newer one",
                            database.path(), form->version, newest));
  }
  if (form->version < 0) {
    return fail(ErrorCode::kDataLoss, fmt::format("{}: has schema version {}", database.path(), form->version));
  }
  return {};
}

Expected<> migrate(Database& database, const Schema& schema) {
  auto form = read_form(database);
  if (!form) return std::unexpected(form.error());
  if (form->version == static_cast<int64_t>(schema.steps.size())) return {};

  auto done = database.execute("BEGIN IMMEDIATE");
  for (const SchemaStep& step : schema.steps.subspan(static_cast<size_t>(form->version))) {
    if (done) done = database.execute(std::string(step.sql));
    if (done && step.rewrite) done = step.rewrite(database);
  }
  if (done)
    done = database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT",
                                        schema.application_id, schema.steps.size()));
  if (!done && database.in_transaction()) (void)database.execute("ROLLBACK");
  return done;
}

}  // namespace kilonova
