#include "api-server/front/ec2/instance_filters.h"

#include <algorithm>

#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/instance_state.h"
#include "api-server/front/ec2/interface_filters.h"
#include "api-server/front/ec2/rows.h"
#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {
namespace {

using S = ShownInstance;
using View = std::string_view;

// The name of a rule, as a template takes it.
template <size_t length>
struct Name {
  char text[length];
  constexpr Name(const char (&name)[length]) {
    std::ranges::copy(name, text);
  }  // NOLINT: written as the text that it is
};

// Of each interface, what its own rule of this name compares.
template <Name name>
Texts of_interfaces(const S& s, View key) {
  static const FilterRule<ShownInterface>* const rule = find_rule(interface_filters(), name.text);
  Texts all;
  for (const ShownInterface& one : s.interfaces)
    for (std::string& text : rule->texts(one, key))
      if (!text.empty()) all.push_back(std::move(text));
  return all;
}

Texts vpcs(const S& s, View) { return s.interfaces.empty() ? Texts() : Texts{vpc_id(s.server.spec.project_id)}; }
Texts nothing(const S&, View) { return {}; }
Texts group_ids(const S& s, View) { return ids_of(s.groups); }
Texts group_names(const S& s, View) { return names_of(s.groups); }
Texts tag_values(const S& s, View) {
  Texts texts;
  for (const MetadataItem& tag : s.properties.metadata) texts.push_back(tag.value);
  return texts;
}
Texts check_of(const S& s, View) { return {state_of(s.server) == kRunning ? "ok" : "not-applicable"}; }
Texts reachability_of(const S& s, View) { return state_of(s.server) == kRunning ? Texts{"passed"} : Texts{}; }
// What every instance here is.
template <const char* text>
Texts always(const S&, View) {
  return {text};
}
constexpr char kX86[] = "x86_64", kStore[] = "instance-store", kRoot[] = "/dev/vda", kHvm[] = "hvm", kKvm[] = "kvm",
               kLinux[] = "Linux/UNIX", kRunInstances[] = "RunInstances", kLegacyBios[] = "legacy-bios",
               kDefault[] = "default", kDisabled[] = "disabled", kFalse[] = "false", kTrue[] = "true";

constexpr FilterRule<S> kRules[] = {
    // DescribeInstanceStatus: a running one is well, and no events are planned.
    {"instance-status.status", &check_of},
    {"system-status.status", &check_of},
    {"instance-status.reachability", &reachability_of},
    {"system-status.reachability", &reachability_of},
    {"event.code", &nothing},
    {"event.description", &nothing},
    {"event.instance-event-id", &nothing},
    {"event.not-after", &nothing},
    {"event.not-before", &nothing},
    {"event.not-before-deadline", &nothing},
    {"instance-id", [](const S& s, View) -> Texts { return {instance_id(s.server)}; }},
    {"instance-state-name", [](const S& s, View) -> Texts { return {state_of(s.server).name}; }},
    {"instance-state-code", [](const S& s, View) -> Texts { return {std::to_string(state_of(s.server).code)}; }},
    {"state-reason-code", [](const S& s, View) -> Texts { return {reason_of(s.server).code}; }},
    {"reason", [](const S& s, View) -> Texts { return {reason_of(s.server).message}; }},
    {"image-id", [](const S& s, View) -> Texts { return {image_id(s.server.spec.image.id)}; }},
    {"instance-type", [](const S& s, View) -> Texts { return {s.server.spec.flavor.name}; }},
    {"key-name", [](const S& s, View) -> Texts { return {s.server.spec.key_name}; }},
    {"client-token",
     [](const S& s, View) -> Texts {
       const std::string& token = s.properties.client_token;
       return token.empty() ? Texts{} : Texts{token};
     }},
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
    {"source-dest-check", &always<kTrue>},
    {"hibernation-options.configured", &always<kFalse>},
    {"enclave-options.enabled", &always<kFalse>},
    {"state-reason-message", [](const S& s, View) -> Texts { return {reason_of(s.server).message}; }},
    {"platform-details", &always<kLinux>},
    {"usage-operation", &always<kRunInstances>},
    {"current-instance-boot-mode", &always<kLegacyBios>},
    // What no instance has here: volumes, hosts and groups of its own, kernels, products, profiles, a metadata service.
    {"affinity", &nothing},
    {"block-device-mapping.attach-time", &nothing},
    {"block-device-mapping.delete-on-termination", &nothing},
    {"block-device-mapping.device-name", &nothing},
    {"block-device-mapping.status", &nothing},
    {"block-device-mapping.volume-id", &nothing},
    {"capacity-reservation-id", &nothing},
    {"host-id", &nothing},
    {"iam-instance-profile.arn", &nothing},
    {"iam-instance-profile.id", &nothing},
    {"kernel-id", &nothing},
    {"boot-mode", &nothing},
    {"capacity-reservation-specification.capacity-reservation-preference", &nothing},
    {"cpu-options.core-count", &nothing},
    {"maintenance-options.auto-recovery", &nothing},
    {"metadata-options.http-protocol-ipv4", &nothing},
    {"metadata-options.http-protocol-ipv6", &nothing},
    {"metadata-options.state", &nothing},
    {"private-dns-name-options.enable-resource-name-dns-a-record", &nothing},
    {"private-dns-name-options.enable-resource-name-dns-aaaa-record", &nothing},
    {"private-dns-name-options.hostname-type", &nothing},
    {"tpm-support", &nothing},
    {"metadata-options.http-endpoint", &nothing},
    {"metadata-options.http-put-response-hop-limit", &nothing},
    {"metadata-options.http-tokens", &nothing},
    {"metadata-options.instance-metadata-tags", &nothing},
    {"outpost-arn", &nothing},
    {"placement-group-name", &nothing},
    {"placement-partition-number", &nothing},
    {"platform", &nothing},
    {"product-code", &nothing},
    {"product-code.type", &nothing},
    {"ramdisk-id", &nothing},
    {"requester-id", &nothing},
    {"spot-instance-request-id", &nothing},
    {"private-ip-address", &of_interfaces<"private-ip-address">},
    {"ip-address", &of_interfaces<"association.public-ip">},
    {"association.public-ip", &of_interfaces<"association.public-ip">},
    {"subnet-id", &of_interfaces<"subnet-id">},
    {"vpc-id", &vpcs},
    {"group-id", &group_ids},
    {"group-name", &group_names},
    {"instance.group-id", &group_ids},
    {"instance.group-name", &group_names},
    {"network-interface.addresses.association.allocation-id", &of_interfaces<"association.allocation-id">},
    {"network-interface.addresses.association.association-id", &of_interfaces<"association.association-id">},
    {"network-interface.addresses.association.ip-owner-id", &of_interfaces<"association.ip-owner-id">},
    {"network-interface.addresses.association.public-ip", &of_interfaces<"association.public-ip">},
    {"network-interface.addresses.primary", &of_interfaces<"addresses.primary">},
    {"network-interface.addresses.private-ip-address", &of_interfaces<"private-ip-address">},
    {"network-interface.association.allocation-id", &of_interfaces<"association.allocation-id">},
    {"network-interface.association.association-id", &of_interfaces<"association.association-id">},
    {"network-interface.association.ip-owner-id", &of_interfaces<"association.ip-owner-id">},
    {"network-interface.association.public-ip", &of_interfaces<"association.public-ip">},
    {"network-interface.attachment.attach-time", &of_interfaces<"attachment.attach-time">},
    {"network-interface.attachment.attachment-id", &of_interfaces<"attachment.attachment-id">},
    {"network-interface.attachment.delete-on-termination", &of_interfaces<"attachment.delete-on-termination">},
    {"network-interface.attachment.device-index", &of_interfaces<"attachment.device-index">},
    {"network-interface.attachment.instance-id", &of_interfaces<"attachment.instance-id">},
    {"network-interface.attachment.instance-owner-id", &of_interfaces<"attachment.instance-owner-id">},
    {"network-interface.attachment.status", &of_interfaces<"attachment.status">},
    {"network-interface.availability-zone", &of_interfaces<"availability-zone">},
    {"network-interface.description", &of_interfaces<"description">},
    {"network-interface.group-id", &of_interfaces<"group-id">},
    {"network-interface.group-name", &of_interfaces<"group-name">},
    {"network-interface.ipv6-addresses.ipv6-address", &of_interfaces<"ipv6-addresses.ipv6-address">},
    {"network-interface.mac-address", &of_interfaces<"mac-address">},
    {"network-interface.network-interface-id", &of_interfaces<"network-interface-id">},
    {"network-interface.owner-id", &of_interfaces<"owner-id">},
    {"network-interface.private-dns-name", &of_interfaces<"private-dns-name">},
    {"network-interface.requester-id", &of_interfaces<"requester-id">},
    {"network-interface.requester-managed", &of_interfaces<"requester-managed">},
    {"network-interface.source-dest-check", &of_interfaces<"source-dest-check">},
    {"network-interface.status", &of_interfaces<"status">},
    {"network-interface.subnet-id", &of_interfaces<"subnet-id">},
    {"network-interface.vpc-id", &vpcs},
    {"tag-key", [](const S& s, View) -> Texts { return keys_of_tags(s.properties.metadata); }},
    {"tag-value", &tag_values},
    {"tag:", [](const S& s, View key) -> Texts { return values_of_tag(s.properties.metadata, key); }},
};

}  // namespace

std::span<const FilterRule<ShownInstance>> instance_filters() { return kRules; }

bool may_be_terminated(const std::vector<Filter>& filters) {
  ShownInstance gone;
  gone.server.vm_state = VmState::kDeleted;
  for (const Filter& filter : filters) {
    const bool is_of_state = filter.name == "instance-state-name" || filter.name == "instance-state-code";
    const bool is_of_interfaces = filter.name.starts_with("network-interface.") ||
                                  filter.name.ends_with("ip-address") || filter.name == "association.public-ip" ||
                                  filter.name == "subnet-id" || filter.name == "vpc-id";
    if ((is_of_state || is_of_interfaces) && !passes(gone, {filter}, instance_filters())) return false;
  }
  return true;
}

}  // namespace kilonova::api::ec2
