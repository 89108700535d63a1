#include "api-server/front/openstack/network/segments.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "api-server/front/openstack/digest.h"
#include "api-server/front/openstack/network/attributes.h"
#include "api-server/front/openstack/network/lists.h"
#include "api-server/front/openstack/network/networks.h"
#include "api-server/front/openstack/network/parts.h"
#include "api-server/front/openstack/network/routes.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/times.h"

namespace kilonova::api::openstack {
namespace {

// Added ones, and what was said of a network's own one since, under its id.
constexpr std::string_view kSegments = "segment";
constexpr std::string_view kSaid[] = {"name", "description"};

constexpr Attribute kAttributes[] = {
    {"network_id", Form::kUuid, When::kCreate, true},
    {"network_type", Form::kText, When::kCreate, true},
    {"physical_network", Form::kTextOrNull, When::kCreate},
    {"segmentation_id", Form::kInteger, When::kCreate},
    {"name", Form::kTextOrNull},
    {"description", Form::kText},
    {"id", Form::kText, When::kNever},
    {"revision_number", Form::kInteger, When::kNever},
    {"created_at", Form::kText, When::kNever},
    {"updated_at", Form::kText, When::kNever},
};
constexpr ResourceForm kForm{"segment", "segments", kAttributes};

std::string own_segment_id(const StoredNetwork& network) { return stable_uuid("segment " + to_string(network.row.id)); }

StoredObject own_segment(const StoredNetwork& network) {
  StoredObject segment{.id = own_segment_id(network)};
  segment.created_at = network.row.created_at;
  segment.updated_at = network.row.created_at;
  const Json provider = provider_of(network);
  segment.body = {{"network_id", to_string(network.row.id)}, {"name", nullptr}, {"description", nullptr}};
  for (const char* key : {"network_type", "physical_network", "segmentation_id"})
    segment.body[key] = provider[fmt::format("provider:{}", key)];
  return segment;
}

Json segment_view(const StoredObject& segment) {
  Json view{{"id", segment.id}};
  for (std::string_view key :
       {"network_id", "name", "description", "network_type", "physical_network", "segmentation_id"})
    view[std::string(key)] = value_or(segment.body, key, nullptr);
  view["created_at"] = time_to_seconds(segment.created_at);
  view["updated_at"] = time_to_seconds(segment.updated_at);
  view["revision_number"] = segment.revision == 0 ? 0 : segment.revision - 1;
  return view;
}

// Each network's own one first. What was said of one stands in a record of its id, which alone has a revision.
Task<std::expected<std::vector<StoredObject>, Refusal>> all_segments(Call& call) {
  auto networks = co_await all_stored_networks(call);
  if (!networks) co_return std::unexpected(std::move(networks.error()));
  auto stored = co_await all_objects(call, kSegments);
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  std::vector<StoredObject> all;
  for (const StoredNetwork& network : *networks) {
    StoredObject own = own_segment(network);
    auto said = std::ranges::find(*stored, own.id, &StoredObject::id);
    if (said != stored->end()) {
      for (std::string_view key : kSaid) own.body[std::string(key)] = value_or(said->body, key, nullptr);
      own.revision = said->revision;
      own.updated_at = said->updated_at;
      stored->erase(said);
    }
    all.push_back(std::move(own));
  }
  std::ranges::move(*stored, std::back_inserter(all));
  co_return all;
}

Task<std::expected<StoredObject, Refusal>> find(Call& call) {
  auto all = co_await all_segments(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  const std::string id = call.in_path("segment");
  auto at = std::ranges::find(*all, id, &StoredObject::id);
  if (at == all->end()) co_return refused(404, fmt::format("Segment {} could not be found.", id), "SegmentNotFound");
  co_return std::move(*at);
}

Task<Answered> list(Call& call) {
  auto all = co_await all_segments(call);
  if (!all) co_return std::unexpected(std::move(all.error()));
  std::vector<Json> items;
  for (const StoredObject& segment : *all) items.push_back(segment_view(segment));
  co_return neutron_list(call, "segments", std::move(items),
                         {"id", "network_id", "name", "description", "network_type", "physical_network",
                          "segmentation_id", "created_at", "updated_at", "revision_number"});
}

Task<Answered> show(Call& call) {
  auto segment = co_await find(call);
  if (!segment) co_return std::unexpected(std::move(segment.error()));
  co_return neutron_item(call, "segment", segment_view(*segment));
}

Checked check_type(const Json& read) {
  static constexpr std::string_view kTypes[] = {"flat", "geneve", "gre", "local", "vlan", "vxlan"};
  const std::string type = text_at(read, "network_type");
  if (std::ranges::find(kTypes, type) == std::end(kTypes))
    return bad_request(
        "InvalidInput",
        fmt::format("Invalid input for operation: '{}' is no type of a network: flat, geneve, gre, local, "
                    "vlan, vxlan.",
                    type));
  const bool is_physical = type == "flat" || type == "vlan";
  if (is_physical == text_at(read, "physical_network").empty())
    return bad_request("InvalidInput", fmt::format("Invalid input for operation: physical_network {} for {} provider "
                                                   "network.",
                                                   is_physical ? "required" : "prohibited", type));
  return {};
}

Task<std::expected<Json, Refusal>> make(Call& call, const Json& wanted) {
  auto read = read_attributes(call, kForm, wanted, true);
  if (!read) co_return std::unexpected(std::move(read.error()));
  auto network = co_await find_network(call, text_at(*read, "network_id"));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (Checked good = check_type(*read); !good) co_return std::unexpected(std::move(good.error()));
  StoredObject segment{.id = new_dashed_id(call)};
  for (std::string_view key : {"network_id", "network_type", "physical_network", "segmentation_id", "name"})
    segment.body[std::string(key)] = value_or(*read, key, nullptr);
  segment.body["description"] = value_or(*read, "description", "");
  auto stored = co_await put_object(call, kSegments, std::move(segment));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return segment_view(*stored);
}

Task<Checked> unmake(Call& call, const std::string& id) { return delete_object(call, kSegments, id); }

Task<Answered> create(Call& call) { return create_all(call, kForm, &make, &unmake); }

Task<Answered> update(Call& call) {
  auto wanted = resource_in_body(call, kForm);
  if (!wanted) co_return std::unexpected(std::move(wanted.error()));
  auto segment = co_await find(call);
  if (!segment) co_return std::unexpected(std::move(segment.error()));
  auto read = read_attributes(call, kForm, **wanted, false);
  if (!read) co_return std::unexpected(std::move(read.error()));
  for (std::string_view key : kSaid)
    if (const Json* said = member(*read, key)) segment->body[std::string(key)] = *said;
  auto stored = co_await put_object(call, kSegments, std::move(*segment));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{200, {{"segment", segment_view(*stored)}}};
}

Task<Answered> remove(Call& call) {
  auto segment = co_await find(call);
  if (!segment) co_return std::unexpected(std::move(segment.error()));
  auto network = co_await find_stored_network(call, parse_uuid(text_at(segment->body, "network_id")).value_or(Uuid{}));
  if (!network) co_return std::unexpected(std::move(network.error()));
  if (*network && own_segment_id(**network) == segment->id)
    co_return refused(
        409, fmt::format("Segment '{}' cannot be deleted: it is the only one that carries its network.", segment->id),
        "SegmentInUse");
  if (auto gone = co_await delete_object(call, kSegments, segment->id); !gone)
    co_return std::unexpected(std::move(gone.error()));
  co_return Answer{204, nullptr};
}

constexpr Service kNeutron = Service::kNetwork;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {kNeutron, "GET", "/v2.0/segments", kAdmin, "get_segment", &list},
    {kNeutron, "POST", "/v2.0/segments", kAdmin, "create_segment", &create},
    {kNeutron, "GET", "/v2.0/segments/{segment}", kAdmin, "get_segment", &show},
    {kNeutron, "PUT", "/v2.0/segments/{segment}", kAdmin, "update_segment", &update},
    {kNeutron, "DELETE", "/v2.0/segments/{segment}", kAdmin, "delete_segment", &remove},
};

}  // namespace

Task<Checked> forget_segments(Call& call, std::string network_id) {
  return delete_objects_of(call, kSegments, "network_id", std::move(network_id));
}

std::span<const Route> segment_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
