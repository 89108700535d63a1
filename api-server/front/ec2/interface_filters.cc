#include "api-server/front/ec2/interface_filters.h"

#include <string>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {
namespace {

using I = ShownInterface;
using View = std::string_view;

const char* truth(bool value) { return value ? "true" : "false"; }
// What has it only while an instance has the interface.
Texts of_attachment(const I& one, std::string text) { return one.instance.empty() ? Texts() : Texts{std::move(text)}; }

template <class TextOf>
Texts of_associations(const I& one, TextOf text_of) {
  Texts texts;
  for (const auto& [inner, floating] : one.floating) texts.push_back(text_of(inner, floating));
  return texts;
}
Texts public_addresses(const I& one, View) {
  return of_associations(one, [](const std::string&, const FloatingAddress& outer) { return outer.address; });
}
Texts association_owners(const I& one, View) {
  return of_associations(one, [&](const std::string&, const FloatingAddress&) { return one.owner; });
}
Texts allocations(const I& one, View) {
  return of_associations(one, [](const std::string&, const FloatingAddress& outer) {
    return long_id(kAllocationId.prefix, View(outer.uuid));
  });
}
Texts associations(const I& one, View) {
  return of_associations(one, [&](const std::string& inner, const FloatingAddress& outer) {
    return association_id(outer.uuid, one.uuid, inner);
  });
}

template <bool is_6>
Texts addresses(const I& one, View) {
  Texts texts;
  for (const FixedIp& fixed : one.addresses)
    if (fixed.ip.contains(':') == is_6) texts.push_back(fixed.ip);
  return texts;
}
// Whether it has a primary one, and whether it has others.
Texts primaries(const I& one, View) {
  const size_t count = addresses<false>(one, "").size();
  if (count == 0) return {};
  return count == 1 ? Texts{"true"} : Texts{"true", "false"};
}
Texts subnets(const I& one, View) {
  Texts texts;
  for (const FixedIp& fixed : one.addresses) texts.push_back(long_id(kSubnetId.prefix, fixed.subnet_id));
  return texts;
}
Texts nothing(const I&, View) { return {}; }

constexpr FilterRule<I> kRules[] = {
    {"network-interface-id", [](const I& one, View) -> Texts { return {interface_id(one)}; }},
    {"subnet-id", &subnets},
    {"group-id", [](const I& one, View) -> Texts { return ids_of(one.groups); }},
    {"group-name", [](const I& one, View) -> Texts { return names_of(one.groups); }},
    {"attachment.attachment-id", [](const I& one, View) { return of_attachment(one, attachment_id(one)); }},
    {"attachment.attach-time", [](const I& one, View) { return of_attachment(one, to_text(one.since)); }},
    {"attachment.delete-on-termination",
     [](const I& one, View) { return of_attachment(one, truth(one.goes_with_device)); }},
    {"attachment.device-index", [](const I& one, View) { return of_attachment(one, std::to_string(one.index)); }},
    {"attachment.instance-id", [](const I& one, View) { return of_attachment(one, one.instance); }},
    {"attachment.instance-owner-id", [](const I& one, View) { return of_attachment(one, one.owner); }},
    {"attachment.status", [](const I& one, View) { return of_attachment(one, "attached"); }},
    {"status", [](const I& one, View) -> Texts { return {one.is_in_use() ? "in-use" : "available"}; }},
    {"mac-address", [](const I& one, View) -> Texts { return {one.mac}; }},
    {"owner-id", [](const I& one, View) -> Texts { return {one.owner}; }},
    {"description", [](const I& one, View) -> Texts { return {one.description}; }},
    {"requester-managed", [](const I& one, View) -> Texts { return {truth(one.is_of_a_router)}; }},
    {"interface-type", [](const I&, View) -> Texts { return {"interface"}; }},
    {"source-dest-check", [](const I&, View) -> Texts { return {"true"}; }},
    {"private-ip-address", &addresses<false>},
    {"addresses.private-ip-address", &addresses<false>},
    {"addresses.primary", &primaries},
    {"addresses.association.public-ip", &public_addresses},
    {"addresses.association.owner-id", &association_owners},
    {"addresses.association.ip-owner-id", &association_owners},
    {"association.public-ip", &public_addresses},
    {"association.ip-owner-id", &association_owners},
    {"association.allocation-id", &allocations},
    {"association.association-id", &associations},
    {"ipv6-addresses.ipv6-address", &addresses<true>},
    // A network is in all zones, and nothing has a name in a DNS or was asked for by a service.
    {"association.public-dns-name", &nothing},
    {"availability-zone", &nothing},
    {"private-dns-name", &nothing},
    {"requester-id", &nothing},
    {"tag-key", [](const I& one, View) { return keys_of_tags(one.tags); }},
    {"tag:", [](const I& one, View key) { return values_of_tag(one.tags, key); }},
    {"vpc-id", nullptr},
};

}  // namespace

std::span<const FilterRule<ShownInterface>> interface_filters() { return kRules; }

}  // namespace kilonova::api::ec2
