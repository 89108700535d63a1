// Keystone: projects.
#include <fmt/format.h>

#include <algorithm>

#include "api-server/front/openstack/identity/delegations.h"
#include "api-server/front/openstack/identity/domains.h"
#include "api-server/front/openstack/identity/extras.h"
#include "api-server/front/openstack/identity/facts.h"
#include "api-server/front/openstack/identity/grants.h"
#include "api-server/front/openstack/identity/lists.h"
#include "api-server/front/openstack/identity/resource.h"
#include "api-server/front/openstack/identity/routes.h"
#include "base/ids.h"
#include "domain/nouns/project.h"

namespace kilonova::api::openstack {
namespace {

std::string last_id(const Project& project) { return to_string(project.id); }

// What the rest of the cloud knows of a project; anything else that a client says is an extra.
constexpr std::string_view kOfTheRow[] = {"id", "name", "description", "enabled", "links"};

Rule tag() {
  return [form = text(1, 255)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    if (value.get_ref<const std::string&>().find_first_of(",/") == std::string::npos) return std::nullopt;
    return Failure{field, python_repr(value), fmt::format("{} does not match '^[^,/]*$'", python_repr(value))};
  };
}

// keystone/resource/schema.py _project_tags_list_properties.
Rule tag_list() {
  return [form = list_of(tag(), 0, 80)](const Json& value, const std::string& field,
                                        Minor minor) -> std::optional<Failure> {
    if (auto wrong = form(value, field, minor)) return wrong;
    for (size_t i = 0; i < value.size(); ++i)
      for (size_t j = 0; j < i; ++j)
        if (value[i] == value[j])
          return Failure{field, python_repr(value), fmt::format("{} has non-unique elements", python_repr(value))};
    return std::nullopt;
  };
}

std::vector<Property> project_properties() {
  return {{"name", keystone_name(64), true},
          {"description", null_or(text())},
          {"enabled", plain_boolean()},
          {"domain_id", null_or(text())},
          {"parent_id", null_or(text())},
          {"is_domain", plain_boolean()},
          {"tags", tag_list()},
          {"options", map_of(anything())}};
}

// A domain of null is the first one, a parent of null the domain.
void take_extras(const Json& wanted, Json& extras) {
  for (const auto& [key, value] : wanted.items()) {
    bool is_default = (key == "domain_id" || key == "parent_id") && value.is_null();
    if (!is_default && std::ranges::find(kOfTheRow, key) == std::end(kOfTheRow)) extras[key] = value;
  }
}

// tags, tags-any, not-tags, not-tags-any: of a list with commas between.
bool passes_tags(const Call& call, const Json& view) {
  auto has = [&](const std::string& one) { return std::ranges::find(view["tags"], Json(one)) != view["tags"].end(); };
  for (std::string_view key : {"tags", "tags-any", "not-tags", "not-tags-any"}) {
    const std::string* asked = call.in_query(key);
    if (asked == nullptr) continue;
    size_t found = 0, all = 0;
    for (std::string_view rest = *asked; !rest.empty();) {
      std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      ++all;
      found += has(std::string(one)) ? 1 : 0;
    }
    bool fits = key.ends_with("any") ? found > 0 : found == all;
    if (fits == key.starts_with("not")) return false;
  }
  return true;
}

constexpr std::string_view kFilters[] = {"domain_id", "enabled", "name", "parent_id", "is_domain"};

Task<Answered> list(Call& call) {
  auto projects = co_await ask_all(call, ListProjects{}, &ProjectList::projects, &last_id);
  if (!projects) co_return std::unexpected(std::move(projects.error()));
  auto extras = co_await all_extras(call, ExtrasOf::kProject);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  Json items = Json::array();
  for (const Project& project : *projects) {
    Json view = whole_project(call, project, (*extras)[to_hex(project.id)]);
    if (passes_query(call, view, kFilters) && passes_tags(call, view)) items.push_back(std::move(view));
  }
  // Those that act as domains are told to who asks for them.
  const std::string* asked = call.in_query("is_domain");
  std::vector<Json> domains;
  if (asked != nullptr) {
    auto all = co_await all_domains_as_projects(call);
    if (!all) co_return std::unexpected(std::move(all.error()));
    domains = std::move(*all);
  }
  for (Json& view : domains)
    if (passes_query(call, view, kFilters) && passes_tags(call, view)) items.push_back(std::move(view));
  co_return Answer{200, list_body(call, "projects", std::move(items))};
}

// A user may see the project of its token; its description is for those who may list projects.
Task<std::expected<Project, Refusal>> find_visible(Call& call) {
  if (call.is_admin()) co_return co_await find_project(call, call.in_path("project"));
  if (parse_uuid(call.in_path("project")) != call.caller.project_id) co_return not_authorized(call);
  Call own = as_itself(call);
  auto project = co_await find_project(own, call.in_path("project"));
  if (project) project->description.clear();
  co_return project;
}

Task<Answered> show(Call& call) {
  if (call.is_admin()) {
    auto domain = co_await find_domain_as_project(call, call.in_path("project"));
    if (!domain) co_return std::unexpected(std::move(domain.error()));
    if (*domain) co_return Answer{200, {{"project", std::move(**domain)}}};
  }
  auto project = co_await find_visible(call);
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto extras = co_await find_extras(call, ExtrasOf::kProject, to_hex(project->id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  co_return Answer{200, {{"project", whole_project(call, *project, extras->body)}}};
}

std::unexpected<Refusal> name_is_taken(const std::string& name) {
  return keystone_conflict("project",
                           fmt::format("it is not permitted to have two projects with either the same name or same id "
                                       "in the same domain: name is {}, project id None",
                                       name));
}

// A parent is a project or the domain.
Task<Checked> check_parent(Call& call, const Json& wanted) {
  auto domain = co_await domain_of_body(call, wanted, 400);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  std::string parent = text_at(wanted, "parent_id");
  if (parent.empty() || parent == *domain) co_return Checked();
  auto project = co_await find_project(call, parent);
  if (project) co_return Checked();
  if (project.error().status != 404) co_return std::unexpected(std::move(project.error()));
  auto is_one = co_await is_domain(call, parent);
  if (!is_one) co_return std::unexpected(std::move(is_one.error()));
  if (*is_one) co_return Checked();
  co_return refused(400, fmt::format("Could not find project: {}.", parent));
}

Task<Checked> replace(Call& call, const Project& project) {
  auto replaced = co_await call.core.ask_own(
      call.meta, ReplaceProject{to_string(project.id), project.name, project.description, project.enabled});
  if (!replaced && replaced.error().code == ErrorCode::kAlreadyExists) co_return name_is_taken(project.name);
  if (!replaced) co_return std::unexpected(refusal_of(replaced.error()));
  co_return Checked();
}

Task<Answered> create(Call& call) {
  auto body = member_of_body(call, "project");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(project_properties(), wanted, true)) co_return std::unexpected(std::move(*wrong));
  if (boolean_at(wanted, "is_domain", false)) {
    if (!text_at(wanted, "domain_id").empty() || !text_at(wanted, "parent_id").empty())
      co_return refused(400, "A project that acts as a domain is in no domain, and below no project.");
    co_return co_await create_domain_project(call, Json(wanted));
  }
  if (auto parent = co_await check_parent(call, wanted); !parent) co_return std::unexpected(std::move(parent.error()));
  CreateProject create{text_at(wanted, "name"), text_at(wanted, "description")};
  std::string taken = create.name;
  auto made = co_await ask(call, std::move(create));
  if (!made && made.error().status == 409) co_return name_is_taken(taken);
  if (!made) co_return std::unexpected(std::move(made.error()));
  Project project = std::move(made->projects.front());
  if (!boolean_at(wanted, "enabled", true)) {
    project.enabled = false;
    if (auto replaced = co_await replace(call, project); !replaced)
      co_return std::unexpected(std::move(replaced.error()));
  }
  StoredObject extras{.id = to_hex(project.id)};
  take_extras(wanted, extras.body);
  Json shown = extras.body;
  if (auto put = co_await put_extras(call, ExtrasOf::kProject, std::move(extras)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Answer{201, {{"project", whole_project(call, project, shown)}}};
}

Task<Answered> update(Call& call) {
  auto domain = co_await is_domain(call, call.in_path("project"));
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (*domain) co_return co_await update_domain_project(call);
  auto project = co_await find_project(call, call.in_path("project"));
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto body = member_of_body(call, "project");
  if (!body) co_return std::unexpected(std::move(body.error()));
  const Json& wanted = **body;
  if (auto wrong = check_form(project_properties(), wanted, false)) co_return std::unexpected(std::move(*wrong));
  auto extras = co_await find_extras(call, ExtrasOf::kProject, to_hex(project->id));
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  Json before = whole_project(call, *project, extras->body);
  for (auto [key, status] :
       {std::pair("id", 400), std::pair("domain_id", 400), std::pair("is_domain", 400), std::pair("parent_id", 403)})
    if (const Json* value = member(wanted, key); value != nullptr && *value != before[key])
      co_return refused(static_cast<unsigned>(status), fmt::format("Update of `{}` is not allowed.", key));
  if (const Json* name = member(wanted, "name")) project->name = name->get<std::string>();
  if (member(wanted, "description") != nullptr) project->description = text_at(wanted, "description");
  project->enabled = boolean_at(wanted, "enabled", project->enabled);
  if (auto replaced = co_await replace(call, *project); !replaced)
    co_return std::unexpected(std::move(replaced.error()));
  take_extras(wanted, extras->body);
  Json shown = extras->body;
  if (auto put = co_await put_extras(call, ExtrasOf::kProject, std::move(*extras)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return Answer{200, {{"project", whole_project(call, *project, shown)}}};
}

Task<Answered> remove(Call& call) {
  std::string id = call.in_path("project");
  auto domain = co_await is_domain(call, id);
  if (!domain) co_return std::unexpected(std::move(domain.error()));
  if (*domain) co_return co_await delete_domain_project(call);
  std::optional<Uuid> uuid = parse_uuid(id);
  if (!uuid) co_return could_not_find("project", id);
  auto extras = co_await all_extras(call, ExtrasOf::kProject);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  for (const auto& [child, body] : *extras)
    if (text_at(body, "parent_id") == id)
      co_return refused(403, fmt::format("Cannot delete project: project {} has children.", id));
  auto removed = co_await ask(call, DeleteProject{to_string(*uuid)});
  if (!removed && removed.error().status == 404) co_return could_not_find("project", id);
  if (!removed) co_return std::unexpected(std::move(removed.error()));
  if (auto dropped = co_await drop_delegations_of(call, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  if (auto dropped = co_await drop_extras(call, ExtrasOf::kProject, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  if (auto dropped = co_await drop_grants_of(call, to_hex(*uuid)); !dropped)
    co_return std::unexpected(std::move(dropped.error()));
  co_return Answer{204, nullptr};
}

// ---- tags

Answer tags_answer(const Call& call, const StoredObject& extras) {
  return {200,
          {{"tags", extras.body["tags"]},
           {"links", {{"self", call.base + call.target.raw_path}, {"next", nullptr}, {"previous", nullptr}}}}};
}

// The tags of the path's project, for one who may see it.
Task<std::expected<StoredObject, Refusal>> find_tags(Call& call) {
  auto project = co_await find_visible(call);
  if (!project) co_return std::unexpected(std::move(project.error()));
  auto extras = co_await find_extras(call, ExtrasOf::kProject, to_hex(project->id));
  if (extras && !extras->body.contains("tags")) extras->body["tags"] = Json::array();
  co_return extras;
}

Task<Answered> list_tags(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  co_return tags_answer(call, *extras);
}

Task<Answered> store_tags(Call& call, StoredObject extras, Answer answer) {
  if (auto put = co_await put_extras(call, ExtrasOf::kProject, std::move(extras)); !put)
    co_return std::unexpected(std::move(put.error()));
  co_return answer;
}

Task<Answered> put_tags(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  const Json* tags = member(call.body, "tags");
  if (tags == nullptr) co_return refused(400, "'tags' is a required property");
  if (auto wrong = tag_list()(*tags, "tags", kFirstMinor))
    co_return refused(400, fmt::format("Invalid input for field 'tags': {}", wrong->message));
  extras->body["tags"] = *tags;
  Answer answer = tags_answer(call, *extras);
  co_return co_await store_tags(call, std::move(*extras), std::move(answer));
}

Task<Answered> drop_tags(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  extras->body["tags"] = Json::array();
  co_return co_await store_tags(call, std::move(*extras), Answer{204, nullptr});
}

std::unexpected<Refusal> no_such_tag(const Call& call) {
  return refused(404, fmt::format("Could not find project tag: {}.", call.in_path("tag")));
}

Task<Answered> check_tag(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  const Json& tags = extras->body["tags"];
  if (std::ranges::find(tags, Json(call.in_path("tag"))) == tags.end()) co_return no_such_tag(call);
  co_return Answer{204, nullptr};
}

Task<Answered> put_tag(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  Json one = call.in_path("tag");
  if (auto wrong = tag()(one, "tag", kFirstMinor))
    co_return refused(400, fmt::format("Invalid input for field 'tag': {}", wrong->message));
  Json& tags = extras->body["tags"];
  if (std::ranges::find(tags, one) == tags.end()) tags.push_back(one);
  Answer answer{201, nullptr};
  answer.headers.emplace_back("Location", call.base + call.target.raw_path);
  co_return co_await store_tags(call, std::move(*extras), std::move(answer));
}

Task<Answered> drop_tag(Call& call) {
  auto extras = co_await find_tags(call);
  if (!extras) co_return std::unexpected(std::move(extras.error()));
  Json& tags = extras->body["tags"];
  auto at = std::ranges::find(tags, Json(call.in_path("tag")));
  if (at == tags.end()) co_return no_such_tag(call);
  tags.erase(at);
  co_return co_await store_tags(call, std::move(*extras), Answer{204, nullptr});
}

constexpr Route kRoutes[] = {
    {Service::kIdentity, "GET", "/v3/projects", UserRole::kAdmin, "identity:list_projects", &list},
    {Service::kIdentity, "POST", "/v3/projects", UserRole::kAdmin, "identity:create_project", &create},
    any_token("GET", "/v3/projects/{project}", "identity:get_project", &show),
    {Service::kIdentity, "PATCH", "/v3/projects/{project}", UserRole::kAdmin, "identity:update_project", &update},
    {Service::kIdentity, "DELETE", "/v3/projects/{project}", UserRole::kAdmin, "identity:delete_project", &remove},
    {Service::kIdentity, "GET", "/v3/projects/{project}/tags", UserRole::kReader, "identity:list_project_tags",
     &list_tags},
    {Service::kIdentity, "PUT", "/v3/projects/{project}/tags", UserRole::kAdmin, "identity:update_project_tags",
     &put_tags},
    {Service::kIdentity, "DELETE", "/v3/projects/{project}/tags", UserRole::kAdmin, "identity:delete_project_tags",
     &drop_tags},
    {Service::kIdentity, "GET", "/v3/projects/{project}/tags/{tag}", UserRole::kReader, "identity:get_project_tag",
     &check_tag},
    {Service::kIdentity, "PUT", "/v3/projects/{project}/tags/{tag}", UserRole::kAdmin, "identity:create_project_tag",
     &put_tag},
    {Service::kIdentity, "DELETE", "/v3/projects/{project}/tags/{tag}", UserRole::kAdmin, "identity:delete_project_tag",
     &drop_tag},
};

}  // namespace

std::span<const Route> project_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
