// Keystone's domains, for what is in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api-server/front/openstack/call.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {

struct Domain {
  std::string id;
  std::string name;
  bool enabled = true;

  Json reference() const { return {{"id", id}, {"name", name}}; }
};

Task<std::expected<bool, Refusal>> is_domain(Call& call, std::string id);
// Nothing where there is none such.
Task<std::expected<std::optional<Domain>, Refusal>> find_domain(Call& call, std::string id);
Task<std::expected<std::optional<Domain>, Refusal>> find_domain_named(Call& call, std::string name);

// As Keystone shows it.
Task<std::expected<std::optional<Json>, Refusal>> find_domain_view(Call& call, std::string id);

// Projects that act as domains are the domains themselves: what Keystone shows of one as a project, and what it takes.
Json domain_as_project(const Call& call, const StoredObject& domain);
Task<std::expected<std::vector<Json>, Refusal>> all_domains_as_projects(Call& call);
// Nothing where the id is no domain's.
Task<std::expected<std::optional<Json>, Refusal>> find_domain_as_project(Call& call, std::string id);
Task<Answered> create_domain_project(Call& call, Json project);
// The path's {project} is the domain's id.
Task<Answered> update_domain_project(Call& call);
Task<Answered> delete_domain_project(Call& call);

}  // namespace kilonova::api::openstack
