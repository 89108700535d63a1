#include "api-server/core/http_faults.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "domain/http_route.h"

namespace kilonova::api {

Task<StruckRequest> HttpFaultRules::strike(std::string method, std::vector<std::string> path, Uuid project) {
  std::vector<FaultRule> matching;
  std::ranges::copy_if(rules_, std::back_inserter(matching), [&](const FaultRule& rule) {
    const bool is_of_project = rule.project.empty() || parse_uuid(rule.project) == project;
    return is_of_project && http_route_matches(rule.http, method, path);
  });
  StruckRequest outcome;
  if (matching.empty()) co_return outcome;
  std::vector<InjectedFault> faults;
  for (const FaultRule& rule : matching) faults.push_back(injected(rule));
  const Struck struck = co_await be_struck(&judge_, &loop_, std::move(faults), {});
  outcome.drops = struck.drops;
  outcome.loses_reply = struck.loses_reply;
  if (struck.fails) outcome.fails = *std::ranges::find(matching, struck.fails->rule_id, &FaultRule::id);
  if (struck.rule_id != 0)
    log_.event(
        LogLevel::kWarning, "a fault rule strikes a request",
        {{"rule", std::to_string(struck.rule_id)}, {"request", fmt::format("{} /{}", method, fmt::join(path, "/"))}});
  co_return outcome;
}

}  // namespace kilonova::api
