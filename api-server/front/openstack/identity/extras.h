// What Keystone keeps of projects and users beyond what the rest of the cloud knows of them: a domain, tags, an e-mail
// address, whatever else a client said. One record beside the row, made when there is something to keep.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {

enum class ExtrasOf : uint8_t { kProject, kUser };

// By the row's id, 32 hex digits.
Task<std::expected<std::map<std::string, Json>, Refusal>> all_extras(Call& call, ExtrasOf what);
Task<std::expected<StoredObject, Refusal>> find_extras(Call& call, ExtrasOf what, std::string id);
// Empty ones are not kept.
Task<Checked> put_extras(Call& call, ExtrasOf what, StoredObject extras);
Task<Checked> drop_extras(Call& call, ExtrasOf what, std::string id);

// Members of `extras` take the place of those of the same name in `view`, which has what a row without extras shows.
void merge_extras(Json& view, const Json& extras);

// A project or user with what is kept of it beside its row.
Json whole_project(const Call& call, const Project& project, const Json& extras);
Json whole_user(const Call& call, const User& user, const Json& extras);
// The domain that it is in.
std::string domain_in(const Json& extras);

// The domain that the body names, "default" without one; 404 (users) or 400 (projects) where there is none such.
Task<std::expected<std::string, Refusal>> domain_of_body(Call& call, const Json& body, unsigned refusal_status);

}  // namespace kilonova::api::openstack
