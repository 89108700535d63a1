#include "controller/core/nouns/quotas.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "controller/core/named_records.h"
#include "controller/core/nouns/server_groups.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/operation.h"

namespace kilonova::controller {
namespace {

// nova/api/openstack/compute/quota_sets.py update: a limit that is changed covers what is used. kInvalidArgument names
// the first that does not.
Expected<> check_covers(const Quota& wanted, const Quota& now, const QuotaUsage& usage, const QuotaUsage& reserved) {
  auto check = [](std::string_view what, int64_t limit, int64_t before, int64_t used) -> Expected<> {
    if (limit == before || limit < 0 || limit >= used) return {};
    return fail(
        ErrorCode::kInvalidArgument,
        fmt::format("Quota limit {} for {} must be greater than or equal to already used and reserved {}: delete "
                    "servers first, or force it",
                    limit, what, used));
  };
  auto covers = check("instances", wanted.instances, now.instances, usage.instances + reserved.instances);
  if (covers) covers = check("cores", wanted.cores, now.cores, usage.cores + reserved.cores);
  if (covers) covers = check("ram", wanted.ram_mb, now.ram_mb, usage.ram_mb + reserved.ram_mb);
  return covers;
}

}  // namespace

QuotaReply Quotas::reply_of(const Uuid& project) const {
  QuotaReply reply{world_.records.quota(project), world_.instances.usage(project)};
  reply.usage.server_groups = server_groups_of(world_.records, project);
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
  return reply_of(id);
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
  Expected<> committed;
  if (request.reset) {
    committed = co_await erase_record<Quota>(world_, id);
  } else {
    Quota row = world_.records.quota(id);
    const Quota before = row;
    set_limits(request.quota, row);
    row.project_id = id;
    auto covers = check_covers(row, before, world_.instances.usage(id), world_.reserved[id]);
    if (!covers && !request.force && !request.defaults) co_return std::unexpected(covers.error());
    committed = co_await put_record<Quota>(world_, row);
  }
  if (!committed) co_return std::unexpected(committed.error());
  co_return reply_of(id);
}

}  // namespace kilonova::controller
