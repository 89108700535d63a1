// Nova: os-simple-tenant-usage: what a project's servers used in a time, those that are gone as long as they are
// remembered.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <vector>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/times.h"
#include "api-server/front/openstack/view.h"
#include "domain/instance.h"
#include "domain/nouns/server.h"
#include "domain/states.h"

namespace kilonova::api::openstack {
namespace {

constexpr Minor kPaged = 40;

struct Period {
  WallTime start;
  WallTime stop;
};

// Without a start the period is empty, as in Nova: from now to now.
std::expected<Period, Refusal> read_period(const Call& call) {
  Period period{call.loop.wall_now(), call.loop.wall_now()};
  for (auto [key, time] : {std::pair{"start", &period.start}, std::pair{"end", &period.stop}}) {
    const std::string* asked = call.in_query(key);
    if (asked == nullptr) continue;
    std::optional<WallTime> read = parse_time(*asked);
    if (!read) return refused(400, fmt::format("Invalid time format: {}", *asked));
    *time = *read;
  }
  if (period.stop < period.start)
    return refused(400, "Invalid start time. The start time cannot occur after the end time.");
  return period;
}

struct Usage {
  Json servers = Json::array();
  double hours = 0, local_gb = 0, memory_mb = 0, vcpus = 0;
};

std::string local_time(WallTime time) {
  std::string text = to_iso8601(time);
  if (text.ends_with('Z')) text.pop_back();
  return text.find('.') == std::string::npos ? text + ".000000" : text;
}

// A server that has not been launched has used nothing.
std::optional<double> hours_of(const Instance& server, const Period& period) {
  if (server.launched_at.us == 0 || server.launched_at >= period.stop) return std::nullopt;
  const std::optional<WallTime> ended = terminated_at(server);
  if (ended && *ended < period.start) return std::nullopt;
  int64_t from = std::max(server.launched_at.us, period.start.us);
  int64_t until = ended ? std::min(ended->us, period.stop.us) : period.stop.us;
  return static_cast<double>(std::max<int64_t>(until - from, 0)) / 3.6e9;
}

void add(Usage& usage, const Instance& server, double hours, const Call& call) {
  const Flavor& flavor = server.spec.flavor;
  int64_t local_gb = flavor.root_gb + flavor.ephemeral_gb;
  usage.hours += hours;
  usage.local_gb += hours * static_cast<double>(local_gb);
  usage.memory_mb += hours * static_cast<double>(flavor.memory_mb);
  usage.vcpus += hours * static_cast<double>(flavor.vcpus);
  const std::optional<WallTime> ended = terminated_at(server);
  int64_t uptime = (ended.value_or(call.loop.wall_now()).us - server.launched_at.us) / 1'000'000;
  usage.servers.push_back({{"ended_at", ended ? Json(time_without_zone(*ended)) : Json(nullptr)},
                           {"flavor", flavor.name},
                           {"hours", hours},
                           {"instance_id", to_string(server.uuid)},
                           {"local_gb", local_gb},
                           {"memory_mb", flavor.memory_mb},
                           {"name", server.name},
                           {"started_at", time_without_zone(server.launched_at)},
                           {"state", ended ? "terminated" : to_string(server.vm_state)},
                           {"tenant_id", to_hex(server.spec.project_id)},
                           {"uptime", std::max<int64_t>(uptime, 0)},
                           {"vcpus", flavor.vcpus}});
}

Json usage_view(const std::string& project, Usage usage, const Period& period, bool is_detailed) {
  Json view{{"start", local_time(period.start)},
            {"stop", local_time(period.stop)},
            {"tenant_id", project},
            {"total_hours", usage.hours},
            {"total_local_gb_usage", usage.local_gb},
            {"total_memory_mb_usage", usage.memory_mb},
            {"total_vcpus_usage", usage.vcpus}};
  if (is_detailed) view["server_usages"] = std::move(usage.servers);
  return view;
}

// By project; from 2.40 on a page of the period's servers, in the order of their ids.
Task<std::expected<std::map<std::string, Usage>, Refusal>> usages(Call& call, Period period, std::string project,
                                                                  std::string* last) {
  auto rows = co_await ask_all(call, ListServers{.all_projects = call.is_admin(), .which = WhichServers::kAll},
                               &ServerList::servers, [](const Instance& server) { return to_string(server.uuid); });
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  std::vector<Instance> wanted;
  for (Instance& server : *rows)
    if ((project.empty() || to_hex(server.spec.project_id) == project) && hours_of(server, period))
      wanted.push_back(std::move(server));
  std::ranges::sort(wanted, {}, &Instance::uuid);
  if (call.minor >= kPaged) {
    auto page = read_page(call);
    if (!page) co_return std::unexpected(std::move(page.error()));
    auto cut = cut_page(call, *page, wanted, [](const Instance& server) { return to_string(server.uuid); });
    if (!cut) co_return refused(400, fmt::format("marker [{}] not found", page->marker));
    if (!cut->next.is_null()) *last = to_string(cut->rows.back().uuid);
    wanted = std::move(cut->rows);
  }
  std::map<std::string, Usage> by_project;
  for (const Instance& server : wanted)
    if (std::optional<double> hours = hours_of(server, period))
      add(by_project[to_hex(server.spec.project_id)], server, *hours, call);
  co_return by_project;
}

Task<Answered> list(Call& call) {
  auto period = read_period(call);
  if (!period) co_return std::unexpected(std::move(period.error()));
  std::string last;
  auto found = co_await usages(call, *period, "", &last);
  if (!found) co_return std::unexpected(std::move(found.error()));
  const std::string* detailed = call.in_query("detailed");
  Json items = Json::array();
  for (auto& [project, usage] : *found)
    items.push_back(usage_view(project, std::move(usage), *period, detailed != nullptr && *detailed == "1"));
  Answer answer{200, {{"tenant_usages", std::move(items)}}};
  if (!last.empty()) answer.body["tenant_usages_links"] = next_link(call, last);
  co_return answer;
}

Task<Answered> show(Call& call) {
  std::optional<Uuid> project = parse_uuid(call.in_path("project"));
  if (!call.is_admin() && project != call.caller.project_id)
    co_return refused(403, fmt::format("Policy doesn't allow {} to be performed.", call.route->policy));
  auto period = read_period(call);
  if (!period) co_return std::unexpected(std::move(period.error()));
  std::string last;
  auto found = co_await usages(call, *period, project ? to_hex(*project) : call.in_path("project"), &last);
  if (!found) co_return std::unexpected(std::move(found.error()));
  Json shown = Json::object();
  for (auto& [id, usage] : *found) shown = usage_view(id, std::move(usage), *period, true);
  Answer answer{200, {{"tenant_usage", std::move(shown)}}};
  if (!last.empty()) answer.body["tenant_usage_links"] = next_link(call, last);
  co_return answer;
}

// ---- os-instance_usage_audit_log: no audit ever runs here, as on a Nova without instance_usage_audit

// The last whole month before this time, which is Nova's default period.
Period month_before(WallTime time) {
  std::chrono::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(time.us)};
  std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(at)};
  std::chrono::year_month month = day.year() / day.month();
  auto begin = [](std::chrono::year_month of) {
    std::chrono::sys_days first = of / 1;
    return WallTime{std::chrono::duration_cast<std::chrono::microseconds>(first.time_since_epoch()).count()};
  };
  return {begin(month - std::chrono::months(1)), begin(month)};
}

std::string plain_time(WallTime time) {
  std::string text = to_iso8601(time).substr(0, 19);
  std::ranges::replace(text, 'T', ' ');
  return text;
}

// Nova's API asks the database of its own cell, cell0, in which there is no host.
Answer audit_log(std::string_view name, WallTime before) {
  Period period = month_before(before);
  Json log{{"period_beginning", plain_time(period.start)},
           {"period_ending", plain_time(period.stop)},
           {"num_hosts", 0},
           {"num_hosts_done", 0},
           {"num_hosts_running", 0},
           {"num_hosts_not_run", 0},
           {"hosts_not_run", Json::array()},
           {"total_instances", 0},
           {"total_errors", 0},
           {"overall_status", "ALL hosts done. 0 errors."},
           {"log", Json::object()}};
  return {200, object_of(name, std::move(log))};
}

Task<Answered> list_audit_logs(Call& call) { co_return audit_log("instance_usage_audit_logs", call.loop.wall_now()); }

Task<Answered> show_audit_log(Call& call) {
  std::optional<WallTime> before = parse_time(call.in_path("before"));
  if (!before) co_return refused(400, fmt::format("Invalid timestamp for date {}", call.in_path("before")));
  co_return audit_log("instance_usage_audit_log", *before);
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNova, "GET", "/v2.1/os-simple-tenant-usage", kAdmin, "os_compute_api:os-simple-tenant-usage:list", &list},
    {kNova, "GET", "/v2.1/os-simple-tenant-usage/{project}", UserRole::kReader,
     "os_compute_api:os-simple-tenant-usage:show", &show},
    {kNova, "GET", "/v2.1/os-instance_usage_audit_log", kAdmin, "os_compute_api:os-instance-usage-audit-log:list",
     &list_audit_logs},
    {kNova, "GET", "/v2.1/os-instance_usage_audit_log/{before}", kAdmin,
     "os_compute_api:os-instance-usage-audit-log:show", &show_audit_log},
};

}  // namespace

std::span<const Route> tenant_usage_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
