#include "controller/core/nouns/quotas.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "controller/core/create_plan.h"
#include "controller/core/named_records.h"
#include "controller/core/nouns/server_groups.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

QuotaUsage operator+(QuotaUsage a, const QuotaUsage& b) {
  a.instances += b.instances;
  a.cores += b.cores;
  a.ram_mb += b.ram_mb;
  return a;
}

template <class Key>
QuotaUsage reserved_in(const std::map<Key, QuotaUsage>& reserved, const Key& key) {
  auto at = reserved.find(key);
  return at == reserved.end() ? QuotaUsage{} : at->second;
}

QuotaUsage used_by(const ControllerWorld& world, const Uuid& project) {
  return world.instances.usage(project) + reserved_in(world.reserved, project);
}
QuotaUsage used_by(const ControllerWorld& world, const Uuid& project, const Uuid& user) {
  return world.instances.usage(project, user) + reserved_in(world.reserved_of_users, {project, user});
}

int64_t of_limit(const QuotaLimit& limit, const QuotaUsage& usage) {
  if (limit.value == &Quota::instances) return usage.instances;
  if (limit.value == &Quota::cores) return usage.cores;
  if (limit.value == &Quota::ram_mb) return usage.ram_mb;
  return limit.value == &Quota::server_groups ? usage.server_groups : 0;
}

// -1 is without end.
bool is_less(int64_t limit, int64_t other) { return limit != -1 && (other == -1 || limit < other); }

// nova/api/openstack/compute/quota_sets.py _validate_quota_limit: kInvalidArgument names the limit.
Expected<> check_range(const QuotaLimit& limit, int64_t wanted, int64_t least, int64_t most) {
  if (is_less(wanted, least))
    return fail(ErrorCode::kInvalidArgument, fmt::format("Quota limit {} for {} must be greater than or equal to "
                                                         "already used and reserved {}.",
                                                         wanted, limit.name, least));
  if (is_less(most, wanted))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("Quota limit {} for {} must be less than or equal to {}.", wanted, limit.name, most));
  return {};
}

// What the users of the project have been given of this limit, but for one of them.
int64_t given_to_users(const RecordTables& records, const QuotaLimit& limit, const Uuid& project,
                       const Uuid& but = Uuid{}) {
  int64_t given = 0;
  const auto& table = records.of<UserQuota>();
  for (auto row = table.lower_bound({project, Uuid{}}); row != table.end() && row->first.first == project; ++row) {
    const int64_t own = row->second.limits.*limit.value;
    if (row->second.user_id != but && own > 0) given += own;
  }
  return given;
}

}  // namespace

QuotaReply Quotas::reply_of(const Uuid& project) const {
  QuotaReply reply{world_.records.quota(project), world_.instances.usage(project)};
  reply.usage.server_groups = server_groups_of(world_.records, project);
  return reply;
}

QuotaReply Quotas::reply_of(const Uuid& project, const Uuid& user) const {
  QuotaReply reply{world_.records.quota(project, user), world_.instances.usage(project, user)};
  reply.usage.server_groups = server_groups_of(world_.records, project, user);
  return reply;
}

Expected<QuotaReply> Quotas::handle(const GetQuota& request, const RequestContext& context) const {
  if (request.defaults) return QuotaReply{world_.records.quota(Uuid{}), {}};
  Uuid id = context.project_id;
  if (!request.project.empty()) {
    const Project* project = world_.records.find_project(request.project);
    if (!project || (project->id != id && !context.is_admin())) return not_found("project", request.project);
    id = project->id;
  }
  std::optional<Uuid> user = parse_uuid(request.user);
  return user ? reply_of(id, *user) : reply_of(id);
}

// A user's limit covers what the user has, and is within what the project's limit leaves of those of its other users
// (nova/quota.py get_settable_quotas).
Task<Expected<>> Quotas::set_of_user(const SetQuota& request, Uuid project, Uuid user) {
  if (request.reset) {
    if (!world_.records.has_own_quota(project, user)) co_return Expected<>();
    co_return co_await erase_record<UserQuota>(world_, {project, user});
  }
  const Quota of_project = world_.records.quota(project);
  QuotaUsage used = used_by(world_, project, user);
  used.server_groups = server_groups_of(world_.records, project, user);
  const auto& table = world_.records.of<UserQuota>();
  auto known = table.find({project, user});
  UserQuota row = known == table.end() ? UserQuota{user, unchanged_quota()} : known->second;
  row.limits.project_id = project;
  for (const QuotaLimit& limit : quota_limits()) {
    const int64_t wanted = request.quota.*limit.value;
    if (wanted == kLimitStays || !limit.is_of_users) continue;
    const int64_t all = of_project.*limit.value;
    const int64_t most = all == -1 ? -1 : all - given_to_users(world_.records, limit, project, user);
    if (!request.force)
      if (auto good = check_range(limit, wanted, of_limit(limit, used), most); !good)
        co_return std::unexpected(good.error());
    row.limits.*limit.value = wanted;
  }
  co_return co_await put_record<UserQuota>(world_, row);
}

// A project's limit covers what it has, and what its users have been given.
Task<Expected<>> Quotas::set_of_project(const SetQuota& request, Uuid project) {
  if (request.reset) co_return co_await erase_record<Quota>(world_, project);
  Quota row = world_.records.quota(project);
  QuotaUsage used = used_by(world_, project);
  used.server_groups = server_groups_of(world_.records, project);
  for (const QuotaLimit& limit : quota_limits()) {
    const int64_t wanted = request.quota.*limit.value;
    if (wanted == kLimitStays || wanted == row.*limit.value || request.force || request.defaults) continue;
    const int64_t least = std::max(of_limit(limit, used), given_to_users(world_.records, limit, project));
    if (auto good = check_range(limit, wanted, least, -1); !good) co_return std::unexpected(good.error());
  }
  set_limits(request.quota, row);
  row.project_id = project;
  co_return co_await put_record<Quota>(world_, row);
}

Task<Expected<QuotaReply>> Quotas::handle(SetQuota request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("project");
  Uuid id;
  if (!request.defaults) {
    std::string named = request.project.empty() ? to_string(context.project_id) : request.project;
    const Project* project = world_.records.find_project(named);
    if (!project) co_return not_found("project", named);
    id = project->id;
  }
  std::optional<Uuid> user = parse_uuid(request.user);
  auto committed = user ? co_await set_of_user(request, id, *user) : co_await set_of_project(request, id);
  if (!committed) co_return std::unexpected(committed.error());
  co_return user ? reply_of(id, *user) : reply_of(id);
}

Expected<> check_room(const ControllerWorld& world, const Instance& server, const QuotaUsage& extra) {
  const Uuid& project = server.spec.project_id;
  const Uuid& user = server.spec.user_id;
  if (auto room = check_more(extra, world.records.quota(project), used_by(world, project)); !room) return room;
  if (!world.records.has_own_quota(project, user)) return {};
  return check_more(extra, world.records.quota(project, user), used_by(world, project, user));
}

}  // namespace kilonova::controller
