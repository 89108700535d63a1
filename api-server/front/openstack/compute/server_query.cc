#include "api-server/front/openstack/compute/server_query.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/sort_stably.h"
#include "api-server/front/openstack/times.h"
#include "domain/states.h"

namespace kilonova::api::openstack {
namespace {

using Filter = std::function<bool(const Instance&)>;

constexpr size_t kLongestPattern = 255;

std::unexpected<Refusal> invalid_query(std::string_view key, const std::string& value, std::string_view why) {
  return refused(400, fmt::format("Invalid input for query parameters {}. Value: {}. {}", key, value, why));
}

std::optional<bool> truth(std::string_view text) {
  for (std::string_view yes : {"1", "t", "true", "on", "y", "yes", "True", "TRUE"})
    if (text == yes) return true;
  for (std::string_view no : {"0", "f", "false", "off", "n", "no", "False", "FALSE"})
    if (text == no) return false;
  return std::nullopt;
}

// Of matching time linear in the text, whatever the pattern.
std::shared_ptr<RE2> pattern_of(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(1 << 20);
  options.set_case_sensitive(false);
  if (text.empty() || text.size() > kLongestPattern) return nullptr;
  auto pattern = std::make_shared<RE2>(text, options);
  return pattern->ok() ? pattern : nullptr;
}

// A server with what was said of it.
struct Shown {
  const Instance& server;
  const ServerProperties& properties;
};
// A text of the server's that a filter is compared with; nothing: no value fits.
using TextOf = std::optional<std::string> (*)(const Shown&);

// Nova compares a few attributes as they are, and looks for a regular expression in all others (nova/db/main/api.py
// _exact_instance_filter, _regex_instance_filter).
enum class Compared : uint8_t { kExactly, kByPattern };

struct TextFilter {
  std::string_view key;
  bool for_users;
  Minor since;  // for users: until then it does not count
  Compared compared;
  TextOf text;
};

std::optional<std::string> said(const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); }
// As a database writes it.
std::optional<std::string> column_of(WallTime time) {
  if (time == WallTime{}) return std::nullopt;
  std::string text = time_to_seconds(time).get<std::string>();
  std::ranges::replace(text, 'T', ' ');
  return text.ends_with('Z') ? text.substr(0, text.size() - 1) : text;
}
std::string_view locker_of(LockedBy by) {
  return by == LockedBy::kNobody ? "" : by == LockedBy::kOwner ? "owner" : "admin";
}

constexpr auto kExactly = Compared::kExactly, kByPattern = Compared::kByPattern;
using Text = std::optional<std::string>;

std::string zone_of(const Instance& s) { return s.spec.availability_zone; }
std::string task_of(const Instance& s) { return std::string(to_string(s.task_state)); }
std::string vm_state_of_row(const Instance& s) { return std::string(to_string(s.vm_state)); }
std::string power_of(const Instance& s) { return fmt::to_string(static_cast<int>(s.power_state)); }

constexpr TextFilter kTextFilters[] = {
    {"task_state", true, 83, kExactly, [](const Shown& s) -> Text { return task_of(s.server); }},
    {"vm_state", true, 83, kExactly, [](const Shown& s) -> Text { return vm_state_of_row(s.server); }},
    {"reservation_id", true, 1, kByPattern, [](const Shown& s) -> Text { return s.server.reservation_id; }},
    {"key_name", true, 83, kByPattern, [](const Shown& s) -> Text { return said(s.server.spec.key_name); }},
    {"availability_zone", true, 83, kByPattern, [](const Shown& s) -> Text { return said(zone_of(s.server)); }},
    {"power_state", true, 83, kByPattern, [](const Shown& s) -> Text { return power_of(s.server); }},
    {"hostname", true, 90, kByPattern, [](const Shown& s) -> Text { return s.server.hostname; }},
    {"config_drive", true, 83, kByPattern,
     [](const Shown& s) -> Text { return s.properties.config_drive ? "True" : ""; }},
    {"created_at", true, 83, kByPattern, [](const Shown& s) { return column_of(s.server.created_at); }},
    {"launched_at", true, 83, kByPattern, [](const Shown& s) { return column_of(s.server.launched_at); }},
    {"terminated_at", true, 83, kByPattern,
     [](const Shown& s) { return column_of(terminated_at(s.server).value_or(WallTime{})); }},
    {"progress", true, 83, kByPattern, [](const Shown&) -> Text { return "0"; }},
    {"launch_index", false, 1, kByPattern,
     [](const Shown& s) -> Text { return fmt::to_string(s.server.launch_index); }},
    {"node", false, 1, kByPattern, [](const Shown& s) -> Text { return said(s.server.current.host); }},
    {"display_name", false, 1, kByPattern, [](const Shown& s) -> Text { return s.server.name; }},
    {"description", false, 1, kByPattern, [](const Shown& s) -> Text { return said(s.properties.description); }},
    {"display_description", false, 1, kByPattern,
     [](const Shown& s) -> Text { return said(s.properties.description); }},
    {"access_ip_v4", false, 1, kByPattern, [](const Shown& s) -> Text { return said(s.properties.access_ip_v4); }},
    {"access_ip_v6", false, 1, kByPattern, [](const Shown& s) -> Text { return said(s.properties.access_ip_v6); }},
    {"locked_by", false, 1, kByPattern,
     [](const Shown& s) -> Text { return said(std::string(locker_of(s.properties.locked_by))); }},
    {"root_device_name", false, 1, kByPattern, [](const Shown&) -> Text { return "/dev/vda"; }},
    {"kernel_id", false, 1, kByPattern, [](const Shown&) -> Text { return ""; }},
    {"ramdisk_id", false, 1, kByPattern, [](const Shown&) -> Text { return ""; }},
    {"auto_disk_config", false, 1, kByPattern,
     [](const Shown& s) -> Text { return s.properties.auto_disk_config ? "1" : "0"; }},
};

// Ids, which have two spellings.
using IdOf = Uuid (*)(const Instance&);
struct IdFilter {
  std::string_view key;
  bool for_users;
  Minor since;
  IdOf id;
};
constexpr IdFilter kIdFilters[] = {
    {"image", true, 1, [](const Instance& s) { return s.spec.image.id; }},
    {"image_ref", false, 1, [](const Instance& s) { return s.spec.image.id; }},
    {"user_id", true, 83, [](const Instance& s) { return s.spec.user_id; }},
    {"uuid", false, 1, [](const Instance& s) { return s.uuid; }},
};

bool counts(const Call& call, bool for_users, Minor since) {
  return call.is_admin() || (for_users && call.minor >= since);
}

void add_ids(const Call& call, std::vector<Filter>& filters) {
  for (const IdFilter& row : kIdFilters)
    if (const std::string* value = call.in_query(row.key); value != nullptr && counts(call, row.for_users, row.since))
      filters.push_back([id = row.id, wanted = parse_uuid(value->substr(value->rfind('/') + 1))](const Instance& s) {
        return wanted && id(s) == *wanted;
      });
  if (const std::string* flavor = call.in_query("flavor"))
    filters.push_back(
        [wanted = flavor->substr(flavor->rfind('/') + 1)](const Instance& s) { return s.spec.flavor.id == wanted; });
}

// What is no regular expression is refused also where it does not count.
std::optional<Refusal> add_texts(const Call& call, ServerQuery& query) {
  for (const TextFilter& row : kTextFilters) {
    const std::string* value = call.in_query(row.key);
    if (value == nullptr) continue;
    std::shared_ptr<RE2> pattern = row.compared == kByPattern ? pattern_of(*value) : nullptr;
    if (row.compared == kByPattern && !pattern)
      return invalid_query(row.key, *value, fmt::format("{} is not a 'regex'", python_repr(Json(*value)))).error();
    if (!counts(call, row.for_users, row.since)) continue;
    query.shown_filters.push_back(
        [text = row.text, wanted = *value, pattern](const Instance& server, const ServerProperties& properties) {
          const Text found = text({server, properties});
          return found && (pattern ? RE2::PartialMatch(*found, *pattern) : *found == wanted);
        });
  }
  return std::nullopt;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (;;) {
    size_t comma = text.find(',');
    words.emplace_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return words;
    text.remove_prefix(comma + 1);
  }
}

// tags: all of them, tags-any: one at least; not- turns it round.
void add_property_filters(const Call& call, std::vector<std::function<bool(const ServerProperties&)>>& filters) {
  if (const std::string* locked = call.in_query("locked"); locked != nullptr && call.minor >= 73)
    filters.push_back([wanted = truth(*locked).value_or(false)](const ServerProperties& p) {
      return (p.locked_by != LockedBy::kNobody) == wanted;
    });
  if (call.minor < 26) return;
  for (bool any : {false, true})
    for (bool negated : {false, true}) {
      std::string key = fmt::format("{}tags{}", negated ? "not-" : "", any ? "-any" : "");
      const std::string* value = call.in_query(key);
      if (value == nullptr) continue;
      filters.push_back([any, negated, wanted = words_of(*value)](const ServerProperties& p) {
        auto has = [&](const std::string& tag) { return std::ranges::binary_search(p.tags, tag); };
        bool fits = any ? std::ranges::any_of(wanted, has) : std::ranges::all_of(wanted, has);
        return fits != negated;
      });
    }
}

std::optional<Refusal> add_times(const Call& call, std::vector<Filter>& filters) {
  WallTime from;
  for (std::string_view key : {"changes-since", "changes-before"}) {
    const std::string* value = call.in_query(key);
    if (value == nullptr || (key == "changes-before" && call.minor < 66)) continue;
    std::optional<WallTime> time = parse_time(*value);
    if (!time)
      return invalid_query(key, *value, fmt::format("{} is not a 'date-time'", python_repr(Json(*value)))).error();
    bool since = key == "changes-since";
    if (since) from = *time;
    if (!since && *time < from)
      return Refusal{400, "The value of changes-since must be less than or equal to changes-before."};
    filters.push_back(
        [=](const Instance& s) { return since ? last_change_of(s) >= *time : last_change_of(s) <= *time; });
  }
  return std::nullopt;
}

std::string plain_or_empty(const std::string& pattern) {
  bool is_plain = pattern.find_first_of("\\^$.|?*+()[]{}") == std::string::npos;
  return is_plain ? pattern : std::string();
}

std::optional<Refusal> add_patterns(const Call& call, ServerQuery& query) {
  for (std::string_view key : {"name", "ip", "ip6"}) {
    const std::string* value = call.in_query(key);
    if (value == nullptr) continue;
    std::shared_ptr<RE2> pattern = pattern_of(*value);
    if (!pattern)
      return invalid_query(key, *value, fmt::format("{} is not a 'regex'", python_repr(Json(*value)))).error();
    if (key == "ip6" && (call.is_admin() || call.minor >= 5)) query.is_empty = true;  // no server has such an address
    if (key == "name") {
      query.operation.name = plain_or_empty(*value);
      query.filters.push_back([pattern](const Instance& s) { return RE2::PartialMatch(s.name, *pattern); });
    }
    if (key == "ip")
      query.filters.push_back([pattern](const Instance& s) {
        return std::ranges::any_of(s.current.addresses,
                                   [&](const Address& a) { return RE2::PartialMatch(to_string(a.ip), *pattern); });
      });
  }
  return std::nullopt;
}

std::optional<Refusal> add_statuses(const Call& call, ServerQuery& query) {
  std::vector<std::string> wanted;
  for (const std::string& text : call.all_in_query("status")) {
    std::optional<std::string_view> status = find_status(text);
    if (!status && call.minor >= 38) return Refusal{400, "Invalid status value"};
    if (status) wanted.emplace_back(*status);
    if (status == "DELETED" && !call.is_admin()) return Refusal{403, "Only administrators may list deleted instances"};
  }
  if (call.in_query("status") == nullptr) return std::nullopt;
  query.is_empty = wanted.empty();
  if (wanted.size() == 1) query.operation.status = wanted.front();
  if (wanted.size() > 1)
    query.filters.push_back([wanted](const Instance& s) {
      return std::ranges::find(wanted, status_name(s.vm_state, s.task_state)) != wanted.end();
    });
  return std::nullopt;
}

// nova/api/openstack/compute/schemas/servers.py JOINED_TABLE_QUERY_PARAMS_SERVERS. Of users these are left out with all
// else that they may not filter by.
std::optional<Refusal> check_fields(const Call& call) {
  constexpr std::string_view kJoined[] = {"block_device_mapping", "services",        "metadata",   "system_metadata",
                                          "info_cache",           "security_groups", "pci_devices"};
  if (call.is_admin())
    for (const auto& [key, value] : call.target.query)
      if (key.starts_with('_') || std::ranges::find(kJoined, key) != std::end(kJoined))
        return Refusal{400, fmt::format("Invalid filter field: {}.", key)};
  if (const std::string* locked = call.in_query("locked"); locked != nullptr && call.minor >= 73 && !truth(*locked))
    return Refusal{
        400, fmt::format("Invalid input for query parameters 'locked'. Value: {}. It must be a boolean.", *locked)};
  return std::nullopt;
}

std::optional<Refusal> add_projects(const Call& call, ServerQuery& query) {
  if (const std::string* all = call.in_query("all_tenants")) {
    std::optional<bool> wanted = all->empty() ? std::optional(true) : truth(*all);
    if (!wanted) return invalid_query("all_tenants", *all, fmt::format("{} is not a 'boolean'", *all)).error();
    if (*wanted && !call.is_admin())
      return Refusal{403, "Policy doesn't allow os_compute_api:servers:index:get_all_tenants to be performed."};
    query.operation.all_projects = *wanted;
  }
  const std::string* project = call.in_query("project_id");
  if (project == nullptr) project = call.in_query("tenant_id");
  if (project != nullptr && query.operation.all_projects)
    query.filters.push_back([id = parse_uuid(*project)](const Instance& s) { return id && s.spec.project_id == *id; });
  if (const std::string* host = call.in_query("host"); host != nullptr && call.is_admin()) query.operation.host = *host;
  add_property_filters(call, query.property_filters);
  return std::nullopt;
}

// nova/api/openstack/compute/servers.py _get_servers: administrators say whether they want those that are gone; who
// asks for what has changed gets them too.
std::optional<Refusal> add_deleted(const Call& call, ServerQuery& query) {
  const std::string* deleted = call.is_admin() ? call.in_query("deleted") : nullptr;
  if (deleted != nullptr) {
    query.operation.which = truth(*deleted).value_or(false) ? WhichServers::kDeleted : WhichServers::kThere;
  } else if (query.operation.status == "DELETED") {
    query.operation.which = WhichServers::kDeleted;
  } else if (call.in_query("changes-since") != nullptr ||
             (call.minor >= 66 && call.in_query("changes-before") != nullptr)) {
    query.operation.which = WhichServers::kAll;
  }
  // What add_times() asks of all rows, asked of those that are gone before they travel.
  if (const std::string* since = call.in_query("changes-since"))
    query.operation.deleted_since = parse_time(*since).value_or(WallTime{});
  return std::nullopt;
}

struct SortableKey {
  std::string_view key;
  std::string (*text)(const Instance&);  // compared as text; numbers are padded
};

std::string padded(int64_t number) { return fmt::format("{:020}", number); }

constexpr SortableKey kSortKeys[] = {
    {"created_at", [](const Instance& s) { return padded(s.created_at.us); }},
    {"updated_at", [](const Instance& s) { return padded(s.updated_at.us); }},
    {"launched_at", [](const Instance& s) { return padded(s.launched_at.us); }},
    {"display_name", [](const Instance& s) { return s.name; }},
    {"uuid", [](const Instance& s) { return to_string(s.uuid); }},
    {"host", [](const Instance& s) { return s.current.host; }},
    {"node", [](const Instance& s) { return s.current.host; }},
    {"hostname", [](const Instance& s) { return s.hostname; }},
    {"image_ref", [](const Instance& s) { return to_string(s.spec.image.id); }},
    {"instance_type_id", [](const Instance& s) { return s.spec.flavor.id; }},
    {"key_name", [](const Instance& s) { return s.spec.key_name; }},
    {"launch_index", [](const Instance& s) { return padded(s.launch_index); }},
    {"project_id", [](const Instance& s) { return to_string(s.spec.project_id); }},
    {"user_id", [](const Instance& s) { return to_string(s.spec.user_id); }},
    {"terminated_at", [](const Instance& s) { return padded(terminated_at(s).value_or(WallTime{}).us); }},
    {"availability_zone", &zone_of},
    {"power_state", &power_of},
    {"task_state", &task_of},
    {"vm_state", &vm_state_of_row},
};
// Known to Nova, and the same for every server here.
constexpr std::string_view kSortKeysWithoutEffect[] = {
    "access_ip_v4", "access_ip_v6", "auto_disk_config", "config_drive", "display_description", "kernel_id", "locked_by",
    "progress",     "ramdisk_id",   "root_device_name", "locked"};

// Once columns, which Nova leaves unsorted until 2.75, and refuses from there on.
constexpr std::string_view kIgnoredSortKeys[] = {"architecture",
                                                 "cell_name",
                                                 "cleaned",
                                                 "default_ephemeral_device",
                                                 "default_swap_device",
                                                 "deleted",
                                                 "deleted_at",
                                                 "disable_terminate",
                                                 "ephemeral_gb",
                                                 "ephemeral_key_uuid",
                                                 "id",
                                                 "key_data",
                                                 "launched_on",
                                                 "memory_mb",
                                                 "os_type",
                                                 "reservation_id",
                                                 "root_gb",
                                                 "shutdown_terminate",
                                                 "user_data",
                                                 "vcpus",
                                                 "vm_mode"};

const SortableKey* find_sort_key(std::string_view key) {
  auto found = std::ranges::find(kSortKeys, key, &SortableKey::key);
  return found == std::end(kSortKeys) ? nullptr : found;
}

std::optional<Refusal> read_sort(const Call& call, ServerQuery& query) {
  std::vector<std::string> keys = call.all_in_query("sort_key");
  std::vector<std::string> directions = call.all_in_query("sort_dir");
  for (size_t i = 0; i < keys.size(); ++i) {
    bool known = find_sort_key(keys[i]) != nullptr ||
                 std::ranges::find(kSortKeysWithoutEffect, keys[i]) != std::end(kSortKeysWithoutEffect) ||
                 (call.minor < 75 && std::ranges::find(kIgnoredSortKeys, keys[i]) != std::end(kIgnoredSortKeys));
    if (!known)
      return invalid_query("sort_key", keys[i], fmt::format("'{}' is not one of the sort keys", keys[i])).error();
    if ((keys[i] == "host" || keys[i] == "node") && !call.is_admin())
      return Refusal{403, "Only administrators can sort servers by host or node."};
    std::string direction = i < directions.size() ? directions[i] : directions.empty() ? "desc" : directions.back();
    if (direction != "asc" && direction != "desc")
      return invalid_query("sort_dir", direction, fmt::format("'{}' is not one of ['asc', 'desc']", direction)).error();
    query.sort.push_back({keys[i], direction == "asc"});
  }
  if (keys.empty() && !directions.empty() && directions.front() == "asc") query.sort.push_back({"created_at", true});
  return std::nullopt;
}

}  // namespace

bool ServerQuery::passes(const Instance& server, const ServerProperties& properties) const {
  for (const auto& filter : property_filters)
    if (!filter(properties)) return false;
  for (const auto& filter : shown_filters)
    if (!filter(server, properties)) return false;
  return std::ranges::all_of(filters, [&](const Filter& filter) { return filter(server); });
}

void ServerQuery::sort_rows(std::vector<Instance>& servers) const {
  for (auto key = sort.rbegin(); key != sort.rend(); ++key) {
    const SortableKey* row = find_sort_key(key->key);
    if (row == nullptr) continue;
    sort_stably(servers, [&](const Instance& a, const Instance& b) {
      return key->ascending ? row->text(a) < row->text(b) : row->text(b) < row->text(a);
    });
  }
}

std::expected<ServerQuery, Refusal> read_server_query(const Call& call) {
  ServerQuery query;
  if (auto wrong = check_fields(call)) return std::unexpected(std::move(*wrong));
  for (auto* add : {&add_patterns, &add_texts, &add_statuses, &add_projects, &add_deleted, &read_sort})
    if (auto wrong = add(call, query)) return std::unexpected(std::move(*wrong));
  add_ids(call, query.filters);
  if (auto wrong = add_times(call, query.filters)) return std::unexpected(std::move(*wrong));
  return query;
}

}  // namespace kilonova::api::openstack
