#include "api-server/front/openstack/identity/reach.h"

#include <utility>

#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/schema.h"

namespace kilonova::api::openstack {
namespace {

Grant grant_from(const Json& body) {
  return {text_at(body, "target"),   text_at(body, "target_id"), text_at(body, "actor"),
          text_at(body, "actor_id"), text_at(body, "role"),      boolean_at(body, "inherited", false)};
}

}  // namespace

bool Reach::covers_actor(const Grant& grant, const std::string& user) const {
  if (grant.actor == "user") return grant.actor_id == user;
  auto groups = groups_of.find(user);
  return groups != groups_of.end() && groups->second.contains(grant.actor_id);
}

bool Reach::covers_target(const Grant& grant, const std::string& project) const {
  if (!grant.inherited) return grant.target == "project" && grant.target_id == project;
  std::set<std::string> above;
  for (std::string at = project;;) {
    auto extras = extras_of.find(at);
    std::string parent = extras == extras_of.end() ? "" : text_at(extras->second, "parent_id");
    std::string domain = extras == extras_of.end() ? "" : text_at(extras->second, "domain_id");
    above.insert(domain.empty() ? std::string(kDomainId) : domain);
    if (parent.empty() || !above.insert(parent).second) break;
    at = parent;
  }
  return above.contains(grant.target_id);
}

Task<std::expected<Reach, Refusal>> read_reach(Call& call) {
  Reach reach;
  auto members = co_await all_objects(call, kMemberships);
  if (!members) co_return std::unexpected(std::move(members.error()));
  for (const StoredObject& member : *members)
    reach.groups_of[member.owner].insert(member.id.substr(0, member.id.find('-')));
  auto extras = co_await all_extras(call, ExtrasOf::kProject);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  reach.extras_of = std::move(*extras);
  co_return reach;
}

Task<std::expected<std::vector<Grant>, Refusal>> stored_grants(Call& call, std::string owner) {
  auto objects = co_await all_objects(call, kGrants, std::move(owner));
  if (!objects) co_return std::unexpected(std::move(objects.error()));
  std::vector<Grant> grants;
  for (const StoredObject& object : *objects) grants.push_back(grant_from(object.body));
  co_return grants;
}

}  // namespace kilonova::api::openstack
