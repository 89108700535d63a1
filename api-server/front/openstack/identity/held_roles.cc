#include "api-server/front/openstack/identity/held_roles.h"

#include <algorithm>
#include <set>
#include <utility>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/reach.h"
#include "api-server/front/openstack/identity/roles.h"
#include "base/ids.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"

namespace kilonova::api::openstack {
namespace {

void add(RoleIds& roles, const std::string& id) {
  if (!has_role(roles, id)) roles.push_back(id);
}

// Grants to the user and to its groups.
Task<std::expected<std::vector<Grant>, Refusal>> grants_to(Call& own, std::string user) {
  auto grants = co_await stored_grants(own, user);
  if (!grants) co_return grants;
  auto members = co_await all_objects(own, kMemberships, user);
  if (!members) co_return std::unexpected(std::move(members.error()));
  for (const StoredObject& member : *members) {
    auto of_group = co_await stored_grants(own, member.id.substr(0, member.id.find('-')));
    if (!of_group) co_return of_group;
    std::ranges::move(*of_group, std::back_inserter(*grants));
  }
  co_return grants;
}

Task<Checked> add_inherited(Call& own, const std::vector<Grant>& grants, HeldRoles& held) {
  auto is_inherited = [](const Grant& grant) { return grant.inherited; };
  if (std::ranges::none_of(grants, is_inherited)) co_return Checked();
  auto reach = co_await read_reach(own);
  if (!reach) co_return std::unexpected(std::move(reach.error()));
  auto projects = co_await ask_all(own, ListProjects{}, &ProjectList::projects,
                                   [](const Project& project) { return to_string(project.id); });
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  for (const Grant& grant : grants) {
    if (!grant.inherited) continue;
    for (const Project& project : *projects)
      if (std::string id = to_hex(project.id); reach->covers_target(grant, id)) add(held.projects[id], grant.role);
  }
  co_return Checked();
}

void add_direct(const std::vector<Grant>& grants, HeldRoles& held) {
  for (const Grant& grant : grants) {
    if (grant.inherited) continue;
    if (grant.target == "project") add(held.projects[grant.target_id], grant.role);
    if (grant.target == "domain") add(held.domains[grant.target_id], grant.role);
    if (grant.target == "system") add(held.system, grant.role);
  }
}

struct RoleBook {
  Inferences inferences;
  std::set<std::string> of_domains;

  RoleIds complete(RoleIds roles) const {
    for (size_t i = 0; i < roles.size(); ++i) {
      auto implied = inferences.find(roles[i]);
      if (implied == inferences.end()) continue;
      for (const std::string& one : std::vector<std::string>(implied->second)) add(roles, one);
    }
    std::erase_if(roles, [&](const std::string& id) { return of_domains.contains(id); });
    return roles;
  }
};

Task<std::expected<RoleBook, Refusal>> read_roles(Call& own) {
  RoleBook book;
  auto inferences = co_await all_inferences(own);
  if (!inferences) co_return std::unexpected(std::move(inferences.error()));
  book.inferences = std::move(*inferences);
  auto roles = co_await all_objects(own, kRoleResource.kind);
  if (!roles) co_return std::unexpected(std::move(roles.error()));
  for (const StoredObject& role : *roles)
    if (!text_at(role.body, "domain_id").empty()) book.of_domains.insert(role.id);
  co_return book;
}

}  // namespace

bool has_role(const RoleIds& roles, std::string_view id) { return std::ranges::find(roles, id) != roles.end(); }

RoleIds common_roles(const RoleIds& asked, const RoleIds& held) {
  RoleIds common;
  for (const std::string& id : asked)
    if (has_role(held, id)) add(common, id);
  return common;
}

Task<std::expected<HeldRoles, Refusal>> roles_held_by(Call& own, std::string user) {
  std::optional<Uuid> id = parse_uuid(user);
  if (!id) co_return HeldRoles();
  auto rows = co_await ask(own, ListUsers{.user = to_string(*id)});
  if (!rows && rows.error().status == 404) co_return HeldRoles();
  if (!rows) co_return std::unexpected(std::move(rows.error()));
  auto grants = co_await grants_to(own, user);
  if (!grants) co_return std::unexpected(std::move(grants.error()));
  HeldRoles held;
  add_direct(*grants, held);
  if (auto added = co_await add_inherited(own, *grants, held); !added)
    co_return std::unexpected(std::move(added.error()));
  // Those that were given without Keystone stand there alone; the others twice.
  for (const RoleAssignment& row : rows->roles) add(held.projects[to_hex(row.project_id)], role_id(row.role));
  auto book = co_await read_roles(own);
  if (!book) co_return std::unexpected(std::move(book.error()));
  for (auto* places : {&held.projects, &held.domains}) {
    for (auto& [place, roles] : *places) roles = book->complete(std::move(roles));
    std::erase_if(*places, [](const auto& entry) { return entry.second.empty(); });
  }
  held.system = book->complete(std::move(held.system));
  co_return held;
}

Task<std::expected<RoleIds, Refusal>> with_included(Call& own, RoleIds roles) {
  auto book = co_await read_roles(own);
  if (!book) co_return std::unexpected(std::move(book.error()));
  co_return book->complete(std::move(roles));
}

Task<std::expected<RoleIds, Refusal>> roles_of_token(Call& own, TokenClaims claims) {
  std::optional<StoredObject> delegation;
  std::string user = to_hex(claims.user_id);
  if (claims.delegation != Delegation::kNone) {
    auto found = co_await find_delegation(own, claims.delegation, claims.delegation_id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (!*found) co_return RoleIds();
    delegation = std::move(**found);
    user = delegation->owner;
  }
  auto held = co_await roles_held_by(own, user);
  if (!held) co_return std::unexpected(std::move(held.error()));
  RoleIds roles;
  switch (claims.scope) {
    case TokenScope::kUnscoped: break;
    case TokenScope::kProject: roles = std::move(held->projects[to_hex(claims.project_id)]); break;
    case TokenScope::kDomain: roles = std::move(held->domains[claims.domain]); break;
    case TokenScope::kSystem: roles = std::move(held->system); break;
  }
  if (!delegation) co_return roles;
  auto given = co_await with_included(own, given_roles(*delegation));
  if (!given) co_return given;
  co_return common_roles(*given, roles);
}

UserRole highest_role(const RoleIds& roles) {
  UserRole highest = UserRole::kNone;
  for (const std::string& id : roles) highest = std::max(highest, role_of_id(id));
  return highest;
}

Task<std::expected<Json, Refusal>> role_references(Call& own, RoleIds roles) {
  Json references = Json::array();
  for (const std::string& id : roles) {
    auto reference = co_await role_reference(own, id);
    if (!reference) co_return std::unexpected(std::move(reference.error()));
    if (reference->contains("name")) references.push_back(std::move(*reference));
  }
  co_return references;
}

Task<std::expected<RoleIds, Refusal>> roles_of_body(Call& own, Json roles) {
  auto stored = co_await all_objects(own, kRoleResource.kind);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  std::vector<StoredObject> all = kRoleResource.built_in(own);
  std::ranges::move(*stored, std::back_inserter(all));
  RoleIds ids;
  for (const Json& wanted : roles) {
    std::string id = text_at(wanted, "id"), name = text_at(wanted, "name");
    auto found = std::ranges::find_if(all, [&](const StoredObject& role) {
      return id.empty() ? text_at(role.body, "name") == name && text_at(role.body, "domain_id").empty() : role.id == id;
    });
    if (found == all.end()) co_return could_not_find("role", id.empty() ? name : id);
    add(ids, found->id);
  }
  co_return ids;
}

}  // namespace kilonova::api::openstack
