// Nova: what users say of a server: PUT /servers/{id}, metadata, tags.
#include "domain/server_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/compute/routes.h"
#include "api-server/front/openstack/compute/server_access.h"
#include "api-server/front/openstack/compute/server_hints.h"
#include "api-server/front/openstack/compute/server_lookup.h"
#include "api-server/front/openstack/compute/server_view.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/server.h"

namespace kilonova::api::openstack {
namespace {

// As it is then.
Task<std::expected<FoundServer, Refusal>> change_server(Call& call, Uuid server, SetServer change) {
  change.server = to_string(server);
  change.all_projects = call.is_admin();
  auto changed = co_await ask(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return server_of(std::move(*changed));
}

// Of the one that the path names.
Task<std::expected<FoundServer, Refusal>> change_named_server(Call& call, SetServer change) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return co_await change_server(call, server->uuid, std::move(change));
}

const Rule& update_rule() {
  static const Rule rule = body_of("server", object({{"name", name()},
                                                     {"OS-DCF:diskConfig", one_of({"AUTO", "MANUAL"})},
                                                     {"accessIPv4", text()},
                                                     {"accessIPv6", text()},
                                                     {"description", null_or(text(0, 255)), false, 19},
                                                     {"hostname", hostname_rule(), false, 90}}));
  return rule;
}

Task<Answered> update(Call& call) {
  if (auto wrong = check_schema(update_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const Json& wanted = *member(call.body, "server");
  auto access = read_access(wanted);
  if (!access) co_return std::unexpected(std::move(access.error()));
  SetServer change;
  change.access = std::move(*access);
  change.name = text_at(wanted, "name");
  change.sets_description = member(wanted, "description") != nullptr;
  change.description = text_at(wanted, "description");
  change.hostname = text_at(wanted, "hostname");
  auto changed = co_await change_server(call, server->row.uuid, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return co_await changed_server_answer(call, std::move(*changed));
}

// ---- metadata

const Rule& metadata_rule() {
  static const Rule rule = body_of("metadata", metadata_map());
  return rule;
}

Task<Answered> show_metadata(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"metadata", metadata_json(server->properties.metadata)}}};
}

// POST adds to what is there, PUT replaces all of it.
Task<Answered> change_metadata(Call& call, bool replaces) {
  if (auto wrong = check_schema(metadata_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  SetServer change;
  change.replaces_metadata = replaces;
  change.set_metadata = metadata_items(*member(call.body, "metadata"));
  auto changed = co_await change_named_server(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, {{"metadata", metadata_json(changed->properties.metadata)}}};
}
Task<Answered> add_metadata(Call& call) { co_return co_await change_metadata(call, false); }
Task<Answered> replace_metadata(Call& call) { co_return co_await change_metadata(call, true); }

Json meta_json(const std::string& key, const std::string& value) { return {{"meta", object_of(key, value)}}; }

Task<Answered> show_meta(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  auto item = std::ranges::find(server->properties.metadata, call.in_path("key"), &MetadataItem::key);
  if (item == server->properties.metadata.end()) co_return refused(404, "Metadata item was not found");
  co_return Answer{200, meta_json(item->key, item->value)};
}

Task<Answered> put_meta(Call& call) {
  static const Rule rule = body_of("meta", metadata_map());
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& meta = *member(call.body, "meta");
  const std::string& key = call.in_path("key");
  if (meta.size() != 1) co_return refused(400, "Request body contains too many items");
  const Json* value = member(meta, key);
  if (value == nullptr) co_return refused(400, "Request body and URI mismatch");
  SetServer change;
  change.set_metadata.push_back({key, value->get<std::string>()});
  auto changed = co_await change_named_server(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, meta_json(key, value->get<std::string>())};
}

Task<Answered> remove_meta(Call& call) {
  SetServer change;
  change.unset_metadata.push_back(call.in_path("key"));
  auto changed = co_await change_named_server(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{204, nullptr};
}

// ---- tags

Task<Answered> show_tags(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  co_return Answer{200, {{"tags", server->properties.tags}}};
}

Task<Answered> replace_tags(Call& call) {
  static const Rule rule = body_of("tags", list_of(text(1, kMaxTagLength), 0, kMaxTags));
  if (auto wrong = check_schema(rule, call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  SetServer change;
  change.replaces_tags = true;
  for (const Json& tag : *member(call.body, "tags")) change.add_tags.push_back(tag.get<std::string>());
  auto changed = co_await change_named_server(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{200, {{"tags", changed->properties.tags}}};
}

Task<Answered> remove_tags(Call& call) {
  SetServer change;
  change.replaces_tags = true;
  auto changed = co_await change_named_server(call, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{204, nullptr};
}

std::unexpected<Refusal> no_tag(const Call& call) {
  return refused(404, fmt::format("Server {} has no tag '{}'", call.in_path("server"), call.in_path("tag")));
}

Task<Answered> show_tag(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  if (!std::ranges::binary_search(server->properties.tags, call.in_path("tag"))) co_return no_tag(call);
  co_return Answer{204, nullptr};
}

Task<Answered> put_tag(Call& call) {
  auto server = co_await find_whole_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  const std::string& tag = call.in_path("tag");
  if (!call.body.is_null()) co_return refused(400, fmt::format("{} is not of type 'null'", python_repr(call.body)));
  SetServer change;
  change.add_tags.push_back(tag);
  // The server's state is asked before its tags.
  auto changed = co_await change_server(call, server->row.uuid, std::move(change));
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  if (std::ranges::binary_search(server->properties.tags, tag)) co_return Answer{204, nullptr};
  Answer answer{201, nullptr};
  answer.headers.emplace_back("Location",
                              self_url(call, fmt::format("/servers/{}/tags/{}", call.in_path("server"), tag)));
  co_return answer;
}

Task<Answered> remove_tag(Call& call) {
  auto server = co_await find_server(call);
  if (!server) co_return std::unexpected(std::move(server.error()));
  SetServer change;
  change.remove_tags.push_back(call.in_path("tag"));
  auto changed = co_await change_server(call, server->uuid, std::move(change));
  if (!changed && changed.error().status == 404) co_return no_tag(call);
  if (!changed) co_return std::unexpected(std::move(changed.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNova = Service::kCompute;
constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;
constexpr std::string_view kMetadata = "/v2.1/servers/{server}/metadata";
constexpr std::string_view kMeta = "/v2.1/servers/{server}/metadata/{key}";
constexpr std::string_view kTags = "/v2.1/servers/{server}/tags";
constexpr std::string_view kTag = "/v2.1/servers/{server}/tags/{tag}";

constexpr Route kRoutes[] = {
    {kNova, "PUT", "/v2.1/servers/{server}", kMember, "os_compute_api:servers:update", &update},
    {kNova, "GET", kMetadata, kReader, "os_compute_api:server-metadata:index", &show_metadata},
    {kNova, "POST", kMetadata, kMember, "os_compute_api:server-metadata:create", &add_metadata},
    {kNova, "PUT", kMetadata, kMember, "os_compute_api:server-metadata:update_all", &replace_metadata},
    {kNova, "GET", kMeta, kReader, "os_compute_api:server-metadata:show", &show_meta},
    {kNova, "PUT", kMeta, kMember, "os_compute_api:server-metadata:update", &put_meta},
    {kNova, "DELETE", kMeta, kMember, "os_compute_api:server-metadata:delete", &remove_meta},
    {kNova, "GET", kTags, kReader, "os_compute_api:os-server-tags:index", &show_tags, 26},
    {kNova, "PUT", kTags, kMember, "os_compute_api:os-server-tags:update_all", &replace_tags, 26},
    {kNova, "DELETE", kTags, kMember, "os_compute_api:os-server-tags:delete_all", &remove_tags, 26},
    {kNova, "GET", kTag, kReader, "os_compute_api:os-server-tags:show", &show_tag, 26},
    {kNova, "PUT", kTag, kMember, "os_compute_api:os-server-tags:update", &put_tag, 26},
    {kNova, "DELETE", kTag, kMember, "os_compute_api:os-server-tags:delete", &remove_tag, 26},
};

}  // namespace

std::span<const Route> server_properties_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
