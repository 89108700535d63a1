#include "api-server/front/ec2/instance_filters.h"

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instance_state.h"
#include "api-server/front/ec2/interfaces.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {
namespace {

using S = ShownInstance;
using View = std::string_view;

// Of each interface, what is there of it.
template <class TextsOf>
Texts of_interfaces(const S& s, TextsOf texts_of) {
  Texts all;
  for (const ShownInterface& one : s.interfaces)
    for (std::string& text : texts_of(one))
      if (!text.empty()) all.push_back(std::move(text));
  return all;
}
template <class TextOf>
Texts one_of_interfaces(const S& s, TextOf text_of) {
  return of_interfaces(s, [&](const ShownInterface& one) -> Texts { return {text_of(one)}; });
}

Texts addresses(const S& s, View) {
  return of_interfaces(s, [](const ShownInterface& one) {
    Texts texts;
    for (const FixedIp& fixed : one.addresses) texts.push_back(fixed.ip);
    return texts;
  });
}
Texts public_addresses(const S& s, View) {
  return of_interfaces(s, [](const ShownInterface& one) {
    Texts texts;
    for (const auto& [inner, outer] : one.floating) texts.push_back(outer);
    return texts;
  });
}
Texts subnets(const S& s, View) {
  return of_interfaces(s, [](const ShownInterface& one) {
    Texts texts;
    for (const FixedIp& fixed : one.addresses) texts.push_back(long_id(kSubnetId.prefix, fixed.subnet_id));
    return texts;
  });
}
Texts vpcs(const S& s, View) {
  return one_of_interfaces(s, [&](const ShownInterface&) { return vpc_id(s.server.spec.project_id); });
}
Texts interface_ids(const S& s, View) { return one_of_interfaces(s, &interface_id); }
Texts macs(const S& s, View) {
  return one_of_interfaces(s, [](const ShownInterface& one) { return one.mac; });
}
Texts interface_owners(const S& s, View) {
  return one_of_interfaces(s, [](const ShownInterface& one) { return one.owner; });
}
Texts indexes(const S& s, View) {
  return one_of_interfaces(s, [](const ShownInterface& one) { return std::to_string(one.index); });
}
Texts group_ids(const S& s, View) { return ids_of(s.groups); }
Texts group_names(const S& s, View) { return names_of(s.groups); }
Texts tag_values(const S& s, View) {
  Texts texts;
  for (const MetadataItem& tag : s.properties.metadata) texts.push_back(tag.value);
  return texts;
}
// What every instance here is.
template <const char* text>
Texts always(const S&, View) {
  return {text};
}
constexpr char kX86[] = "x86_64", kStore[] = "instance-store", kRoot[] = "/dev/vda", kHvm[] = "hvm", kKvm[] = "kvm",
               kDefault[] = "default", kDisabled[] = "disabled", kInUse[] = "in-use";

constexpr FilterRule<S> kRules[] = {
    {"instance-id", [](const S& s, View) -> Texts { return {instance_id(s.server)}; }},
    {"instance-state-name", [](const S& s, View) -> Texts { return {state_of(s.server).name}; }},
    {"instance-state-code", [](const S& s, View) -> Texts { return {std::to_string(state_of(s.server).code)}; }},
    {"state-reason-code", [](const S& s, View) -> Texts { return {reason_of(s.server).code}; }},
    {"reason", [](const S& s, View) -> Texts { return {reason_of(s.server).message}; }},
    {"image-id", [](const S& s, View) -> Texts { return {image_id(s.server.spec.image.id)}; }},
    {"instance-type", [](const S& s, View) -> Texts { return {s.server.spec.flavor.name}; }},
    {"key-name", [](const S& s, View) -> Texts { return {s.server.spec.key_name}; }},
    {"launch-index", [](const S& s, View) -> Texts { return {std::to_string(s.server.launch_index)}; }},
    {"launch-time", [](const S& s, View) -> Texts { return {to_text(s.server.created_at)}; }},
    {"owner-id", [](const S& s, View) -> Texts { return {to_hex(s.server.spec.project_id)}; }},
    {"reservation-id", [](const S& s, View) -> Texts { return {s.server.reservation_id}; }},
    {"availability-zone", [](const S& s, View) -> Texts { return {s.server.spec.availability_zone}; }},
    {"architecture", &always<kX86>},
    {"root-device-type", &always<kStore>},
    {"root-device-name", &always<kRoot>},
    {"virtualization-type", &always<kHvm>},
    {"hypervisor", &always<kKvm>},
    {"tenancy", &always<kDefault>},
    {"monitoring-state", &always<kDisabled>},
    // Neither spot nor scheduled: no value of these fits.
    {"instance-lifecycle", [](const S&, View) -> Texts { return {}; }},
    {"dns-name", [](const S&, View) -> Texts { return {""}; }},
    {"private-dns-name", [](const S& s, View) -> Texts { return {s.server.hostname}; }},
    {"private-ip-address", &addresses},
    {"ip-address", &public_addresses},
    {"subnet-id", &subnets},
    {"vpc-id", &vpcs},
    {"group-id", &group_ids},
    {"group-name", &group_names},
    {"instance.group-id", &group_ids},
    {"instance.group-name", &group_names},
    {"network-interface.network-interface-id", &interface_ids},
    {"network-interface.subnet-id", &subnets},
    {"network-interface.vpc-id", &vpcs},
    {"network-interface.mac-address", &macs},
    {"network-interface.owner-id", &interface_owners},
    {"network-interface.status", &always<kInUse>},
    {"network-interface.group-id", &group_ids},
    {"network-interface.group-name", &group_names},
    {"network-interface.attachment.device-index", &indexes},
    {"network-interface.addresses.private-ip-address", &addresses},
    {"network-interface.addresses.association.public-ip", &public_addresses},
    {"association.public-ip", &public_addresses},
    {"tag-key", [](const S& s, View) -> Texts { return keys_of_tags(s.properties.metadata); }},
    {"tag-value", &tag_values},
    {"tag:", [](const S& s, View key) -> Texts { return values_of_tag(s.properties.metadata, key); }},
};

}  // namespace

std::span<const FilterRule<ShownInstance>> instance_filters() { return kRules; }

}  // namespace kilonova::api::ec2
