#include "controller/core/nouns/quotas.h"

#include <utility>

#include "controller/core/named_records.h"
#include "domain/nouns/project.h"
#include "domain/nouns/quota.h"
#include "domain/operation.h"

namespace kilonova::controller {

Expected<QuotaReply> Quotas::handle(const GetQuota& request, const RequestContext& context) const {
  Uuid id = context.project_id;
  if (!request.project.empty()) {
    const Project* project = world_.records.find_project(request.project);
    if (!project || (project->id != id && !context.is_admin())) return not_found("project", request.project);
    id = project->id;
  }
  return QuotaReply{world_.records.quota(id), world_.instances.usage(id)};
}

Task<Expected<QuotaReply>> Quotas::handle(SetQuota request, RequestContext context) {
  auto lock = co_await world_.record_locks.acquire("project");
  std::string named = request.project.empty() ? to_string(context.project_id) : request.project;
  const Project* project = world_.records.find_project(named);
  if (!project) co_return not_found("project", named);
  Quota row = request.quota;
  row.project_id = project->id;
  auto committed = co_await commit_one(world_, mutation::Put<Quota>{row});
  if (!committed) co_return std::unexpected(committed.error());
  world_.records.of<Quota>()[row.project_id] = row;
  co_return QuotaReply{row, world_.instances.usage(row.project_id)};
}

}  // namespace kilonova::controller
