#include "domain/nouns/host_verdict.h"

#include <fmt/format.h>

#include "domain/form_rules.h"

namespace kilonova {

Expected<> ReadHostVerdicts::check() const {
  if (daemon.role != Role::kScheduler)
    return refuse(fmt::format("{} decides on no host: ask the scheduler that the decision names", to_string(daemon)));
  if (limit == 0 || limit > kVerdictsPerPage)
    return refuse(fmt::format("the limit of a page of hosts is {}; it must be from 1 to {}", limit, kVerdictsPerPage));
  if (!parse_uuid(server)) return refuse(fmt::format("{} is not the id of a server", in_quotes(server)));
  return {};
}

}  // namespace kilonova
