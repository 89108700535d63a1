// Placement: resource_providers. Compute hosts are among them, as the controller has them; others are made and changed
// here.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api-server/front/openstack/placement/errors.h"
#include "api-server/front/openstack/placement/form.h"
#include "api-server/front/openstack/placement/provider_view.h"
#include "api-server/front/openstack/placement/query.h"
#include "api-server/front/openstack/placement/request.h"
#include "api-server/front/openstack/placement/routes.h"

namespace kilonova::api::openstack {

std::string provider_path(const Provider& provider) {
  return fmt::format("/placement/resource_providers/{}", provider.uuid);
}

Json provider_view(const Call& call, const Ledger& ledger, const Provider& provider) {
  std::string path = provider_path(provider);
  Json links = Json::array({{{"rel", "self"}, {"href", path}}});
  struct Link {
    const char* rel;
    Minor since;
  };
  for (const Link& link :
       {Link{"inventories", 0}, Link{"usages", 0}, Link{"aggregates", 1}, Link{"traits", 6}, Link{"allocations", 11}})
    if (is_since(call, link.since))
      links.push_back({{"rel", link.rel}, {"href", fmt::format("{}/{}", path, link.rel)}});
  Json shown{{"uuid", provider.uuid},
             {"name", provider.name},
             {"generation", provider.generation},
             {"links", std::move(links)}};
  if (is_since(call, 14)) {
    shown["parent_provider_uuid"] = or_null(provider.parent_uuid);
    shown["root_provider_uuid"] = ledger.root_uuid_of(provider);
  }
  return shown;
}

std::expected<Provider*, Refusal> provider_in_path(const Call& call, Ledger& ledger) {
  Provider* provider = ledger.find(call.in_path("uuid"));
  if (provider == nullptr)
    return refused(404, fmt::format("No resource provider with uuid {} found", call.in_path("uuid")));
  return provider;
}

std::unexpected<Refusal> refused_of_host(const Provider& provider, std::string_view why) {
  return refused(409,
                 fmt::format("Resource provider {} is the compute host '{}': {}.", provider.uuid, provider.name, why));
}

std::unexpected<Refusal> old_generation(std::string message) {
  return refused_with(409, kConcurrentUpdate, std::move(message));
}

namespace {

// Which parameters GET takes.
std::vector<std::string_view> filters_of(const Call& call) {
  std::vector<std::string_view> filters{"name", "uuid"};
  if (is_since(call, 3)) filters.emplace_back("member_of");
  if (is_since(call, 4)) filters.emplace_back("resources");
  if (is_since(call, 14)) filters.emplace_back("in_tree");
  if (is_since(call, 18)) filters.emplace_back("required");
  return filters;
}

Checked read_filters(const Call& call, ProviderQuery& query) {
  if (Checked known = check_query_keys(call, filters_of(call)); !known) return known;
  for (const char* key : {"uuid", "in_tree"})
    if (const std::string* value = call.in_query(key); value != nullptr && uuid_text(*value).empty())
      return wrong_query(fmt::format("{} is not a 'uuid'", python_repr(Json(*value))));
  if (Checked read = read_member_of(call, "", query); !read) return read;
  if (Checked read = read_required(call, "", query); !read) return read;
  if (const std::string* resources = call.in_query("resources"); resources != nullptr)
    return read_resources(*resources, query);
  return {};
}

Task<Answered> list(Call& call) {
  ProviderQuery query;
  if (Checked read = read_filters(call, query); !read) co_return std::unexpected(std::move(read.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  if (Checked known = check_classes(*ledger, query.resources); !known)
    co_return std::unexpected(std::move(known.error()));
  if (std::string trait = unknown_trait(*ledger, query); !trait.empty())
    co_return refused(400, fmt::format("Invalid trait(s) in \"required\" parameter: No such trait(s): {}.", trait));
  const std::string* name = call.in_query("name");
  const std::string* uuid = call.in_query("uuid");
  const std::string* tree = call.in_query("in_tree");
  const Provider* in_tree = tree == nullptr ? nullptr : ledger->find(uuid_text(*tree));
  ResourceRequest wanted = request_of(*ledger, query);
  Json items = Json::array();
  WallTime modified;
  for (const Provider& provider : ledger->providers) {
    if (name != nullptr && !name->empty() && provider.name != *name) continue;
    if (uuid != nullptr && provider.uuid != uuid_text(*uuid)) continue;
    if (tree != nullptr && (in_tree == nullptr || provider.root != in_tree->root)) continue;
    if (!is_candidate(provider, wanted)) continue;
    items.push_back(provider_view(call, *ledger, provider));
    modified = later(modified, provider.changed);
  }
  co_return shown(call, {{"resource_providers", std::move(items)}}, modified);
}

Task<Answered> show(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto provider = provider_in_path(call, *ledger);
  if (!provider) co_return std::unexpected(std::move(provider.error()));
  co_return shown(call, provider_view(call, *ledger, **provider), (*provider)->changed);
}

const Rule& create_rule() {
  static const Rule rule = object({{"name", text(0, 200), true},
                                   {"uuid", uuid_in_form()},
                                   {"parent_provider_uuid", null_or(uuid_in_form()), false, v1(14)}});
  return rule;
}

const Rule& update_rule() {
  static const Rule rule =
      object({{"name", text(0, 200), true}, {"parent_provider_uuid", null_or(uuid_in_form()), false, v1(14)}});
  return rule;
}

const Provider* named(const Ledger& ledger, const std::string& name) {
  auto same = std::ranges::find(ledger.providers, name, &Provider::name);
  return same == ledger.providers.end() ? nullptr : &*same;
}

std::unexpected<Refusal> unable_to_create(const Provider& provider, std::string_view why) {
  return refused(400, fmt::format("Unable to create resource provider \"{}\", {}: Object action create failed because: "
                                  "{}",
                                  provider.name, provider.uuid, why));
}

// Whether there is room for a new one, by its name, its uuid and its parent.
Checked check_new(const Ledger& ledger, const Provider& made) {
  std::vector<std::string> taken;
  if (ledger.find(made.uuid) != nullptr) taken.push_back("uuid: " + made.uuid);
  if (named(ledger, made.name) != nullptr) taken.push_back("name: " + made.name);
  if (!taken.empty())
    return refused_with(409, kDuplicateName,
                        fmt::format("Conflicting resource provider {} already exists.", fmt::join(taken, ", ")));
  if (made.parent_uuid.empty()) return {};
  if (made.parent_uuid == made.uuid)
    return unable_to_create(made,
                            "parent provider UUID cannot be same as UUID. Please set parent provider UUID to None if "
                            "there is no parent.");
  if (ledger.find(made.parent_uuid) == nullptr) return unable_to_create(made, "parent provider UUID does not exist.");
  return {};
}

Task<Answered> create(Call& call) {
  auto body = read_json(call, create_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  Provider made;
  made.name = text_at(*body, "name");
  made.uuid = uuid_text(text_at(*body, "uuid"));
  if (made.uuid.empty()) made.uuid = new_dashed_id(call);
  made.parent_uuid = uuid_text(text_at(*body, "parent_provider_uuid"));
  if (Checked ok = check_new(*ledger, made); !ok) co_return std::unexpected(std::move(ok.error()));
  LedgerChange change;
  put(change, made);
  if (Checked done = co_await commit(call, std::move(change)); !done)
    co_return std::unexpected(std::move(done.error()));
  std::string location = call.base + provider_path(made);
  if (!is_since(call, 20)) co_return placed(201, std::move(location));
  made.root = static_cast<uint32_t>(ledger->providers.size());
  if (const Provider* parent = ledger->find(made.parent_uuid); parent != nullptr) made.root = parent->root;
  ledger->providers.push_back(std::move(made));
  Answer answer = shown(call, provider_view(call, *ledger, ledger->providers.back()));
  answer.headers.emplace_back("Location", std::move(location));
  co_return answer;
}

std::unexpected<Refusal> unable_to_save(const Provider& provider, std::string_view why) {
  return refused(400, fmt::format("Unable to save resource provider {}: Object action {} failed because: {}",
                                  provider.uuid, why.starts_with("parent") ? "create" : "update", why));
}

// Another parent, or none. `parent` "" = none.
Checked check_move(const Call& call, const Ledger& ledger, const Provider& provider, const std::string& parent) {
  bool may_move = is_since(call, 37);
  if (parent.empty()) {
    if (!provider.parent_uuid.empty() && !may_move)
      return unable_to_save(provider, "un-parenting a provider is not currently allowed.");
    return {};
  }
  const Provider* above = ledger.find(parent);
  if (above == nullptr) return unable_to_save(provider, "parent provider UUID does not exist.");
  if (!provider.parent_uuid.empty() && provider.parent_uuid != parent && !may_move)
    return unable_to_save(provider, "re-parenting a provider is not currently allowed.");
  for (const Provider* at = above;;) {
    if (at == &provider) return unable_to_save(provider, "creating loop in the provider tree is not allowed.");
    if (at->parent == kNoParent) return {};
    at = &ledger.providers[at->parent];
  }
}

Task<Answered> update(Call& call) {
  if (Checked is_json = require_json(call); !is_json) co_return std::unexpected(std::move(is_json.error()));
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  auto found = provider_in_path(call, *ledger);
  if (!found) co_return std::unexpected(std::move(found.error()));
  auto body = read_json(call, update_rule());
  if (!body) co_return std::unexpected(std::move(body.error()));
  Provider& provider = **found;
  std::string name = text_at(*body, "name");
  bool says_parent = member(*body, "parent_provider_uuid") != nullptr;
  std::string parent = says_parent ? uuid_text(text_at(*body, "parent_provider_uuid")) : provider.parent_uuid;
  if (provider.is_host && (name != provider.name || !parent.empty()))
    co_return refused_of_host(provider, "it keeps its name, and is a root");
  if (const Provider* other = named(*ledger, name); other != nullptr && other != &provider)
    co_return refused_with(409, kDuplicateName, fmt::format("Conflicting resource provider {} already exists.", name));
  if (says_parent)
    if (Checked ok = check_move(call, *ledger, provider, parent); !ok) co_return std::unexpected(std::move(ok.error()));
  provider.name = std::move(name);
  provider.parent_uuid = std::move(parent);
  if (!provider.is_host) {
    LedgerChange change;
    put(change, provider);
    if (Checked done = co_await commit(call, std::move(change)); !done)
      co_return std::unexpected(std::move(done.error()));
  }
  const Provider* above = ledger->find(provider.parent_uuid);
  provider.root = above == nullptr ? static_cast<uint32_t>(&provider - ledger->providers.data()) : above->root;
  co_return shown(call, provider_view(call, *ledger, provider));
}

bool has_allocations(const Ledger& ledger, const Provider& provider) {
  return std::ranges::any_of(ledger.consumers,
                             [&](const auto& entry) { return entry.second.allocations.contains(provider.uuid); });
}

Task<Answered> remove(Call& call) {
  auto ledger = co_await read_ledger(call);
  if (!ledger) co_return std::unexpected(std::move(ledger.error()));
  const std::string& uuid = call.in_path("uuid");
  const Provider* provider = ledger->find(uuid);
  if (provider == nullptr)
    co_return refused(404, fmt::format("No resource provider with uuid {} found for delete", uuid));
  if (std::ranges::find(ledger->providers, uuid, &Provider::parent_uuid) != ledger->providers.end())
    co_return refused_with(409, kCannotDeleteParent,
                           fmt::format("Unable to delete parent resource provider {}: It has child resource "
                                       "providers.",
                                       uuid));
  if (provider->is_host) {
    Refusal kept = refused_of_host(*provider, "it is there as long as the host is").error();
    kept.type = kProviderInUse;
    co_return std::unexpected(std::move(kept));
  }
  if (has_allocations(*ledger, *provider))
    co_return refused_with(
        409, kProviderInUse,
        fmt::format("Unable to delete resource provider {}: Resource provider has allocations.", uuid));
  co_return co_await remove_record(call, kProviderKind, provider->record);
}

constexpr Service kHere = Service::kPlacement;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kHere, "GET", "/resource_providers", kAdmin, "placement:resource_providers:list", &list},
    {kHere, "POST", "/resource_providers", kAdmin, "placement:resource_providers:create", &create},
    {kHere, "GET", "/resource_providers/{uuid}", kAdmin, "placement:resource_providers:show", &show},
    {kHere, "PUT", "/resource_providers/{uuid}", kAdmin, "placement:resource_providers:update", &update},
    {kHere, "DELETE", "/resource_providers/{uuid}", kAdmin, "placement:resource_providers:delete", &remove},
};

}  // namespace

std::span<const Route> resource_provider_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
