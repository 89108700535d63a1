// Access rules of application credentials: which requests a program may make with one.
#pragma once

#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {

// Whether a path is one of a rule: `*` and `{name}` stand for one part, `**` for anything.
bool fits_access_path(std::string_view pattern, std::string_view path);

// 401 for a request that no rule of its token's application credential allows, as keystonemiddleware has it. Rules are
// of paths below the service's root ("/v2.1/servers") or of whole ones. Every token may be looked at.
Task<Checked> check_access_rules(Call* call);

// [{"service", "path", "method"} or {"id"}], as a credential is asked for with.
Rule access_rules_form();
// The rules of the body, each with its id: equal ones of a user are one record. 404 for an id that is none of the
// user's.
Task<std::expected<Json, Refusal>> keep_access_rules(Call& own, std::string user, Json rules);

}  // namespace kilonova::api::openstack
