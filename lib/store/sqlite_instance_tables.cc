#include "store/sqlite_instance_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "store/event_retention.h"
#include "store/launch_record_codec.h"
#include "store/sqlite_table.h"
#include "store/store_errors.h"
#include "store/visit.h"

namespace kilonova {
namespace {

// The columns of visit_state, in its order.
constexpr const char* kUpdate =
    "UPDATE instances SET vm_state=?, task_state=?, power_state=?, epoch=?, operation=?, attempt=?, step=?, host=?, "
    "tried_hosts=?, alternates=?, addresses=?, fault_code=?, fault_message=?, fault_details=?, fault_created_at=?, "
    "updated_at=?, launched_at=?, next=?, last_epoch=?, move=?, shelved_image=?, state_since=? WHERE id=? AND uuid=?";

Expected<> outcome(const Expected<int>& changed) {
  if (!changed) return std::unexpected(changed.error());
  return {};
}

// For statements that must find their instance.
Expected<> found(const Expected<int>& changed, const Uuid& instance) {
  if (changed && *changed == 0) return instance_missing(instance);
  return outcome(changed);
}

}  // namespace

SqliteInstanceTables::SqliteInstanceTables(Database& database, uint64_t events_kept)
    : database_(database),
      events_kept_(events_kept),
      insert_(database, fmt::format("INSERT INTO instances VALUES ({})", placeholders<Instance>())),
      update_(database, kUpdate),
      rename_(database, "UPDATE instances SET name=?, hostname=? WHERE uuid=?"),
      respecify_(database, "UPDATE instances SET spec=? WHERE uuid=?"),
      erase_(database, "DELETE FROM instances WHERE uuid=?"),
      erase_record_(database, "DELETE FROM launch_records WHERE instance_id=(SELECT id FROM instances WHERE uuid=?)"),
      erase_allocations_(database, "DELETE FROM allocations WHERE instance_id=(SELECT id FROM instances WHERE uuid=?)"),
      erase_allocation_(
          database, "DELETE FROM allocations WHERE instance_id=(SELECT id FROM instances WHERE uuid=?) AND epoch=?"),
      append_record_(database,
                     "INSERT INTO launch_records (record, instance_id) SELECT ?, id FROM instances WHERE uuid=?"),
      put_allocation_(database,
                      "INSERT OR REPLACE INTO allocations (epoch, host, vcpus, memory_mb, disk_gb, instance_id) "
                      "SELECT ?, ?, ?, ?, ?, id FROM instances WHERE uuid=?"),
      append_event_(database, fmt::format("INSERT INTO events VALUES ({})", placeholders<WatchEvent>())),
      find_event_(database, "SELECT revision FROM events ORDER BY revision LIMIT 1 OFFSET ?"),
      drop_events_(database, "DELETE FROM events WHERE revision<=?"),
      write_counters_(database, "UPDATE counters SET last_instance_id=?, events_dropped_through=?") {}

Expected<> SqliteInstanceTables::load(ControllerState& state) {
  Statement query(database_, "SELECT * FROM instances ORDER BY id");
  query.bind();
  auto instances = read_rows<Instance>(database_, query, "instances");
  if (!instances) return std::unexpected(instances.error());
  state.instances = std::move(*instances);
  if (auto loaded = load_allocations(state); !loaded) return loaded;
  if (auto loaded = load_counters(); !loaded) return loaded;
  state.revision = counters_.revision;
  state.last_instance_id = counters_.last_instance_id;
  return {};
}

Expected<> SqliteInstanceTables::load_allocations(ControllerState& state) {
  Statement query(database_,
                  "SELECT instances.uuid, allocations.epoch, allocations.host, vcpus, memory_mb, disk_gb "
                  "FROM allocations JOIN instances ON instances.id=instance_id");
  query.bind();
  for (;;) {
    auto row = query.next();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    ColumnReader columns = query.columns();
    Allocation& allocation = state.allocations.emplace_back();
    columns(allocation.instance);
    visit_amounts(columns, allocation);
    if (auto finished = columns.finish(); !finished) {
      return unreadable(database_, fmt::format("allocations, row {}", state.allocations.size()), finished.error());
    }
  }
  std::ranges::sort(state.allocations, {}, &Allocation::key);
  return {};
}

Expected<> SqliteInstanceTables::load_counters() {
  Statement query(database_,
                  "SELECT last_instance_id, events_dropped_through, (SELECT count(*) FROM events), "
                  "(SELECT ifnull(max(revision), 0) FROM events) FROM counters");
  query.bind();
  auto row = query.next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return fail(ErrorCode::kDataLoss, fmt::format("{}: the row of counters is gone", database_.path()));
  Counters counters;
  ColumnReader columns = query.columns();
  columns(counters.last_instance_id, counters.dropped_through, counters.events, counters.revision);
  auto finished = columns.finish();
  query.reset();
  if (!finished) return unreadable(database_, "counters", finished.error());
  counters_ = counters;
  return {};
}

Expected<> SqliteInstanceTables::apply(const mutation::InsertInstance& change) {
  Binder bind = insert_.bind();
  visit(bind, change.row);
  auto inserted = insert_.run();
  if (!inserted && inserted.error().code == ErrorCode::kConflict) {
    return instance_exists(change.row.uuid, change.row.id);
  }
  if (inserted && change.row.id > counters_.last_instance_id) {
    counters_.last_instance_id = change.row.id;
    counters_.changed = true;
  }
  return outcome(inserted);
}

Expected<> SqliteInstanceTables::apply(const mutation::UpdateInstance& change) {
  Binder bind = update_.bind();
  visit_state(bind, change.row);
  bind(change.row.id, change.row.uuid);
  return found(update_.run(), change.row.uuid);
}

Expected<> SqliteInstanceTables::apply(const mutation::RenameInstance& change) {
  rename_.bind()(change.name, change.hostname, change.uuid);
  return found(rename_.run(), change.uuid);
}

Expected<> SqliteInstanceTables::apply(const mutation::RespecifyInstance& change) {
  respecify_.bind()(change.spec, change.uuid);
  return found(respecify_.run(), change.uuid);
}

Expected<> SqliteInstanceTables::apply(const mutation::EraseInstance& change) {
  for (Statement* statement : {&erase_record_, &erase_allocations_, &erase_}) {
    statement->bind()(change.uuid);
    if (auto erased = statement->run(); !erased) return std::unexpected(erased.error());
  }
  return {};
}

Expected<> SqliteInstanceTables::apply(const mutation::AppendLaunchRecord& change) {
  std::string record = encode_launch_record(change);
  append_record_.bind()(record, change.instance);
  return found(append_record_.run(), change.instance);
}

Expected<> SqliteInstanceTables::apply(const mutation::PutAllocation& change) {
  Binder bind = put_allocation_.bind();
  visit_amounts(bind, change.row);
  bind(change.row.instance);
  return found(put_allocation_.run(), change.row.instance);
}

Expected<> SqliteInstanceTables::apply(const mutation::EraseAllocation& change) {
  erase_allocation_.bind()(change.placement.instance, change.placement.epoch);
  return outcome(erase_allocation_.run());
}

Expected<> SqliteInstanceTables::apply(const mutation::AppendEvent& change) {
  uint64_t revision = change.event.revision;
  // SQLite's integers end at 2^63 - 1.
  if (revision <= counters_.revision || revision > INT64_MAX) {
    return revision_not_ascending(revision, counters_.revision);
  }
  Binder bind = append_event_.bind();
  visit(bind, change.event);
  auto appended = append_event_.run();
  if (!appended) return std::unexpected(appended.error());
  counters_.revision = revision;
  ++counters_.events;
  return {};
}

Expected<> SqliteInstanceTables::before_commit() {
  if (counters_.events >= events_kept_ + kEventTrimChunk) {
    if (auto trimmed = trim_events(); !trimmed) return trimmed;
  }
  if (!counters_.changed) return {};
  write_counters_.bind()(counters_.last_instance_id, counters_.dropped_through);
  auto written = write_counters_.run();
  if (written) counters_.changed = false;
  return outcome(written);
}

Expected<> SqliteInstanceTables::trim_events() {
  find_event_.bind()(counters_.events - events_kept_ - 1);
  auto row = find_event_.next();
  if (!row) return std::unexpected(row.error());
  if (!*row) return {};
  uint64_t last_dropped = 0;
  ColumnReader columns = find_event_.columns();
  columns(last_dropped);
  auto finished = columns.finish();
  find_event_.reset();
  if (!finished) return unreadable(database_, "events", finished.error());

  drop_events_.bind()(last_dropped);
  auto dropped = drop_events_.run();
  if (!dropped) return std::unexpected(dropped.error());
  counters_.events -= static_cast<uint64_t>(*dropped);
  counters_.dropped_through = last_dropped;
  counters_.changed = true;
  return {};
}

Expected<LaunchRecordRows> read_launch_record(Database& database, const Uuid& instance) {
  Statement query(database,
                  "SELECT record FROM launch_records WHERE instance_id=(SELECT id FROM instances WHERE uuid=?) "
                  "ORDER BY id");
  query.bind()(instance);
  LaunchRecordRows rows;
  for (;;) {
    auto row = query.next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return rows;
    std::string record;
    ColumnReader columns = query.columns();
    columns(record);
    auto read = columns.finish();
    if (read) read = decode_launch_record(record, rows);
    if (!read) return unreadable(database, "launch record of " + to_string(instance), read.error());
  }
}

Expected<std::vector<WatchEvent>> read_events(Database& database, uint64_t since, uint32_t limit) {
  // After the rows: events that are dropped between the two queries show, and none is missed in silence.
  constexpr const char* kDropped = "SELECT events_dropped_through FROM counters";
  Statement query(database, "SELECT * FROM events WHERE revision>? ORDER BY revision LIMIT ?");
  query.bind()(std::min<uint64_t>(since, INT64_MAX), limit);
  auto rows = read_rows<WatchEvent>(database, query, "events");
  if (!rows) return rows;
  auto dropped = database.query_integer(kDropped);
  if (!dropped) return std::unexpected(dropped.error());
  if (since < static_cast<uint64_t>(*dropped)) return events_dropped(since, static_cast<uint64_t>(*dropped));
  return rows;
}

}  // namespace kilonova
