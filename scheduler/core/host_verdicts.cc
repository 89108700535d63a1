// What a decision made of every host, worked out again: `kilonova explain --all-hosts`.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "domain/nouns/host_verdict.h"
#include "scheduler/core/scheduler_core.h"
#include "scheduler/core/select_destinations.h"

namespace kilonova::scheduler {

Expected<> SchedulerCore::judge_again(const PlacementId& placement) {
  const PastDecision* past = past_decisions_.find(placement);
  if (past == nullptr)
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{} has no decision on placement {} of server {}: it remembers its last {}, and none for which it "
                    "compared no hosts, as with a forced host or an alternate",
                    self_, placement.epoch, to_string(placement.instance), kDecisionsKept));
  std::optional<HostManager> hosts = hosts_.as_of(past->change);
  if (!hosts)
    return fail(
        ErrorCode::kNotFound,
        fmt::format("{} does not know any more what the hosts were when it decided on placement {} of server {}: it "
                    "remembers their last {} changes",
                    self_, placement.epoch, to_string(placement.instance), kHostChangesKept));
  const SchedulingRequest request{past->asked->spec, resources_of(past->asked->spec.flavor),
                                  excluded_by(*hosts, past->asked->requested_host, past->asked->excluded_hosts),
                                  past->unreachable, past->neighbours};
  auto verdicts = driver_->judge_hosts(*hosts, request);
  if (!verdicts)
    return fail(ErrorCode::kUnimplemented,
                fmt::format("the driver '{}' neither filters nor weighs hosts", driver_->name()));
  judged_ = Judged{placement, loop_.now(), *std::move(verdicts)};
  return {};
}

Expected<HostVerdicts> SchedulerCore::verdicts(const ReadHostVerdicts& request) {
  const PlacementId placement{parse_uuid(request.server).value_or(Uuid{}), request.epoch};
  if (!judged_ || judged_->placement != placement || request.offset == 0)
    if (auto judged = judge_again(placement); !judged) return std::unexpected(std::move(judged.error()));
  const std::vector<HostVerdict>& all = judged_->verdicts;
  HostVerdicts page{.total = all.size(), .verdicts = {}};
  const size_t begin = std::min<size_t>(request.offset, all.size());
  const size_t end = begin + std::min<size_t>(std::min(request.limit, kVerdictsPerPage), all.size() - begin);
  page.verdicts.assign(all.begin() + static_cast<ptrdiff_t>(begin), all.begin() + static_cast<ptrdiff_t>(end));
  if (end == all.size()) judged_.reset();
  return page;
}

void SchedulerCore::forget_judged() {
  if (judged_ && loop_.now() - judged_->at >= kJudgedKept) judged_.reset();
}

}  // namespace kilonova::scheduler
