#include "store/cloud_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "store/file_guest_journal.h"
#include "store/first_subnet.h"
#include "store/sqlite_controller_tables.h"
#include "store/sqlite_file.h"
#include "store/sqlite_network_tables.h"

namespace kilonova {
namespace {

constexpr Duration kBusyTimeout = seconds(5);
constexpr int kReadAttempts = 5;
constexpr uint32_t kEventsAtOnce = 10'000;

std::string controller_file(const std::string& dir) { return dir + "/db/controller.sqlite"; }
std::string network_file(const std::string& dir) { return dir + "/db/network.sqlite"; }

// A connection that sees one moment of the file.
Expected<std::unique_ptr<Database>> open_snapshot(const std::string& path, const Schema& schema) {
  if (!std::filesystem::exists(path))
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{} is not there: no cloud was ever started with it, or its rows are in PostgreSQL (--store), "
                    "which pg_dump copies",
                    path));
  auto database = Database::open(path, Database::Mode::kReadOnly, kBusyTimeout);
  if (!database) return database;
  if (auto begun = (*database)->execute("BEGIN"); !begun) return std::unexpected(begun.error());
  if (auto form = check_form(**database, schema); !form) return std::unexpected(form.error());
  auto version = (*database)->query_integer("PRAGMA user_version");
  if (!version) return std::unexpected(version.error());
  if (*version != static_cast<int64_t>(schema.steps.size()))
    return fail(ErrorCode::kConflict,
                fmt::format("{}: has schema version {}, not {}: the next `kilonova up` brings it up to date", path,
                            *version, schema.steps.size()));
  return database;
}

Expected<NetworkState> read_networks(const std::string& dir) {
  auto database = open_snapshot(network_file(dir), kNetworkSchema);
  if (!database) return std::unexpected(database.error());
  return SqliteNetworkTables(**database, {}).load();
}

Expected<> read_history(Database& database, CloudImage& image) {
  for (const Instance& row : image.controller.instances) {
    auto rows = read_launch_record(database, row.uuid);
    if (!rows) return std::unexpected(rows.error());
    if (*rows != LaunchRecordRows{}) image.launch_records.push_back({row.uuid, *std::move(rows)});
  }
  auto dropped = database.query_integer("SELECT events_dropped_through FROM counters");
  if (!dropped) return std::unexpected(dropped.error());
  image.events_dropped_through = static_cast<uint64_t>(*dropped);
  for (uint64_t since = image.events_dropped_through;; since = image.events.back().revision) {
    auto events = read_events(database, since, kEventsAtOnce);
    if (!events) return std::unexpected(events.error());
    if (events->empty()) return {};
    image.events.insert(image.events.end(), std::make_move_iterator(events->begin()),
                        std::make_move_iterator(events->end()));
  }
}

Expected<CloudImage> read_controller(const std::string& dir) {
  auto database = open_snapshot(controller_file(dir), kControllerSchema);
  if (!database) return std::unexpected(database.error());
  CloudImage image;
  auto state = SqliteControllerTables(**database, {}).load();
  if (!state) return std::unexpected(state.error());
  image.controller = *std::move(state);
  if (auto read = read_history(**database, image); !read) return std::unexpected(read.error());
  return image;
}

bool has_networks_of(const std::vector<Instance>& rows, const std::vector<Network>& networks) {
  std::set<Uuid> known;
  for (const Network& network : networks) known.insert(network.id);
  for (const Instance& row : rows)
    for (const Address& address : row.current.addresses)
      if (!known.contains(address.network_id)) return false;
  return true;
}

// ---- what follows from the rows

bool runs_on_a_host(const Instance& row) {
  return has_guest(row.vm_state, row.current.host) && row.task_state != TaskState::kDeleting;
}

// A build that was under way begins again with a fresh placement, at no cost: no host of the new cloud has heard of it.
Instance begun_again(Instance row) {
  if (row.vm_state != VmState::kBuilding || row.task_state == TaskState::kDeleting) return row;
  row.current.epoch += 1;
  row.operation = 0;
  row.current.step = LaunchStep::kNone;
  row.task_state = TaskState::kScheduling;
  row.current.host.clear();
  row.current.addresses.clear();
  return row;
}

Transaction controller_rows(const CloudImage& image) {
  using namespace mutation;
  const ControllerState& state = image.controller;
  Transaction rows;
  std::set<Uuid> running;
  for (const Instance& row : state.instances) {
    rows.push_back(InsertInstance{begun_again(row)});
    if (row.vm_state != VmState::kBuilding) running.insert(row.uuid);
  }
  for (const Allocation& row : state.allocations)
    if (running.contains(row.instance)) rows.push_back(PutAllocation{row});
  for (const LaunchRecordOf& record : image.launch_records)
    rows.push_back(AppendLaunchRecord{record.instance, record.rows.steps, record.rows.decisions});
  for (const WatchEvent& event : image.events) rows.push_back(AppendEvent{event});
  for_each_type(StoredRecords{}, [&]<class Row>() {
    for (const Row& row : state.of<Row>()) rows.push_back(Put<Row>{row});
  });
  return rows;
}

// The leases that the rows say there are. kDataLoss where two servers have one address, or one of no network.
Expected<NetworkTransaction> network_rows(const CloudImage& image) {
  NetworkTransaction rows;
  std::set<Uuid> networks;
  std::set<std::pair<Uuid, Ipv4>> addresses;
  std::set<Mac> macs;
  for (const Network& network : image.networks) {
    networks.insert(network.id);
    rows.push_back(network_mutation::PutNetwork{network});
    auto is_of = [&](const Subnet& subnet) { return subnet.network_id == network.id; };
    if (network.cidr.prefix != 0 && std::ranges::none_of(image.subnets, is_of))
      rows.push_back(network_mutation::PutSubnet{first_subnet(network)});
  }
  for (const NetworkDetails& row : image.network_details) rows.push_back(network_mutation::PutDetails{row});
  for (const Subnet& row : image.subnets) rows.push_back(network_mutation::PutSubnet{row});
  for (const Instance& row : image.controller.instances) {
    if (!runs_on_a_host(row)) continue;
    for (const Address& address : row.current.addresses) {
      // A port without an IPv4 address shows 0.0.0.0.
      bool is_alone = address.ip == Ipv4{} || addresses.insert({address.network_id, address.ip}).second;
      bool sound = networks.contains(address.network_id) && is_alone && macs.insert(address.mac).second;
      if (!sound)
        return fail(
            ErrorCode::kDataLoss,
            fmt::format("server {} cannot have {} with {} on network {}: another has it, or there is no such network",
                        to_string(row.uuid), to_string(address.ip), to_string(address.mac),
                        to_string(address.network_id)));
      rows.push_back(network_mutation::PutLease{{row.uuid, row.current.epoch, row.hostname, address}});
    }
  }
  // A build that begins again makes its ports again, but for those that it was asked to have.
  std::set<Uuid> asked_for;
  for (const Instance& row : image.controller.instances)
    asked_for.insert(row.spec.networks.begin(), row.spec.networks.end());
  for (const Port& row : image.ports)
    if (!row.goes_with_device || macs.contains(row.mac) || asked_for.contains(row.id))
      rows.push_back(network_mutation::PutPort{row});
  return rows;
}

// The guests that the rows say there are, by the process that carries their host.
Expected<std::map<uint32_t, std::vector<GuestRecord>>> guests_of(const ControllerState& state) {
  std::map<std::string, uint32_t> process_of;
  for (const Host& host : state.of<Host>()) process_of[host.name] = host.process.index;
  std::map<uint32_t, std::vector<GuestRecord>> guests;
  for (const Instance& row : state.instances) {
    if (!runs_on_a_host(row)) continue;
    auto process = process_of.find(row.current.host);
    if (process == process_of.end())
      return fail(ErrorCode::kDataLoss, fmt::format("server {} is on host '{}', which is not among the hosts",
                                                    to_string(row.uuid), row.current.host));
    guests[process->second].push_back({.host = row.current.host,
                                       .placement = {row.uuid, row.current.epoch},
                                       .name = row.name,
                                       .resources = resources_of(row.spec.flavor),
                                       .power_state = row.power_state,
                                       .built = true});
  }
  return guests;
}

// ---- files

template <class Tables, class Rows>
Expected<> write_database(const std::string& path, const Rows& rows, const std::string& afterwards, Files& files) {
  SqliteOptions options{.sync = SyncMode::kFull, .files = &files};
  options.events_kept = std::numeric_limits<uint32_t>::max();  // none is dropped while they are put in
  auto file = SqliteFile::open(path, Tables::schema(), options);
  if (!file) return std::unexpected(file.error());
  file->accept();
  Tables tables(*file->writer, options);
  auto loaded = tables.load();
  if (!loaded) return std::unexpected(loaded.error());
  auto done = file->writer->execute("BEGIN IMMEDIATE");
  if (done) done = tables.apply(rows);
  if (done) done = tables.before_commit();
  if (done) done = file->writer->execute(afterwards + "COMMIT");
  return done;
}

// One sync at the end instead of one for each guest.
Expected<> write_journal(const std::string& path, const std::vector<GuestRecord>& guests, Files& files) {
  FileGuestJournal journal(path, SyncMode::kNormal, files);
  if (auto opened = journal.load(); !opened) return std::unexpected(opened.error());
  for (const GuestRecord& guest : guests)
    if (auto put = journal.put(guest); !put) return put;
  auto file = files.open(path);
  if (!file) return std::unexpected(file.error());
  return (*file)->sync();
}

Expected<> make_directories(const std::string& dir) {
  std::error_code failed;
  for (const char* part : {"", "/db", "/journal"}) {
    std::filesystem::create_directory(dir + part, failed);
    if (!failed) std::filesystem::permissions(dir + part, std::filesystem::perms::owner_all, failed);
    if (failed)
      return fail(ErrorCode::kUnavailable, fmt::format("{}{} cannot be made: {}", dir, part, failed.message()));
  }
  return {};
}

// In the directory that an import is making: held while it does, and there afterwards only when it was killed.
std::string claim_of(const std::string& fresh) { return fresh + "/import"; }
std::string claim_file(const std::string& fresh) { return claim_of(fresh) + ".lock"; }

// Makes the directory, or takes over what a killed import left of it. kAlreadyExists for anything else that is there,
// kConflict when another import is at it; both are left alone.
Expected<std::unique_ptr<FileLock>> claim(const std::string& fresh, Files& files) {
  std::error_code failed;
  auto kind = std::filesystem::symlink_status(fresh, failed).type();
  if (kind == std::filesystem::file_type::not_found) {
    std::filesystem::create_directory(fresh, failed);
  } else if (kind != std::filesystem::file_type::directory ||
             (!std::filesystem::exists(claim_file(fresh), failed) && !std::filesystem::is_empty(fresh, failed))) {
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("{} is in the way, and is not what an import left: move it away", fresh));
  }
  auto lock = files.lock(claim_of(fresh));
  if (!lock) return lock;
  for (const char* part : {"/db", "/journal"}) std::filesystem::remove_all(fresh + part, failed);
  return lock;
}

}  // namespace

Expected<> write_cloud_files(const std::string& dir, const CloudImage& image, Files& files) {
  auto leases = network_rows(image);
  if (!leases) return std::unexpected(leases.error());
  auto guests = guests_of(image.controller);
  if (!guests) return std::unexpected(guests.error());
  std::string counters =
      fmt::format("UPDATE counters SET last_instance_id = max(last_instance_id, {}), events_dropped_through = {};",
                  image.controller.last_instance_id, image.events_dropped_through);
  if (auto done = write_database<SqliteControllerTables>(controller_file(dir), controller_rows(image), counters, files);
      !done)
    return done;
  if (auto done = write_database<SqliteNetworkTables>(network_file(dir), *leases, "", files); !done) return done;
  for (const auto& [process, records] : *guests) {
    std::string path = fmt::format("{}/journal/compute-{}.journal", dir, process);
    if (auto done = write_journal(path, records, files); !done) return done;
  }
  for (const std::string& part : {controller_file(dir), dir + "/journal/", dir + "/"})
    if (auto synced = files.sync_directory_of(part); !synced) return synced;
  return {};
}

// The networks are in a file of their own: those of rows are looked for until there are none missing.
Expected<CloudImage> read_cloud_image(const std::string& state_dir) {
  for (int attempt = 1;; ++attempt) {
    auto image = read_controller(state_dir);
    if (!image) return image;
    auto networks = read_networks(state_dir);
    if (!networks) return std::unexpected(networks.error());
    image->networks = std::move(networks->networks);
    image->network_details = std::move(networks->details);
    image->subnets = std::move(networks->subnets);
    image->ports = std::move(networks->ports);
    if (has_networks_of(image->controller.instances, image->networks)) return image;
    if (attempt == kReadAttempts)
      return fail(ErrorCode::kDataLoss, fmt::format("{}: servers have addresses of networks that are not in {}",
                                                    controller_file(state_dir), network_file(state_dir)));
  }
}

Expected<> write_cloud_image(const std::string& state_dir, const CloudImage& image) {
  std::error_code failed;
  std::string target = std::filesystem::absolute(state_dir).lexically_normal().string();
  while (target.size() > 1 && target.back() == '/') target.pop_back();
  if (std::filesystem::exists(target, failed) && !std::filesystem::is_empty(target, failed))
    return fail(ErrorCode::kAlreadyExists,
                fmt::format("{} is not empty: a cloud is imported into a state directory of its own", target));
  std::vector<std::string> made = {target};  // and the directories above it that are not there yet
  for (auto above = std::filesystem::path(target).parent_path(); !std::filesystem::exists(above, failed);
       above = above.parent_path())
    made.push_back(above.string());
  std::filesystem::create_directories(std::filesystem::path(target).parent_path(), failed);
  // Made beside it and then given its name: it is there whole or not at all.
  std::string fresh = target + ".import";
  Files& files = posix_files();
  auto claimed = claim(fresh, files);
  if (!claimed) return std::unexpected(claimed.error());
  auto done = make_directories(fresh);
  if (done) done = write_cloud_files(fresh, image, files);
  if (done) done = files.remove(claim_file(fresh));
  if (done) done = files.sync_directory_of(fresh + "/");
  if (done) done = files.rename(fresh, target);
  if (!done) {
    std::filesystem::remove_all(fresh, failed);
    return done;
  }
  for (const std::string& path : made)
    if (auto synced = files.sync_directory_of(path); !synced) return synced;
  return {};
}

}  // namespace kilonova
