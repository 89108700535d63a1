#include "store/postgres_instance_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/event_retention.h"
#include "store/launch_record_codec.h"
#include "store/postgres_table.h"
#include "store/store_errors.h"
#include "store/transaction_check.h"
#include "store/visit.h"

namespace kilonova {
namespace {

constexpr std::string_view kAllocationKey = "instance_id, epoch";

size_t fixed_columns() {
  FieldCounter counter;
  const Instance row{};
  visit_fixed(counter, row);
  return counter.count;
}

// Names as they stand in the table, from the column `first` on.
std::vector<std::string> columns_from(const PostgresCatalog& catalog, std::string_view table, size_t first) {
  auto found = catalog.find(table);
  if (found == catalog.end() || found->second.size() < first) return {};
  return {found->second.begin() + static_cast<std::ptrdiff_t>(first), found->second.end()};
}

std::vector<PostgresType> types_with_id(std::vector<PostgresType> types) {
  types.insert(types.begin(), PostgresType::kBigint);
  return types;
}

// Rows that are there: their id and the columns that change.
std::string update_sql(const std::vector<std::string>& columns, const std::vector<PostgresType>& types) {
  return fmt::format("UPDATE instances SET {} FROM unnest({}) AS new (id, \"{}\") WHERE instances.id = new.id",
                     set_columns(columns, 0, "new"), array_parameters(types_with_id(types)),
                     fmt::join(columns, "\", \""));
}

std::string append_sql(std::string_view table, const std::vector<PostgresType>& types) {
  return fmt::format("INSERT INTO {} SELECT * FROM unnest({})", table, array_parameters(types));
}

std::vector<PostgresType> state_types() {
  PostgresTypes types;
  const Instance row{};
  visit_state(types, row);
  return std::move(types).types;
}

std::vector<PostgresType> amounts_types() {
  PostgresTypes types;
  const Allocation row{};
  visit_amounts(types, row);
  return std::move(types).types;
}

using enum PostgresType;

}  // namespace

PostgresInstanceTables::PostgresInstanceTables(const PostgresCatalog& catalog, uint64_t events_kept)
    : events_kept_(events_kept),
      erase_{"erase instances", "DELETE FROM instances WHERE id = ANY ($1::bigint[])"},
      erase_records_{"erase records", "DELETE FROM launch_records WHERE instance_id = ANY ($1::bigint[])"},
      erase_all_allocations_{"erase all allocations", "DELETE FROM allocations WHERE instance_id = ANY ($1::bigint[])"},
      insert_{"insert instances", append_sql("instances", types_of<Instance>())},
      update_{"update instances", update_sql(columns_from(catalog, "instances", fixed_columns()), state_types())},
      rename_{"rename instances", update_sql({"name", "hostname"}, {kBytea, kBytea})},
      respecify_{"respecify instances", update_sql({"spec"}, {kBytea})},
      erase_allocations_{"erase allocations", erase_sql("allocations", kAllocationKey, {kBigint, kBigint})},
      put_allocations_{"put allocations", upsert_sql("allocations", columns_from(catalog, "allocations", 0),
                                                     types_with_id(amounts_types()), kAllocationKey)},
      append_records_{"append records", append_sql("launch_records", {kBigint, kBigint, kBytea})},
      append_events_{"append events", append_sql("events", types_of<WatchEvent>())},
      drop_events_{
          "drop events",
          "WITH dropped AS (DELETE FROM events WHERE revision <= (SELECT revision FROM events ORDER BY revision "
          "LIMIT 1 OFFSET $1::bigint) RETURNING revision) UPDATE counters SET events_dropped_through = (SELECT "
          "max(revision) FROM dropped) WHERE EXISTS (SELECT FROM dropped)"},
      write_last_id_{"write last id", "UPDATE counters SET last_instance_id = $1::bigint"} {}

void PostgresInstanceTables::list_statements(std::vector<const PostgresStatement*>& list) const {
  for (const PostgresStatement* statement :
       {&erase_, &erase_records_, &erase_all_allocations_, &insert_, &update_, &rename_, &respecify_,
        &erase_allocations_, &put_allocations_, &append_records_, &append_events_, &drop_events_, &write_last_id_}) {
    list.push_back(statement);
  }
}

Expected<> PostgresInstanceTables::load(PostgresConnection& connection, const PostgresCatalog& catalog,
                                        ControllerState& state) {
  auto right = check_columns(connection, catalog, "instances", types_of<Instance>().size());
  if (right) right = check_columns(connection, catalog, "events", types_of<WatchEvent>().size());
  if (!right) return right;
  auto instances = read_postgres_rows<Instance>(connection, "SELECT * FROM instances ORDER BY id", {}, "instances");
  if (!instances) return std::unexpected(instances.error());
  state.instances = *std::move(instances);
  for (const Instance& row : state.instances) {
    ids_.insert(row.uuid, row.id);
    taken_ids_.insert(row.id, {});
  }
  auto loaded = connection.query(
      "SELECT uuid, allocations.epoch, allocations.host, vcpus, memory_mb, disk_gb FROM allocations "
      "JOIN instances ON instances.id = instance_id",
      {}, [&](PostgresRow& columns) -> Expected<> {
        Allocation& row = state.allocations.emplace_back();
        columns(row.instance);
        visit_amounts(columns, row);
        if (auto finished = columns.finish(); !finished)
          return unreadable_row(connection, "allocations", state.allocations.size(), finished.error());
        return {};
      });
  if (!loaded) return loaded;
  std::ranges::sort(state.allocations, {}, &Allocation::key);
  if (auto counted = load_counters(connection); !counted) return counted;
  state.revision = counters_.revision;
  state.last_instance_id = counters_.last_instance_id;
  return {};
}

Expected<> PostgresInstanceTables::load_counters(PostgresConnection& connection) {
  bool found = false;
  auto loaded = connection.query(
      "SELECT last_instance_id, (SELECT coalesce(max(id), 0) FROM launch_records), (SELECT count(*) FROM events), "
      "(SELECT coalesce(max(revision), 0) FROM events) FROM counters",
      {}, [&](PostgresRow& row) -> Expected<> {
        found = true;
        row(counters_.last_instance_id, counters_.last_record_id, counters_.events, counters_.revision);
        if (auto finished = row.finish(); !finished) return unreadable_row(connection, "counters", 1, finished.error());
        return {};
      });
  if (loaded && !found)
    return fail(ErrorCode::kDataLoss, fmt::format("{}: the row of counters is gone", connection.where()));
  before_ = counters_;
  return loaded;
}

Expected<> PostgresInstanceTables::check(const Transaction& transaction) const {
  auto checked =
      check_transaction(transaction, ids_, counters_.revision, [this](int64_t id) { return taken_ids_.contains(id); });
  if (!checked) return checked;
  for (const Mutation& mutation : transaction) {
    const auto* append = get_if<mutation::AppendEvent>(&mutation);
    // A bigint ends at 2^63 - 1.
    if (append != nullptr && append->event.revision > INT64_MAX)
      return revision_not_ascending(append->event.revision, counters_.revision);
  }
  return {};
}

PostgresInstanceTables::Change& PostgresInstanceTables::change_of(const Uuid& uuid) {
  const int64_t* id = ids_.find(uuid);
  KN_CHECK(id != nullptr, "a transaction was added that its check had to refuse");
  return changes_[*id];
}

void PostgresInstanceTables::add(const mutation::InsertInstance& change) {
  changes_[change.row.id].inserted = &change.row;
  ids_.insert(change.row.uuid, change.row.id);
  taken_ids_.insert(change.row.id, {});
  id_changes_.push_back({change.row.uuid, change.row.id, true});
  if (change.row.id <= counters_.last_instance_id) return;
  counters_.last_instance_id = change.row.id;
  counters_.changed = true;
}

void PostgresInstanceTables::add(const mutation::UpdateInstance& change) {
  change_of(change.row.uuid).updated = &change.row;
}
void PostgresInstanceTables::add(const mutation::RenameInstance& change) { change_of(change.uuid).renamed = &change; }
void PostgresInstanceTables::add(const mutation::RespecifyInstance& change) {
  change_of(change.uuid).respecified = &change;
}

void PostgresInstanceTables::add(const mutation::EraseInstance& change) {
  const int64_t* found = ids_.find(change.uuid);
  if (found == nullptr) return;
  const int64_t id = *found;
  Change& kept = changes_[id];
  const bool was_stored = kept.erased || kept.inserted == nullptr;
  kept = Change{.erased = was_stored};
  ids_.erase(change.uuid);
  taken_ids_.erase(id);
  id_changes_.push_back({change.uuid, id, false});
}

void PostgresInstanceTables::add(const mutation::AppendLaunchRecord& change) {
  change_of(change.instance).records.push_back(encode_launch_record(change));
}
void PostgresInstanceTables::add(const mutation::PutAllocation& change) {
  change_of(change.row.instance).allocations[change.row.epoch] = &change.row;
}
void PostgresInstanceTables::add(const mutation::EraseAllocation& change) {
  if (!ids_.contains(change.placement.instance)) return;
  change_of(change.placement.instance).allocations[change.placement.epoch] = nullptr;
}

void PostgresInstanceTables::add(const mutation::AppendEvent& change) {
  events_.push_back(&change.event);
  counters_.revision = change.event.revision;
  ++counters_.events;
}

void PostgresInstanceTables::call(std::vector<PostgresCall>& calls, const PostgresStatement& statement,
                                  PostgresArrays& rows) {
  if (!rows.empty()) calls.push_back({&statement, rows.take()});
}

void PostgresInstanceTables::take_calls(std::vector<PostgresCall>& calls) {
  take_instance_calls(calls);
  take_allocation_calls(calls);
  take_record_calls(calls);
  take_event_calls(calls);
  changes_.clear();
  events_.clear();
  if (!std::exchange(counters_.changed, false)) return;
  calls.push_back({&write_last_id_, {postgres_parameter(counters_.last_instance_id)}});
}

void PostgresInstanceTables::take_instance_calls(std::vector<PostgresCall>& calls) {
  PostgresArrays erased, inserted, updated, renamed, respecified;
  for (const auto& [id, change] : changes_) {
    if (change.erased) erased.row()(id);
    if (change.inserted != nullptr) {
      visit_fixed(inserted.row(), *change.inserted);
      visit_state(inserted, change.updated == nullptr ? *change.inserted : *change.updated);
    } else if (change.updated != nullptr) {
      updated.row()(id);
      visit_state(updated, *change.updated);
    }
    if (change.renamed != nullptr) renamed.row()(id, change.renamed->name, change.renamed->hostname);
    if (change.respecified != nullptr) respecified.row()(id, change.respecified->spec);
  }
  if (!erased.empty()) {
    const std::vector<std::string> ids = erased.take();
    for (const PostgresStatement* statement : {&erase_records_, &erase_all_allocations_, &erase_})
      calls.push_back({statement, ids});
  }
  call(calls, insert_, inserted);
  call(calls, update_, updated);
  call(calls, rename_, renamed);
  call(calls, respecify_, respecified);
}

void PostgresInstanceTables::take_allocation_calls(std::vector<PostgresCall>& calls) {
  PostgresArrays erased, put;
  for (const auto& [id, change] : changes_) {
    for (const auto& [epoch, row] : change.allocations) {
      if (row == nullptr) {
        erased.row()(id, epoch);
      } else {
        put.row()(id);
        visit_amounts(put, *row);
      }
    }
  }
  call(calls, erase_allocations_, erased);
  call(calls, put_allocations_, put);
}

void PostgresInstanceTables::take_record_calls(std::vector<PostgresCall>& calls) {
  PostgresArrays appended;
  for (const auto& [id, change] : changes_)
    for (const std::string& record : change.records) appended.row()(++counters_.last_record_id, id, record);
  call(calls, append_records_, appended);
}

void PostgresInstanceTables::take_event_calls(std::vector<PostgresCall>& calls) {
  PostgresArrays appended;
  for (const WatchEvent* event : events_) visit(appended.row(), *event);
  call(calls, append_events_, appended);
  if (counters_.events < events_kept_ + kEventTrimChunk) return;
  calls.push_back({&drop_events_, {postgres_parameter(static_cast<int64_t>(counters_.events - events_kept_ - 1))}});
  counters_.events = events_kept_;
}

void PostgresInstanceTables::keep() {
  id_changes_.clear();
  before_ = counters_;
}

void PostgresInstanceTables::undo() {
  for (auto change = id_changes_.rbegin(); change != id_changes_.rend(); ++change) {
    if (change->inserted) {
      ids_.erase(change->uuid);
      taken_ids_.erase(change->id);
    } else {
      ids_.insert(change->uuid, change->id);
      taken_ids_.insert(change->id, {});
    }
  }
  id_changes_.clear();
  counters_ = before_;
}

Expected<LaunchRecordRows> read_launch_record(PostgresConnection& connection, const Uuid& instance) {
  const std::string parameters[] = {postgres_parameter(instance)};
  LaunchRecordRows rows;
  auto read = connection.query(
      "SELECT record FROM launch_records WHERE instance_id = (SELECT id FROM instances WHERE uuid = $1::uuid) ORDER BY "
      "id",
      parameters, [&](PostgresRow& row) -> Expected<> {
        std::string record;
        row(record);
        auto decoded = row.finish();
        if (decoded) decoded = decode_launch_record(record, rows);
        if (decoded) return {};
        return fail(ErrorCode::kDataLoss, fmt::format("{}: launch record of {}: {}", connection.where(),
                                                      to_string(instance), decoded.error().message));
      });
  if (!read) return std::unexpected(read.error());
  return rows;
}

Expected<std::vector<WatchEvent>> read_events(PostgresConnection& connection, uint64_t since, uint32_t limit) {
  const std::string parameters[] = {postgres_parameter(static_cast<int64_t>(std::min<uint64_t>(since, INT64_MAX))),
                                    postgres_parameter(static_cast<int64_t>(limit))};
  auto rows = read_postgres_rows<WatchEvent>(
      connection, "SELECT * FROM events WHERE revision > $1::bigint ORDER BY revision LIMIT $2::bigint", parameters,
      "events");
  if (!rows) return rows;
  // After the rows: events that are dropped between the two queries show, and none is missed in silence.
  uint64_t dropped = 0;
  auto read = connection.query("SELECT events_dropped_through FROM counters", {}, [&](PostgresRow& row) {
    row(dropped);
    return row.finish();
  });
  if (!read) return std::unexpected(read.error());
  if (since < dropped) return events_dropped(since, dropped);
  return rows;
}

}  // namespace kilonova
