// Neutron: tags of every resource that has them: a set of texts in its details.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "api-server/front/openstack/network/subnets.h"
#include "api-server/front/openstack/records.h"

namespace kilonova::api::openstack {
namespace {

constexpr size_t kMaxTag = 255;
constexpr size_t kMaxTags = 50;

using Tags = std::expected<Json, Refusal>;

// Those that it has, or what it has once `put` is stored. null: they stay.
template <class Find>
Task<Tags> of_part(Call& call, Find find, Json put) {
  auto found = co_await find(call, call.in_path("id"));
  if (!found) co_return std::unexpected(std::move(found.error()));
  if (put.is_null()) co_return tags_of(found->details);
  found->details["tags"] = put;
  auto stored = co_await store(call, std::move(*found));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return put;
}

Task<std::expected<StoredPort, Refusal>> find_plain_port(Call& call, std::string id) {
  auto port = co_await find_port(call, std::move(id));
  if (!port) co_return std::unexpected(std::move(port.error()));
  co_return std::move(port->port);
}

Task<Tags> of_record(Call& call, std::string_view kind, std::string_view noun, Json put) {
  auto found = co_await find_object(call, kind, call.in_path("id"));
  if (!found) co_return std::unexpected(std::move(found.error()));
  bool is_visible = *found && (call.is_admin() || (*found)->owner == to_hex(call.caller.project_id));
  if (!is_visible)
    co_return refused(404, fmt::format("{} {} could not be found.", noun, call.in_path("id")), "TagResourceNotFound");
  if (put.is_null()) co_return tags_of((*found)->body);
  (*found)->body["tags"] = put;
  auto stored = co_await put_object(call, kind, std::move(**found));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return put;
}

Task<Tags> of_group(Call& call, Json put) {
  auto group = co_await find_security_group(call, call.in_path("id"));
  if (!group) co_return std::unexpected(std::move(group.error()));
  if (put.is_null()) co_return tags_of(group->body);
  group->body["tags"] = put;
  auto stored = co_await put_object(call, kSecurityGroups, std::move(*group));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return put;
}

Task<Tags> tags_of_resource(Call& call, Json put = nullptr) {
  const std::string& resource = call.in_path("resource");
  if (resource == "networks") co_return co_await of_part(call, &find_network, std::move(put));
  if (resource == "subnets") co_return co_await of_part(call, &find_subnet, std::move(put));
  if (resource == "ports") co_return co_await of_part(call, &find_plain_port, std::move(put));
  if (resource == "routers") co_return co_await of_record(call, kRouters, "router", std::move(put));
  if (resource == "floatingips") co_return co_await of_record(call, kFloatingIps, "floatingip", std::move(put));
  if (resource == "subnetpools") co_return co_await of_record(call, "subnetpool", "subnetpool", std::move(put));
  if (resource == "security-groups" || resource == "security_groups") co_return co_await of_group(call, std::move(put));
  co_return refused(404, "The resource could not be found.", "HTTPNotFound");
}

Task<Answered> list(Call& call) {
  Tags tags = co_await tags_of_resource(call);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  co_return Answer{200, {{"tags", std::move(*tags)}}};
}

Task<Answered> replace(Call& call) {
  const Json* wanted = member(call.body, "tags");
  if (wanted == nullptr || !wanted->is_array())
    co_return bad_request("HTTPBadRequest", "Invalid input for operation: Invalid tags body.");
  Json set = Json::array();
  for (const Json& tag : *wanted) {
    if (!tag.is_string() || tag.get_ref<const std::string&>().size() > kMaxTag || set.size() == kMaxTags)
      co_return invalid_input(
          "tags", fmt::format("{} is no text of at most 255 characters, or one too many.", python_repr(tag)));
    if (std::ranges::find(set, tag) == set.end()) set.push_back(tag);
  }
  Tags stored = co_await tags_of_resource(call, std::move(set));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"tags", std::move(*stored)}}};
}

Task<Answered> remove_all(Call& call) {
  Tags stored = co_await tags_of_resource(call, Json::array());
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> show(Call& call) {
  Tags tags = co_await tags_of_resource(call);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (std::ranges::find(*tags, Json(call.in_path("tag"))) == tags->end())
    co_return refused(404, fmt::format("Tag {} could not be found.", call.in_path("tag")), "TagNotFound");
  co_return Answer{204, nullptr};
}

Task<Answered> add(Call& call) {
  const std::string& tag = call.in_path("tag");
  Tags tags = co_await tags_of_resource(call);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  if (tag.size() > kMaxTag || tags->size() >= kMaxTags)
    co_return invalid_input("tag", "it has more than 255 characters, or is one too many.");
  if (std::ranges::find(*tags, Json(tag)) == tags->end()) {
    tags->push_back(tag);
    Tags stored = co_await tags_of_resource(call, std::move(*tags));
    if (!stored) co_return std::unexpected(std::move(stored.error()));
  }
  co_return Answer{201, nullptr};
}

Task<Answered> remove(Call& call) {
  Tags tags = co_await tags_of_resource(call);
  if (!tags) co_return std::unexpected(std::move(tags.error()));
  auto at = std::ranges::find(*tags, Json(call.in_path("tag")));
  if (at == tags->end())
    co_return refused(404, fmt::format("Tag {} could not be found.", call.in_path("tag")), "TagNotFound");
  tags->erase(at);
  Tags stored = co_await tags_of_resource(call, std::move(*tags));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kMember = UserRole::kMember;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/{resource}/{id}/tags", UserRole::kReader, "get_tags", &list},
    {kNeutron, "PUT", "/v2.0/{resource}/{id}/tags", kMember, "update_tags", &replace},
    {kNeutron, "DELETE", "/v2.0/{resource}/{id}/tags", kMember, "delete_tags", &remove_all},
    {kNeutron, "GET", "/v2.0/{resource}/{id}/tags/{tag}", UserRole::kReader, "get_tags", &show},
    {kNeutron, "PUT", "/v2.0/{resource}/{id}/tags/{tag}", kMember, "update_tags", &add},
    {kNeutron, "DELETE", "/v2.0/{resource}/{id}/tags/{tag}", kMember, "delete_tags", &remove},
};

}  // namespace

std::span<const Route> network_tag_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
