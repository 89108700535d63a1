// What a log-in asks its token to be for, and whether its user may have that.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api-server/core/token.h"
#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

struct WantedScope {
  enum class Kind : uint8_t { kAbsent, kUnscoped, kProject, kDomain, kSystem, kTrust };
  Kind kind = Kind::kAbsent;
  Json what;  // what names the project, domain or trust
};

// Of the body's "auth". 400 for one that is none, or several.
std::expected<WantedScope, Refusal> wanted_scope(const Json& auth);

// Who has proved to be somebody, and how.
struct Proof {
  Uuid user;
  uint8_t methods = 0;
  uint64_t generation = 0;
  std::optional<TokenClaims> parent = {};       // the token that it was proved with
  std::optional<StoredObject> credential = {};  // or the application credential
};

// The claims of the token that it gets, without what is drawn. 401 where it may not have that, without saying why; 403
// where it could have known.
Task<std::expected<TokenClaims, Refusal>> claims_for(Call& own, Proof proof, WantedScope wanted);

std::unexpected<Refusal> no_authentication();
std::unexpected<Refusal> expecting(std::string_view what, std::string_view where);

// 400 where a project or user is named by neither its id nor by its name with a domain.
std::expected<void, Refusal> check_named(const Json& what, std::string_view noun);
// Nothing for what names none: {"id": ...} or {"name": ...}.
Task<std::expected<std::optional<Domain>, Refusal>> domain_named_by(Call& own, Json domain);
// Whether this user is in the domain that the log-in named it in; one that is named by id is.
Task<std::expected<bool, Refusal>> is_in_named_domain(Call& own, Uuid user, Json what);

}  // namespace kilonova::api::openstack
