#include "controller/core/group_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace kilonova::controller {
namespace {

// Where the server is, and is about to be, as far as is known.
std::vector<std::string> hosts_of(const ControllerWorld& world, const Instance& row) {
  std::vector<std::string> hosts;
  if (!row.current.host.empty()) hosts.push_back(row.current.host);
  if (row.other && !row.other->host.empty()) hosts.push_back(row.other->host);
  const Drive* drive = world.drives.find(row.uuid);
  if (drive != nullptr && !drive->host.empty() && std::ranges::find(hosts, drive->host) == hosts.end())
    hosts.push_back(drive->host);
  return hosts;
}

void add_places(const ControllerWorld& world, const Instance& row, std::vector<PlacedServer>& places) {
  if (row.has_given_up()) return;
  std::vector<std::string> hosts = hosts_of(world, row);
  if (hosts.empty()) places.push_back({row.uuid, ""});
  for (std::string& host : hosts) places.push_back({row.uuid, std::move(host)});
}

// Bound there: what is only cast there is judged when it is bound.
bool is_on(const Instance& row, const std::string& host) {
  return row.current.host == host || (row.other && row.other->host == host);
}

const ServerGroup* group_of(const RecordTables& records, const Instance& row) {
  if (row.spec.hints.group.is_nil()) return nullptr;
  auto group = records.of<ServerGroup>().find(row.spec.hints.group);
  return group == records.of<ServerGroup>().end() ? nullptr : &group->second;
}

uint32_t most_per_host(const ServerGroup& group) { return std::max<uint32_t>(group.max_server_per_host, 1); }

}  // namespace

Expected<const ServerGroup*> find_server_group(const RecordTables& records, const ProjectScope& scope,
                                               const std::string& group) {
  const auto& table = records.of<ServerGroup>();
  if (auto id = parse_uuid(group))
    if (auto row = table.find(*id); row != table.end() && scope.contains(row->second.project_id)) return &row->second;
  const ServerGroup* named = nullptr;
  for (const auto& [id, row] : table) {
    if (row.name != group || row.project_id != scope.project) continue;
    if (named != nullptr)
      return fail(ErrorCode::kConflict, fmt::format("several server groups are named '{}': give the id of one", group));
    named = &row;
  }
  if (named == nullptr) return fail(ErrorCode::kNotFound, fmt::format("server group '{}' not found", group));
  return named;
}

std::vector<const Instance*> members_of(const InstanceTable& instances, const Uuid& group) {
  std::vector<const Instance*> members = instances.in_group(group);
  std::erase_if(members, [](const Instance* row) { return row->vm_state == VmState::kSoftDelete; });
  return members;
}

std::string group_lock(const Uuid& group) { return "server_group/" + to_string(group); }

Expected<SchedulerHints> read_hints(const CreateServers& request, const ProjectScope& scope,
                                    const RecordTables& records) {
  SchedulerHints hints;
  if (!request.server_group.empty()) {
    auto group = find_server_group(records, scope, request.server_group);
    if (!group && group.error().code == ErrorCode::kNotFound)
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("Instance group {} could not be found.", request.server_group));
    if (!group) return std::unexpected(group.error());
    hints.group = (*group)->id;
  }
  for (const std::string& id : request.same_host) hints.same_host.push_back(parse_uuid(id).value_or(Uuid{}));
  for (const std::string& id : request.different_host) hints.different_host.push_back(parse_uuid(id).value_or(Uuid{}));
  return hints;
}

Expected<> check_group_room(const ControllerWorld& world, const Uuid& group, uint32_t count) {
  auto row = world.records.of<ServerGroup>().find(group);
  if (row == world.records.of<ServerGroup>().end())
    return fail(ErrorCode::kInvalidArgument, fmt::format("Instance group {} could not be found.", to_string(group)));
  const int64_t limit = world.records.quota(row->second.project_id).server_group_members;
  const auto members = static_cast<int64_t>(members_of(world.instances, group).size());
  if (limit < 0 || members + count <= limit) return {};
  return fail(ErrorCode::kQuotaExceeded, "Quota exceeded, too many servers in group");
}

void describe_neighbours(const ControllerWorld& world, const Instance& row, SelectDestinations& cast) {
  if (const ServerGroup* group = group_of(world.records, row)) {
    SchedulingGroup& told = cast.group.emplace();
    told.policy = group->policy;
    told.max_server_per_host = most_per_host(*group);
    for (const Instance* member : members_of(world.instances, group->id)) add_places(world, *member, told.members);
  }
  const SchedulerHints& hints = row.spec.hints;
  for (const std::vector<Uuid>* named : {&hints.same_host, &hints.different_host})
    for (const Uuid& uuid : *named)
      if (const Instance* other = world.instances.find(uuid)) add_places(world, *other, cast.hinted);
}

std::string broken_policy(const ControllerWorld& world, const Instance& row, const std::string& host) {
  const ServerGroup* group = group_of(world.records, row);
  if (group == nullptr) return "";
  uint32_t here = 0, elsewhere = 0;
  for (const Instance* member : members_of(world.instances, group->id)) {
    if (member->uuid == row.uuid) continue;
    const bool on_other = member->other && !member->other->host.empty();
    if (is_on(*member, host))
      ++here;
    else if (!member->current.host.empty() || on_other)
      ++elsewhere;
  }
  if (group->policy == GroupPolicy::kAntiAffinity && here >= most_per_host(*group))
    return "Anti-affinity instance group policy was violated";
  if (group->policy == GroupPolicy::kAffinity && here == 0 && elsewhere > 0)
    return "Affinity instance group policy was violated";
  return "";
}

}  // namespace kilonova::controller
