#include "controller/core/nouns/servers.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "controller/core/answered_row.h"
#include "controller/core/deleted_servers.h"
#include "controller/core/instance_actions.h"
#include "domain/ec2_id.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/watch_event.h"

namespace kilonova::controller {
namespace {

constexpr uint32_t kPageMax = 1'000;     // Nova's max_limit
constexpr uint32_t kEventsRead = 1'000;  // at once, or more

}  // namespace

ProjectScope scope_of(const RequestContext& context, bool all_projects) {
  return {all_projects && context.is_admin(), context.project_id};
}

Expected<const Instance*> find_server(const InstanceTable& table, const ProjectScope& scope,
                                      const std::string& server) {
  if (auto uuid = parse_uuid(server)) {
    const Instance* row = table.find(*uuid);
    if (row && scope.contains(row->spec.project_id)) return row;
  }
  if (auto id = row_of_ec2_instance_id(server)) {
    auto row = table.rows().find(*id);
    if (row != table.rows().end() && scope.contains(row->second.spec.project_id)) return &row->second;
  }
  auto named = table.find_by_name(scope.project, server);
  if (named.empty()) return fail(ErrorCode::kNotFound, fmt::format("server '{}' not found", server));
  if (named.size() > 1)
    return fail(ErrorCode::kConflict,
                fmt::format("{} servers are named '{}': give the id of one", named.size(), server));
  return named.front();
}

Expected<ServerList> Servers::handle(const GetServer& request, const RequestContext& context) const {
  auto row = find_server(world_.instances, scope_of(context, request.all_projects), request.server);
  if (!row) return std::unexpected(row.error());
  ServerList reply;
  reply.servers.push_back(answered_row(world_.records, **row));
  reply.properties = properties_of(world_.records, reply.servers);
  return reply;
}

Expected<ServerList> Servers::handle(const ListServers& request, const RequestContext& context) const {
  const auto status = find_status(request.status);
  if (!request.status.empty() && !status)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("status '{}' is not one of ACTIVE, BUILD, DELETED, ERROR, HARD_REBOOT, REBOOT, SHUTOFF",
                            request.status));
  ProjectScope scope = scope_of(context, request.all_projects);
  InstanceFilter filter{request.name, std::string(status.value_or("")), request.host,
                        std::clamp<uint32_t>(request.limit, 1, kPageMax), INT64_MAX};
  if (!request.marker.empty()) {
    // Also of a server that was deleted since the page that it ended: what comes behind it is still to be had.
    auto uuid = parse_uuid(request.marker);
    auto position = uuid ? world_.instances.position_of(*uuid, scope) : std::nullopt;
    if (uuid && !position)
      if (const DeletedServer* gone = find_deleted_server(world_.records, scope, *uuid)) position = gone->row.id;
    if (!position)
      return fail(ErrorCode::kInvalidArgument, fmt::format("marker '{}' is not a server of this list", request.marker));
    filter.before_id = *position;
  }
  ServerList reply;
  if (request.which != WhichServers::kDeleted) {
    InstancePage page = world_.instances.page(scope, filter);
    reply.more = page.more;
    for (const Instance* row : page.rows) reply.servers.push_back(answered_row(world_.records, *row));
    reply.properties = properties_of(world_.records, reply.servers);
  }
  if (request.which != WhichServers::kThere)
    add_deleted_servers(world_.records, scope, filter, request.deleted_since, reply);
  return reply;
}

namespace {

// A try under way: what its host told of it, and before that what the controller itself did.
void add_so_far(const Drive& drive, LaunchRecord& record) {
  const std::vector<StepRecord>& steps = drive.told.empty() ? drive.steps : drive.told;
  for (const StepRecord& step : steps)
    if (std::ranges::find(record.steps, step) == record.steps.end()) record.steps.push_back(step);
  const bool stored =
      std::ranges::find(record.decisions, drive.decision.epoch, &Decision::epoch) != record.decisions.end();
  if (!drive.decision.driver.empty() && !stored) record.decisions.push_back(drive.decision);
}

}  // namespace

Task<Expected<LaunchRecord>> Servers::handle(GetLaunchRecord request, RequestContext context) {
  auto row = find_server(world_.instances, scope_of(context, request.all_projects), request.server);
  if (!row) co_return std::unexpected(row.error());
  LaunchRecord record;
  record.server = answered_row(world_.records, **row);
  auto stored = co_await world_.store.read_launch_record(record.server.uuid);
  if (!stored) co_return std::unexpected(stored.error());
  record.steps = std::move(stored->steps);
  record.decisions = std::move(stored->decisions);
  if (const Drive* drive = world_.drives.find(record.server.uuid)) add_so_far(*drive, record);
  std::ranges::sort(record.steps, [](const StepRecord& a, const StepRecord& b) {
    return std::pair(a.epoch, a.step) < std::pair(b.epoch, b.step);
  });
  co_return record;
}

Task<Expected<InstanceActionList>> Servers::handle(ListInstanceActions request, RequestContext context) {
  const ProjectScope scope = scope_of(context, request.all_projects);
  auto row = find_server(world_.instances, scope, request.server);
  if (!row) {
    if (auto uuid = parse_uuid(request.server))
      if (const DeletedServer* gone = find_deleted_server(world_.records, scope, *uuid))
        co_return InstanceActionList{gone->actions};
    co_return std::unexpected(row.error());
  }
  const Instance server = **row;
  InstanceActionList reply{actions_of(world_.records, server)};
  LaunchRecord so_far;
  if (const Drive* drive = world_.drives.find(server.uuid)) add_so_far(*drive, so_far);
  // Its steps say which host tried it when; without them the row says about that.
  if (auto stored = co_await world_.store.read_launch_record(server.uuid)) {
    std::ranges::move(stored->steps, std::back_inserter(so_far.steps));
    std::ranges::sort(so_far.steps, {}, [](const StepRecord& step) { return std::pair(step.epoch, step.step); });
    reply.actions.back().events = create_events(server, so_far.steps);
  }
  co_return reply;
}

Task<Expected<EventList>> Servers::handle(ReadEvents request, RequestContext context) {
  ProjectScope scope = scope_of(context, request.all_projects);
  const uint32_t limit = std::clamp<uint32_t>(request.limit, 1, 10'000);
  if (auto known = world_.events.check_position(request.generation, request.since); !known)
    co_return std::unexpected(known.error());
  EventList reply;
  reply.revision = world_.events.revision();
  reply.generation = world_.events.generation();
  uint64_t since = request.since;
  // As many reads as it takes: a page of which little is left for this project must not look like the last one. Not of
  // `limit` rows, or a small one would read a long log row by row.
  const uint32_t chunk = std::max(limit, kEventsRead);
  while (since < reply.revision && reply.events.size() < limit) {
    auto events = co_await world_.events.read(since, chunk);
    if (!events) co_return std::unexpected(events.error());
    if (events->empty()) break;
    since = events->back().revision;
    for (WatchEvent& event : *events) {
      if (event.revision > reply.revision || reply.events.size() == limit) break;  // not in the tables yet, or too many
      if (scope.contains(event.project_id)) reply.events.push_back(std::move(event));
    }
  }
  co_return reply;
}

}  // namespace kilonova::controller
