#include "api-server/front/ec2/tagged.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/images.h"
#include "api-server/front/ec2/instances.h"
#include "api-server/front/ec2/key_pairs.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/security_groups.h"
#include "api-server/front/ec2/stored_tags.h"
#include "api-server/front/ec2/subnets.h"
#include "api-server/front/ec2/tags.h"
#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/network/floating_ips.h"
#include "api-server/front/openstack/network/ports.h"
#include "api-server/front/openstack/network/routers.h"
#include "api-server/front/openstack/network/security_groups.h"
#include "domain/form_rules.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::StoredObject;
using View = std::string_view;
using Kind = TaggedKind;
using All = std::vector<Tagged>;

constexpr View kConflict = "Unavailable";  // somebody was faster

// Records of OpenStack's front.
struct RecordKind {
  Kind kind;
  IdKind id;
  View record;
  View member;  // that has the tags
};
constexpr RecordKind kRecords[] = {
    {Kind::kSecurityGroup, kGroupId, openstack::kSecurityGroups, kStoredTags},
    {Kind::kAddress, kAllocationId, openstack::kFloatingIps, kStoredTags},
    {Kind::kRouteTable, kTableId, openstack::kRouters, kStoredTags},
    {Kind::kInternetGateway, kGatewayId, openstack::kRouters, kStoredGatewayTags},
};

const RecordKind* record_of(Kind kind) {
  auto found = std::ranges::find(kRecords, kind, &RecordKind::kind);
  return found == std::end(kRecords) ? nullptr : &*found;
}

Tagged tagged(const ShownInstance& one) {
  return {Kind::kInstance, instance_id(one.server), one.properties.metadata, one.server.uuid};
}
Tagged tagged(Image image) {
  std::vector<MetadataItem> tags = tags_of(image);
  return {Kind::kImage, image_id(image.id), std::move(tags), std::move(image)};
}
Tagged tagged(const RecordKind& kind, StoredObject record) {
  std::vector<MetadataItem> tags = tags_in(record.body, kind.member);
  std::string id = long_id(kind.id.prefix, View(record.id));
  return {kind.kind, std::move(id), std::move(tags), std::move(record)};
}

Task<Result<All>> all_of(Ec2Call& call, const RecordKind& kind) {
  All all;
  if (kind.kind == Kind::kSecurityGroup) {
    auto groups = co_await all_groups(call);
    if (!groups) co_return std::unexpected(std::move(groups.error()));
    for (StoredObject& group : *groups) all.push_back(tagged(kind, std::move(group)));
    co_return all;
  }
  auto records = kind.kind == Kind::kAddress
                     ? co_await openstack::floating_ip_records(call.base)
                     : co_await openstack::all_objects(call.base, kind.record, to_hex(call.project()));
  if (!records) co_return std::unexpected(refusal_of(records.error()));
  for (StoredObject& record : *records) all.push_back(tagged(kind, std::move(record)));
  co_return all;
}

Task<Result<All>> all_key_pairs_of_user(Ec2Call& call) {
  auto keys = co_await all_key_pairs(call);
  if (!keys) co_return std::unexpected(std::move(keys.error()));
  All all;
  for (KeyPair& key : *keys) {
    std::vector<MetadataItem> tags = key.tags;
    all.push_back({Kind::kKeyPair, key_pair_id(key), std::move(tags), std::move(key)});
  }
  co_return all;
}

// One that has no record yet gets one with its first tags.
Task<Result<All>> all_interfaces_of_project(Ec2Call& call) {
  auto ports = co_await openstack::all_ports(call.base);
  if (!ports) co_return std::unexpected(refusal_of(ports.error()));
  All all;
  for (openstack::ShownPort& port : *ports) {
    if (port.port.row.project_id != call.project()) continue;
    if (port.is_bare_nic) port.port.row.revision = 0;
    std::vector<MetadataItem> tags = tags_in(port.port.details);
    all.push_back(
        {Kind::kInterface, long_id(kInterfaceId.prefix, port.port.row.id), std::move(tags), std::move(port.port)});
  }
  co_return all;
}

Task<Result<All>> all_subnets_of_vpc(Ec2Call& call, bool own_ones) {
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  All all;
  for (ShownSubnet& one : *subnets)
    if (one.is_own || !own_ones) {
      std::vector<MetadataItem> tags = tags_in(one.subnet.details);
      all.push_back({Kind::kSubnet, subnet_id(one), std::move(tags), std::move(one.subnet)});
    }
  co_return all;
}

Result<Tagged> one_of(const IdKind& kind, Result<All> all, const std::string& id) {
  if (!all) return std::unexpected(std::move(all.error()));
  auto found = row_with(kind, *all, id, [](const Tagged& one) { return one.id; });
  if (!found) return std::unexpected(std::move(found.error()));
  return **found;
}

// The main route table and its gateway, and those of networks without a router, are no records.
Task<Result<bool>> is_of_no_router(Ec2Call& call, const RecordKind& kind, const std::string& id) {
  if (kind.record != openstack::kRouters) co_return false;
  if (id == long_id(kind.id.prefix, call.project())) co_return true;
  auto subnets = co_await all_subnets(call);
  if (!subnets) co_return std::unexpected(std::move(subnets.error()));
  co_return kind.kind == Kind::kRouteTable&& std::ranges::any_of(*subnets, [&](const ShownSubnet& one) {
    return id == long_id(kind.id.prefix, one.subnet.row.network_id);
  });
}

std::unexpected<Refusal> not_own(View what, const std::string& id) {
  return refused("UnauthorizedOperation", fmt::format("The {} {} is not the project's own.", what, id), 403);
}

std::string_view not_found_of(Kind kind) {
  if (kind == Kind::kInterface) return kInterfaceId.not_found;
  if (kind == Kind::kSubnet) return kSubnetId.not_found;
  const RecordKind* record = record_of(kind);
  return record == nullptr ? "InvalidID" : record->id.not_found;
}

// The record anew, with these tags.
Task<Result<void>> write(Ec2Call& call, Tagged one) {
  openstack::Checked done;
  if (auto* image = std::get_if<Image>(&one.of)) {
    std::erase_if(image->properties, [](const MetadataItem& item) { return is_tag_of_image(item.key); });
    for (const MetadataItem& tag : one.tags) put_item(image->properties, tag);
    auto stored = co_await openstack::put_image(call.base, std::move(*image));
    if (!stored) co_return std::unexpected(refusal_of(stored.error(), "InvalidAMIID.NotFound", kConflict));
  } else if (auto* record = std::get_if<StoredObject>(&one.of)) {
    const RecordKind& kind = *record_of(one.kind);
    set_tags_in(record->body, one.tags, kind.member);
    auto stored = co_await openstack::put_object(call.base, kind.record, std::move(*record));
    if (!stored) done = std::unexpected(std::move(stored.error()));
  } else if (auto* port = std::get_if<openstack::StoredPort>(&one.of)) {
    set_tags_in(port->details, one.tags);
    auto stored = co_await openstack::store(call.base, std::move(*port));
    if (!stored) done = std::unexpected(std::move(stored.error()));
  } else if (auto* subnet = std::get_if<openstack::StoredSubnet>(&one.of)) {
    set_tags_in(subnet->details, one.tags);
    auto stored = co_await openstack::store(call.base, std::move(*subnet));
    if (!stored) done = std::unexpected(std::move(stored.error()));
  }
  if (!done) co_return std::unexpected(refusal_of(done.error(), not_found_of(one.kind), kConflict));
  co_return Result<void>();
}

}  // namespace

const char* type_of(TaggedKind kind) {
  switch (kind) {
    case Kind::kInstance: return "instance";
    case Kind::kImage: return "image";
    case Kind::kSecurityGroup: return "security-group";
    case Kind::kInterface: return "network-interface";
    case Kind::kSubnet: return "subnet";
    case Kind::kAddress: return "elastic-ip";
    case Kind::kRouteTable: return "route-table";
    case Kind::kInternetGateway: return "internet-gateway";
    case Kind::kKeyPair: return "key-pair";
  }
  return "";
}

bool is_id_of_tagged(std::string_view text) {
  return is_instance_id(text) || is_image_id(text) || is_long_id(kInterfaceId.prefix, text) ||
         is_long_id(kSubnetId.prefix, text) || is_long_id(kKeyPairId.prefix, text) ||
         std::ranges::any_of(kRecords, [&](const RecordKind& kind) { return is_long_id(kind.id.prefix, text); });
}

Task<Result<Tagged>> find_tagged(Ec2Call& call, const std::string& id) {
  if (is_instance_id(id)) {
    auto found = co_await find_instance(call, id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    co_return tagged(*found);
  }
  if (is_image_id(id)) {
    auto found = co_await find_image(call, id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    if (found->owner != call.project()) co_return not_own("image", id);
    co_return tagged(std::move(*found));
  }
  if (is_long_id(kInterfaceId.prefix, id)) co_return one_of(kInterfaceId, co_await all_interfaces_of_project(call), id);
  if (is_long_id(kKeyPairId.prefix, id)) co_return one_of(kKeyPairId, co_await all_key_pairs_of_user(call), id);
  if (is_long_id(kSubnetId.prefix, id)) {
    auto found = one_of(kSubnetId, co_await all_subnets_of_vpc(call, false), id);
    if (!found) co_return found;
    const auto* subnet = std::get_if<openstack::StoredSubnet>(&found->of);
    if (subnet == nullptr || subnet->row.project_id != call.project()) co_return not_own("subnet", id);
    co_return found;
  }
  for (const RecordKind& kind : kRecords)
    if (is_long_id(kind.id.prefix, id)) {
      auto found = one_of(kind.id, co_await all_of(call, kind), id);
      if (found || found.error().code != kind.id.not_found) co_return found;
      auto is_none = co_await is_of_no_router(call, kind, id);
      if (!is_none) co_return std::unexpected(std::move(is_none.error()));
      if (*is_none)
        co_return refused("UnsupportedOperation",
                          fmt::format("{} is no router's, and has no place for tags.", in_quotes(id)));
      co_return found;
    }
  co_return refused("InvalidID",
                    fmt::format("The ID {} is not valid: instances, images, security groups, network interfaces, "
                                "subnets, addresses, route tables, internet gateways and key pairs have tags here.",
                                in_quotes(id)));
}

Task<Result<std::vector<Tagged>>> all_tagged(Ec2Call& call) {
  All all;
  auto visited = co_await visit_instances(call, ListServers{}, [&](const ShownInstance& one) {
    if (!one.properties.metadata.empty()) all.push_back(tagged(one));
    return true;
  });
  if (!visited) co_return std::unexpected(std::move(visited.error()));
  auto images = co_await usable_images(call);
  if (!images) co_return std::unexpected(std::move(images.error()));
  for (Image& image : *images)
    if (image.owner == call.project()) all.push_back(tagged(std::move(image)));
  for (const RecordKind& kind : kRecords) {
    auto some = co_await all_of(call, kind);
    if (!some) co_return some;
    std::ranges::move(*some, std::back_inserter(all));
  }
  auto interfaces = co_await all_interfaces_of_project(call);
  if (!interfaces) co_return interfaces;
  std::ranges::move(*interfaces, std::back_inserter(all));
  auto subnets = co_await all_subnets_of_vpc(call, true);
  if (!subnets) co_return subnets;
  std::ranges::move(*subnets, std::back_inserter(all));
  auto keys = co_await all_key_pairs_of_user(call);
  if (!keys) co_return keys;
  std::ranges::move(*keys, std::back_inserter(all));
  co_return all;
}

Result<void> check_room(const Tagged& one, const std::vector<MetadataItem>& put) {
  std::vector<MetadataItem> after = one.tags;
  for (const MetadataItem& tag : put) {
    const bool is_free = !openstack::is_base_attribute(tag.key) && openstack::check_writable(tag.key).has_value();
    if (one.kind == Kind::kImage && (!is_free || !is_tag_of_image(tag.key)))
      return refused("InvalidParameterValue",
                     fmt::format("The tag key {} is an attribute of Glance's own.", in_quotes(tag.key)));
    put_item(after, tag);
  }
  // An image may have more properties already, and a server more metadata.
  return after.size() <= one.tags.size() ? check_tags_of_record(put) : check_tags_of_record(after);
}

Task<Result<void>> change_tags(Ec2Call& call, Tagged one, std::vector<std::string> keys,
                               std::vector<MetadataItem> put) {
  if (const auto* server = std::get_if<Uuid>(&one.of)) {
    SetServer wanted{.server = to_string(*server)};
    wanted.unset_metadata = std::move(keys);
    wanted.set_metadata = std::move(put);
    wanted.in_any_state = true;
    auto set = co_await ask(call, std::move(wanted));
    if (!set && set.error().code == ErrorCode::kQuotaExceeded)
      co_return refused("TagLimitExceeded", set.error().message);
    if (!set) co_return std::unexpected(refusal_of(set.error(), "InvalidInstanceID.NotFound"));
    co_return Result<void>();
  }
  if (const auto* key = std::get_if<KeyPair>(&one.of)) {
    auto set = co_await ask(call, TagKeyPair{key->name, std::move(keys), std::move(put)});
    if (!set && set.error().code == ErrorCode::kQuotaExceeded)
      co_return refused("TagLimitExceeded", set.error().message);
    if (!set) co_return std::unexpected(refusal_of(set.error(), kKeyPairId.not_found));
    co_return Result<void>();
  }
  // Somebody may write the same record at the same time, as the launch of a server does its port's: then once more.
  constexpr int kAttempts = 3;
  const std::string id = one.id;
  for (int attempt = 1;; ++attempt) {
    for (const std::string& key : keys) erase_item(one.tags, key);
    for (const MetadataItem& tag : put) put_item(one.tags, tag);
    auto written = co_await write(call, std::move(one));
    if (written || written.error().code != kConflict || attempt == kAttempts) co_return written;
    auto found = co_await find_tagged(call, id);
    if (!found) co_return std::unexpected(std::move(found.error()));
    one = std::move(*found);
  }
}

}  // namespace kilonova::api::ec2
