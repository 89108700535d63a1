#include "api-server/front/openstack/compute/server_create.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "api-server/front/openstack/compute/flavors.h"
#include "api-server/front/openstack/compute/personality.h"
#include "api-server/front/openstack/compute/server_access.h"
#include "api-server/front/openstack/compute/server_action_bodies.h"
#include "api-server/front/openstack/compute/server_hints.h"
#include "api-server/front/openstack/compute/server_networks.h"
#include "api-server/front/openstack/compute/server_nics.h"
#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/metadata_json.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/schema.h"
#include "api-server/front/openstack/view.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/server.h"
#include "domain/server_properties.h"

namespace kilonova::api::openstack {
namespace {

Rule network_rule() {
  Rule list = list_of(object({{"uuid", uuid()},
                              {"port", null_or(uuid())},
                              {"fixed_ip", text(1)},
                              {"tag", text(1, 60), false, 32, 36},
                              {"tag", text(1, 60), false, 42}}));
  return [list](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    if (minor < 37 || value.is_array()) return list(value, field, minor);
    if (value == "auto" || value == "none") return std::nullopt;
    return Failure{field, value.is_string() ? value.get<std::string>() : python_repr(value),
                   python_repr(value) + " is not valid under any of the given schemas"};
  };
}

Rule image_rule() {
  return [id = uuid()](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    return value == "" ? std::nullopt : id(value, field, minor);
  };
}

Rule flavor_rule() {
  return [form = text(1)](const Json& value, const std::string& field, Minor minor) -> std::optional<Failure> {
    return value.is_number_integer() ? std::nullopt : form(value, field, minor);
  };
}

Rule server_rule() {
  return object({{"name", name(), true},
                 {"flavorRef", flavor_rule(), true},
                 {"imageRef", image_rule()},
                 {"adminPass", text()},
                 {"metadata", metadata_map()},
                 {"networks", network_rule(), false, 1, 36},
                 {"networks", network_rule(), true, 37},
                 {"OS-DCF:diskConfig", one_of({"AUTO", "MANUAL"})},
                 {"accessIPv4", text(1)},
                 {"accessIPv6", text(1)},
                 {"personality", personality_rule(), false, 1, 56},
                 {"availability_zone", text(1, 255)},
                 {"block_device_mapping", anything()},
                 {"block_device_mapping_v2", list_of(map_of(anything()))},
                 {"config_drive", boolean()},
                 {"key_name", text(1, 255)},
                 {"min_count", integer(1)},
                 {"max_count", integer(1)},
                 {"return_reservation_id", boolean()},
                 {"security_groups", list_of(object({{"name", text(1, 255)}}))},
                 {"user_data", text(0, 65'535)},
                 {"description", null_or(text(0, 255)), false, 19},
                 {"tags", list_of(text(1, kMaxTagLength), 0, kMaxTags), false, 52},
                 {"trusted_image_certificates", certificates_rule(), false, 63},
                 {"host", text(1, 255), false, 74},
                 {"hypervisor_hostname", text(1, 255), false, 74},
                 {"hostname", hostname_rule(), false, 90}});
}

const Rule& create_rule() {
  static const Rule rule = object({{"server", server_rule(), true},
                                   {"os:scheduler_hints", hints_rule()},
                                   {"OS-SCH-HNT:scheduler_hints", hints_rule()}});
  return rule;
}

std::unexpected<Refusal> no_volumes() { return refused(501, "This cloud does not know volumes yet."); }

// Each host has one hypervisor, of its own name.
std::expected<std::string, Refusal> requested_host_of(const Json& server) {
  std::string host = text_at(server, "host");
  std::string node = text_at(server, "hypervisor_hostname");
  if (!host.empty() && !node.empty() && host != node)
    return refused(400, fmt::format("Compute host {} could not be found.", host));
  return host.empty() ? node : host;
}

// As they are said; the default one where nothing is.
std::vector<std::string> group_names(const Json& server) {
  std::vector<std::string> names;
  if (const Json* groups = member(server, "security_groups"))
    for (const Json& group : *groups)
      if (std::string name = text_at(group, "name"); !name.empty() && std::ranges::find(names, name) == names.end())
        names.push_back(std::move(name));
  if (names.empty()) names.emplace_back("default");
  return names;
}

// The image may also be said as the one block device that it is copied to.
std::expected<std::string, Refusal> image_of(const Json& server) {
  std::string image = text_at(server, "imageRef");
  const Json* devices = member(server, "block_device_mapping_v2");
  if (devices != nullptr && !devices->empty()) {
    const Json& device = (*devices)[0];
    bool is_plain = devices->size() == 1 && text_at(device, "source_type") == "image" &&
                    text_at(device, "destination_type") == "local" && integer_at(device, "boot_index", -1) == 0;
    if (!is_plain) return no_volumes();
    if (image.empty()) image = text_at(device, "uuid");
  }
  if (image.empty()) return refused(400, "Missing imageRef attribute");
  return image;
}

// What a create names by id, or a key pair.
struct References {
  std::string flavor, image, key_name;
};

// Nova's words for what is missing, once the controller has refused a create: one that goes well asks for nothing twice.
Task<Answered> check_references(Call& call, const References& wanted) {
  auto flavor = co_await flavor_with_id(call, wanted.flavor);
  if (!flavor) co_return std::unexpected(std::move(flavor.error()));
  if (!*flavor) co_return refused(400, fmt::format("Flavor {} could not be found.", wanted.flavor));
  auto image = co_await ask_one(call, ListImages{.image = wanted.image}, &ImageList::images, &Image::id,
                                *parse_uuid(wanted.image));
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (!*image) co_return refused(400, "Can not find requested image");
  if (!wanted.key_name.empty()) {
    auto keys = co_await ask(call, ListKeyPairs{.name = wanted.key_name});
    if (!keys && keys.error().status != 404 && keys.error().status != 400)
      co_return std::unexpected(std::move(keys.error()));
    if (!keys) co_return refused(400, "Invalid key_name provided.");
  }
  co_return Answer{};
}

// As Nova, which looks for these before it looks at networks and groups.
Task<Answered> refused_for(Call& call, const References& named, Refusal why) {
  if (Answered there = co_await check_references(call, named); !there) co_return there;
  co_return std::unexpected(std::move(why));
}

// The ids of the groups that are named; none where that is the default one.
Task<std::expected<std::vector<std::string>, Refusal>> read_groups(Call& call, const Json& server) {
  std::vector<std::string> ids;
  const std::string of_project = security_group_id(call.caller.project_id);
  for (const std::string& named : group_names(server)) {
    auto id = named == "default" ? std::expected<std::string, Refusal>(of_project) : co_await find_group(call, named);
    if (!id && id.error().status == 404) id.error().status = 400;
    if (!id) co_return std::unexpected(std::move(id.error()));
    if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(std::move(*id));
  }
  if (ids.size() == 1 && ids.front() == of_project) ids.clear();
  co_return ids;
}

std::expected<CreateServers, Refusal> read_request(const Json& body) {
  const Json& server = *member(body, "server");
  if (const Json* devices = member(server, "block_device_mapping"); devices != nullptr && !devices->empty())
    return no_volumes();
  CreateServers wanted;
  wanted.name = text_at(server, "name");
  const Json& flavor = *member(server, "flavorRef");
  wanted.flavor = flavor.is_string() ? flavor.get<std::string>() : to_text(flavor);
  wanted.flavor = wanted.flavor.substr(wanted.flavor.rfind('/') + 1);
  auto image = image_of(server);
  if (!image) return std::unexpected(std::move(image.error()));
  std::optional<Uuid> image_id = parse_uuid(*image);
  if (!image_id) return refused(400, "Can not find requested image");
  wanted.image = to_string(*image_id);
  wanted.ids_only = true;
  wanted.key_name = text_at(server, "key_name");
  wanted.availability_zone = text_at(server, "availability_zone");
  auto host = requested_host_of(server);
  if (!host) return std::unexpected(std::move(host.error()));
  wanted.requested_host = std::move(*host);
  wanted.description = text_at(server, "description");
  if (const Json* metadata = member(server, "metadata")) wanted.metadata = metadata_items(*metadata);
  if (const Json* tags = member(server, "tags"))
    for (const Json& tag : *tags) wanted.tags.push_back(tag.get<std::string>());
  wanted.user_data = text_at(server, "user_data");
  wanted.config_drive = boolean_at(server, "config_drive", false);
  auto access = read_access(server);
  if (!access) return std::unexpected(std::move(access.error()));
  wanted.access = std::move(*access);
  int64_t least = integer_at(server, "min_count", 1);
  int64_t most = integer_at(server, "max_count", least);
  if (least > most) return refused(400, "min_count must be <= max_count");
  wanted.hostname = text_at(server, "hostname");
  if (!wanted.hostname.empty() && most > 1)
    return refused(400, "Unable to allocate a single hostname to multiple instances");
  read_hints(body, wanted);
  wanted.min_count = static_cast<uint32_t>(std::min<int64_t>(least, UINT32_MAX));
  wanted.max_count = static_cast<uint32_t>(std::min<int64_t>(most, UINT32_MAX));
  return wanted;
}

}  // namespace

Task<Answered> create_server(Call& call) {
  if (auto wrong = check_schema(create_rule(), call.body, call.minor)) co_return std::unexpected(std::move(*wrong));
  const Json& server = *member(call.body, "server");
  auto wanted = read_request(call.body);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  if (Answered files = co_await check_personality(call, server); !files) co_return files;
  const References named{wanted->flavor, wanted->image, wanted->key_name};
  auto groups = co_await read_groups(call, server);
  if (!groups) co_return co_await refused_for(call, named, std::move(groups.error()));
  wanted->security_groups = std::move(*groups);
  const Json* networks = member(server, "networks");
  auto nics = co_await prepare_nics(call, networks == nullptr ? Json(nullptr) : *networks, wanted->max_count,
                                    wanted->security_groups);
  if (!nics) co_return co_await refused_for(call, named, std::move(nics.error()));
  wanted->networks = std::move(nics->networks);
  bool names_zone = !wanted->availability_zone.empty();
  auto made = co_await ask(call, std::move(*wanted));
  if (!made) co_await drop_ports(call, std::move(nics->ports));
  if (!made && made.error().status == 400)
    if (Answered there = co_await check_references(call, named); !there) co_return there;
  if (!made && made.error().status == 400 && names_zone && made.error().message.starts_with("availability zone"))
    co_return refused(400, "The requested availability zone is not available");
  if (!made) co_return std::unexpected(std::move(made.error()));
  if (made->servers.empty()) co_return refused(500, "no server was made");
  co_await give_ports(call, std::move(nics->ports), uuids_of(made->servers));
  if (boolean_at(server, "return_reservation_id", false))
    co_return Answer{202, {{"reservation_id", made->reservation_id}}};
  std::string path = "/servers/" + to_string(made->servers.front().uuid);
  Json shown{{"id", to_string(made->servers.front().uuid)},
             {"links", links_of(call, path)},
             {"OS-DCF:diskConfig", text_at(server, "OS-DCF:diskConfig") == "AUTO" ? "AUTO" : "MANUAL"},
             {"security_groups", Json::array()},
             {"adminPass", admin_password(server, made->servers.front().uuid)}};
  for (std::string& name : group_names(server)) shown["security_groups"].push_back({{"name", std::move(name)}});
  Answer answer{202, {{"server", std::move(shown)}}};
  answer.headers.emplace_back("Location", self_url(call, path));
  co_return answer;
}

}  // namespace kilonova::api::openstack
